"""From asking for a moment of a fortnight to its picture on the screen: the whole agent, and a real browser.

The agent records the built-in scene into a ring that holds 14 days (`parts/webring.py`). Chromium, on the same
machine, signs in, unlocks the footage, and is sent to random moments one after the other; each is far from all
others, so nothing of it was fetched before. The time ends when the browser hands the frame of that moment to the
screen (``requestVideoFrameCallback``). In it lie: the page's own work, the session, the register line's flush, the
search, the sealed segment on its way, unsealing the epoch's key, AES-GCM, three hashes, the signature, retiming,
MediaSource and the decoder.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Page

from edgecam.choices import retention_of
from edgecam.core.clock import SystemClock
from edgecam.core.errors import Unavailable
from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import Recipients
from edgecam.keys.passwordhash import FLOOR, hash_secret
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.places import find_places
from edgecam.settings import RingSettings, commented_toml
from parts.agent import Agent
from parts.chromium import chromium
from parts.measured import Measure, measured
from parts.webring import fortnight_ring

DAYS = 13.9  # the ring's own retention is 14: nothing is erased while it is measured
AIM_MS = 300.0
_PASSPHRASE = "seven blue herons cross the estuary 42"  # as `Agent.set_up` has it
_OWNER = "owner"
_SEEK = """async ([ms, known]) => {
    const video = document.querySelector("#video");
    const began = performance.now();
    const shown = new Promise((done, failed) => {
        const told = () => `no picture of ${ms}: ${document.querySelector("#player-picture").innerText}`;
        setTimeout(() => failed(new Error(told())), 20000);
        const look = (_, frame) => {
            const here = Math.abs(frame.mediaTime - known.media_s - (ms - known.moment_ms) / 1000) < 1.5;
            if (here && !video.classList.contains("hidden")) done(performance.now() - began);
            else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
    });
    location.hash = `#/footage?at=${ms}`;
    return shown;
}"""
# Media time runs as the moments do: one pair of both tells all others.
_KNOWN = """() => {
    const mark = document.querySelector("#player-mark").textContent.slice(0, 19).replace(" ", "T");
    return { media_s: document.querySelector("#video").currentTime, moment_ms: new Date(mark).getTime() + 500 };
}"""


def seeks_ms(folder: Path, run_dir: Path, moments: int = 40) -> list[float]:
    """The times, in milliseconds, for ``moments`` random ones; ``folder`` (on a disk) and ``run_dir`` (in RAM) are
    empty before.

    Raises: Unavailable when the agent or the browser does not come up.
    """
    agent = Agent(folder, run_dir)
    agent.set_up(analysis=False, preset="ultrafast", kbps=1500)
    chosen = _fill(folder, moments + 1)
    with agent.running("scene:street?width=640&height=360&fps=10"), chromium() as browser:
        page = _signed_in(browser, _address(folder), chosen[0])
        known = page.evaluate(_KNOWN)
        return [float(page.evaluate(_SEEK, [ms, known])) for ms in chosen[1:]]


def seek_measure(times_ms: list[float]) -> Measure:
    """The figure that is followed: the slowest of twenty."""
    p95_ms = quantiles(times_ms, n=20)[-1]
    beside = f"median {median(times_ms):.0f} ms, slowest {max(times_ms):.0f} ms of {len(times_ms)} random moments"
    return measured("seek_p95_ms", round(p95_ms, 1), "ms", AIM_MS, f"{beside} in a ring of 14 days")


def _fill(folder: Path, moments: int) -> list[int]:
    """Give the camera in ``folder`` an owner's account, and a ring of a fortnight instead of its own."""
    settings, places = find_places(folder / "edgecam.toml")
    key, now = load_camera_key(places.camera_key), SystemClock().now()
    places.ring.unlink()
    recipients = Recipients.parse(places.recipients.read_text())
    ring = fortnight_ring(places.ring, key, recipients, retention_of(settings), now, DAYS, moments)
    size_gib = places.ring.stat().st_size / (1 << 30)
    larger = settings.model_copy(update={"ring": RingSettings(size_gib=size_gib)})
    (folder / "edgecam.toml").write_text(commented_toml(larger), "utf-8")
    account = Account(
        account_id=hashlib.sha256(b"owner").hexdigest()[:32],
        name=_OWNER,
        role=AccountRole.OWNER,
        password=hash_secret(sign_in_secret(_PASSPHRASE, key.camera_id, _OWNER), FLOOR),
        made_by="setup",
        made_wall_ns=now.wall_ns,
    )
    places.accounts.write_bytes(encode_accounts(Accounts(key.camera_id, FLOOR, (account,)), key.sign))
    return list(ring.moments_ms)


def _address(folder: Path) -> str:
    settings, _ = find_places(folder / "edgecam.toml")
    return f"http://127.0.0.1:{settings.web.port}"


def _signed_in(browser: Browser, address: str, first_ms: int) -> Page:
    """The owner's page, its footage unlocked, and one moment on the screen."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for left in range(240, -1, -1):
        try:
            page.goto(address)
            break
        except Exception as refused:  # the page's own kinds are not exported; any means "not yet"
            if left == 0:
                raise Unavailable(f"the page did not answer at {address}") from refused
            page.wait_for_timeout(250)
    page.fill("#account", _OWNER)
    page.fill("#sign-in-passphrase", _PASSPHRASE)
    page.click("#sign-in-form button[type=submit]")
    page.wait_for_selector("nav")
    page.goto(f"{address}/#/footage?at={first_ms}")
    page.wait_for_selector("#unlock", timeout=120_000)
    page.fill("#passphrase", _PASSPHRASE)
    page.click("#unlock-form button[type=submit]")
    page.wait_for_function(
        """() => document.querySelector("#video")?.readyState >= 2
            && /^\\d{4}-/.test(document.querySelector("#player-mark")?.textContent ?? "")""",
        timeout=120_000,
    )
    return page
