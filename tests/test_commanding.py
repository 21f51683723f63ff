"""Commands from the link to their deed: remembered, registered before, done once, registered after, answered."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commandstand import CAMERA, IDENTITY, SetClock, command, instant, the_key
from stand import health

from edgecam.commandacts import Acts, Camera
from edgecam.commanding import Commanding
from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.errors import Bug
from edgecam.core.status import RecorderStatus, publish_status
from edgecam.core.term import Term
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.masking.privacy import Privacy, read_privacy
from edgecam.places import Places
from edgecam.restartorder import take_restart
from edgecam.settings import Settings, UpdateSettings
from edgecam.silences import read_silences
from edgecam.telemetry.command import Command
from edgecam.telemetry.commandjudgement import Code, Order, judge
from edgecam.telemetry.commandkeys import EnrolledKey
from edgecam.telemetry.commandkinds import Right
from edgecam.telemetry.commandresult import Answer, Outcome
from edgecam.telemetry.commandspeaker import Heard
from edgecam.telemetry.healthmessage import Health

pytestmark = pytest.mark.row("T5")
PATIENCE_S = 30
SETTINGS = Settings(
    zone=({"name": "lawn", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]},),
)


class FragileRegister(Register):
    """As `Register`, with a mistake of ours in it while it is ``broken``, or where it ends what was begun."""

    broken = False
    broken_at_end = False

    def write(self, *told: Any, **more: Any) -> RegisterLine:
        if self.broken or (self.broken_at_end and more.get("completes")):
            raise ZeroDivisionError("a mistake of ours")
        return super().write(*told, **more)


class Stand:
    """One camera's commands, without its link."""

    def __init__(self, folder: Path) -> None:
        state, run = folder / "state", folder / "run"
        state.mkdir(exist_ok=True)
        run.mkdir(exist_ok=True)
        self.clock = SetClock()
        self.places = Places(folder / "edgecam.toml", state, run, state / "ring", state / "masks.json")
        self.register = FragileRegister(self.places.register, CAMERA.sign, CAMERA.public, self.clock)
        camera = Camera(SETTINGS, self.places, CAMERA, self.register, self.health, self.clock)
        self.commanding = Commanding(camera)
        self.answers: queue.SimpleQueue[tuple[Heard, Answer]] = queue.SimpleQueue()
        self.broken = False

    def health(self) -> Health:
        if self.broken:
            raise ZeroDivisionError("a mistake of ours")
        return health()

    def give(
        self,
        sent: Command,
        may: tuple[Right, ...] = tuple(Right),
        topic: str = "",
        by: EnrolledKey | None = None,
    ) -> Answer:
        key = by or the_key(may)
        judged = judge(sent, key, topic or sent.name, IDENTITY, self.clock.now())
        heard = Heard(sent, key, judged, topic or sent.name, b"")
        assert self.commanding.obey(heard)
        said, answer = self.answers.get(timeout=PATIENCE_S)
        assert said == heard
        assert answer.sentence.endswith(".")
        return answer

    def say(self, name: str, arguments: dict[str, Any] | None = None, **more: Any) -> Answer:
        seconds = (self.clock.instant.wall_ns - instant().wall_ns) / NS_PER_S
        return self.give(command(name, arguments, issued_s=seconds), **more)

    def tended(self) -> None:
        """What has ended is cleared away between two commands."""
        self.say("update_check")
        self.say("update_check")

    def lines(self) -> list[RegisterLine]:
        if not self.places.register.exists():
            return []
        return [decode_line(line) for line in self.places.register.read_bytes().splitlines(keepends=True)]

    def recorder_says(self, **fields: Any) -> None:
        """As a recorder that obeys, from a moment on that has not come yet."""
        beat_ns = self.clock.mono_ns() + 3600 * NS_PER_S
        publish_status(self.places.status_of("recorder"), RecorderStatus(beat_mono_ns=beat_ns, **fields))


@contextmanager
def started(folder: Path) -> Iterator[Stand]:
    stand = Stand(folder)
    stand.commanding.start(lambda heard, answer: stand.answers.put((heard, answer)))
    try:
        yield stand
    finally:
        stand.commanding.stop(PATIENCE_S)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with started(tmp_path) as stand:
        yield stand


def test_status_and_update_check_are_answered_and_registered(stand: Stand) -> None:
    answer = stand.say("status")
    assert (answer.outcome, answer.code) == (Outcome.DONE, Code.DONE)
    assert answer.health is not None
    assert stand.say("update_check").code is Code.NO_SOURCE
    lines = stand.lines()
    assert [line.completes for line in lines] == [None, 1, None, 3]
    assert {(line.act, line.who) for line in lines} == {(Act.COMMAND, "centre")}
    assert [line.detail.get("outcome") for line in lines] == [None, "done", None, "done"]


@pytest.mark.row("I2")
@pytest.mark.parametrize(
    ("newer", "said"),
    [(None, "Nobody knows"), ("", "Nothing newer is offered"), ("9.3.0", "Version 9.3.0 is offered")],
)
def test_where_updates_come_from_somewhere_what_was_found_is_told(
    stand: Stand, newer: str | None, said: str
) -> None:
    update = UpdateSettings(url="https://updates.example")
    settings = SETTINGS.model_copy(update={"update": update})
    camera = Camera(settings, stand.places, CAMERA, stand.register, stand.health, stand.clock, lambda: newer)
    sent = command("update_check")
    order = judge(sent, the_key(tuple(Right)), "update_check", IDENTITY, stand.clock.now())
    assert isinstance(order, Order)
    answer = Acts(camera).act(order, 1)
    assert (answer.outcome, answer.code) == (Outcome.DONE, Code.DONE)
    assert said in answer.sentence
    assert answer.details.get("newer") == (newer or None)


def test_the_line_stands_before_the_deed(stand: Stand) -> None:
    """A register that cannot be written allows nothing."""
    stand.places.register.mkdir()
    answer = stand.say("restart", {"part": "recorder"})
    assert (answer.outcome, answer.code) == (Outcome.FAILED, Code.MEDIA_FAILING)
    assert not stand.places.restart_of("recorder").exists()


def test_a_memory_that_cannot_be_kept_allows_nothing(stand: Stand) -> None:
    stand.places.commands_seen.with_name(f".{stand.places.commands_seen.name}.new").mkdir()
    answer = stand.say("restart", {"part": "recorder"})
    assert (answer.outcome, answer.code) == (Outcome.FAILED, Code.MEDIA_FAILING)
    assert not stand.places.restart_of("recorder").exists()
    assert stand.lines() == []


def test_a_command_is_obeyed_once_also_after_a_death(tmp_path: Path) -> None:
    sent = command("silence", {"kind": "motion", "minutes": 5})
    with started(tmp_path) as stand:
        assert stand.give(sent).outcome is Outcome.DONE
        stand.places.silences.unlink()
        assert stand.give(sent).code is Code.REPLAYED
    with started(tmp_path) as stand:
        assert stand.give(sent).code is Code.REPLAYED
        assert not stand.places.silences.exists()
        assert [line.detail.get("code") for line in stand.lines()] == [None, "done", "replayed", "replayed"]


def test_what_a_key_may_not_is_registered_with_its_reason(stand: Stand) -> None:
    answer = stand.say("hold", {"minutes": 1, "reason": "to see"}, may=(Right.STATUS,))
    assert (answer.outcome, answer.code) == (Outcome.REFUSED, Code.NOT_PERMITTED)
    (line,) = stand.lines()
    assert (line.detail["outcome"], line.detail["code"]) == ("refused", "not_permitted")
    assert line.detail["arguments"] == '{"minutes":1,"reason":"to see"}'


def test_refusals_cannot_fill_the_register(stand: Stand) -> None:
    sent = command("restart", {"part": "kitchen"})
    for _ in range(200):
        assert stand.give(sent).code is Code.ARGUMENTS
    assert len(stand.lines()) == 20
    stand.clock.forward(600)
    stand.say("restart", {"part": "kitchen"})
    assert stand.lines()[-1].detail["untold"] == "180"


def test_who_commands_too_much_is_kept_waiting_but_not_from_privacy(stand: Stand) -> None:
    codes = [stand.say("update_check").code for _ in range(65)]
    assert codes == [Code.NO_SOURCE] * 60 + [Code.TOO_MANY] * 5
    stand.recorder_says(private=True, private_by="centre")
    assert stand.say("private", {"state": "on"}).outcome is Outcome.DONE
    stand.clock.forward(60)
    assert stand.say("update_check").code is Code.NO_SOURCE


def test_who_commands_too_much_keeps_nobody_else_waiting(stand: Stand) -> None:
    codes = [stand.say("update_check").code for _ in range(61)]
    assert codes[-1] is Code.TOO_MANY
    other = replace(the_key(), name="second", public=bytes(32))
    assert stand.say("update_check", by=other).code is Code.NO_SOURCE


def test_not_even_privacy_fills_the_register(stand: Stand) -> None:
    stand.recorder_says(private=True, private_by="centre")
    codes = [stand.say("private", {"state": "on"}).code for _ in range(62)]
    assert codes == [Code.DONE] * 60 + [Code.TOO_MANY] * 2
    assert stand.say("update_check").code is Code.NO_SOURCE


def test_a_restart_is_ordered_and_the_hubs_comes_after_its_answer(stand: Stand) -> None:
    assert stand.say("restart", {"part": "observer"}).outcome is Outcome.ACCEPTED
    assert take_restart(stand.places.restart_of("observer"), stand.clock.mono_ns())
    assert not take_restart(stand.places.restart_of("observer"), stand.clock.mono_ns())
    assert stand.say("restart", {"part": "hub"}).code is Code.STARTED
    assert not take_restart(stand.places.restart_of("hub"), stand.clock.mono_ns())
    stand.clock.forward(2)
    assert take_restart(stand.places.restart_of("hub"), stand.clock.mono_ns())


@pytest.mark.parametrize("left", [b"", b"-1", b"soon", b"\xff"])
def test_a_restart_that_cannot_be_read_is_none(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "hub.restart").write_bytes(left)
    assert not take_restart(tmp_path / "hub.restart", 1 << 62)
    assert not (tmp_path / "hub.restart").exists()


def test_a_silence_is_kept_replaced_ended_and_tended(stand: Stand) -> None:
    assert stand.say("silence", {"kind": "motion", "minutes": 5}).outcome is Outcome.DONE
    assert stand.say("silence", {"kind": "intrusion", "place": "lawn", "minutes": 90}).outcome is Outcome.DONE
    assert stand.say("silence", {"kind": "motion", "minutes": 60}).outcome is Outcome.DONE
    assert [one.what for one in read_silences(stand.places.silences)] == ["intrusion at lawn", "motion"]
    assert set(stand.say("status").details) == {"silence of intrusion at lawn", "silence of motion"}
    assert stand.say("silence", {"kind": "motion", "place": "moon", "minutes": 5}).code is Code.BAD_INPUT
    assert stand.say("silence", {"kind": "intrusion", "place": "lawn", "minutes": 0}).outcome is Outcome.DONE
    stand.clock.forward(3600)
    stand.tended()
    (ended,) = [line for line in stand.lines() if "ended" in line.detail]
    assert (ended.detail["ended"], ended.who) == ("silence of motion", "edgecam")
    assert read_silences(stand.places.silences) == ()


def test_an_end_is_registered_once_however_long_it_cannot_be_cleared_away(stand: Stand) -> None:
    stand.say("silence", {"kind": "motion", "minutes": 1})
    beside = stand.places.silences.with_name(f".{stand.places.silences.name}.new")
    beside.mkdir()
    for _ in range(5):
        stand.clock.forward(61)
        stand.tended()
    assert [fault.code for fault in stand.commanding.faults] == ["commands"]
    assert len([line for line in stand.lines() if "ended" in line.detail]) == 1
    beside.rmdir()
    stand.clock.forward(61)
    stand.tended()
    assert (stand.commanding.faults, read_silences(stand.places.silences)) == ([], ())
    assert len([line for line in stand.lines() if "ended" in line.detail]) == 1


def test_privacy_begins_with_its_line_and_waits_for_the_recorder(stand: Stand) -> None:
    answer = stand.say("private", {"state": "on", "minutes": 5})
    assert (answer.outcome, answer.code) == (Outcome.ACCEPTED, Code.STARTED), "no recorder says that it obeys"
    order = read_privacy(stand.places.privacy)
    assert order is not None
    (begun,) = [line for line in stand.lines() if line.completes is None]
    assert (order.by, order.line) == ("centre", begun.sequence)
    stand.recorder_says(private=True, private_by="centre")
    assert stand.say("private", {"state": "on", "minutes": 10}).outcome is Outcome.DONE


def test_privacy_cannot_be_made_shorter_by_who_may_only_begin_it(stand: Stand) -> None:
    stand.recorder_says(private=True, private_by="centre")
    stand.say("private", {"state": "on"})
    before = stand.places.privacy.read_bytes()
    assert "already" in stand.say("private", {"state": "on", "minutes": 1}).sentence
    assert stand.places.privacy.read_bytes() == before
    stand.places.privacy.write_bytes(b"{")
    assert "already" in stand.say("private", {"state": "on", "minutes": 1}).sentence
    assert stand.places.privacy.read_bytes() == b"{"


def test_privacy_is_ended_and_what_ended_by_itself_is_registered(stand: Stand) -> None:
    stand.recorder_says(private=False)
    Privacy("centre", 3, Term(stand.clock.now(), None)).write(stand.places.privacy)
    assert stand.say("private", {"state": "off"}).outcome is Outcome.DONE
    assert not stand.places.privacy.exists()
    Privacy("centre", 3, Term(stand.clock.now(), 60 * NS_PER_S)).write(stand.places.privacy)
    stand.clock.forward(61)
    stand.tended()
    assert not stand.places.privacy.exists()
    (ended,) = [line for line in stand.lines() if "ended" in line.detail]
    assert (ended.detail["ended"], ended.completes) == ("private", 3)


def test_without_a_clock_privacy_is_obeyed_once(stand: Stand) -> None:
    stand.recorder_says(private=True, private_by="centre")
    sent = command("private", {"state": "on"})
    stand.clock.instant = replace(stand.clock.instant, wall_ns=60 * NS_PER_S, trust=TimeTrust.UNSET)
    assert stand.give(sent).outcome is Outcome.DONE
    assert stand.give(sent).code is Code.REPLAYED
    assert stand.give(command("restart", {"part": "hub"})).code is Code.CLOCK


def test_what_cannot_be_done_is_told_and_registered(stand: Stand) -> None:
    answer = stand.say("hold", {"minutes": 5, "reason": "there is no ring here"})
    assert answer.outcome is Outcome.FAILED
    assert stand.lines()[-1].detail["outcome"] == "failed"


def test_a_mistake_of_ours_fails_one_command_alone(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    stand.broken = True
    answer = stand.say("status")
    assert (answer.outcome, answer.code) == (Outcome.FAILED, Code.BUG)
    assert "ZeroDivisionError" in caplog.text
    assert Bug.__name__ not in answer.sentence
    stand.broken = False
    assert stand.say("status").outcome is Outcome.DONE


def test_a_mistake_of_ours_before_the_deed_ends_no_thread(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    Privacy("centre", 3, Term(stand.clock.now(), 60 * NS_PER_S)).write(stand.places.privacy)
    stand.clock.forward(61)
    stand.register.broken = True
    assert [stand.say("status").code for _ in range(2)] == [Code.BUG] * 2
    assert [fault.code for fault in stand.commanding.faults] == ["commands"]
    assert "ZeroDivisionError" in caplog.text
    stand.register.broken, stand.register.broken_at_end = False, True
    assert stand.say("status").outcome is Outcome.DONE
    stand.register.broken_at_end = False
    stand.clock.forward(6)
    stand.tended()
    assert (stand.commanding.faults, stand.places.privacy.exists()) == ([], False)


def test_without_room_it_says_so(tmp_path: Path) -> None:
    stand = Stand(tmp_path)  # nobody has begun to obey
    key, sent = the_key(), command()
    heard = Heard(sent, key, judge(sent, key, "status", IDENTITY, stand.clock.now()), "status", b"")
    assert [stand.commanding.obey(heard) for _ in range(17)] == [True] * 16 + [False]
