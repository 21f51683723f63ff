"""A camera out of its box: set up on its own page, in each language, until it records what its owner opens."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from agentstand import Agent, NewCamera, owner, wait_until
from axelook import require_axe, troubles_in_light_and_dark
from debianbrowser import chromium
from playwright.sync_api import Browser, Page
from wizardhand import NOTICE, PASSPHRASE, WizardHand

from edgecam.custody.register.register_line import Act
from edgecam.keys.owner import OwnerIdentity, unlock_owner
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.masking.maskset import load_mask_set
from edgecam.settings import load_settings

pytestmark = pytest.mark.row("W1")
BIG = {"camera": {"width": 640, "height": 360}}
SCENE = "scene:street?width=640&height=360&fps=10"
_PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    yield page
    context.close()


@pytest.fixture
def new(new_camera: NewCamera) -> Agent:
    """A camera that nobody has set up; it runs."""
    agent = new_camera(SCENE, BIG, made=False)
    agent.start()
    wait_until(lambda: "This camera is new" in agent.said(), f"a word on the terminal: {agent.said()}")
    return agent


def address(agent: Agent) -> str:
    return f"http://127.0.0.1:{agent.page_port}"


def code(agent: Agent) -> str:
    return agent.said().partition("code=")[2][:9]


def client(agent: Agent) -> httpx.Client:
    return httpx.Client(base_url=address(agent), headers={"Origin": address(agent)}, timeout=30, trust_env=False)


def secret(agent: Agent) -> str:
    return sign_in_secret(PASSPHRASE, agent.key.camera_id, "owner")


@contextmanager
def as_owner(agent: Agent) -> Iterator[httpx.Client]:
    with client(agent) as browser:
        assert browser.post("/api/sign-in", json={"name": "owner", "secret": secret(agent)}).status_code == 200
        yield browser


def lit_frames(path: Path) -> list[bool]:
    """Of each frame of an export, in order: whether it shows anything but fill."""
    with av.open(str(path)) as container:
        lumas = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert lumas
    return [bool(np.ptp(luma.astype(int)) > 16) for luma in lumas]


@pytest.mark.long
@pytest.mark.row("K1")
@pytest.mark.row("K5")
@pytest.mark.row("M6")
@pytest.mark.parametrize("language", ["ja", "ko", "en"])
def test_from_the_box_to_footage_that_the_typed_passphrase_opens(new: Agent, phone: Page, language: str) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    hand = WizardHand(phone, language)
    hand.enter(address(new), code(new))
    hand.choose_language()
    hand.become_owner()
    hand.keep_kit()
    hand.tell_notice()
    hand.choose_retention()
    hand.aim()
    hand.at("masks")
    # Masks are drawn on the view that was aimed.
    phone.wait_for_selector("#banner")
    before = len(new.headers())
    new.wait_recording(2)
    # All that there is so far was recorded before anybody said what to hide.
    assert all(header.private for header in new.headers()[:before])
    hand.hide_nothing()
    phone.wait_for_selector("#banner", state="detached")
    assert hand.print_sign().startswith(b"%PDF-")
    new.wait_recording(4)
    hand.tell_nobody()
    hand.end()
    assert [url for url in asked if not url.startswith((address(new), "blob:"))] == []

    lit = [frame for path in new.export() for frame in lit_frames(path)]
    assert lit[0] is False
    assert lit[-1] is True
    # Once it shows something it goes on so: nothing was shown before.
    assert sum(one != other for one, other in pairwise(lit)) == 1
    locked = new.places.locked_owner.read_bytes()
    kit = OwnerIdentity.from_secret(hand.secret)
    assert unlock_owner(locked, PASSPHRASE).recipient() == kit.recipient()
    assert new.places.recipients.read_text().strip() == kit.recipient()
    settings = load_settings(new.settings)
    assert settings.notice.model_dump() == {"language": language, "delegate": "", **NOTICE}
    acts = [line.act for line in new.register_lines()]
    for act in (Act.KEY_CHANGE, Act.ACCOUNT_CHANGE, Act.UNMASKED_VIEW, Act.MASK_CHANGE, Act.SETTING_CHANGE):
        assert act in acts
    state = new.places.state_dir
    for path in (path for path in [*state.rglob("*"), new.log] if path.is_file() and path != new.places.ring):
        told = path.read_bytes()
        assert PASSPHRASE.encode() not in told, path
        assert hand.secret.encode() not in told, path


@pytest.mark.long
@pytest.mark.row("W2")
@pytest.mark.row("W5")
def test_masks_are_drawn_on_the_way_and_everybody_can_use_every_step(new: Agent, phone: Page) -> None:
    """Left at the masks, and gone on with by the line on the first screen; axe looks at every step."""
    require_axe()
    wrong: dict[str, object] = {}

    def look(step: str) -> None:
        if found := troubles_in_light_and_dark(phone):
            wrong[step] = found

    hand = WizardHand(phone, "en", look=look)
    hand.enter(address(new), code(new))
    for take in (hand.choose_language, hand.become_owner, hand.keep_kit, hand.tell_notice, hand.choose_retention):
        take()
    hand.aim()
    hand.at("masks")
    phone.click("#setup-masks-open")
    phone.wait_for_selector(".draw-stage canvas")
    hand.draw_mask()
    look("masks-drawn")
    phone.click("#mask-propose")
    phone.click("#mask-confirm")
    phone.fill("#mask-confirm-passphrase", PASSPHRASE)
    phone.click("#mask-confirm-form button[type=submit]")
    phone.wait_for_selector("#mask-confirm-sheet", state="detached")
    assert len(load_mask_set(new.places.masks, new.key.public).drawing.masks) == 1
    new.wait_recording(4)
    assert not new.headers()[-1].private
    phone.goto(f"{address(new)}/#/")
    phone.click("#setup-unfinished a")
    # The view they were drawn on has served.
    phone.wait_for_selector("#banner", state="detached")
    assert hand.print_sign().startswith(b"%PDF-")
    hand.tell_nobody()
    hand.end()
    assert phone.locator("#setup-unfinished").count() == 0
    assert wrong == {}


@pytest.mark.row("R7")
def test_left_and_resumed_at_every_step_with_the_browser_and_the_camera_gone(new: Agent, browser: Browser) -> None:
    """Each part in a browser of its own; between the parts the power fails."""
    with client(new) as first:
        assert first.post("/api/setup/claim", json={"code": code(new)}).status_code == 200
        assert first.put("/api/setup/language", json={"language": "ko"}).status_code == 200
    _cut_power(new)
    said = code(new)
    with client(new) as second:
        assert second.get("/api/setup").json()["language"] == "ko"
        assert second.post("/api/setup/claim", json={"code": said}).status_code == 200
        recipient, locked, _ = owner()
        body = {"recipient": recipient, "locked": _base64(locked), "secret": secret(new)}
        assert second.post("/api/setup/owner", json=body).status_code == 200
        # Its answer was lost, and it is sent again: nothing changes, and nobody else can.
        assert second.post("/api/setup/owner", json=body).status_code in (401, 403)
    _cut_power(new, "set-up of this camera goes on")
    with client(new) as stranger:
        assert stranger.post("/api/setup/claim", json={"code": said}).status_code == 403
        assert stranger.put("/api/setup/language", json={"language": "ja"}).status_code == 401
        assert stranger.get("/api/setup").json()["steps"] is None
    page = browser.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(f"{address(new)}/#/setup")
    page.wait_for_selector("#setup-comeback-form")
    page.fill("#setup-passphrase-again", PASSPHRASE)
    page.click("#setup-comeback-form button[type=submit]")
    page.wait_for_selector("#setup-kit")
    page.close()
    with as_owner(new) as third:
        choice = {"policy": "own", "days": 0.01, "size_gib": 0.0625}
        assert third.put("/api/setup/retention", json=choice).status_code == 200
    new.wait_recording(2)
    _cut_power(new, "recording, wholly masked")
    new.wait_recording(2)
    assert all(header.private for header in new.headers())
    with as_owner(new) as fourth:
        told = fourth.get("/api/setup").json()
        assert (told["owned"], told["recording"], told["finished"]) == (True, True, False)
        assert told["steps"]["masks"] == "open"


@pytest.mark.row("K2")
def test_a_neighbour_without_the_code_gets_nothing(new: Agent) -> None:
    with client(new) as neighbour:
        for route in ("/api/status", "/api/live.jpg", "/api/events", "/api/openapi.json"):
            assert neighbour.get(route).status_code in (401, 404), route
        assert neighbour.get("/api/welcome").json()["state"] == "new"
        assert neighbour.get("/api/setup").json()["steps"] is None
        assert neighbour.get("/api/setup/plan").status_code == 401
        assert neighbour.post("/api/setup/owner", json={}).status_code in (400, 401)
        waits = [neighbour.post("/api/setup/claim", json={"code": "AAAA-AAAA"}).status_code for _ in range(3)]
        assert waits == [403, 429, 429]
    assert not new.places.recipients.exists()
    assert not new.places.ring.exists()


def test_run_in_an_empty_folder_begins_a_camera(tmp_path: Path) -> None:
    """The default port may be taken by whoever else tests here: what counts is what was begun, and no footage."""
    line = [sys.executable, "-m", "edgecam", "run", "--source", SCENE, "--for", "4"]
    ran = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1
    assert "not set up yet" in ran.stderr
    assert load_settings(tmp_path / "edgecam.toml").camera.source == SCENE
    assert sorted(path.name for path in (tmp_path / "edgecam-state").iterdir()) == ["camera.key", "setup-code.txt"]


@pytest.mark.row("R9")
def test_a_path_that_is_not_there_is_a_slip_and_no_new_camera(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "edgecam", "run", "--settings", str(tmp_path / "edegcam.toml")]
    ran = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1
    assert "there is no settings file" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_is_switched_off_says_how_else(new_camera: NewCamera) -> None:
    agent = new_camera(sections={"web": {"enabled": False}}, made=False)
    assert "run `edgecam setup`" in agent.refused_run()


def test_set_up_on_the_command_line_while_the_page_waits(new: Agent) -> None:
    new.setup_again()
    new.wait_recording(2)
    wait_until(lambda: new.hub is not None and new.hub.broker != "off", f"the whole hub: {new.said()}")
    with client(new) as browser:
        assert browser.get("/api/welcome").json()["state"] == "ready"
        assert browser.put("/api/setup/language", json={"language": "ja"}).status_code == 401


def _cut_power(agent: Agent, comes_back: str = "This camera is new") -> None:
    """Kill everything at once, and start again."""
    parts = [part.pid for part in (agent.recorder, agent.observer, agent.hub) if part is not None and part.pid]
    for pid in (agent.pid, *parts):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    agent.ended()
    agent.log.write_text("")
    agent.start()
    wait_until(lambda: comes_back in agent.said(), f"{comes_back}: {agent.said()}")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
