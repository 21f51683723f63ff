"""Segments keep their distance in a copy, whatever the clocks did; accounts tell what lies between."""

from __future__ import annotations

from itertools import pairwise

import pytest
from custodystand import BOOT_A, BOOT_B
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.custody.evidence.account import Accounting, gap_between, wall_time
from edgecam.custody.evidence.boxes import FragmentFacts
from edgecam.custody.evidence.presentation import Presentation
from edgecam.ringbuffer.format import GapCause, SegmentHeader

_TIMESCALE = 90_000
_YEAR_NS = 365 * 86_400 * NS_PER_S


def _header(
    sequence: int,
    mono_s: float,
    wall_s: float,
    *,
    boot_id: bytes = BOOT_A,
    cause: GapCause = GapCause.NONE,
    gap_ns: int = 0,
    private: bool = False,
) -> SegmentHeader:
    return SegmentHeader(
        epoch=0,
        index=0,
        sequence=sequence,
        start_wall_ns=round(wall_s * NS_PER_S),
        start_mono_ns=round(mono_s * NS_PER_S),
        boot_id=boot_id,
        trust=TimeTrust.SYNCED,
        duration_ns=2 * NS_PER_S,
        frame_count=30,
        payload_size=1000,
        gap_ns=gap_ns,
        gap_cause=cause,
        mask_hash=bytes(32),
        private=private,
        previous_hash=bytes(32),
        content_hash=bytes(32),
    )


def _facts(decode_time_s: float, duration_s: float = 2.0) -> FragmentFacts:
    return FragmentFacts(16, 1, 60, round(decode_time_s * _TIMESCALE), round(duration_s * _TIMESCALE), 30)


def _places(*segments: tuple[SegmentHeader, FragmentFacts]) -> list[float]:
    presentation = Presentation(_TIMESCALE)
    return [presentation.place(header, facts) / _TIMESCALE for header, facts in segments]


def test_a_run_that_began_long_ago_starts_at_0() -> None:
    assert _places((_header(7, 900, 0), _facts(800)), (_header(8, 902, 2), _facts(802))) == [0, 2]


def test_inside_a_run_the_guessed_length_of_a_last_frame_moves_nothing() -> None:
    assert _places((_header(0, 10, 0), _facts(0, 2.06)), (_header(1, 12, 2), _facts(2))) == [0, 2]


@pytest.mark.parametrize("wall_step_s", [0, -5, 3600, 10 * 365 * 86_400])
def test_in_one_boot_a_stepped_wall_clock_moves_nothing(wall_step_s: float) -> None:
    first, second = _header(0, 10, 1e6), _header(1, 15, 1e6 + 5 + wall_step_s, cause=GapCause.RESTART)

    assert _places((first, _facts(30)), (second, _facts(0))) == [0, 5]


def test_over_a_boot_the_wall_clock_counts() -> None:
    second = _header(1, 3, 6, boot_id=BOOT_B)

    assert _places((_header(0, 500, 0), _facts(0)), (second, _facts(0))) == [0, 6]


def test_a_wall_clock_that_went_back_never_overlaps() -> None:
    second = _header(1, 3, -1000, boot_id=BOOT_B)

    assert _places((_header(0, 500, 0), _facts(0)), (second, _facts(0))) == [0, 2]


def test_five_seconds_are_shown_and_more_are_shortened() -> None:
    first, kept, cut = _header(0, 10, 10), _header(1, 17, 17), _header(2, 24.01, 24.01)

    assert _places((first, _facts(0)), (kept, _facts(0)), (cut, _facts(0))) == [0, 7, 10]


def test_a_silence_inside_a_run_is_shortened_too() -> None:
    after = _header(2, 64, 64)

    places = _places((_header(0, 10, 10), _facts(0)), (_header(1, 62, 62), _facts(52)), (after, _facts(54)))

    assert places == [0, 3, 5]


@given(
    st.lists(
        st.tuples(
            st.integers(-_YEAR_NS, _YEAR_NS),
            st.integers(0, _YEAR_NS),
            st.booleans(),
            st.integers(0, 1 << 60),
            st.integers(1, 1 << 32),
        ),
        min_size=2,
        max_size=8,
    )
)
def test_places_only_ever_grow(segments: list[tuple[int, int, bool, int, int]]) -> None:
    presentation = Presentation(_TIMESCALE)
    places = []
    for number, (wall_ns, mono_ns, other, decode_time, duration) in enumerate(segments):
        boot_id = BOOT_B if other else BOOT_A
        header = _header(number, mono_ns / NS_PER_S, wall_ns / NS_PER_S, boot_id=boot_id)
        places.append(presentation.place(header, FragmentFacts(0, 0, 0, decode_time, duration, 1)))

    assert places[0] == 0
    assert all(a < b for a, b in pairwise(places))


def test_segments_that_adjoin_have_no_gap() -> None:
    assert gap_between(_header(0, 10, 10), _header(1, 12, 12)) is None


def test_a_gap_the_ring_knows_keeps_its_cause_and_length() -> None:
    gap = gap_between(_header(0, 10, 10), _header(1, 12.4, 12.4, cause=GapCause.OVERLOAD, gap_ns=400_000_000))

    assert gap is not None
    assert (gap.from_wall_ns, gap.duration_ns, gap.cause) == (12 * NS_PER_S, 400_000_000, "overload")
    assert not gap.shortened


def test_missing_segments_and_unexplained_holes_are_told() -> None:
    missing = gap_between(_header(0, 10, 10), _header(4, 18, 18))
    unexplained = gap_between(_header(0, 10, 10), _header(1, 30, 30))

    assert missing is not None
    assert (missing.cause, missing.missing_segments, missing.duration_ns) == ("missing", 3, 6 * NS_PER_S)
    assert unexplained is not None
    assert (unexplained.cause, unexplained.shortened, unexplained.duration_ns) == ("unknown", True, 18 * NS_PER_S)


def test_private_footage_that_adjoins_is_one_period() -> None:
    accounting = Accounting()
    for number, private in enumerate([False, True, True, False, True]):
        accounting.take(_header(number, 10 + 2 * number, 10 + 2 * number, private=private))

    account = accounting.account()

    assert [(p.from_wall_ns // NS_PER_S, p.to_wall_ns // NS_PER_S) for p in account.private] == [(12, 16), (18, 20)]
    assert (account.segments, account.frames, account.duration_ns) == (5, 150, 10 * NS_PER_S)
    assert account.untrusted == ()


def test_moments_are_told_to_the_millisecond() -> None:
    assert wall_time(1_772_352_000_123_999_999) == "2026-03-01 08:00:00.123 UTC"
    assert wall_time(-1) == "1969-12-31 23:59:59.999 UTC"
