"""Requests that no page of the camera would send, and the headers on everything it answers."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from edgecam.web.guard import Guard
from edgecam.web.requestcheck import MAX_BODY_BYTES

# What the OWASP Secure Headers Project asks for (its ``headers_add.json`` of 2025), as it must stand here.
WANTED = {
    "cache-control": r"no-store|no-cache",
    "content-security-policy": r"default-src 'none'; .*frame-ancestors 'none'.*",
    "cross-origin-embedder-policy": r"require-corp",
    "cross-origin-opener-policy": r"same-origin",
    "cross-origin-resource-policy": r"same-origin",
    "permissions-policy": r"(?=.*camera=\(\))(?=.*microphone=\(\))(?=.*geolocation=\(\)).*get=\(self\).*",
    "referrer-policy": r"no-referrer",
    "x-content-type-options": r"nosniff",
    "x-frame-options": r"DENY",
    "x-permitted-cross-domain-policies": r"none",
}
# Its ``headers_remove.json``: what tells a stranger which program answers.
UNWANTED = (
    "server",
    "x-powered-by",
    "x-aspnet-version",
    "x-generator",
    "via",
    "access-control-allow-origin",
    "date",
)


@pytest.mark.parametrize(
    "path", ["/", "/static/nothing.js", "/api/status", "/api/live.jpg", "/nowhere", "/api/events?limit=x"]
)
def test_headers_stand_on_every_answer(steady_client: httpx.Client, path: str) -> None:
    headers = steady_client.get(path).headers
    for name, wanted in WANTED.items():
        assert re.fullmatch(wanted, headers[name]), f"{name}: {headers[name]}"
    assert not set(UNWANTED) & set(headers)
    assert "unsafe" not in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["cache-control"] == ("no-store" if path.startswith("/api/") else "no-cache")
    # By plain HTTP it would be no use, and under a name of the machine it would lock other programs out.
    assert "strict-transport-security" not in headers


def test_files_whose_names_change_are_kept(steady_client: httpx.Client) -> None:
    assert steady_client.get("/static/assets/nothing-abc123.js").headers["cache-control"] == "no-cache"
    assert _headers("/static/assets/page-abc123.js")["cache-control"].endswith("immutable")


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
    assert steady_client.get("/api/welcome", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1"])
def test_a_foreign_page_cannot_post(steady_client: httpx.Client, origin: str) -> None:
    answer = steady_client.post("/api/lock", headers={"Origin": origin}, json={})
    assert answer.status_code == 403
    assert steady_client.post("/api/lock", json={}).status_code == 200


def test_a_foreign_page_cannot_embed_or_read(steady_client: httpx.Client) -> None:
    from_elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    answer = steady_client.get("/api/live.jpg", headers=from_elsewhere)
    assert (answer.status_code, answer.json()["kind"]) == (403, "NotAllowed")


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
    assert _answer(listen, host)["status"] == (200 if allowed else 403)


def _headers(path: str) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in _answer("127.0.0.1", "127.0.0.1", path)["headers"]}


def _answer(listen: str, host: str, path: str = "/") -> Message:
    started: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", host.encode())]}
    asyncio.run(Guard(inner, listen)(scope, receive, send))
    return started[0]
