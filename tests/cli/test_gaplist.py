"""Each interruption is listed with its length and cause; the beginning is none, and one that lasts says so."""

from __future__ import annotations

import pytest

from edgecam.cli.gaplist import Interruption, interruptions, lasting
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.status import Fault, RecorderStatus
from edgecam.ringbuffer.stretches import Stretch


def stretch(begin_s: int, end_s: int, first: int, last: int, gap_s: float = 0, cause: str = "") -> Stretch:
    begin_ns, end_ns, gap_ns = begin_s * NS_PER_S, end_s * NS_PER_S, round(gap_s * NS_PER_S)
    return Stretch(begin_ns, end_ns, 1000, first, last, False, TimeTrust.SYNCED, gap_ns, cause)


def now(second: int, trust: TimeTrust = TimeTrust.SYNCED) -> Instant:
    return Instant(second * NS_PER_S, 1, bytes(16), trust)


BEGINNING = stretch(100, 200, 0, 99, cause="first_start")


@pytest.mark.row("C4")
def test_every_gap_is_listed_once_and_the_beginning_is_none() -> None:
    listed = interruptions(
        [
            BEGINNING,
            stretch(230, 300, 100, 160, 30, "restart"),
            # Only privacy changed.
            stretch(300, 350, 161, 200),
            stretch(900, 950, 201, 240, 0, "power"),
            stretch(960, 970, 251, 260),
        ]
    )
    assert listed == [
        Interruption(200 * NS_PER_S, 230 * NS_PER_S, 30 * NS_PER_S, "restart"),
        Interruption(900 * NS_PER_S, 900 * NS_PER_S, None, "power"),
        Interruption(950 * NS_PER_S, 960 * NS_PER_S, 10 * NS_PER_S, "damaged"),
    ]
    assert interruptions([]) == interruptions([BEGINNING]) == []


@pytest.mark.row("C4")
def test_a_gap_whose_earlier_side_was_erased_is_still_one() -> None:
    assert [gap.cause for gap in interruptions([stretch(230, 300, 100, 160, 30, "source_lost")])] == ["source_lost"]


@pytest.mark.row("C4")
@pytest.mark.parametrize(
    ("said", "planned", "cause"),
    [
        (None, False, "not_recording"),
        (None, True, "planned_stop"),
        (RecorderStatus(), False, "not_recording"),
        (RecorderStatus(resting=True), False, "timetable"),
        (RecorderStatus(faults=[Fault("clock", "."), Fault("medium", ".")]), False, "medium"),
    ],
)
def test_a_gap_that_still_lasts_says_why(said: RecorderStatus | None, planned: bool, cause: str) -> None:
    found = lasting([BEGINNING], said, now(260), planned=planned)
    assert found == Interruption(200 * NS_PER_S, 260 * NS_PER_S, 60 * NS_PER_S, cause, lasts=True)


@pytest.mark.row("C4")
def test_nothing_lasts_while_it_records_or_right_after_the_last_segment() -> None:
    assert lasting([BEGINNING], RecorderStatus(recording=True), now(260), planned=False) is None
    assert lasting([BEGINNING], RecorderStatus(), now(205), planned=False) is None
    assert lasting([], None, now(205), planned=False) is None


@pytest.mark.parametrize("moment", [now(260, TimeTrust.UNSET), now(150)])
def test_a_clock_that_cannot_know_tells_no_length(moment: Instant) -> None:
    found = lasting([BEGINNING], None, moment, planned=False)
    assert found is not None
    assert found.length_ns is None
