"""The page as a browser gets it: how much must be fetched, and how long until the live picture is there."""

from __future__ import annotations

import gzip
from pathlib import Path

from playwright.sync_api import Browser

from edgecam.core.errors import Unavailable
from edgecam.web.frontend import STATIC
from edgecam.web.signedin import COOKIE
from parts.chromium import chromium
from parts.webload import Page

_SHOWN = """() => new Promise((done) => {
    const look = () => {
        const live = document.querySelector("#live:not(.without)");
        if (live) done(performance.now());
        else requestAnimationFrame(look);
    };
    look();
})"""


def weights_kb(static: Path = STATIC) -> dict[str, float]:
    """Kilobytes, compressed, of each script and style sheet of the page; ``player`` holds what opens footage.

    Raises: Unavailable when the page is not built.
    """
    files = [path for path in sorted(static.rglob("*")) if path.suffix in (".js", ".css")]
    if not files or not (static / "index.html").is_file():
        raise Unavailable("the page is not built", do="run `make page`")
    weights = {"page": 0.0, "player": 0.0}
    for path in files:
        # Nothing else of the page knows the first line of an age file.
        part = "player" if b"age-encryption.org/v1" in path.read_bytes() else "page"
        weights[part] += len(gzip.compress(path.read_bytes(), 9, mtime=0)) / 1000
    return weights


def first_pictures_s(page: Page, loads: int) -> list[float]:
    """Seconds from asking for the page to the live picture in it, each time in a browser that has nothing of it.

    Raises: Unavailable without a browser.
    """
    with chromium() as browser:
        return [_load_s(browser, page) for _ in range(loads)]


def _load_s(browser: Browser, page: Page) -> float:
    address = f"http://127.0.0.1:{page.port}"
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP")
    try:
        context.add_cookies([{"name": COOKIE, "value": page.cookie, "url": address}])
        opened = context.new_page()
        opened.goto(address, wait_until="commit")
        return float(opened.evaluate(_SHOWN)) / 1000
    finally:
        context.close()
