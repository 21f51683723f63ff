"""From "police ask for last Tuesday 14:00–15:00" to a finished package on disk: every press on the page is counted.

The whole agent records the built-in scene; what is asked for is the hour that runs, of which the last minute was
recorded. Chromium, as a phone, begins on the home screen with the owner signed in. A press is what the browser
itself calls one (``pointerdown``): links, buttons, choices, and each field that has to be touched before something
is typed into it. Typing is not counted. It ends when the package lies on this machine's disk and its copy was
proved by `edgecam verify`.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import DataLoss, Unavailable
from edgecam.web.signedin import COOKIE
from parts.webload import PASSPHRASE, serving_agent

CLOCK = SystemClock()
_RECORDED_S = 60.0
_PATIENCE_MS = 300_000
_CHROMIUM = Path("/usr/bin/chromium")
_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_COUNT = """() => {
    window.presses = 0;
    addEventListener("pointerdown", (event) => event.isTrusted && (window.presses += 1), true);
}"""


@dataclass(frozen=True, slots=True)
class GivenAway:
    """How many presses it took, and how long; ``copies`` are the films of the package, unpacked."""

    presses: int
    took_s: float
    package: Path
    copies: tuple[Path, ...]


def disclosure_clicks() -> tuple[int, str]:
    """The presses, and a sentence beside them. Raises: Unavailable without agent, page or browser; DataLoss."""
    if not _CHROMIUM.exists():
        raise Unavailable(f"there is no browser at {_CHROMIUM}", do="apt install chromium")
    with (
        tempfile.TemporaryDirectory(prefix="edgecam-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="edgecam-bench-", dir="/dev/shm") as run_dir,
    ):
        camera, out = Path(folder) / "camera", Path(folder) / "given"
        camera.mkdir()
        out.mkdir()
        source = "scene:street?width=640&height=360&fps=10"
        with serving_agent(camera, Path(run_dir), source) as (page, places, _), sync_playwright() as playwright:
            CLOCK.sleep(_RECORDED_S)
            browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_SWITCHES)
            try:
                address = f"http://127.0.0.1:{page.port}"
                context = browser.new_context(
                    viewport={"width": 390, "height": 844}, locale="ja-JP", has_touch=True
                )
                context.add_cookies([{"name": COOKIE, "value": page.cookie, "url": address}])
                opened = context.new_page()
                opened.set_default_timeout(_PATIENCE_MS)
                opened.goto(address)
                given = give_away(opened, out, PASSPHRASE)
            finally:
                browser.close()
            for copy in given.copies:
                _prove(copy, places.settings)
    return given.presses, f"on a phone, {given.took_s:.0f} s; {len(given.copies)} copy proved by edgecam verify"


def give_away(page: Page, out: Path, passphrase: str) -> GivenAway:
    """On ``page``, the home screen of a signed-in owner: the police ask for the running hour of today, and get it.

    The package and what is in it lie in the folder ``out`` afterwards.
    """
    page.wait_for_selector(".navigation")
    page.evaluate(_COUNT)
    began_ns = CLOCK.mono_ns()
    page.click(".navigation a[href='#/custody']")
    page.click("#begin-disclosure")
    _type(page, "#asker-affiliation", "Gate Street station, theft, sergeant")
    _type(page, "#asker-name", "K. Sato")
    _type(page, "#asker-contact", "048-000-0110")
    page.click("#asked-day label:first-child")
    page.click(f"#asked-hour label:nth-child({_local_hour() + 1})")
    _type(page, "#case-purpose", "bicycle theft, case 2026-118")
    page.click("#new-disclosure-form button[type=submit]")
    _type(page, "#opening-passphrase", passphrase)
    page.click("#decide-form button[type=submit]")
    page.wait_for_selector("#package-download")
    with page.expect_download() as downloading:
        page.click("#package-download")
    package = out / downloading.value.suggested_filename
    downloading.value.save_as(package)
    presses, took_s = int(page.evaluate("window.presses")), (CLOCK.mono_ns() - began_ns) / NS_PER_S
    return GivenAway(presses, took_s, package, _unpacked(package, out))


def _type(page: Page, field: str, text: str) -> None:
    page.click(field)
    page.keyboard.type(text)


def _local_hour() -> int:
    """As the browser on this machine counts it."""
    return datetime.fromtimestamp(CLOCK.now().wall_ns / NS_PER_S).astimezone().hour


def _unpacked(package: Path, out: Path) -> tuple[Path, ...]:
    with tarfile.open(package) as tar:
        tar.extractall(out, filter="data")
    copies = tuple(sorted(out.rglob("*.mp4")))
    if not copies:
        raise DataLoss(f"{package.name} holds no copy")
    return copies


def _prove(copy: Path, settings: Path) -> None:
    command = [sys.executable, "-m", "edgecam", "verify", "--settings", str(settings), str(copy)]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    if verified.returncode != 0:
        raise DataLoss(f"the copy is not genuine: {verified.stdout}{verified.stderr}")
