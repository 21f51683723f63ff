"""The page over a whole camera in RAM, served for real on a free port of loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from page_camera import PageCamera
from playwright.sync_api import Browser, sync_playwright

from edgecam.web.app import create_app
from edgecam.web.server import PageServer

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def serving(camera: PageCamera) -> Iterator[PageServer]:
    server = PageServer(create_app(camera.parts()), "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> PageCamera:
    return PageCamera(thorough=getattr(request, "param", False))


@pytest.fixture
def server(camera: PageCamera) -> Iterator[PageServer]:
    with serving(camera) as server:
        yield server


@pytest.fixture
def client(server: PageServer) -> Iterator[httpx.Client]:
    with page_client(server) as client:
        yield client


@pytest.fixture
def phone(server: PageServer) -> Iterator[httpx.Client]:
    """The installer's own browser."""
    with page_client(server) as client:
        yield client


@pytest.fixture
def stranger(server: PageServer) -> Iterator[httpx.Client]:
    """A browser of somebody else."""
    with page_client(server) as client:
        yield client


def page_client(server: PageServer) -> httpx.Client:
    return httpx.Client(base_url=server.address, headers={"Origin": server.address}, timeout=30, trust_env=False)


@pytest.fixture(scope="module")
def steady_client() -> Iterator[httpx.Client]:
    """A page that lasts for the whole module, for tests that leave it as it was."""
    with serving(PageCamera()) as server, page_client(server) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # One a module: while Playwright lives, no other test of this process may run an event loop.
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()
