"""Fragments reach the ring in order; gaps have their cause; a failing medium costs no committed footage."""

import threading
from collections.abc import Callable

import pytest
from ringstand import DAY_S, RamMedium, append, at, fragment, make_ring, open_all, open_writer

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.gaps import Gap
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.reserve import RESERVE
from edgecam.ringbuffer.writer import RingWriter


class StoryClock:
    """A full clock that tells the story's time and moves on only when somebody sleeps."""

    def __init__(self, instant: Instant) -> None:
        self.instant = instant

    def now(self) -> Instant:
        return self.instant

    def mono_ns(self) -> int:
        return self.instant.mono_ns

    def sleep(self, duration_s: float) -> None:
        passed_ns = round(duration_s * 1e9)
        told = self.instant
        self.instant = Instant(told.wall_ns + passed_ns, told.mono_ns + passed_ns, told.boot_id, told.trust)


class Stand:
    """A committer over a ring in RAM, run in its own thread as in the recorder."""

    def __init__(self, first_cause: GapCause = GapCause.FIRST_START, now: Instant | None = None) -> None:
        self.medium = RamMedium(1 << 21)
        self.clock = StoryClock(now or at(0))
        self.erasures: list[Erasure] = []
        self.gaps: list[Gap] = []
        self.register_refuses: list[MediaFailing] = []
        self.slept_ns = 0
        self.rest: tuple[int, int] | None = None
        make_ring(self.medium)
        self.committer = self.again(first_cause)

    def again(self, first_cause: GapCause) -> Committer:
        image = RamMedium(0, self.medium.image)
        image.refuse = self.medium.refuse
        self.medium = image
        self.committer = Committer(
            open_writer(self.medium, self.clock.now()),
            self._reopen,
            self.clock,
            self.erasures.extend,
            first_cause,
            on_gap=self._register,
            rests=lambda begin, end: self.rest is not None and self.rest[0] <= begin and end <= self.rest[1],
            slept_ns=lambda: self.slept_ns,
        )
        return self.committer

    def _register(self, gap: Gap) -> None:
        if self.register_refuses:
            raise self.register_refuses.pop()
        self.gaps.append(gap)

    def _reopen(self) -> RingWriter:
        image = RamMedium(0, self.medium.image)
        image.refuse = self.medium.refuse
        self.medium = image
        return open_writer(image, self.clock.now())

    def commit(self, *seconds: float, interrupt: dict[float, GapCause] | None = None) -> None:
        """Deliver a two-second fragment at each of ``seconds``, then close and run to the end."""
        for second in seconds:
            if interrupt and second in interrupt:
                self.committer.interrupted(interrupt[second])
            self.committer.deliver(fragment(int(second), at(second)))
        self.committer.close()
        thread = threading.Thread(target=self.committer.run)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()

    def headers(self) -> list[SegmentHeader]:
        return [stored.header for stored in RingReader(RamMedium(0, self.medium.image)).segments()]


def test_fragments_are_committed_in_order_without_gaps() -> None:
    stand = Stand()
    stand.commit(0, 2, 4, 6)
    assert list(open_all(RamMedium(0, stand.medium.image)).values()) == [
        fragment(n, at(n)).data for n in (0, 2, 4, 6)
    ]
    assert [header.gap_cause for header in stand.headers()] == [GapCause.FIRST_START] + [GapCause.NONE] * 3
    assert stand.committer.segments == 4


@pytest.mark.row("C4")
def test_a_gap_is_timed_and_has_its_cause() -> None:
    stand = Stand()
    stand.commit(0, 2, 9, 11, 20, interrupt={9: GapCause.SOURCE_LOST})
    told = [(round(h.gap_ns / 1e9, 3), h.gap_cause) for h in stand.headers()]
    assert told == [
        (0, GapCause.FIRST_START),
        (0, GapCause.NONE),
        (5, GapCause.SOURCE_LOST),
        (0, GapCause.NONE),
        (7, GapCause.OVERLOAD),
    ]


@pytest.mark.row("C4")
@pytest.mark.parametrize("cause", [GapCause.RESTART, GapCause.PLANNED_STOP])
def test_a_restart_in_the_same_boot_is_told_by_its_cause(cause: GapCause) -> None:
    stand = Stand()
    stand.commit(0, 2)
    stand.again(cause)
    stand.commit(10)
    last = stand.headers()[-1]
    assert (round(last.gap_ns / 1e9), last.gap_cause) == (6, cause)


@pytest.mark.row("C4")
def test_another_boot_without_a_note_is_a_power_gap_timed_by_the_wall_clock() -> None:
    stand = Stand()
    stand.commit(0, 2)
    stand.clock = StoryClock(at(100, boot=1, booted_s=90))
    stand.again(GapCause.NONE)
    stand.committer.deliver(fragment(100, at(100, boot=1, booted_s=90)))
    stand.commit()
    last = stand.headers()[-1]
    assert (round(last.gap_ns / 1e9), last.gap_cause) == (96, GapCause.POWER)


def refusing(verb: str, times: int) -> Callable[[str, int, int], MediaFailing | None]:
    left = [times]

    def refuse(asked: str, _offset: int, _size: int) -> MediaFailing | None:
        if asked == verb and left[0]:
            left[0] -= 1
            return MediaFailing("the medium had a bad moment")
        return None

    return refuse


@pytest.mark.row("R9")
@pytest.mark.parametrize("verb", ["write", "flush"])
def test_a_medium_that_comes_back_costs_nothing(verb: str) -> None:
    stand = Stand()
    stand.commit(0)
    stand.again(GapCause.NONE)
    seconds = (2, 4, 6)
    for second in seconds:
        stand.committer.deliver(fragment(second, at(second)))
    stand.medium.refuse = refusing(verb, 3)
    runner = threading.Thread(target=stand.committer.run)
    runner.start()
    while stand.committer.segments < len(seconds):
        assert runner.is_alive()
        runner.join(0.01)
    stand.committer.close()
    runner.join(60)
    assert [round((h.start_wall_ns - at(0).wall_ns) / 1e9) for h in stand.headers()] == [0, 2, 4, 6]


@pytest.mark.row("R9")
def test_a_fragment_that_arrived_although_its_flush_failed_is_not_committed_twice() -> None:
    stand = Stand()
    stand.commit(0)
    stand.again(GapCause.NONE)
    last_verb, last_size = "", 0
    refused: list[int] = []

    def refuse(verb: str, _offset: int, size: int) -> MediaFailing | None:
        nonlocal last_verb, last_size
        of_segment = verb == "flush" and last_verb == "write" and last_size > 2 * 4096
        last_verb, last_size = verb, size
        if of_segment and not refused:
            refused.append(size)
            return MediaFailing("the medium had a bad moment")
        return None

    stand.medium.refuse = refuse
    for second in (2, 4):
        stand.committer.deliver(fragment(second, at(second)))
    stand.committer.close()
    while stand.committer.turn(0):
        pass
    assert refused
    assert stand.committer.segments == 2
    assert [round((h.start_wall_ns - at(0).wall_ns) / 1e9) for h in stand.headers()] == [0, 2, 4]


@pytest.mark.row("R9")
def test_a_medium_that_stays_away_ends_the_run_at_close_and_is_a_fault() -> None:
    stand = Stand()
    stand.medium.refuse = refusing("write", 10**9)
    stand.commit(0, 2)
    assert stand.committer.fault is not None
    assert "bad moment" in stand.committer.fault.sentence
    assert stand.committer.segments == 0


@pytest.mark.row("R9")
@pytest.mark.row("C4")
@pytest.mark.parametrize(("away", "cause"), [(True, GapCause.MEDIUM), (False, GapCause.OVERLOAD)])
def test_what_the_reserve_cannot_hold_is_a_gap_by_the_medium_or_by_overload(away: bool, cause: GapCause) -> None:
    stand = Stand()
    stand.commit(0)
    committer = stand.again(GapCause.NONE)
    if away:
        stand.medium.refuse = refusing("write", 1)
        committer.deliver(fragment(2, at(2)))
        committer.turn(0)
        assert committer.fault is not None
    given_up = 5 if away else 3
    for second in range(4, 4 + 2 * (RESERVE + given_up), 2):
        committer.deliver(fragment(second, at(second)))
    stand.medium.refuse = lambda verb, offset, size: None
    stand.commit()
    gaps = [(round(h.gap_ns / NS_PER_S), h.gap_cause) for h in stand.headers()[1:] if h.gap_cause]
    # The fragment that was refused waited outside the reserve, and comes before what was given up.
    assert gaps == [(2 * given_up + (0 if away else 2), cause)]
    assert len(stand.headers()) == 1 + RESERVE + away


@pytest.mark.row("C4")
def test_a_gap_has_the_cause_that_began_it() -> None:
    stand = Stand()
    stand.commit(0)
    committer = stand.again(GapCause.RESTART)
    committer.interrupted(GapCause.SOURCE_LOST)
    stand.commit(10)
    assert stand.headers()[-1].gap_cause is GapCause.RESTART


@pytest.mark.row("C4")
def test_a_silent_source_and_a_sleeping_machine_are_told_apart() -> None:
    stand = Stand()
    stand.commit(0, 2)
    committer = stand.again(GapCause.NONE)
    committer.deliver(fragment(4, at(4)))
    committer.stalled(at(20).mono_ns)
    committer.deliver(fragment(20, at(20)))
    # The fragment before a sleep is complete only after it.
    stand.slept_ns = 70 * NS_PER_S
    committer.deliver(fragment(22, at(22)))
    committer.deliver(fragment(100, at(100)))
    committer.deliver(fragment(110, at(110)))
    stand.commit()
    told = [(round(h.gap_ns / NS_PER_S), h.gap_cause) for h in stand.headers()[3:]]
    assert told == [
        (14, GapCause.SOURCE_LOST),
        (0, GapCause.NONE),
        (76, GapCause.SUSPENDED),
        (8, GapCause.OVERLOAD),
    ]


@pytest.mark.row("C6")
@pytest.mark.parametrize(("rest_until_s", "cause"), [(500, GapCause.TIMETABLE), (300, GapCause.RESTART)])
def test_only_a_gap_that_lies_outside_the_hours_is_the_timetables(rest_until_s: int, cause: GapCause) -> None:
    stand = Stand()
    stand.commit(0, 2)
    stand.rest = at(5).wall_ns, at(rest_until_s).wall_ns
    stand.clock = StoryClock(at(510))
    stand.again(GapCause.RESTART)
    stand.commit(502)
    assert stand.headers()[-1].gap_cause is cause


@pytest.mark.row("C4")
@pytest.mark.parametrize(
    ("now", "gap_s"),
    [
        (at(100, boot=1, booted_s=90), 96),
        (at(100, boot=1, booted_s=90, trust=TimeTrust.RESTORED), 96),
        (at(100, boot=1, booted_s=90, trust=TimeTrust.UNSET), 0),
        (at(100, boot=1, booted_s=90, leap_s=-99), 0),
    ],
)
def test_a_length_that_no_clock_can_tell_is_told_as_unknown(now: Instant, gap_s: int) -> None:
    stand = Stand()
    stand.commit(0, 2)
    stand.clock = StoryClock(now)
    stand.again(GapCause.RESTART)
    stand.committer.deliver(fragment(100, now))
    stand.commit()
    last = stand.headers()[-1]
    assert (round(last.gap_ns / NS_PER_S), last.gap_cause) == (gap_s, GapCause.POWER)
    assert stand.gaps[-1].length_ns == (last.gap_ns or None)


@pytest.mark.row("C4")
@pytest.mark.parametrize("leap_s", [-10 * 365 * DAY_S, 10 * 365 * DAY_S, 3600])
def test_a_step_of_the_wall_clock_is_no_gap(leap_s: float) -> None:
    stand = Stand()
    stand.commit(0, 2)
    stand.clock = StoryClock(at(6, leap_s=leap_s))
    stand.committer = stand.again(GapCause.NONE)
    stand.committer.deliver(fragment(4, at(4)))
    stand.commit()
    assert [h.gap_cause for h in stand.headers()[1:]] == [GapCause.NONE] * 2


@pytest.mark.row("C4")
def test_footage_after_all_of_it_came_of_age_is_no_first_start() -> None:
    stand = Stand()
    stand.commit(0)
    stand.clock = StoryClock(at(15 * DAY_S, boot=1, booted_s=15 * DAY_S - 9))
    committer = stand.again(GapCause.RESTART)
    committer.deliver(fragment(1, stand.clock.now()))
    stand.commit()
    (only,) = stand.headers()
    assert (only.gap_ns, only.gap_cause, only.sequence) == (0, GapCause.UNKNOWN, 1)


@pytest.mark.row("C4")
def test_every_gap_is_registered_and_a_register_that_refuses_stops_nothing() -> None:
    stand = Stand()
    stand.register_refuses = [MediaFailing("the disk is full")] * 2
    stand.commit(0, 9, 20)
    assert [(round((gap.length_ns or 0) / NS_PER_S), gap.cause) for gap in stand.gaps] == [
        (7, GapCause.OVERLOAD),
        (9, GapCause.OVERLOAD),
    ]
    assert [gap.sequence for gap in stand.gaps] == [1, 2]
    assert stand.gaps[0].from_wall_ns == at(2).wall_ns
    assert stand.committer.segments == 3
    assert stand.committer.unregistered is None
    # The process may die before the line is written: the next one tells the newest gap again.
    stand.again(GapCause.RESTART)
    stand.commit()
    assert [gap.sequence for gap in stand.gaps] == [1, 2, 2]


@pytest.mark.row("C4")
def test_a_stop_says_what_had_ended_the_footage_before_it() -> None:
    stand = Stand()
    causes = [stand.committer.unfinished_cause]
    stand.committer.deliver(fragment(0, at(0)))
    causes.append(stand.committer.unfinished_cause)
    stand.commit()
    causes.append(stand.committer.unfinished_cause)
    stand.committer.interrupted(GapCause.SOURCE_LOST)
    causes.append(stand.committer.unfinished_cause)
    assert causes == [GapCause.FIRST_START, GapCause.MEDIUM, GapCause.NONE, GapCause.SOURCE_LOST]


def test_a_fragment_that_never_fits_costs_itself_only() -> None:
    stand = Stand()
    stand.committer.deliver(fragment(0, at(0), size=1 << 20))
    stand.committer.deliver(fragment(2, at(2)))
    assert stand.committer.turn(0)
    assert stand.committer.fault is not None
    assert stand.committer.fault.code == "ring"
    stand.commit()
    assert [round((h.start_wall_ns - at(0).wall_ns) / NS_PER_S) for h in stand.headers()] == [2]


@pytest.mark.row("R3")
def test_what_is_due_is_erased_before_anything_else_is_written() -> None:
    stand = Stand()
    stand.medium = RamMedium(0, stand.medium.image)
    append(open_writer(stand.medium), 0)
    stand.clock = StoryClock(at(15 * DAY_S))
    stand.again(GapCause.RESTART)
    stand.commit()
    assert [erasure.epoch for erasure in stand.erasures] == [0]
    assert all(erasure.verified for erasure in stand.erasures)
    assert stand.headers() == []
