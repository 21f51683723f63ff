"""The page served for real over a whole camera in RAM, and browsers without a screen for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from page_camera import PageCamera

from edgecam.web.app import create_app
from edgecam.web.server import PageServer


@contextmanager
def serving(camera: PageCamera) -> Iterator[PageServer]:
    """The page of ``camera`` on a free port of loopback."""
    server = PageServer(create_app(camera.parts()), "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.close()


def page_client(server: PageServer) -> httpx.Client:
    """A browser that has opened the page; nobody is signed in."""
    return httpx.Client(base_url=server.address, headers={"Origin": server.address}, timeout=30, trust_env=False)
