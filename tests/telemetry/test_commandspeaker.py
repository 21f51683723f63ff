"""The speaker: who proved nothing is counted and soon not answered; each answer goes where it belongs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commandstand import CAMERA, IDENTITY, STRANGER, SetClock, command, enrolled

from edgecam.telemetry.command import MAX_COMMAND_BYTES, Command
from edgecam.telemetry.commandjudgement import Code, Order, Refusal
from edgecam.telemetry.commandkeys import FollowedKeys, write_keys
from edgecam.telemetry.commandresult import Answer, CommandResult, Outcome
from edgecam.telemetry.commandspeaker import CommandSpeaker, Heard
from edgecam.telemetry.publication import Incoming
from edgecam.telemetry.voice import Voice

pytestmark = pytest.mark.row("T5")
ROOT = f"edgecam/{IDENTITY.site}/{IDENTITY.camera}"


class Stand:
    """A speaker whose orders are kept instead of obeyed."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.keys_path = folder / "command-keys.json"
        write_keys(self.keys_path, enrolled(), CAMERA.sign)
        self.taken: list[Heard] = []
        self.has_room = True
        self.speaker = CommandSpeaker(
            Voice(IDENTITY, self.clock),
            IDENTITY,
            FollowedKeys(self.keys_path, CAMERA.public),
            self._obey,
            self.clock,
        )

    def _obey(self, heard: Heard) -> bool:
        if self.has_room:
            self.taken.append(heard)
        return self.has_room

    def hear(self, payload: bytes | Command, name: str = "status", **more: Any) -> None:
        data = payload.encode() if isinstance(payload, Command) else payload
        self.speaker.heard(Incoming(f"{ROOT}/cmd/{name}", data, correlation=b"a question", **more))

    def said(self) -> list[CommandResult]:
        said = self.speaker.say()
        for message in said:
            assert message.topic.startswith(f"{ROOT}/cmd_result/")
            assert message.correlation == b"a question"
            assert not message.retain
            assert message.expiry_s > 0
        return [CommandResult.model_validate_json(message.payload) for message in said]

    def codes(self) -> list[Code]:
        return [result.code for result in self.said()]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_it_hears_the_commands_of_this_camera_alone(stand: Stand) -> None:
    assert list(stand.speaker.subscriptions) == [f"{ROOT}/cmd/+"]


def test_a_proven_command_is_handed_over_and_its_answer_said(stand: Stand) -> None:
    sent = command()
    stand.hear(sent)
    (heard,) = stand.taken
    assert isinstance(heard.judged, Order)
    assert stand.said() == []
    stand.speaker.answer(heard, Answer(Outcome.DONE, Code.DONE, "It is so.", stand.clock.now(), {"a": "b"}))
    (result,) = stand.said()
    assert (result.id, result.name, result.outcome, result.code) == (sent.id, "status", Outcome.DONE, Code.DONE)
    assert (result.camera, result.site, result.details) == (IDENTITY.camera, IDENTITY.site, {"a": "b"})
    assert stand.said() == []


def test_an_answer_is_said_again_on_the_next_connection_while_it_matters(stand: Stand) -> None:
    stand.hear(command())
    stand.speaker.answer(stand.taken[0], Answer(Outcome.DONE, Code.DONE, "It is so.", stand.clock.now()))
    (first,) = stand.speaker.say()
    stand.speaker.connected()
    assert list(stand.speaker.say()) == [first]
    assert list(stand.speaker.say()) == []
    stand.clock.forward(301)
    stand.speaker.connected()
    assert list(stand.speaker.say()) == []


def test_what_a_key_signed_is_handed_over_also_to_be_refused(stand: Stand) -> None:
    """The register is to tell of it."""
    stand.hear(command("restart", {"part": "kitchen"}), "restart")
    (heard,) = stand.taken
    assert isinstance(heard.judged, Refusal)
    assert heard.judged.code is Code.ARGUMENTS
    assert stand.speaker.faults == []


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"restart the recorder", Code.MALFORMED),
        (b"", Code.MALFORMED),
        (b"x" * (MAX_COMMAND_BYTES + 1), Code.MALFORMED),
        (command(key=STRANGER).encode(), Code.UNKNOWN_KEY),
        (replace(command(), name="hold").encode(), Code.SIGNATURE),
        (replace(command(), signature=bytes(64)).encode(), Code.SIGNATURE),
        (json.dumps({**json.loads(command().encode()), "schema_version": 2}).encode(), Code.MALFORMED),
    ],
)
def test_what_proves_nothing_is_refused_counted_and_a_fault(stand: Stand, payload: bytes, code: Code) -> None:
    stand.hear(payload)
    assert stand.taken == []
    assert stand.codes() == [code]
    (fault,) = stand.speaker.faults
    assert fault.code == "commands_unproven"
    assert fault.sentence.startswith("1 commands")
    stand.clock.forward(3601)
    assert stand.speaker.faults == []


def test_retained_commands_are_not_obeyed(stand: Stand) -> None:
    stand.hear(command(), retained=True)
    assert stand.taken == []
    assert stand.codes() == [Code.RETAINED]


def test_a_flood_is_counted_and_hardly_answered(stand: Stand) -> None:
    for _ in range(1000):
        stand.hear(b"garbage")
    assert len(stand.said()) == 20
    assert stand.speaker.faults[0].sentence.startswith("1000 commands")
    stand.clock.forward(10)
    for _ in range(5):
        stand.hear(b"garbage")
    assert len(stand.said()) == 1
    # Who signs is heard all the same.
    stand.hear(command())
    assert len(stand.taken) == 1


def test_copies_of_a_signed_command_take_nobodys_place_and_are_hardly_answered(stand: Stand) -> None:
    sent = command()
    for _ in range(1000):
        stand.hear(sent)
    assert len(stand.taken) == 2  # the first copy too: the register is to tell of it
    assert stand.codes() == [Code.REPLAYED] * 20
    assert stand.speaker.faults == []
    stand.hear(command())
    assert len(stand.taken) == 3


def test_who_was_told_that_there_is_no_room_is_not_obeyed_later(stand: Stand) -> None:
    sent, stand.has_room = command(), False
    stand.hear(sent)
    stand.has_room = True
    stand.hear(sent)
    assert stand.codes() == [Code.BUSY, Code.REPLAYED]
    assert stand.taken == []


def test_where_there_is_no_room_the_sender_is_told(stand: Stand) -> None:
    stand.has_room = False
    stand.hear(command())
    assert stand.codes() == [Code.BUSY]


def test_a_revoked_key_commands_no_more(stand: Stand) -> None:
    write_keys(stand.keys_path, enrolled().without("centre"), CAMERA.sign)
    stand.hear(command())
    assert stand.taken == []
    assert stand.codes() == [Code.UNKNOWN_KEY]


def test_keys_that_are_not_believed_are_a_fault(stand: Stand) -> None:
    stand.keys_path.write_bytes(b"{}")
    stand.hear(command())
    assert stand.codes() == [Code.UNKNOWN_KEY]
    assert "command_keys" in [fault.code for fault in stand.speaker.faults]


@pytest.mark.parametrize(
    "topic",
    [f"{ROOT}/cmd", f"{ROOT}/cmd/", f"{ROOT}/cmd/a/b", f"{ROOT}/cmd/한", "edgecam/x/y/cmd/status"],
    ids=["no name", "empty name", "two levels", "another script", "another camera"],
)
def test_a_topic_that_is_none_of_ours_is_not_answered(stand: Stand, topic: str) -> None:
    stand.speaker.heard(Incoming(topic, command().encode()))
    assert stand.taken == []
    assert stand.said() == []


def test_long_correlation_data_are_cut(stand: Stand) -> None:
    stand.speaker.heard(Incoming(f"{ROOT}/cmd/status", b"", correlation=b"x" * 10_000))
    (message,) = stand.speaker.say()
    assert len(message.correlation) == 256
