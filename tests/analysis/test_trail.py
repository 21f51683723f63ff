from __future__ import annotations

import pytest

from edgecam.analysis.box import Box
from edgecam.analysis.trail import Trail

pytestmark = pytest.mark.row("A3")
PLACE = Box(300, 280, 330, 310)


def body(x: float) -> Box:
    """A body of 40 by 100 pixels with its left side at ``x``, its feet beside the place."""
    return Box(x, 210, x + 40, 310)


def followed(*samples: tuple[float, list[Box]]) -> bool:
    trail = Trail(PLACE)
    for at_s, boxes in samples:
        trail.follow(at_s, boxes)
    return trail.away


def test_who_walks_away_was_somebody() -> None:
    assert followed(*((0.4 * n, [body(290 + 50 * n)]) for n in range(6)))


def test_the_way_there_counts_as_the_way_back() -> None:
    assert followed(*((10 - 0.4 * n, [body(290 - 50 * n)]) for n in range(6)))


def test_what_flaps_in_its_place_is_nobody() -> None:
    assert not followed(*((0.4 * n, [body(290 + 40 * (n % 3))]) for n in range(60)))


def test_what_changes_at_once_here_and_there_is_nobody() -> None:
    """Drops on the lens: each where it is, in one moment."""
    drops = [Box(x, 100, x + 40, 140) for x in (20, 200, 420, 560)]
    assert not followed((0.0, [PLACE, *drops]), (2.6, [drops[0]]), (5.2, [PLACE, drops[2]]), (7.8, [drops[3]]))


def test_something_of_another_size_elsewhere_is_somebody_else() -> None:
    far = [Box(360 + 60 * n, 280, 368 + 60 * n, 300) for n in range(6)]
    assert not followed(*((0.4 * n, [body(290), far[n]]) for n in range(6)))


def test_after_the_end_nothing_is_followed() -> None:
    trail = Trail(PLACE)
    trail.end()
    for n in range(6):
        trail.follow(0.4 * n, [body(290 + 50 * n)])
    assert not trail.away
