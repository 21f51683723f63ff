"""Debian's Chromium, in which the page is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from edgecam.core.errors import Unavailable

_CHROMIUM = Path("/usr/bin/chromium")
_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, until the block ends. Raises: Unavailable without one."""
    if not _CHROMIUM.exists():
        raise Unavailable(f"there is no browser at {_CHROMIUM}", do="apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_SWITCHES)
        try:
            yield browser
        finally:
            browser.close()
