"""Which frames of what moves become pieces of the day's digest; deterministic, bounded, fair, never private."""

from __future__ import annotations

from itertools import pairwise

import pytest
from rulestand import Street, Way, waiting, walking

from edgecam.analysis.digest import LONGEST_S, MOST_FRAMES, Digest, Movement
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event, EventKind
from edgecam.core.smallframes import SmallFrame

PLENTY = 86_400.0


def collected(
    ways: dict[str, Way],
    seconds: float,
    *,
    digest: Digest | None = None,
    events: dict[float, Event] | None = None,
    private: tuple[float, float] = (1e9, 1e9),
    masks_change_s: float = 1e9,
    start_s: float = 0,
) -> list[Movement]:
    """Every movement of a street on which objects go their ways."""
    digest, waiting_events = digest or Digest(PLENTY), dict(events or {})
    found: list[Movement] = []
    for number, look in enumerate(Street(ways).looks(seconds, start_s)):
        due = [waiting_events.pop(at_s) for at_s in sorted(waiting_events) if at_s <= look.now_s]
        frame = SmallFrame(
            look.picture,
            round(look.now_s * NS_PER_S),
            look.wall_ns,
            number,
            private[0] <= look.now_s < private[1],
            mask_hash=(b"b" if look.now_s >= masks_change_s else b"a") * 32,
        )
        found += digest.observe(frame, due, look.tracks)
        assert len(digest._open.frames if digest._open else []) <= MOST_FRAMES  # what is held is bounded
    return found


def span_s(movement: Movement) -> tuple[float, float]:
    return movement.from_mono_ns / NS_PER_S, movement.to_mono_ns / NS_PER_S


@pytest.mark.row("A6")
def test_somebody_who_passes_is_one_piece_of_evenly_spread_frames() -> None:
    (movement,) = collected({"one": walking((50, 300), (600, 300), 2, 12)}, 20)
    from_s, to_s = span_s(movement)
    assert 2 <= from_s <= 2.4
    assert 11 <= to_s <= 14.5
    assert MOST_FRAMES // 2 <= len(movement.pictures) <= MOST_FRAMES
    assert movement.kinds == (EventKind.PERSON,)
    assert movement.mask_hash == b"a" * 32


@pytest.mark.row("A6")
def test_the_same_looks_give_the_same_pieces() -> None:
    ways = {"one": walking((50, 300), (600, 300), 2, 12), "two": walking((50, 200), (600, 200), 20, 24)}
    told = [
        [(span_s(one), len(one.pictures), one.kinds, [p.buffer.tobytes() for p in one.pictures]) for one in run]
        for run in (collected(ways, 40), collected(ways, 40))
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 2


@pytest.mark.row("A6")
def test_who_stands_still_and_an_empty_street_are_no_movement() -> None:
    digest = Digest(PLENTY)
    assert collected({}, 30, digest=digest) == []
    assert digest.oldest_mono_ns is None
    came = collected({"one": waiting(300, 300, 2, 60)}, 60)
    assert all(to_s - from_s < 5 for from_s, to_s in map(span_s, came))


@pytest.mark.row("A6")
def test_a_long_movement_is_cut_into_minutes() -> None:
    found = collected({"one": walking((20, 300), (620, 300), 1, 150)}, 160)
    assert len(found) == 3
    assert all(to_s - from_s <= LONGEST_S for from_s, to_s in map(span_s, found))
    assert all(later.from_mono_ns > earlier.to_mono_ns for earlier, later in pairwise(found))


@pytest.mark.row("M2")
def test_private_frames_end_a_movement_and_are_never_in_one() -> None:
    found = collected({"one": walking((50, 300), (600, 300), 2, 22)}, 30, private=(8, 14))
    assert len(found) == 2
    for from_s, to_s in map(span_s, found):
        assert to_s < 8 or from_s >= 14


@pytest.mark.row("M2")
def test_no_piece_holds_frames_of_two_mask_sets() -> None:
    first, second = collected({"one": walking((50, 300), (600, 300), 2, 22)}, 30, masks_change_s=10)
    assert span_s(first)[1] < 10 <= span_s(second)[0]
    assert (first.mask_hash, second.mask_hash) == (b"a" * 32, b"b" * 32)


def crossing(at_s: float) -> Event:
    return Event("e1", 0, EventKind.LINE_CROSSING, 1, 1, 2, 0.9, "crossed", zone="gate", direction="in")


@pytest.mark.row("A6")
def test_what_was_said_of_it_stands_beside_it_what_was_asked_for_first() -> None:
    (movement,) = collected({"one": walking((50, 300), (600, 300), 2, 12)}, 20, events={6.0: crossing(6)})
    assert movement.kinds == (EventKind.LINE_CROSSING, EventKind.PERSON)
    assert (movement.zones, movement.events) == (("gate",), ("e1",))
    assert not movement.is_plain


@pytest.mark.row("A6")
def test_a_busy_street_is_thinned_and_what_somebody_asked_for_is_kept() -> None:
    ways = {str(n): walking((50, 200 + n % 100), (600, 300), 12 * n + 1, 12 * n + 5) for n in range(80)}
    digest = Digest(240)
    plain = collected(ways, 960, digest=digest)
    assert 4 <= len(plain) <= 12
    assert digest.passed_over == 80 - len(plain)
    (kept,) = collected(
        {"one": walking((50, 300), (600, 300), 1002, 1008)},
        20,
        digest=digest,
        start_s=1000,
        events={1004.0: crossing(1004)},
    )
    assert kept.kinds[0] == EventKind.LINE_CROSSING


def test_when_the_scene_begins_anew_what_went_on_is_kept() -> None:
    digest = Digest(PLENTY)
    assert collected({"one": walking((50, 300), (600, 300), 2, 12)}, 8, digest=digest) == []
    (movement,) = digest.forget(8)
    assert span_s(movement)[1] < 8
    assert digest.oldest_mono_ns is None
    assert digest.observe(None, [], []) == []
