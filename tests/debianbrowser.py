"""Debian's Chromium, which every test that needs a browser drives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from edgecam.web.frontend import STATIC

_CHROMIUM = Path("/usr/bin/chromium")
_SWITCHES = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium(*, shows_page: bool = True) -> Iterator[Browser]:
    """The browser; skips where it is not, or, if it is to show the camera's page, where that was not built.

    While it runs, no other test of this process may run an event loop.
    """
    if not _CHROMIUM.exists():
        pytest.skip(f"{_CHROMIUM} is not installed (apt install chromium)")
    if shows_page and not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built (make page)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_SWITCHES)
        try:
            yield browser
        finally:
            browser.close()
