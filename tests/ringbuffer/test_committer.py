"""Fragments reach the ring in order; gaps have their cause; a failing medium costs no committed footage."""

import threading
from collections.abc import Callable

import pytest
from ringstand import DAY_S, RamMedium, append, at, fragment, make_ring, open_all, open_writer

from edgecam.core.clock import Instant
from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.committer import RESERVE, Committer
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.reader import RingReader


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
        )
        return self.committer

    def _reopen(self) -> object:
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
    while not runner.join(0.01) and stand.committer.segments < len(seconds):
        assert runner.is_alive()
    stand.committer.close()
    runner.join(60)
    assert [round((h.start_wall_ns - at(0).wall_ns) / 1e9) for h in stand.headers()] == [0, 2, 4, 6]


@pytest.mark.row("R9")
def test_a_medium_that_stays_away_ends_the_run_at_close_and_is_a_fault() -> None:
    stand = Stand()
    stand.medium.refuse = refusing("write", 10**9)
    stand.commit(0, 2)
    assert stand.committer.fault is not None
    assert "bad moment" in stand.committer.fault.sentence
    assert stand.committer.segments == 0


@pytest.mark.row("R9")
def test_the_reserve_is_bounded_and_gives_up_the_oldest_as_a_gap() -> None:
    stand = Stand()
    stand.commit(*(2 * n for n in range(RESERVE + 3)))
    kept = stand.headers()
    assert len(kept) == RESERVE
    assert round((kept[0].start_wall_ns - at(0).wall_ns) / 1e9) == 6


@pytest.mark.row("R3")
def test_what_is_due_is_erased_before_anything_else_is_written() -> None:
    stand = Stand()
    writer = open_writer(RamMedium(0, stand.medium.image))
    append(writer, 0)
    stand.medium = writer._medium  # type: ignore[assignment]
    stand.clock = StoryClock(at(15 * DAY_S))
    stand.again(GapCause.RESTART)
    stand.commit()
    assert [erasure.epoch for erasure in stand.erasures] == [0]
    assert all(erasure.verified for erasure in stand.erasures)
    assert stand.headers() == []
