"""Judging a version on trial: every way to lack something, and any sequence of looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_bootslots import slots_in

from edgecam.appliance.bootslots import BootChoice, BootSlots, Slot, State, answer, encode_choice
from edgecam.appliance.trialwatch import TrialWatch, look
from edgecam.appliance.updatenotes import Expected, UpdateNotes
from edgecam.appliance.verdict import BLOCKING, LACKING, Seen, Terms, Trial, Verdict, judge, lacking
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import Unavailable
from edgecam.core.status import Fault, HubStatus, RecorderStatus, publish_status
from edgecam.places import Places

pytestmark = pytest.mark.row("I2")

TERMS = Terms(sound_s=5, limit_s=15, silence_s=2)
BROKER = Expected("0.3.0", page=True, broker=True)


def sound(at_s: float) -> Seen:
    now_ns = round(at_s * NS_PER_S)
    recorder = RecorderStatus(
        pid=7, beat_mono_ns=now_ns, recording=True, segments=round(at_s), last_commit_mono_ns=now_ns
    )
    return Seen(recorder, HubStatus(pid=8, beat_mono_ns=now_ns, broker="connected", page="https://x"), now_ns)


def with_recorder(at_s: float, **changed: Any) -> Seen:
    seen = sound(at_s)
    assert seen.recorder is not None
    return replace(seen, recorder=replace(seen.recorder, **changed))


def with_hub(at_s: float, **changed: Any) -> Seen:
    seen = sound(at_s)
    assert seen.hub is not None
    return replace(seen, hub=replace(seen.hub, **changed))


AGO = round(7 * NS_PER_S)
WRONG: dict[str, Callable[[float], Seen]] = {
    "the recorder says nothing": lambda at: with_recorder(at, beat_mono_ns=AGO),
    "it does not record": lambda at: with_recorder(at, recording=False),
    "no segment was committed": lambda at: with_recorder(at, last_commit_mono_ns=AGO),
    "the recorder has the fault masks": lambda at: with_recorder(at, faults=[Fault("aim", ""), Fault("masks", "")]),
    "the hub says nothing": lambda at: with_hub(at, beat_mono_ns=AGO),
    "its page does not answer": lambda at: with_hub(at, page=""),
    "it is not connected to its broker": lambda at: with_hub(at, broker="connecting"),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_lacking_is_told(words: str) -> None:
    assert lacking(WRONG[words](10), BROKER, TERMS) == words
    assert len(WRONG) == len(LACKING)


@pytest.mark.parametrize("part", ["recorder", "hub"])
@pytest.mark.parametrize("at_s", [0, 1, 100])
def test_a_process_that_never_spoke(part: str, at_s: float) -> None:
    seen = replace(sound(at_s), recorder=None) if part == "recorder" else replace(sound(at_s), hub=None)
    assert lacking(seen, BROKER, TERMS) == f"the {part} says nothing"


def test_what_the_version_before_did_not_do_is_not_asked_for() -> None:
    """A broker that is down for everybody condemns nothing; nor does a fault that stood before."""
    seen = replace(
        with_recorder(10, faults=[Fault("medium", "")]), hub=HubStatus(pid=8, beat_mono_ns=10 * NS_PER_S)
    )
    assert lacking(seen, Expected("0.3.0", page=False, broker=False, faults=("medium",)), TERMS) == ""
    assert lacking(seen, BROKER, TERMS) == "the recorder has the fault medium"
    assert "aim" not in BLOCKING


def course(*looks: Seen, begun_s: float = 0) -> Trial:
    trial = Trial.begin(round(begun_s * NS_PER_S))
    for seen in looks:
        trial = judge(trial, seen, BROKER, TERMS)
    return trial


def test_good_after_an_unbroken_stretch() -> None:
    assert course(*map(sound, range(1, 6))).verdict is Verdict.WATCHED
    assert course(*map(sound, range(1, 7))).verdict is Verdict.GOOD


@pytest.mark.parametrize("words", WRONG)
def test_one_moment_without_begins_it_anew(words: str) -> None:
    before = [*map(sound, range(1, 8))]
    broken = [*before[2:5], replace(WRONG[words](9), mono_ns=sound(6).mono_ns)]
    assert course(*broken).sound_since_ns is None
    late = course(*map(sound, (3, 4, 5)), WRONG[words](9.5), *map(sound, (10, 11, 12, 13, 14)), begun_s=2)
    assert late.verdict is Verdict.WATCHED
    assert judge(late, sound(15), BROKER, TERMS).verdict is Verdict.GOOD


def test_a_process_that_began_anew_begins_it_anew() -> None:
    died = [*map(sound, range(1, 6)), with_recorder(6, pid=9), *(with_recorder(at, pid=9) for at in range(7, 11))]
    assert course(*died).verdict is Verdict.WATCHED
    assert course(*died, with_recorder(11, pid=9)).verdict is Verdict.GOOD


def test_what_nobody_looked_at_is_no_proof() -> None:
    assert course(sound(1), sound(7)).verdict is Verdict.WATCHED


def test_refused_when_time_is_over() -> None:
    looks = [WRONG["no segment was committed"](at) for at in range(10, 25)]
    assert course(*looks, begun_s=10).verdict is Verdict.WATCHED
    over = course(*looks, WRONG["no segment was committed"](25), begun_s=10)
    assert (over.verdict, over.lacking) == (Verdict.REFUSED, "no segment was committed")


def test_rest_is_neither_proof_nor_fault() -> None:
    resting = [with_recorder(at, recording=False, resting=True) for at in range(1, 100)]
    rested = course(*resting)
    assert (rested.verdict, rested.lacking) == (Verdict.WATCHED, "it rests until its recording hours")
    for at in range(100, 105):
        rested = judge(rested, sound(at), BROKER, TERMS)
    assert rested.verdict is Verdict.WATCHED
    assert judge(rested, sound(105), BROKER, TERMS).verdict is Verdict.GOOD


def test_one_that_only_says_it_rests_and_is_silent_is_refused() -> None:
    asleep = [replace(with_recorder(1, resting=True), mono_ns=at * NS_PER_S) for at in range(1, 40)]
    assert course(*asleep).verdict is Verdict.REFUSED


STEPS = st.lists(st.tuples(st.floats(0.1, 4), st.sampled_from(["", "rest", *WRONG])), min_size=1, max_size=60)


@given(STEPS)
def test_any_course_of_looks(steps: list[tuple[float, str]]) -> None:
    """Good: only after an unbroken, looked-at stretch in which nothing lacked. Watched: never beyond the limit."""
    at, trial, waking = 20.0, Trial.begin(20 * NS_PER_S), 0.0
    history: list[tuple[float, bool]] = []
    for step, wrong in steps:
        at += step
        if wrong == "rest":
            seen = with_recorder(at, recording=False, resting=True)
        else:
            seen = WRONG[wrong](at) if wrong else sound(at)
            waking += step
        trial = judge(trial, seen, BROKER, TERMS)
        history.append((at, not wrong))
        if trial.verdict is Verdict.GOOD:
            stretch = [moment for moment, _ in history if moment >= at - TERMS.sound_s - 1e-6]
            assert all(fine for moment, fine in history if moment >= at - TERMS.sound_s + 1e-6)
            assert all(b - a <= TERMS.silence_s + 1e-6 for a, b in pairwise(stretch))
            return
        if trial.verdict is Verdict.REFUSED:
            assert waking >= TERMS.limit_s - 1e-6
            return
        assert waking < TERMS.limit_s + 1e-6


class CourseClock:
    """Time passes by sleeping alone."""

    def __init__(self) -> None:
        self.at_s = 1.0

    def now(self) -> Instant:
        return Instant(0, self.mono_ns(), bytes(16), TimeTrust.UNSET)

    def mono_ns(self) -> int:
        return round(self.at_s * NS_PER_S)

    def sleep(self, duration_s: float) -> None:
        self.at_s += duration_s


class BackendRauc:
    """What RAUC does with its marks: it asks our own backend; ``refusals`` times it does not answer first."""

    def __init__(self, slots: BootSlots, refusals: int = 0) -> None:
        self.slots, self.refusals = slots, refusals

    def info(self, source: str) -> bytes:
        raise AssertionError(source)

    def install(self, source: str) -> None:
        raise AssertionError(source)

    def activate_other(self) -> None:
        raise AssertionError

    def mark_running(self, good: bool) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("rauc did not answer")
        answer(["set-state", self.slots.running().value, "good" if good else "bad"], self.slots)


def watched(folder: Path, see: Callable[[float], Seen], refusals: int = 0) -> tuple[bool, BootChoice, UpdateNotes]:
    slots = slots_in(folder, encode_choice(BootChoice(Slot.A, State.GOOD, State.TRIAL)), "B")
    notes, clock = UpdateNotes(folder), CourseClock()
    notes.expect(BROKER)
    watch = TrialWatch("0.3.0", slots, BackendRauc(slots, refusals), notes, clock, TERMS)
    return watch.run(lambda: see(clock.at_s)), slots.choice(), notes


def test_a_sound_version_is_committed(tmp_path: Path) -> None:
    good, choice, notes = watched(tmp_path, sound)
    assert good
    assert choice == BootChoice(Slot.B, State.GOOD, State.GOOD)
    assert notes.refused() is None
    assert '"what": "good"' in (tmp_path / "updates.jsonl").read_text()


def test_one_that_does_not_record_is_left_and_told(tmp_path: Path) -> None:
    good, choice, notes = watched(tmp_path, lambda at: with_recorder(at, recording=False))
    assert not good
    assert choice == BootChoice(Slot.A, State.GOOD, State.BAD)
    refused = notes.refused()
    assert refused is not None
    assert refused.fault == Fault("update_refused", "Version 0.3.0 was left again: it does not record.")


def test_rauc_that_answers_late(tmp_path: Path) -> None:
    assert watched(tmp_path, sound, refusals=3)[0]


def test_rauc_that_never_answers(tmp_path: Path) -> None:
    """Nothing is good that a start would not take; it goes back, and says why."""
    good, choice, notes = watched(tmp_path, sound, refusals=1000)
    assert not good
    assert choice.committed is Slot.A
    assert "could not be marked good" in str(notes.refused())


def test_a_medium_that_is_full_does_not_keep_a_bad_version(tmp_path: Path) -> None:
    (tmp_path / "update-refused.json").mkdir()
    (tmp_path / "updates.jsonl").mkdir()
    good, choice, _ = watched(tmp_path, lambda at: replace(sound(at), recorder=None))
    assert not good
    assert choice.state(Slot.B) is State.BAD


def test_what_the_processes_say_is_read_from_their_files(tmp_path: Path) -> None:
    places = Places(*(tmp_path for _ in range(5)))
    clock = CourseClock()
    assert look(places, clock) == Seen(None, None, clock.mono_ns())
    seen = sound(1)
    assert seen.recorder is not None
    assert seen.hub is not None
    publish_status(places.status_of("recorder"), seen.recorder)
    publish_status(places.status_of("hub"), seen.hub)
    assert look(places, clock) == seen
