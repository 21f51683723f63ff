"""What is drawn on a phone holds on what the camera records, and rules that are drawn there are gone by at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from agentstand import SCENE, Agent, accepts, camera, wait_until
from debianbrowser import chromium
from pagestand import OWNER, looking
from playwright.sync_api import Browser, Page, expect
from signinstand import INSTALLER, INSTALLER_PASSPHRASE, make_installer, make_owner, signed_in

from edgecam.cli.decoded import decoded
from edgecam.core.events import EventKind
from edgecam.core.recent import read_recent
from edgecam.custody.register.register_line import Act
from edgecam.masking.maskset import load_mask_set
from edgecam.masking.proof import FillProof

TOUCH: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "en-GB",
}
# Corners in shares of the picture; the sky and houses of the drawn street.
CORNERS = ((0.3, 0.1), (0.8, 0.15), (0.75, 0.7), (0.25, 0.6))
EVERYWHERE: dict[str, object] = {"name": "street", "polygon": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    sections = {"masking": {"guard_aim": True}, "analysis": {"enabled": False}}
    with camera(tmp_path / "camera", SCENE, sections) as agent:
        make_owner(agent)
        make_installer(agent)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
            yield agent


def sign_in(page: Page, agent: Agent, name: str, passphrase: str) -> None:
    page.goto(f"http://127.0.0.1:{agent.page_port}/#/masks")
    page.fill("#account", name)
    page.fill("#sign-in-passphrase", passphrase)
    page.click("#sign-in-form button[type=submit]")
    expect(page.locator(".draw-stage canvas")).to_be_visible(timeout=60_000)
    expect(page.locator(".draw-stage .missing")).to_have_count(0, timeout=60_000)


@pytest.mark.long
@pytest.mark.row("W2")
@pytest.mark.row("M1")
@pytest.mark.row("M5")
def test_a_mask_drawn_with_a_finger_holds_on_every_frame_recorded_after_its_confirmation(
    agent: Agent, browser: Browser
) -> None:
    first = load_mask_set(agent.places.masks, agent.key.public)
    context = browser.new_context(**TOUCH)
    phone = context.new_page()
    sign_in(phone, agent, INSTALLER, INSTALLER_PASSPHRASE)
    # The drawn street begins with a mask of its own set-up: it goes, so that one outline is all there is.
    for _ in range(phone.locator(".draw-item").count()):
        phone.locator(".draw-item-head").first.tap()
        phone.tap("#selection-remove")
    phone.tap("#begin-mask")
    stage = phone.locator(".draw-stage")
    for x, y in CORNERS:
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        assert box is not None
        phone.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    phone.tap("#draw-finish")
    phone.tap("#as-recorded")
    expect(phone.locator("#cover-words")).to_contain_text("Black is what will never be recorded")
    with signed_in(agent, INSTALLER, INSTALLER_PASSPHRASE) as client:
        phone.tap("#mask-propose")
        expect(phone.locator("#mask-state")).to_contain_text("proposed this", timeout=30_000)
        draft = client.get("/api/masks/draft").json()
        shown = client.post("/api/masks/preview", json={"drawing": draft["drawing"]}).json()
    context.close()
    assert load_mask_set(agent.places.masks, agent.key.public) == first, "a proposal changes nothing that is burnt"

    with looking(browser, agent) as owner:
        owner.sign_in(OWNER)
        owner.page.goto(f"{owner.address}/#/masks")
        owner.page.click("#mask-confirm")
        expect(owner.page.locator("#mask-confirm-sheet svg")).to_have_count(2)
        owner.page.fill("#mask-confirm-passphrase", "seven blue herons cross the estuary 42")
        owner.page.click("#mask-confirm-form button[type=submit]")
        expect(owner.page.locator("#mask-state")).to_have_text("Version 2 is in force.", timeout=60_000)

    second = load_mask_set(agent.places.masks, agent.key.public)
    assert (second.version, second.drawn.by, second.confirmed.by) == (2, INSTALLER, OWNER)
    assert np.allclose(second.drawing.masks[0].polygon, CORNERS, atol=0.02)
    wait_until(lambda: agent.headers()[-1].mask_hash == second.mask_hash, f"segments carry it: {agent.said()}")
    agent.wait_recording(6)
    _assert_it_holds(agent, second.mask_hash, shown["rectangles"])
    acts = [
        (line.who, line.detail["what"])
        for line in agent.register_lines()
        if line.act is Act.MASK_CHANGE and line.completes is None
    ]
    assert acts == [(INSTALLER, "draw"), (INSTALLER, "propose"), (OWNER, "confirm")]


def _assert_it_holds(agent: Agent, mask_hash: bytes, rectangles: list[tuple[int, int, int, int]]) -> None:
    """Each decoded frame is fill where the page said so, and shows the street elsewhere."""
    burnt = [header for header in agent.headers() if header.mask_hash == mask_hash]
    assert not any(header.private for header in burnt)
    masks = load_mask_set(agent.places.masks, agent.key.public)
    proof = FillProof(masks, 320, 180)
    said = np.zeros((180, 320), np.bool_)
    for left, top, width, height in rectangles:
        said[top : top + height, left : left + width] = True
    clips = agent.copy()
    deviations = [
        (proof.look(y, u, v).holds, float(np.std(y[~said]))) for clip in clips for y, u, v in decoded(clip)
    ]
    held = [seen for holds, seen in deviations if holds and seen > 5]
    assert len(held) == sum(header.frame_count for header in burnt), "all of them, and the street is seen elsewhere"
    assert len(held) > 20
    assert abs(said.mean() - proof.covered_part) < 0.001, "the page said what was burnt"
    assert "masked on every frame" in agent.done("masks", "verify", str(clips[-1]))


@pytest.mark.long
@pytest.mark.row("A3")
@pytest.mark.row("W2")
def test_a_zone_that_is_drawn_is_watched_without_a_restart(tmp_path: Path, vtest: str) -> None:
    with camera(tmp_path / "camera", vtest, {"analysis": {"enabled": True}}) as agent:
        make_owner(agent)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
            wait_until(lambda: agent.observer is not None and agent.observer.frames > 0, "somebody looks")
            looked = agent.observer
            assert looked is not None
            with signed_in(agent) as page:
                _put(page, zone=[EVERYWHERE], rule=[{"kind": "intrusion", "zone": "street"}])
            wait_until(
                lambda: any(event.kind is EventKind.INTRUSION for event in read_recent(agent.places.recent_events)),
                f"the rule works: {agent.said()}",
            )
            assert agent.observer is not None
            assert agent.observer.pid == looked.pid
            with signed_in(agent) as page:
                _put(page)

            def ended() -> bool:
                found = [one for one in read_recent(agent.places.recent_events) if one.kind is EventKind.INTRUSION]
                return bool(found) and all(one.end_wall_ns is not None for one in found)

            wait_until(ended, "what was open ends with the rule")
        lines = [line for line in agent.register_lines() if line.act is Act.SETTING_CHANGE]
        assert [(line.who, line.completes is None) for line in lines] == [(OWNER, True), (OWNER, False)] * 2
        assert "rule" not in agent.faults()


def _put(page: httpx.Client, **tables: list[dict[str, object]]) -> None:
    tag = page.get("/api/rules").json()["tag"]
    answer = page.put("/api/rules", json={"tag": tag, **tables})
    assert answer.status_code == 200, answer.text
