"""The page of a running agent: the live picture, events, and the moment back after unlocking."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
import pytest
from agentstand import PASSPHRASE, QUARTER_OF_AN_HOUR, Agent, accepts, camera, wait_until
from signinstand import browser, make_owner, signed_in

from edgecam.core.clock import NS_PER_S
from edgecam.custody.register.register_line import Act


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, vtest: str) -> Iterator[Agent]:
    folder = tmp_path_factory.mktemp("page") / "camera"
    sections = {"analysis": {"enabled": True}, "retention": QUARTER_OF_AN_HOUR}
    with camera(folder, vtest, sections) as agent:
        make_owner(agent)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
            yield agent


@pytest.fixture
def page(agent: Agent) -> Iterator[httpx.Client]:
    with signed_in(agent) as client:
        yield client


def _span_ms(agent: Agent) -> dict[str, int]:
    headers = agent.headers()
    return {"from_ms": headers[0].start_wall_ns // 1_000_000, "to_ms": headers[-1].end_wall_ns // 1_000_000}


def _unlock(page: httpx.Client, passphrase: str) -> httpx.Response:
    return page.post("/api/unlock", json={"passphrase": passphrase})


def test_the_page_itself_comes_from_the_camera_alone(page: httpx.Client) -> None:
    answer = page.get("/")
    assert answer.status_code == 200
    assert "edgecam" in answer.text
    assert "https://" not in answer.text


@pytest.mark.row("K2")
def test_strangers_see_the_door_alone(agent: Agent) -> None:
    with browser(agent) as stranger:
        assert stranger.get("/api/welcome").json()["camera_id"] == agent.key.camera_id
        for path in ("/api/live.jpg", "/api/status", "/api/events", "/api/masks"):
            assert stranger.get(path).status_code == 401


@pytest.mark.row("W3")
def test_the_live_picture_shows_the_street(page: httpx.Client) -> None:
    answer = page.get("/api/live.jpg")
    assert answer.status_code == 200
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    assert picture.std() > 20
    # The example mask, which set-up drew, lies here.
    assert picture[100:250, 500:620].std() < 3


@pytest.mark.row("W4")
def test_status_and_events_are_listed(page: httpx.Client) -> None:
    events: list[dict[str, Any]] = []

    def listed() -> bool:
        events[:] = page.get("/api/events").json()
        return any(event["kind"] == "person" for event in events)

    wait_until(listed, "a person on the page")
    assert all(event["reason"] for event in events)
    status = page.get("/api/status").json()
    assert status["recorder"]["recording"]
    assert status["unlocked_s"] == 0
    assert status["faults"] == []


@pytest.mark.row("K1")
def test_footage_stays_shut_without_the_passphrase(agent: Agent, page: httpx.Client) -> None:
    assert page.get("/api/footage.mp4", params=_span_ms(agent)).status_code == 403
    refused = _unlock(page, "not the owner's passphrase")
    assert refused.status_code == 403
    assert "passphrase" in refused.json()["what"]
    assert page.get("/api/footage.mp4", params=_span_ms(agent)).status_code == 403


@pytest.mark.row("W3")
@pytest.mark.row("G1")
def test_the_passphrase_opens_playback_and_the_look_is_registered_first(agent: Agent, page: httpx.Client) -> None:
    agent.wait_recording(2)
    span = _span_ms(agent)
    answers: list[int] = []

    def unlocked() -> bool:
        answers.append(_unlock(page, PASSPHRASE).status_code)
        return answers[-1] == 200

    # The wrong passphrase of the test before may still be holding the next try back.
    wait_until(unlocked, "the passphrase is taken")
    assert set(answers) <= {429, 200}
    with page.stream("GET", "/api/footage.mp4", params=span) as footage:
        assert footage.status_code == 200
        # Not a byte of the footage has been read yet.
        view = next(line for line in reversed(agent.register_lines()) if line.act is Act.VIEW)
        data = footage.read()
    assert view.who == "owner"
    assert view.from_wall_ns == span["from_ms"] * 1_000_000
    assert view.to_wall_ns == span["to_ms"] * 1_000_000
    assert [line.act for line in agent.register_lines()].count(Act.OWNER_UNLOCK) >= 1
    with av.open(io.BytesIO(data), "r") as container:
        assert not container.streams.audio
        times = [frame.time for frame in container.decode(video=0)]
    covered_s = (span["to_ms"] - span["from_ms"]) / 1000
    assert len(times) == pytest.approx(covered_s * 10, abs=2)
    assert footage.headers["X-Start-Ms"] == str(span["from_ms"])
    page.post("/api/lock", json={})
    assert page.get("/api/footage.mp4", params=span).status_code == 403


def test_the_page_lists_what_the_command_line_lists(agent: Agent, page: httpx.Client) -> None:
    now = page.get("/api/status").json()["now_ms"]
    listed = page.get("/api/recordings", params={"from_ms": now - 600_000, "to_ms": now}).json()
    (stretch,) = listed
    first = agent.headers()[0]
    assert stretch["start_ms"] == first.start_wall_ns // 1_000_000
    assert not stretch["private"]
    assert stretch["gap_cause"] is None
    assert stretch["end_ms"] - stretch["start_ms"] > first.duration_ns / NS_PER_S


def test_the_state_folder_is_for_this_user_only(agent: Agent) -> None:
    kept = [path for path in agent.places.state_dir.iterdir() if path.is_file()]
    written = {path.name: path.stat().st_mode & 0o077 for path in kept if not path.name.startswith("owner.")}
    assert written
    assert set(written.values()) == {0}, written
    assert Path(agent.places.run_dir).stat().st_mode & 0o077 == 0
