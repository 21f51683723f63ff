"""The listener refuses with a sentence, and the server ends although somebody still watches."""

from __future__ import annotations

import logging
import threading

import httpx
import pytest
from accountstand import PASSPHRASE, signed_in
from page_camera import PageCamera

from edgecam.core.errors import BadInput, Unavailable
from edgecam.web.app import create_app
from edgecam.web.server import PageServer, listen


def test_port_in_use_is_said() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port} is in use"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("192.0.2.1", 0, "cannot listen on 192.0.2.1"),
        ("no such name.invalid", 0, "cannot listen"),
        ("127.0.0.1", 70_000, "no port 70000"),
        ("127.0.0.1", -1, "no port -1"),
    ],
)
def test_useless_address_is_said(host: str, port: int, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        listen(host, port)


def test_server_ends_although_somebody_watches(caplog: pytest.LogCaptureFixture) -> None:
    camera = PageCamera()
    server = PageServer(create_app(camera.parts()), "127.0.0.1", 0)
    server.start()
    with httpx.Client(base_url=server.address, trust_env=False) as client:
        with client.stream("GET", "/api/live") as answer:
            pieces = answer.iter_raw()
            assert next(pieces)
            server.close()
        with pytest.raises(httpx.ConnectError):
            client.get("/api/status")
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "edgecam.page" not in {thread.name for thread in threading.enumerate()}


def test_sessions_are_forgotten_when_the_server_ends() -> None:
    camera = PageCamera()
    server = PageServer(create_app(camera.parts()), "127.0.0.1", 0)
    server.start()
    with httpx.Client(base_url=server.address, headers={"Origin": server.address}, trust_env=False) as client:
        signed_in(client).post("/api/unlock", json={"passphrase": PASSPHRASE})
    assert not camera.sessions[0].closed
    server.close()
    assert camera.sessions[0].closed


def test_a_server_that_never_started_closes() -> None:
    server = PageServer(create_app(PageCamera().parts()), "127.0.0.1", 0)
    server.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        server._socket.getsockname()
