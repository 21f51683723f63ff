from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.cells import CELLS, cell_of
from edgecam.analysis.civilhour import CivilHour
from edgecam.analysis.daybook import Daybook
from edgecam.analysis.habits import BINS, KINDS, PARTS, SLOTS, Aspect, Habits, Mark

MONDAY = 739_677
HERE = cell_of(0.5, 0.5)


class _Place:
    """So many days on which hours 8 to 18 were watched, and what was seen then."""

    def __init__(self, days: int) -> None:
        self.book = Daybook(SLOTS)
        self.habits = Habits(self.book)
        self.last = MONDAY + days - 1
        for day in range(days):
            for hour in range(8, 19):
                for _ in range(2):
                    self.book.watch(CivilHour(MONDAY + day, hour), 1000.0)

    def seen(self, mark: Mark, on_days: int) -> None:
        self.book.note(mark.slot, (1 << on_days) - 1)
        self.habits.turned()

    def rate(self, mark: Mark) -> float:
        return self.habits.rate(mark, CivilHour(self.last, mark.when))


def _presence(hour: int = 12, cell: int = HERE) -> Mark:
    return Mark(Aspect.PRESENCE, 0, hour, 0, cell)


@given(
    st.sampled_from(list(Aspect)),
    st.integers(0, len(KINDS) - 1),
    st.integers(0, 23),
    st.integers(0, BINS - 1),
    st.integers(0, CELLS - 1),
)
def test_every_mark_has_a_slot_of_its_own(aspect: Aspect, kind: int, when: int, value: int, cell: int) -> None:
    if aspect == Aspect.PRESENCE:
        mark = Mark(aspect, kind, when, 0, cell)
    else:
        mark = Mark(aspect, kind, when % len(PARTS), value, cell)
    assert 0 <= mark.slot < SLOTS
    assert Mark.of_slot(mark.slot) == mark


@pytest.mark.row("A4")
def test_the_more_days_without_it_the_rarer_it_is() -> None:
    rates = []
    for days in (2, 7, 14, 60):
        place = _Place(days)
        place.seen(_presence(cell=cell_of(0.1, 0.9)), days)
        rates.append(place.rate(_presence()))
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.005


@pytest.mark.row("A4")
def test_what_is_seen_every_day_is_expected_every_day() -> None:
    place = _Place(30)
    place.seen(_presence(), 30)
    assert place.rate(_presence()) > 0.7
    usual = place.habits.usualness(_presence())
    assert (usual.seen_days, usual.of_days) == (30, 30)


@pytest.mark.row("A4")
def test_neighbours_in_place_and_hour_lend_what_they_know() -> None:
    place = _Place(14)
    place.seen(_presence(), 14)
    beside, far = _presence(13, HERE + 1), _presence(17, cell_of(0.05, 0.05))
    assert place.rate(beside) > 5 * place.rate(far)
    assert place.habits.usualness(beside).seen_days == 14
    assert place.habits.usualness(far).seen_days == 0


@pytest.mark.row("A4")
def test_the_hour_of_the_week_tells_in_the_end() -> None:
    """Seen on all days but Mondays, for nine weeks: on a Monday it is less likely than on other days."""
    place = _Place(63)
    mondays = place.book.pages_on(0)
    place.book.note(_presence().slot, ((1 << 63) - 1) & ~mondays)
    monday, tuesday = CivilHour(MONDAY + 63, 12), CivilHour(MONDAY + 64, 12)
    assert place.habits.rate(_presence(), monday) < 0.5 * place.habits.rate(_presence(), tuesday)


@pytest.mark.row("A4")
def test_newer_days_count_more() -> None:
    old, new = _Place(60), _Place(60)
    old.book.note(_presence().slot, ((1 << 10) - 1) << 50)
    new.book.note(_presence().slot, (1 << 10) - 1)
    assert new.rate(_presence()) > 1.5 * old.rate(_presence())


@pytest.mark.row("A4")
def test_a_direction_is_usual_with_its_neighbours_and_only_in_its_cell() -> None:
    place = _Place(20)
    place.seen(Mark(Aspect.DIRECTION, 1, 1, 0, HERE), 20)
    seen = [place.habits.usualness(Mark(Aspect.DIRECTION, 1, 1, turn, HERE)).seen_days for turn in range(BINS)]
    assert seen == [20, 20, 0, 0, 0, 0, 0, 20]
    assert place.habits.usualness(Mark(Aspect.DIRECTION, 1, 1, 0, HERE + 1)).of_days == 0
    assert place.rate(Mark(Aspect.DIRECTION, 1, 1, 4, HERE)) < 0.05


@pytest.mark.row("A4")
def test_a_stay_is_as_usual_as_all_that_are_nearly_as_long() -> None:
    place = _Place(20)
    place.seen(_presence(), 20)
    place.seen(Mark(Aspect.STAY, 0, 2, 3, HERE), 20)
    afternoon = [place.habits.usualness(Mark(Aspect.STAY, 0, 2, value, HERE)).seen_days for value in range(BINS)]
    assert afternoon == [20, 20, 20, 20, 20, 0, 0, 0]
    assert place.habits.usual_stay(Mark(Aspect.STAY, 0, 2, 7, HERE)) == 3
    assert place.habits.usual_stay(Mark(Aspect.STAY, 1, 2, 7, HERE)) == -1
