"""Requests that no page of the camera would send, and the headers on everything it answers."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from edgecam.web.guard import MAX_BODY_BYTES, Guard


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/api/status", "/api/live.jpg", "/nowhere"])
def test_headers_stand_on_every_answer(steady_client: httpx.Client, path: str) -> None:
    headers = steady_client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-store" if path.startswith("/api/") else "no-cache")
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1", "a b"],
)
def test_a_foreign_name_for_the_camera_is_refused(steady_client: httpx.Client, host: str) -> None:
    answer = steady_client.get("/api/status", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["kind"] == "NotAllowed"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("host", ["localhost:8080", "LOCALHOST", "[::1]:8080", "127.0.0.1"])
def test_names_of_loopback_are_answered(steady_client: httpx.Client, host: str) -> None:
    assert steady_client.get("/api/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1"])
def test_a_foreign_page_cannot_post(steady_client: httpx.Client, origin: str) -> None:
    answer = steady_client.post("/api/lock", headers={"Origin": origin}, json={})
    assert answer.status_code == 403
    assert steady_client.post("/api/lock", json={}).status_code == 200


def test_a_large_body_is_refused_before_it_is_read(steady_client: httpx.Client) -> None:
    body = b'{"passphrase": "' + b"x" * MAX_BODY_BYTES + b'"}'
    answer = steady_client.post("/api/unlock", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    endless = steady_client.post("/api/unlock", content=iter([b"x"]), headers={"Content-Type": "application/json"})
    assert endless.status_code == 400


def test_a_body_that_is_no_json_is_refused(steady_client: httpx.Client) -> None:
    for body, kind in (
        (b"{", "application/json"),
        (b'{"passphrase": "x"}', "text/plain"),
        (b"[]", "application/json"),
    ):
        answer = steady_client.post("/api/unlock", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400
        assert answer.json()["kind"] == "BadInput"


@pytest.mark.parametrize(
    ("listen", "host", "allowed"),
    [
        ("192.168.1.7", "192.168.1.7:8080", True),
        ("192.168.1.7", "192.168.1.8:8080", False),
        ("fd00::7", "[fd00::7]:8080", True),
        ("0.0.0.0", "0.0.0.0:8080", False),
    ],
)
def test_the_configured_address_is_answered(listen: str, host: str, allowed: bool) -> None:
    assert _answer(listen, host) == (200 if allowed else 403)


def _answer(listen: str, host: str) -> int:
    statuses: list[int] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())]}
    asyncio.run(Guard(inner, listen)(scope, receive, send))
    return statuses[0]
