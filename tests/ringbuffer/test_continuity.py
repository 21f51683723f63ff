"""A day with every kind of trouble in random order: each gap is listed once, with its cause and true length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from daystand import DAY_NS, TROUBLES, Day, Expected, RamMediumOver

from edgecam.cli.gaplist import interruptions
from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches

_LEAST_CALM_S, _MOST_CALM_S = 300, 1200


@dataclass(frozen=True, slots=True)
class Hole:
    """Time of the story that no committed segment covers."""

    begin_ns: int
    length_ns: int


def run_day(seed: int, fragment_s: float) -> Day:
    """A day in which every trouble comes at least once, and then any, as long as there is time."""
    day = Day(seed, fragment_s)
    coming = list(TROUBLES)
    day.chance.shuffle(coming)
    while day.clock.true_ns < DAY_NS:
        day.calm(day.chance.uniform(_LEAST_CALM_S, _MOST_CALM_S))
        (coming.pop() if coming else day.chance.choice(TROUBLES))(day)
    assert not coming
    day.calm(_LEAST_CALM_S)
    day.end()
    return day


def holes(day: Day, headers: Sequence[SegmentHeader]) -> list[Hole]:
    """What is missing between ``headers``, in the story's own time, whatever any clock said."""
    spans = [
        (begin := day.true_ns_of(header.boot_id, header.start_mono_ns), begin + header.duration_ns)
        for header in headers
    ]
    return [
        Hole(earlier[1], later[0] - earlier[1]) for earlier, later in pairwise(spans) if later[0] - earlier[1] > 1
    ]


def _in_one(gaps: Sequence[Expected]) -> list[Expected]:
    """``gaps`` with neighbours by overload, which comes in pieces, as one."""
    found: list[Expected] = []
    for gap in gaps:
        if gap.cause is not GapCause.OVERLOAD:
            found.append(gap)
        elif not found or found[-1].cause is not GapCause.OVERLOAD:
            found.append(Expected(GapCause.OVERLOAD, None))
    return found


def check_day(day: Day) -> None:
    medium = RamMediumOver(day.image)
    reader = RingReader(medium)
    headers = [stored.header for stored in reader.segments()]
    missing = holes(day, headers)
    listed = interruptions(Stretches(reader).between())

    # The listing tells of every hole, in order, once, as long as it is, and of nothing else.
    assert [gap.cause for gap in listed] == [
        header.gap_cause.name.lower() for header in headers[1:] if header.gap_cause
    ]
    assert len(listed) == len(missing)
    for gap, hole in zip(listed, missing, strict=True):
        assert gap.length_ns is not None
        assert gap.length_ns == pytest.approx(hole.length_ns, abs=NS_PER_S), gap

    # Every trouble that may cost footage left its hole, and no other trouble did.
    found = _in_one([Expected(GapCause[gap.cause.upper()], gap.length_ns) for gap in listed])
    expected = _in_one(day.expected)
    assert [one.cause for one in found] == [one.cause for one in expected]
    for one, due in zip(found, expected, strict=True):
        if one.length_ns is not None and due.length_ns is not None:
            assert abs(one.length_ns - due.length_ns) <= day.fragment_ns + NS_PER_S, (one, due)

    # The register was told of each, by the clocks as they were when it ended.
    assert [gap.cause.name.lower() for gap in day.registered] == [gap.cause for gap in listed]
    assert [gap.sequence for gap in day.registered] == [
        header.sequence for header in headers[1:] if header.gap_cause
    ]
    assert check_ring(medium) == []


@pytest.mark.row("C4")
def test_a_day_of_trouble_is_told_gap_by_gap() -> None:
    check_day(run_day(seed=1, fragment_s=8))


@pytest.mark.long
@pytest.mark.row("C4")
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_days_of_trouble_are_told_gap_by_gap(seed: int) -> None:
    check_day(run_day(seed, fragment_s=(1, 2, 4, 8)[seed % 4]))
