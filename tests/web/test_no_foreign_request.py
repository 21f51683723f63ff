"""Nothing leaves the camera: every screen of the page asks the camera and nobody else, signed in or not."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsing import opened, show
from playwright.sync_api import Browser, Page, expect

from edgecam.web.frontend import STATIC
from edgecam.web.server import PageServer

pytestmark = [
    pytest.mark.row("W5"),
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the page is not built (make page)"),
]
VIEWS = Path(__file__).parents[2] / "web" / "src" / "views" / "index.ts"
SCREENS = sorted(set(re.findall(r'path: "(/[a-z/-]*)"', VIEWS.read_text("utf-8"))))


class Counted:
    """Every request of a browser's pages and its service worker, and every one that the page's policy stopped."""

    def __init__(self, page: Page, address: str) -> None:
        self._own = urlsplit(address).netloc
        self.asked: list[str] = []
        self.stopped: list[str] = []
        page.context.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: self._note(said.text))

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text or "Permissions-Policy" in text:
            self.stopped.append(text)

    @property
    def foreign(self) -> list[str]:
        """Those for anybody else; what a browser makes for itself (``blob:``) leaves nothing."""
        return [url for url in self.asked if urlsplit(url).scheme != "blob" and urlsplit(url).netloc != self._own]


def test_the_list_of_screens_is_read() -> None:
    assert {"/", "/events", "/care", "/setup"} <= set(SCREENS)


@pytest.mark.parametrize("locale", ["ja-JP", "ko-KR", "en-GB"])
def test_every_screen_asks_the_camera_alone(browser: Browser, server: PageServer, locale: str) -> None:
    with opened(browser, server, locale=locale) as page:
        counted = Counted(page, server.address)
        page.reload()
        for screen in SCREENS:
            show(page, screen)
            expect(page.locator("main")).not_to_be_empty()
            # A screen's own code is a file of its own: it is there when it says something by itself.
            expect(page.locator("main").locator("h1, h2, [role=alert], #live").first).to_be_visible()
        assert len(counted.asked) > len(SCREENS)
        assert counted.foreign == []
        assert counted.stopped == []


def test_who_is_not_signed_in_is_sent_nowhere_else(browser: Browser, server: PageServer) -> None:
    with opened(browser, server, name=None) as page:
        counted = Counted(page, server.address)
        page.reload()
        expect(page.locator("#sign-in h1")).to_be_visible()
        assert counted.asked
        assert (counted.foreign, counted.stopped) == ([], [])
