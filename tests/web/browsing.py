"""The page in a browser: opened by somebody who is signed in, its menu, its screens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accountstand import let_in
from playwright.sync_api import Browser, Page, expect

from edgecam.web.server import PageServer

DEADLINE_S = 20
# A machine that does much else at once is no slow page.
expect.set_options(timeout=DEADLINE_S * 1000)
PHONE = {"width": 360, "height": 780}


@contextmanager
def opened(browser: Browser, server: PageServer, name: str | None = "owner", **context: Any) -> Iterator[Page]:
    """The page, with ``name`` signed in, or nobody; a phone in Tokyo, unless ``context`` says else."""
    given = {"viewport": PHONE, "locale": "en-GB", "timezone_id": "Asia/Tokyo", **context}
    made = browser.new_context(**given)
    try:
        if name is not None:
            let_in(made, server, name)
        page = made.new_page()
        page.goto(server.address)
        expect(page.locator("#camera-name" if name else "#sign-in h1")).to_have_text("Front door")
        yield page
    finally:
        made.close()


def until(page: Page, expression: str) -> None:
    """Wait until the page finds ``expression`` true (its own policy forbids Playwright's way of waiting)."""
    deadline = time.monotonic() + DEADLINE_S
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def show(page: Page, path: str) -> None:
    """Show another screen, as its link would."""
    page.evaluate("path => { location.hash = path }", path)


def speak(page: Page, language: str) -> None:
    """Choose a language in the menu."""
    page.click("#menu-open")
    page.locator("#language").select_option(language)
    page.keyboard.press("Escape")


def shows_live(page: Page) -> None:
    """Return when the live picture is there."""
    expect(page.locator("#live:not(.without)")).to_be_visible()
