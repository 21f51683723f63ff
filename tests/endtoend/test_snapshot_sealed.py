"""A person walks where nobody may be: a sealed picture comes over a real broker, and only its owner opens it."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from agentstand import Agent, accepts, camera, free_ports, owner, wait_until
from fakes.masksets import mask_set_of
from subscriber import Heard, Subscriber, mosquitto, subscriber
from test_masked_recording import touched

from edgecam.custody.register.register_line import Act
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_Y
from edgecam.restartorder import order_restart

pytestmark = pytest.mark.row("T6")

_ANYWHERE = """
[[zone]]
name = "path"
polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
[[rule]]
kind = "intrusion"
zone = "path"
"""
_MASK = Mask(name="a house", reason="neighbour", polygon=((0.0, 0.0), (0.35, 0.0), (0.3, 0.4), (0.0, 0.5)))
# The fill as JPEG has it; its blocks of 8 pixels are our cells, so nothing smears in.
_FILL = round((FILL_Y - 16) * 255 / 219)
_ONVIF = "onvif-ej/RuleEngine/FieldDetector/ObjectsInside/&1/path"


def _age(sealed: bytes, folder: Path) -> bytes:
    """What Debian's ``age`` makes of it with the owner's identity."""
    age = shutil.which("age")
    if age is None:
        pytest.skip("Debian's age is not installed")
    identity = folder / "identity"
    identity.write_text(owner()[2].secret() + "\n")
    opened = subprocess.run([age, "-d", "-i", str(identity)], input=sealed, capture_output=True, check=True)
    return opened.stdout


def _beside(snapshot: Heard) -> dict[str, str]:
    """What stands beside the picture."""
    return dict(snapshot.told("UserProperty"))


def _watches(folder: Path, source: str, telemetry: dict[str, Any]) -> AbstractContextManager[Agent]:
    return camera(folder, source, {"analysis": {"enabled": True}, "telemetry": telemetry})


def _make(agent: Agent) -> None:
    agent.settings.write_text(agent.settings.read_text() + _ANYWHERE)
    agent.places.masks.write_bytes(mask_set_of(_MASK, key=agent.key).encode())


def _snapshot(agent: Agent, watcher: Subscriber) -> Heard:
    """The one of an alarm that begins while the camera is connected.

    The path is never empty: what was seen there before the connection lasts, so the observer begins anew.
    """
    wait_until(lambda: agent.hub is not None and agent.hub.broker == "connected", "it is connected")
    earlier = len(watcher.of("snapshot"))
    order_restart(agent.places.restart_of("observer"), 0)
    wait_until(lambda: len(watcher.of("snapshot")) > earlier, f"a snapshot comes: {agent.said()}")
    return watcher.of("snapshot")[earlier]


def _assert_masked(jpeg: bytes, beside: dict[str, str]) -> None:
    width, height = int(beside["width"]), int(beside["height"])
    grey = simplejpeg.decode_jpeg(jpeg, colorspace="GRAY")[:, :, 0]
    assert grey.shape == (height, width)
    hidden = touched(_MASK.polygon, width, height)
    assert hidden.mean() > 0.1
    assert np.abs(grey[hidden].astype(int) - _FILL).max() <= 1
    assert grey[~hidden].std() > 20


def _registered(agent: Agent) -> list[tuple[str, str]]:
    lines = [line for line in agent.register_lines() if line.act == Act.SETTING_CHANGE]
    return [(line.detail["before"], line.detail["after"]) for line in lines]


def test_an_alarm_sends_a_sealed_masked_picture_that_age_opens(tmp_path: Path, vtest: str) -> None:
    (port,) = free_ports(1)
    telemetry = {"broker": f"mqtt://127.0.0.1:{port}", "snapshots": "sealed", "onvif_events": True}
    with (
        mosquitto(tmp_path / "broker", port),
        subscriber(port) as watcher,
        _watches(tmp_path / "camera", vtest, telemetry) as agent,
    ):
        _make(agent)
        with agent.started():
            snapshot = _snapshot(agent, watcher)
            wait_until(lambda: bool(watcher.of(_ONVIF)), "it is told as ONVIF tells it")
            assert agent.recorder is not None
            mask_hash = agent.recorder.mask_hash
        beside = _beside(snapshot)
        assert (snapshot.retained, snapshot.told("ContentType")) == (False, "application/age")
        assert 0 < snapshot.told("MessageExpiryInterval") <= 600
        assert (beside["picture"], beside["mask_hash"]) == ("sealed", mask_hash)
        assert beside["event_id"] in {event_id for event_id, _ in watcher.events()}
        _assert_masked(_age(snapshot.payload, tmp_path), beside)
        # It ended with the agent: nobody who comes later is told that it lasts.
        wait_until(lambda: watcher.of(_ONVIF)[-1].payload == b"", "what ONVIF says to last ends")
        assert _registered(agent) == [("off", "sealed")]


def test_at_home_an_alarm_sends_a_masked_jpeg_and_switched_off_none(tmp_path: Path, vtest: str) -> None:
    with _watches(tmp_path / "camera", vtest, {"snapshots": "own_home"}) as agent:
        _make(agent)
        with agent.started():
            wait_until(lambda: accepts(agent.mqtt_port), "the embedded broker listens")
            with subscriber(agent.mqtt_port) as watcher:
                snapshot = _snapshot(agent, watcher)
        assert (snapshot.told("ContentType"), _beside(snapshot)["picture"]) == ("image/jpeg", "plain")
        _assert_masked(snapshot.payload, _beside(snapshot))
        agent.configure({"telemetry": {"snapshots": "off"}})
        with agent.started():
            wait_until(lambda: agent.hub is not None and agent.hub.broker == "connected", "it is connected")
        assert _registered(agent) == [("off", "own_home"), ("own_home", "off")]


def test_a_broker_that_anybody_could_listen_to_gets_no_picture(tmp_path: Path) -> None:
    telemetry = {"broker": "mqtt://home.invalid:1883", "snapshots": "own_home"}
    with camera(tmp_path / "camera", sections={"telemetry": telemetry}) as agent, agent.started():
        assert "no picture leaves the camera" in agent.wait_fault("snapshots")
        assert not agent.places.register.exists()
