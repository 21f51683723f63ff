"""Home Assistant finds the camera by itself, sees how it is and why it is gone, and forgets it when told to."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from agentstand import Agent, NewCamera, Sections, camera, free_ports, wait_until
from brokerstand import BrokerStand, Template
from homeassistantstand import HomeAssistant, Shown, home_assistant
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from subscriber import mosquitto

from edgecam.core.events import EventKind
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.discovery import Device, discovery_of
from edgecam.telemetry.enrolment import Role
from edgecam.telemetry.topics import Identity

_ON = {"home_assistant": True}


class Everything:
    """A client that hears all topics, and what the broker keeps of them at its start."""

    def __init__(self, port: int, credentials: Credentials | None = None) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = lambda client, *_rest: client.subscribe("#", 1)
        self._client.on_subscribe = lambda *_rest: self._subscribed.set()
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, bytes(message.payload), message.retain)
        )
        if credentials is not None:
            self._client.tls_set_context(credentials.tls_context())
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(60)

    def of(self, topic: str) -> list[bytes]:
        return [payload for told, payload, _ in self.heard if told == topic]

    def kept(self) -> dict[str, bytes]:
        """What was retained when this client came."""
        return {topic: payload for topic, payload, retained in self.heard if retained}

    def say(self, topic: str, text: str) -> None:
        self._client.publish(topic, text, 1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def everything(port: int, credentials: Credentials | None = None) -> Iterator[Everything]:
    ear = Everything(port, credentials)
    try:
        yield ear
    finally:
        ear.close()


def _topics_in(config: Any) -> Iterator[str]:
    """Every topic that a discovery message names."""
    if isinstance(config, dict):
        for key, value in config.items():
            if key == "topic" or key.endswith("_topic"):
                yield value
            else:
                yield from _topics_in(value)
    elif isinstance(config, list):
        for value in config:
            yield from _topics_in(value)


@pytest.mark.row("T3")
def test_the_camera_announces_itself_and_takes_it_back(new_camera: NewCamera, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    telemetry = {"broker": f"mqtt://127.0.0.1:{port}", **_ON}
    agent = new_camera(sections={"telemetry": telemetry})
    found = f"homeassistant/device/home/{agent.key.camera_id}/config"
    with mosquitto(tmp_path / "central", port), everything(port) as ear:
        with agent.started():
            wait_until(lambda: bool(ear.of(found)), f"discovery: {agent.said()}")
            config = json.loads(ear.of(found)[0])
            named = {topic for topic in _topics_in(config) if not topic.endswith("/event")}
            # Nothing happens in this film; whatever else discovery names is told without being asked.
            wait_until(lambda: {told for told, _, _ in ear.heard} >= named, f"all of {named}: {agent.said()}")
            before = len(ear.of(found))
            ear.say("homeassistant/status", "online")
            wait_until(lambda: len(ear.of(found)) > before, "an answer to the birth")
        with everything(port) as later:
            wait_until(lambda: found in later.kept(), "discovery is retained")
            recording = f"edgecam/home/{agent.key.camera_id}/state/recording"
            wait_until(lambda: recording in later.kept(), "states are retained")
            assert f"edgecam/home/{agent.key.camera_id}/health" not in later.kept()
        agent.configure({"telemetry": {"home_assistant": False}})
        with agent.started():
            wait_until(lambda: ear.of(found)[-1] == b"", "discovery is taken back")
            wait_until(lambda: ear.of(recording)[-1] == b"", "states are taken back")
        with everything(port) as later:
            camera = f"edgecam/home/{agent.key.camera_id}"
            stays = {f"{camera}/status", f"{camera}/register/head"}
            wait_until(lambda: stays <= set(later.kept()), "what is retained")
            assert set(later.kept()) == stays


@pytest.mark.row("T3")
def test_of_an_observer_that_hangs_nobody_knows_who_is_there(new_camera: NewCamera, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    telemetry = {"broker": f"mqtt://127.0.0.1:{port}", **_ON}
    agent = new_camera(sections={"analysis": {"enabled": True}, "telemetry": telemetry})
    person = f"edgecam/home/{agent.key.camera_id}/state/person"
    with mosquitto(tmp_path / "central", port), everything(port) as ear, agent.started():

        def state() -> str | None:
            """``nobody`` where none was told, so that it is not taken for unknown."""
            told = ear.of(person)
            return json.loads(told[-1])["state"] if told else "nobody"

        wait_until(lambda: state() == "OFF", f"the observer looks: {agent.said()}")
        assert agent.observer is not None
        os.kill(agent.observer.pid, signal.SIGSTOP)
        wait_until(lambda: state() is None, "it is silent")
        wait_until(lambda: state() == "OFF", "another takes its place")


@pytest.mark.row("T3")
@pytest.mark.row("F1")
def test_the_private_broker_lets_both_say_and_hear_what_they_must(new_camera: NewCamera, tmp_path: Path) -> None:
    stand = BrokerStand(Template.make(tmp_path / "central"), None)
    agent = new_camera()
    name = agent.key.camera_id
    camera_s, watcher = stand.enrol(f"home/{name}"), stand.enrol("watch/home-assistant", Role.WATCHER)
    files = {key: str(getattr(camera_s, key)) for key in ("ca_file", "cert_file", "key_file")}
    agent.configure({"telemetry": {"broker": f"mqtts://127.0.0.1:{stand.port}", **files, **_ON}})
    found = f"homeassistant/device/home/{name}/config"
    with stand.running(), everything(stand.port, watcher) as ear, agent.started():
        wait_until(lambda: bool(ear.of(found)), f"discovery: {agent.said()}")
        wait_until(lambda: bool(ear.of(f"edgecam/home/{name}/state/recording")), "states")
        before = len(ear.of(found))
        ear.say("homeassistant/status", "online")
        wait_until(lambda: len(ear.of(found)) > before, "an answer to the birth")


@pytest.mark.row("T3")
@pytest.mark.long
def test_a_real_home_assistant_shows_the_camera(tmp_path: Path, vtest: str) -> None:
    (port,) = free_ports(1)
    sections: Sections = {"analysis": {"enabled": True}, "telemetry": {"broker": f"mqtt://127.0.0.1:{port}", **_ON}}
    with mosquitto(tmp_path / "central", port), camera(tmp_path / "camera", vtest, sections) as agent:
        name = agent.key.camera_id
        with home_assistant(tmp_path / "home", port, name) as home:
            with agent.started():
                _is_found(home, port, agent)
            stopped = home.wait(lambda shown: shown.state("connection") == "stopped", "a clean stop is seen")
            assert stopped.state("recording") == "unavailable"
            assert stopped.state("days_kept") == "unavailable"
            agent.start()
            home.wait(lambda shown: shown.state("recording") == "on", "it is back")
            _crash(agent)
            crashed = home.wait(lambda shown: shown.state("connection") == "offline", "a crash is seen")
            assert crashed.state("recording") == "unavailable"
        with agent.started(), home_assistant(tmp_path / "home", port, name) as home:
            again = home.wait(_all_known, "a Home Assistant that starts anew knows all of it soon")
            assert again.complaints == []
        agent.configure({"analysis": {"animal": False}})
        tree = f"edgecam/home/{name}/state"
        with home_assistant(tmp_path / "home", port, name) as home, everything(port) as ear:
            home.wait(lambda shown: "animal" in shown.entities, "it remembers")
            with agent.started():
                fewer = home.wait(lambda shown: "animal" not in shown.entities, "one entity is gone")
                assert "person" in fewer.entities
                wait_until(lambda: ear.of(f"{tree}/animal")[-1:] == [b""], "its state is gone")
            agent.configure({"telemetry": {"home_assistant": False}})
            with agent.started():
                gone = home.wait(lambda shown: not shown.devices, "the device is gone")
                assert gone.entities == {}
                wait_until(lambda: ear.of(f"{tree}/person")[-1:] == [b""], "its states are gone")
            assert home.look().complaints == []


def _crash(agent: Agent) -> None:
    """As when the power goes: nobody of the agent says goodbye."""
    wait_until(lambda: agent.hub is not None, "the hub says how it is")
    assert agent.hub is not None
    # Stopped first, it cannot put another hub in the place of the one that is killed.
    os.kill(agent.pid, signal.SIGSTOP)
    os.kill(agent.hub.pid, signal.SIGKILL)
    os.kill(agent.pid, signal.SIGKILL)
    assert agent.ended() == -signal.SIGKILL


def _is_found(home: HomeAssistant, port: int, agent: Agent) -> None:
    name = agent.key.camera_id
    shown = home.wait(_all_known, f"all is known: {agent.said()}")
    (device,) = shown.devices
    assert (device["name"], device["identifiers"]) == ("front", [name])
    found = f"homeassistant/device/home/{name}/config"
    with everything(port) as ear:
        wait_until(lambda: found in ear.kept(), "what is retained")
        config = ear.kept()[found].decode()
    assert set(shown.entities) == set(json.loads(config)["components"])
    assert home.refusals(config) == {}
    everything_there_is = Device(
        Identity("home", name, "1.0.0"), "front", frozenset(EventKind), 180, snapshots=True
    )
    assert home.refusals(discovery_of(everything_there_is, "homeassistant").config) == {}
    assert shown.state("recording") == "on"
    assert shown.state("connection") == "online"
    assert float(shown.state("days_kept") or -1) >= 0
    assert shown.entities["problem"]["category"] == "diagnostic"
    home.wait(lambda now: now.state("person") == "on", "somebody is there")
    event = home.wait(lambda now: now.entities["event"]["attributes"].get("event_type") is not None, "an event")
    assert event.entities["event"]["attributes"]["event_id"]
    assert event.complaints == []


def _all_known(shown: Shown) -> bool:
    """Every entity that can be known on any board; the rest depends on what it has."""
    states = shown.states()
    may_not_be = {"event", "wear", "throttled", "cpu_temperature", "days_forecast", "last_gap", "mask_state", "aim"}
    wanted = {key: state for key, state in states.items() if key not in may_not_be}
    return bool(wanted) and not {"unknown", "unavailable", None} & set(wanted.values())
