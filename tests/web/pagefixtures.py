"""The page over a whole camera in RAM, served for real on a free port of loopback."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from accountstand import signed_in
from debianbrowser import chromium
from page_camera import PageCamera
from playwright.sync_api import Browser
from servedpage import page_client, serving

from edgecam.web.server import PageServer


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> PageCamera:
    return PageCamera(thorough=getattr(request, "param", False))


@pytest.fixture
def server(camera: PageCamera) -> Iterator[PageServer]:
    with serving(camera) as server:
        yield server


@pytest.fixture
def client(server: PageServer) -> Iterator[httpx.Client]:
    """The owner's browser, signed in."""
    with page_client(server) as client:
        yield signed_in(client)


@pytest.fixture
def phone(server: PageServer) -> Iterator[httpx.Client]:
    """The installer's own browser, signed in."""
    with page_client(server) as client:
        yield signed_in(client, "sato")


@pytest.fixture
def other(server: PageServer) -> Iterator[httpx.Client]:
    """The operator's browser, signed in."""
    with page_client(server) as client:
        yield signed_in(client, "operator")


@pytest.fixture
def stranger(server: PageServer) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in."""
    with page_client(server) as client:
        yield client


@pytest.fixture(scope="module")
def steady_client() -> Iterator[httpx.Client]:
    """A page that lasts for the whole module, for tests that leave it as it was."""
    with serving(PageCamera()) as server, page_client(server) as client:
        yield signed_in(client)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # One a module: while Playwright lives, no other test of this process may run an event loop.
    with chromium() as browser:
        yield browser
