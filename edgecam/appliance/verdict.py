"""Whether a version on trial is good: judged once a second by what its processes say of themselves.

It is good when nothing was lacking for five minutes without a break, and refused when it is not good after fifteen.
While the camera rests (outside its recording hours) it cannot show that it records: both clocks stand still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from edgecam.appliance.updatenotes import Expected
from edgecam.core.clock import NS_PER_S
from edgecam.core.status import HubStatus, RecorderStatus

# A recorder's fault that says its footage is not as it has to be; unless it stood before the update too.
BLOCKING = frozenset(
    {"camera_cloned", "erasure", "mask_burning", "masks", "medium", "privacy", "recipients", "register", "ring"}
)


class Verdict(StrEnum):
    """What is said of the version that runs."""

    WATCHED = "watched"
    GOOD = "good"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long nothing may be lacking, after how long it is too late, and from when silence is one (seconds)."""

    sound_s: float = 300.0
    limit_s: float = 900.0
    silence_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What recorder and hub said last, and when that was looked at."""

    recorder: RecorderStatus | None
    hub: HubStatus | None
    mono_ns: int


@dataclass(frozen=True, slots=True)
class Trial:
    """How far the judgement is. ``sound_since_ns`` is ``None`` while something is lacking, told in ``lacking``."""

    begun_ns: int
    looked_ns: int
    sound_since_ns: int | None = None
    processes: tuple[int, int] = (0, 0)
    lacking: str = "nothing has been seen of it yet"
    verdict: Verdict = Verdict.WATCHED

    @classmethod
    def begin(cls, mono_ns: int) -> Trial:
        return cls(mono_ns, mono_ns)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One look beside what is expected; a process that said nothing has a beat that cannot be fresh."""

    recorder: RecorderStatus
    hub: HubStatus
    expected: Expected
    now_ns: int
    silence_ns: float

    def stale(self, mono_ns: int) -> bool:
        # What lies ahead is of another boot.
        return not 0 <= self.now_ns - mono_ns <= self.silence_ns

    @property
    def faults(self) -> list[str]:
        return sorted({fault.code for fault in self.recorder.faults} & BLOCKING - {*self.expected.faults})


# What must not be so, and how it is told when it is; the first one counts.
LACKING: tuple[tuple[Callable[[_Evidence], bool], str], ...] = (
    (lambda e: e.stale(e.recorder.beat_mono_ns), "the recorder says nothing"),
    (lambda e: not e.recorder.recording, "it does not record"),
    (lambda e: e.stale(e.recorder.last_commit_mono_ns), "no segment was committed"),
    (lambda e: bool(e.faults), "the recorder has the fault {faults}"),
    (lambda e: e.stale(e.hub.beat_mono_ns), "the hub says nothing"),
    (lambda e: e.expected.page and not e.hub.page, "its page does not answer"),
    (lambda e: e.expected.broker and e.hub.broker != "connected", "it is not connected to its broker"),
)


def lacking(seen: Seen, expected: Expected, terms: Terms) -> str:
    """What is lacking now, in words; empty when nothing is."""
    evidence = _evidence(seen, expected, terms)
    found = next((words for lacks, words in LACKING if lacks(evidence)), "")
    return found.format(faults=", ".join(evidence.faults))


def _evidence(seen: Seen, expected: Expected, terms: Terms) -> _Evidence:
    never_ns = seen.mono_ns + 1
    return _Evidence(
        seen.recorder or RecorderStatus(beat_mono_ns=never_ns),
        seen.hub or HubStatus(beat_mono_ns=never_ns),
        expected,
        seen.mono_ns,
        terms.silence_s * NS_PER_S,
    )


def judge(trial: Trial, seen: Seen, expected: Expected, terms: Terms) -> Trial:
    """The trial after one more look, which must not be earlier than the last."""
    since_ns = seen.mono_ns - trial.looked_ns
    evidence = _evidence(seen, expected, terms)
    if evidence.recorder.resting and not evidence.stale(evidence.recorder.beat_mono_ns):
        return replace(
            trial,
            begun_ns=trial.begun_ns + since_ns,
            looked_ns=seen.mono_ns,
            sound_since_ns=None,
            lacking="it rests until its recording hours",
            verdict=Verdict.WATCHED,
        )
    missing = lacking(seen, expected, terms)
    processes = evidence.recorder.pid, evidence.hub.pid
    # What nobody looked at, or what began anew, is no proof of an unbroken stretch.
    unbroken = since_ns <= terms.silence_s * NS_PER_S and processes == trial.processes
    sound_since_ns = trial.sound_since_ns if unbroken and trial.sound_since_ns is not None else seen.mono_ns
    judged = replace(
        trial,
        looked_ns=seen.mono_ns,
        sound_since_ns=None if missing else sound_since_ns,
        processes=processes,
        lacking=missing,
    )
    return replace(judged, verdict=_verdict(judged, terms))


def _verdict(trial: Trial, terms: Terms) -> Verdict:
    sound_ns = 0 if trial.sound_since_ns is None else trial.looked_ns - trial.sound_since_ns
    if sound_ns >= terms.sound_s * NS_PER_S:
        return Verdict.GOOD
    return Verdict.REFUSED if trial.looked_ns - trial.begun_ns >= terms.limit_s * NS_PER_S else Verdict.WATCHED
