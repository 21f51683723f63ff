"""Every message that a running agent sends is held against the published contract."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from agentstand import CLOCK, Agent, camera, free_ports, wait_until
from jsonschema import Draft202012Validator
from subscriber import Heard, Subscriber, mosquitto, subscriber

from edgecam import __version__
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import EventKind
from edgecam.keys.commandkey import CommandKey, create_command_key
from edgecam.telemetry.address import Address
from edgecam.telemetry.command import Command
from edgecam.telemetry.commandkeys import EnrolledKeys, write_keys
from edgecam.telemetry.commandkinds import USUAL_RIGHTS
from edgecam.telemetry.commandresult import CommandResult, Outcome
from edgecam.telemetry.commandsender import CommandSender
from edgecam.telemetry.contract import KINDS, Kind
from edgecam.telemetry.snapshots import SnapshotProperties

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
TOPICS = ("edgecam/#", "homeassistant/#")
SITE = "home"
_ANYWHERE = """
[[zone]]
name = "street"
polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
[[rule]]
kind = "intrusion"
zone = "street"
"""
# User properties are text.
_NUMBERS = {"schema_version", "sequence", "width", "height"}
pytestmark = pytest.mark.long


@dataclass
class Story:
    """All that was heard of an agent that saw somebody, fell and got up again, was commanded, and was stopped."""

    heard: list[Heard]
    kept: list[Heard]
    answers: dict[str, CommandResult]

    def of(self, kind: Kind) -> list[Heard]:
        return [message for message in self.heard if _kind_of(message) is kind]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("contract")
    (port,) = free_ports(1)
    telemetry = {
        "broker": f"mqtt://127.0.0.1:{port}",
        "home_assistant": True,
        "snapshots": "sealed",
        "onvif_events": True,
    }
    with (
        mosquitto(folder / "broker", port),
        subscriber(port, topics=TOPICS) as heard,
        camera(folder / "camera", sections={"analysis": {"enabled": True}, "telemetry": telemetry}) as agent,
    ):
        agent.settings.write_text(agent.settings.read_text() + _ANYWHERE)
        key = _enrolled(agent, folder / "command.key")
        with agent.started():
            wanted = {"status", "health", "event", "state", "snapshot", "onvif"}
            wait_until(lambda: wanted <= _kinds(heard), f"all kinds come: {_kinds(heard)} {agent.said()}")
            _lose_recorder(agent)
            answers = _command(agent, port, key)
            _kill(agent, heard)
            wait_until(lambda: _status(heard) == "online", "it is back")
        wait_until(lambda: _status(heard) == "stopped", "the broker hears of the stop")
        with subscriber(port, name="late", topics=TOPICS) as late:
            wait_until(lambda: "state" in _kinds(late), "what is retained comes")
            wait_until(lambda: any(m.topic.startswith("homeassistant/") for m in late.heard), "the discovery too")
        yield Story(heard.heard, late.heard, answers)


def _lose_recorder(agent: Agent) -> None:
    def told() -> bool:
        return agent.recorder is not None and agent.recorder.restarts == 1 and agent.recorder.gaps_24h > 0

    assert agent.recorder is not None
    os.kill(agent.recorder.pid, signal.SIGKILL)
    wait_until(told, f"a new recorder tells of the gap: {agent.said()}")


def _enrolled(agent: Agent, path: Path) -> CommandKey:
    made = create_command_key(path)
    keys = EnrolledKeys(agent.key.camera_id).with_key("centre", made.public, USUAL_RIGHTS, CLOCK.now())
    write_keys(agent.places.command_keys, keys, agent.key.sign)
    return made


def _command(agent: Agent, port: int, key: CommandKey) -> dict[str, CommandResult]:
    """The answers to one command that is obeyed, one that is refused, and one that is none at all."""
    sender = CommandSender(Address("127.0.0.1", port, tls=False), None, "the-centre")
    sender.enter()
    try:
        return {
            "status": sender.give(_signed(agent, key, "status"), CLOCK.now(), 30),
            "restart": sender.give(_signed(agent, key, "restart"), CLOCK.now(), 30),
        }
    finally:
        sender.say(f"edgecam/{SITE}/{agent.key.camera_id}/cmd/status", "open the gate")
        sender.leave()


def _signed(agent: Agent, key: CommandKey, name: str) -> Command:
    now = CLOCK.now()
    return Command(
        id=secrets.token_hex(16),
        site=SITE,
        camera=agent.key.camera_id,
        name=name,
        arguments={},
        issued_wall_ns=now.wall_ns,
        expires_wall_ns=now.wall_ns + 60 * NS_PER_S,
        key=key.public,
    ).signed(key.sign)


def _kill(agent: Agent, heard: Subscriber) -> None:
    """SIGKILL to the hub alone is a crash like any; stopped meanwhile, nobody says `online` before the will."""
    assert agent.hub is not None
    pid = agent.hub.pid
    os.kill(agent.pid, signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: _status(heard) == "offline", "the broker tells the will")
    finally:
        os.kill(agent.pid, signal.SIGCONT)


def _status(heard: Subscriber) -> str:
    states = heard.states()
    return states[-1] if states else ""


def _kind_of(message: Heard) -> Kind | None:
    for kind in KINDS:
        pattern = re.sub(r"\\{topic\\}", ".+", re.escape(kind.address))
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", pattern), message.topic):
            return kind
    return None


def _kinds(heard: Subscriber) -> set[str]:
    return {kind.name for kind in map(_kind_of, list(heard.heard)) if kind is not None}


def _said(message: Heard, kind: Kind) -> dict[str, Any]:
    """What the contract speaks of: the payload, or what stands beside a picture."""
    if not kind.beside:
        return message.body
    told = {name: int(text) if name in _NUMBERS else text for name, text in message.told("UserProperty")}
    return {**dict.fromkeys(SnapshotProperties.model_fields), **told}


@pytest.mark.row("T1")
def test_every_message_keeps_the_published_contract(story: Story) -> None:
    checks = {path.stem: Draft202012Validator(json.loads(path.read_text())) for path in SCHEMAS.iterdir()}
    checked: set[str] = set()
    for message in [*story.heard, *story.kept]:
        if message.topic.startswith("homeassistant/"):
            assert {"device", "origin", "components"} <= set(message.body)
            continue
        kind = _kind_of(message)
        assert kind is not None, f"the contract does not know {message.topic}"
        ends_a_state = kind.retained is None and not message.payload
        if kind.heard or ends_a_state:
            continue
        checks[kind.name].validate(_said(message, kind))
        checked.add(kind.name)
    assert checked == {kind.name for kind in KINDS if not kind.heard}


@pytest.mark.row("T1")
def test_every_message_is_sent_as_the_contract_says(story: Story) -> None:
    for message in story.heard:
        kind = _kind_of(message)
        if kind is None or kind.heard:
            continue
        expires = message.told("MessageExpiryInterval") is not None
        assert expires == bool(kind.expiry_s) or kind.retained is None, message.topic
        if not kind.beside and message.payload:
            assert (message.told("ContentType"), message.told("PayloadFormatIndicator")) == ("application/json", 1)
    kept = {kind.name for kind in map(_kind_of, story.kept) if kind is not None}
    assert kept <= {kind.name for kind in KINDS if kind.retained is not False}
    assert {"status", "state"} <= kept


@pytest.mark.row("T1")
def test_a_place_in_a_session_is_taken_once(story: Story) -> None:
    places: dict[tuple[str, int], bytes] = {}
    for message in story.heard:
        kind = _kind_of(message)
        if kind is None or kind.heard or kind.name == "onvif":
            continue
        told = _said(message, kind)
        assert (told["site"], told["camera"]) == tuple(message.topic.split("/")[1:3])
        place = told["session"], told["sequence"]
        assert places.setdefault(place, message.payload) == message.payload
    assert len({session for session, _ in places}) == 2


@pytest.mark.row("T4")
def test_health_tells_real_readings_of_a_running_agent(story: Story) -> None:
    health = [message.body for message in story.of(KINDS[1])]
    last = health[-1]
    assert last["recording"] is True
    assert (last["source"], last["width"], last["height"], last["encoder"]) == ("scene", 320, 180, "x264")
    assert (last["version"], last["mask_state"], len(last["mask_hash"])) == (__version__, "confirmed", 64)
    assert last["last_commit_age_s"] < 5
    assert last["ring_size_bytes"] == 64 << 20
    assert last["disk_free_bytes"] > 0
    assert last["disk_read_only"] is False
    for part in ("recorder", "observer", "hub"):
        assert last["parts"][part]["memory_bytes"] > 10_000_000
    assert health[0]["parts"]["hub"]["restarts"] == 0
    assert (last["parts"]["recorder"]["restarts"], last["parts"]["hub"]["restarts"]) == (1, 1)
    # The first message may come before the recorder has said anything.
    assert next(said["gaps_24h"] for said in health if said["gaps_24h"] is not None) == 0
    assert last["gaps_24h"] == 1
    assert last["gaps_24h_s"] == last["last_gap_s"] > 0
    assert last["version_since"] == health[0]["version_since"]


@pytest.mark.row("T5")
def test_each_command_has_an_answer_of_the_contract(story: Story) -> None:
    assert {name: result.outcome for name, result in story.answers.items()} == {
        "status": Outcome.DONE,
        "restart": Outcome.REFUSED,
    }
    assert story.answers["status"].health is not None
    results = story.of(next(kind for kind in KINDS if kind.name == "cmd_result"))
    assert [message.body["id"] is None for message in results].count(True) == 1


def test_the_story_has_an_alarm(story: Story) -> None:
    kinds = {message.body["kind"] for message in story.of(KINDS[2])}
    assert EventKind.INTRUSION in kinds
