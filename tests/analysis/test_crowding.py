"""Many at once: one event while they are too many."""

from __future__ import annotations

import pytest
from rulestand import Street, begin_s, events, hidden, judged, until_s, waiting

from edgecam.core.events import EventKind

SQUARE = """
[[zone]]
name = "square"
polygon = [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]
[[rule]]
kind = "crowding"
zone = "square"
count = 3
"""


def _people(count: int, from_s: float = 2, to_s: float = 20) -> dict[str, object]:
    return {f"{n}": waiting(60 + 90 * n, 250, from_s, to_s) for n in range(count)}


@pytest.mark.row("A3")
def test_three_at_once_for_three_seconds_are_a_crowd() -> None:
    (event,) = events(judged(SQUARE, Street(_people(4)), 30))  # type: ignore[arg-type]
    assert (event.kind, event.zone) == (EventKind.CROWDING, "square")
    assert begin_s(event) == pytest.approx(5.4, abs=0.6)
    assert 19.5 <= until_s(event) <= 25
    assert event.reason == "4 people were in zone square at once at most"


@pytest.mark.row("A5")
@pytest.mark.parametrize("ways", [_people(2), _people(3, 2, 3.5)])
def test_fewer_or_shorter_is_none(ways: dict[str, object]) -> None:
    toml = SQUARE + "dwell_s = 8"
    assert events(judged(toml, Street(ways), 30)) == []  # type: ignore[arg-type]


@pytest.mark.row("A5")
def test_somebody_hidden_for_a_moment_does_not_make_it_two() -> None:
    ways = {**_people(3), "0": hidden(waiting(60, 250, 2, 20), 10, 11.5)}
    assert len(events(judged(SQUARE, Street(ways), 30))) == 1  # type: ignore[arg-type]
