"""Which moments of an event are kept as pictures: one at once, a better one if there is, never a private one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rulestand import SIZE, Street, Way, walking

from edgecam.analysis.appearances import Appearances
from edgecam.analysis.ledger import Ledger
from edgecam.analysis.thumbnails import BETTER_WITHIN_S, Shot, Thumbnails
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event, EventKind
from edgecam.core.smallframes import SmallFrame

MASKS = b"m" * 32


def taken(
    ways: dict[str, Way], seconds: float, *, private_from_s: float = 1e9, thumbnails: Thumbnails | None = None
) -> list[Shot]:
    """Every picture that is kept of a street on which objects go their ways."""
    thumbnails = thumbnails or Thumbnails()
    judge, names = Appearances(), iter(range(10_000))
    ledger = Ledger(SIZE, frozenset(EventKind), lambda: str(next(names)))
    shots: list[Shot] = []
    for number, look in enumerate(Street(ways).looks(seconds)):
        private = look.now_s >= private_from_s
        events = ledger.take(judge.observe(look))
        frame = SmallFrame(
            look.picture, round(look.now_s * NS_PER_S), look.wall_ns, number, private, mask_hash=MASKS
        )
        shots += thumbnails.observe(frame, events, look.tracks)
    return shots


@pytest.mark.row("A6")
def test_who_comes_nearer_has_a_picture_at_once_and_a_better_one_at_the_end() -> None:
    far, near = walking((300, 120), (310, 170), 1, 4, 60), walking((310, 170), (330, 300), 4, 8, 180)
    first, better = taken({"one": lambda at_s: far(at_s) or near(at_s)}, 14)
    assert (first.better, better.better) == (False, True)
    assert first.event.event_id == better.event.event_id
    assert first.captured_mono_ns < 2 * NS_PER_S < 4 * NS_PER_S <= better.captured_mono_ns
    assert first.box is not None
    assert better.box is not None
    assert better.box[3] - better.box[1] > 1.5 * (first.box[3] - first.box[1])
    assert better.mask_hash == MASKS


@pytest.mark.row("A6")
def test_who_goes_away_has_one_picture() -> None:
    (only,) = taken({"one": walking((200, 300), (400, 300), 1, 6)}, 12)
    assert not only.better


@pytest.mark.row("A6")
def test_of_a_long_event_the_better_picture_comes_after_a_minute() -> None:
    long = walking((300, 150), (320, 330), 1, 200, 60)
    nearer = walking((300, 200), (320, 330), 20, 200, 200)
    shots = taken({"one": lambda at_s: nearer(at_s) or long(at_s)}, 100)
    assert [shot.better for shot in shots] == [False, True]
    assert shots[1].captured_mono_ns <= (3 + BETTER_WITHIN_S) * NS_PER_S


@pytest.mark.row("M2")
def test_while_all_is_private_nothing_is_taken() -> None:
    assert taken({"one": walking((200, 300), (400, 300), 1, 6)}, 12, private_from_s=0) == []
    far, near = walking((300, 120), (310, 170), 1, 4, 60), walking((310, 170), (330, 300), 4, 8, 180)
    (first,) = taken({"one": lambda at_s: far(at_s) or near(at_s)}, 14, private_from_s=4)
    assert first.captured_mono_ns < 4 * NS_PER_S


@pytest.mark.row("A6")
def test_a_crowd_is_bounded_and_keeps_nothing_older_than_a_minute() -> None:
    ways = {
        str(n): walking(
            (20 * (n % 30), 60 + 5 * (n % 40)), (20 * (n % 30) + 9, 300), n * 0.1, n * 0.1 + 90, 40 + n % 60
        )
        for n in range(40)
    }
    thumbnails, judge = Thumbnails(), Appearances()
    names = iter(range(10_000))
    ledger = Ledger(SIZE, frozenset(EventKind), lambda: str(next(names)))
    for number, look in enumerate(Street(ways).looks(100)):
        frame = SmallFrame(look.picture, round(look.now_s * NS_PER_S), look.wall_ns, number, False)
        shots = thumbnails.observe(frame, ledger.take(judge.observe(look)), look.tracks)
        oldest = thumbnails.oldest_mono_ns
        assert oldest is None or frame.captured_mono_ns - oldest <= (BETTER_WITHIN_S + 1) * NS_PER_S
        assert sum(not shot.better for shot in shots) <= 4
    assert thumbnails.forget() or thumbnails.oldest_mono_ns is None
    assert thumbnails.oldest_mono_ns is None


def test_what_has_no_place_is_shown_whole() -> None:
    look = next(Street({}).looks(1))
    frame = SmallFrame(look.picture, NS_PER_S, look.wall_ns, 1, False)
    event = Event("e", 0, EventKind.MOVED, look.wall_ns, None, 2, 0.9, "moved")
    (shot,) = Thumbnails().observe(frame, [event], [])
    assert (shot.part, shot.box, shot.picture.width) == ((0, 0, 1, 1), None, 320)
    assert Thumbnails().observe(None, [event], []) == []
    assert Thumbnails().observe(frame, [replace(event, revision=1, end_wall_ns=look.wall_ns)], []) == []
