"""What is held is found on the timeline and plays in the browser when the ring has long forgotten it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agentstand import Agent, accepts, camera, wait_until
from debianbrowser import chromium
from pagestand import OWNER, give_accounts, looking
from playwright.sync_api import Browser, expect

from edgecam.core.clock import NS_PER_S
from edgecam.custody.register.register_line import Act

pytestmark = [pytest.mark.long, pytest.mark.row("R4"), pytest.mark.row("W3")]

RETENTION_S = 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with camera(
        tmp_path / "camera", sections={"retention": {"policy": "own", "days": RETENTION_S / 86_400}}
    ) as agent:
        give_accounts(agent, OWNER)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), "the page answers")
            yield agent


def erased_epochs(agent: Agent) -> set[int]:
    lines = agent.register_lines()
    return {int(line.detail["epoch"]) for line in lines if line.act is Act.ERASURE and "epoch" in line.detail}


def test_a_held_span_is_seen_and_plays_after_its_time_is_over(agent: Agent, browser: Browser) -> None:
    agent.wait_recording(12)
    first, last = (agent.headers()[number] for number in (3, 8))
    since, until = (
        datetime.fromtimestamp(ns / NS_PER_S, UTC).isoformat(timespec="milliseconds")
        for ns in (first.start_wall_ns + 1_000_000, last.end_wall_ns - 1_000_000)
    )
    agent.done("hold", "--from", since, "--to", until, "--for", "1h", "--reason", "theft", "--by", "Sato")
    wait_until(lambda: first.epoch in erased_epochs(agent), "its time is over", 3 * RETENTION_S + 60)
    agent.wait_recording(2)
    with looking(browser, agent) as person:
        person.sign_in()
        person.open_footage()
        expect(person.page.locator("#hold-marks > div")).to_have_count(1)
        person.page.goto(f"{person.address}/#/care")
        person.page.get_by_role("link", name="Watch: theft").click()
        person.unlock()
        person.wait_picture()
        told = person.page.locator("#player-mark").inner_text().splitlines()[0]
        shown_ns = datetime.strptime(told, "%Y-%m-%d %H:%M:%S").timestamp() * NS_PER_S
        assert first.start_wall_ns - NS_PER_S <= shown_ns <= last.end_wall_ns
        expect(person.page.locator("#unlocked-notice")).to_contain_text("signed by this camera")
        # Behind it there is nothing until what the ring still has.
        shown = person.page.locator("#player-break")
        expect(shown).to_contain_text("Erased when its time was over", timeout=30_000)
        expect(shown).to_have_count(0, timeout=30_000)
        person.wait_picture()
    looks = [line for line in agent.register_lines() if line.act is Act.VIEW]
    assert looks[0].from_wall_ns is not None
    assert looks[0].from_wall_ns < last.end_wall_ns
