"""An installer sees what is masked, by the owner's code, while the agent records it masked; then all is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import httpx
import numpy as np
import pytest
from agentstand import QUARTER_OF_AN_HOUR, Agent, accepts, camera, wait_until
from numpy.typing import NDArray
from signinstand import INSTALLER, INSTALLER_PASSPHRASE, make_installer, make_owner, secret_of, signed_in

from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act

pytestmark = pytest.mark.row("M7")

# Inside of the example mask that set-up drew, at 640x480.
MASKED = np.s_[110:240, 510:610]


@pytest.fixture
def agent(tmp_path: Path, vtest: str, request: pytest.FixtureRequest) -> Iterator[Agent]:
    """The aim is guarded where a test asks for it; else only masks hide anything."""
    sections = {"retention": QUARTER_OF_AN_HOUR, "masking": {"guard_aim": getattr(request, "param", False)}}
    with camera(tmp_path / "camera", vtest, sections) as agent:
        make_owner(agent)
        make_installer(agent)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
            yield agent


@pytest.fixture
def browsers(agent: Agent) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """The owner's and the installer's."""
    with signed_in(agent) as owner, signed_in(agent, INSTALLER, INSTALLER_PASSPHRASE) as installer:
        yield owner, installer


def asked(agent: Agent) -> dict[str, object]:
    return {"opened_for": "K. Sato", "why": "masks", "minutes": 10, "secret": secret_of(agent, "owner")}


def seen(answer: httpx.Response) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.shape == (480, 640)
    return picture.astype(np.uint8)


def views(agent: Agent) -> list[dict[str, str]]:
    return [dict(line.detail) for line in agent.register_lines() if line.act is Act.UNMASKED_VIEW]


def left_in_ram(agent: Agent) -> list[str]:
    return [path.name for path in agent.places.unmasked.iterdir()]


@pytest.mark.row("M2")
def test_from_the_code_to_the_picture_to_nothing(agent: Agent, browsers: tuple[httpx.Client, httpx.Client]) -> None:
    owner, installer = browsers
    assert installer.get("/api/unmasked.jpg").status_code == 403
    code = owner.post("/api/installer/open", json=asked(agent)).json()["code"]
    assert (views(agent), left_in_ram(agent)) == ([], [])
    assert installer.post("/api/installer/enter", json={"code": code}).status_code == 200
    (begun,) = views(agent)
    assert (begun["for"], begun["why"]) == ("K. Sato, signed in as sato", "masks")

    def looks() -> bool:
        return installer.get("/api/unmasked.jpg").status_code == 200

    wait_until(looks, f"the unmasked picture: {agent.said()}")
    assert seen(installer.get("/api/unmasked.jpg"))[MASKED].std() > 10, "what the mask hides"
    live = owner.get("/api/live.jpg")
    assert live.headers["X-Private"] == "0"
    assert seen(live)[MASKED].std() < 3, "the page's own picture is masked as before"
    assert seen(live).std() > 20
    assert owner.get("/api/unmasked.jpg").status_code == 403
    kept = [agent.places.unmasked / name for name in ("unmasked.frames", "unmasked.permit")]
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600, 0o600]
    agent.wait_recording(2)

    recorder = agent.recorder
    assert recorder is not None
    os.kill(recorder.pid, signal.SIGKILL)
    wait_until(lambda: agent.recorder is not None and agent.recorder.pid != recorder.pid, "another recorder")
    agent.wait_recording(2)
    wait_until(looks, f"the unmasked picture of the next recorder: {agent.said()}")

    shared = os.open(kept[0], os.O_RDONLY)
    assert owner.post("/api/installer/end", json={}).status_code == 200
    assert installer.get("/api/unmasked.jpg").status_code == 403
    wait_until(lambda: not left_in_ram(agent), "nothing of it left in RAM")
    assert not any(os.pread(shared, 1 << 23, 0)), "zeros for whoever still holds the memory"
    os.close(shared)
    _, ended = views(agent)
    assert (ended["how"], int(ended["looked_s"]) >= 1) == ("closed", True)
    agent.wait_recording(2)
    assert verify_register(agent.places.register, agent.key.public).genuine
    frames = 0
    for path in agent.copy():
        with av.open(str(path)) as copied:
            for frame in copied.decode(video=0):
                picture = cv2.resize(frame.to_ndarray(format="gray"), (640, 480), interpolation=cv2.INTER_AREA)
                assert picture[MASKED].std() < 4, "recorded masked from the first frame to the last"
                frames += 1
    assert frames > 20


def test_a_hub_that_dies_takes_the_permit_along(agent: Agent, browsers: tuple[httpx.Client, httpx.Client]) -> None:
    owner, installer = browsers
    code = owner.post("/api/installer/open", json=asked(agent)).json()["code"]
    assert installer.post("/api/installer/enter", json={"code": code}).status_code == 200
    wait_until(lambda: "unmasked.frames" in left_in_ram(agent), "the recorder shows")
    hub = agent.hub
    assert hub is not None
    os.kill(hub.pid, signal.SIGKILL)
    wait_until(lambda: not left_in_ram(agent), f"the next hub takes the permit back: {agent.said()}")
    assert views(agent)[-1] == {"for": "K. Sato, signed in as sato", "how": "page_ended", "looked_s": "unknown"}


@pytest.mark.row("M4")
@pytest.mark.parametrize("agent", [True], indirect=True, ids=["guarded"])
def test_a_person_confirms_on_the_page_where_the_camera_looks(
    agent: Agent, browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    owner, _ = browsers
    assert owner.post("/api/aim/confirm", json={}).status_code == 403
    assert owner.post("/api/aim/confirm", json={"secret": secret_of(agent, "owner")}).status_code == 200
    line, done = (line for line in agent.register_lines() if line.act is Act.AIM_CONFIRM)
    assert (line.who, line.detail["as"], line.detail["version"]) == ("owner", "owner", "1")
    assert (done.completes, done.detail) == (line.sequence, {"done": "True"})

    def confirmed() -> bool:
        return bool(owner.get("/api/status").json()["aim"]["confirmed_by"] == "owner")

    wait_until(confirmed, f"the recorder takes the word: {agent.said()}")
    masks = owner.get("/api/masks").json()
    assert (masks["state"], masks["in_force"]["version"]) == ("confirmed", 1)
    assert 0 < masks["in_force"]["masked_share"] < 1
