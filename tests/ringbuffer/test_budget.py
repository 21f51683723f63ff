"""Whatever comes: no epoch is overwritten before its floor, and the sustained rate is always allowed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ringstand import RamMedium, append, at, make_ring, open_writer

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.budget import SHARE, Budget, Claim, Claims
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention

pytestmark = pytest.mark.row("R2")

DATA_SIZE = 1 << 30
FLOOR_NS = 3 * NS_PER_DAY // 2
TICK_S = 200
BUFFER_S, DELAY_S = 2, 20
FLOOR_TICKS = FLOOR_NS // NS_PER_S // TICK_S
BUSIEST = 20.0


@dataclass
class Epoch:
    position: int
    end_s: int


@dataclass
class Ring:
    """A ring and a worst-case encoder: it uses up every buffer, and hears of a lower cap late."""

    budget: Budget
    record: int
    now_s: int = 0
    head: int = 0
    live: list[Epoch] = field(default_factory=list)
    bucket: float = 0.0
    cap: float = 0.0
    lowest_cap: float = float("inf")

    def claims(self) -> Claims:
        floor_s = self.budget.floor_ns // NS_PER_S
        below = [(epoch, floor_s - (self.now_s - epoch.end_s)) for epoch in self.live]
        claims = [Claim(epoch.position, left * NS_PER_S) for epoch, left in below if left > 0]
        return Claims(self.head, self.budget.data_size, 1 << 20, claims)

    def tick(self, demand: float) -> None:
        """A while in which the scene asks for ``demand`` bytes a second."""
        late, self.cap = self.cap, self.budget.allowed(self.claims())
        self.lowest_cap = min(self.lowest_cap, self.cap)
        may = max(late, self.cap) * DELAY_S + self.cap * (TICK_S - DELAY_S)
        written = min(demand * TICK_S, may + self.bucket)
        self.bucket = max(0.0, min(BUFFER_S * self.cap, self.bucket + may - written))
        self.now_s += TICK_S
        self.write(round(written))

    def write(self, size: int) -> None:
        lap_before = self.head // self.budget.data_size
        self.head += size
        if self.head // self.budget.data_size != lap_before:
            self.head += self.record  # the rest of the lap was too small for the next record
        self.live[-1].end_s = self.now_s
        while self.live[0].position + self.budget.data_size < self.head:
            lost = self.live.pop(0)
            assert (self.now_s - lost.end_s) * NS_PER_S >= self.budget.floor_ns

    def turn(self) -> None:
        self.live.append(Epoch(self.head, self.now_s))


def story(busy: list[tuple[int, float]], epoch_ticks: list[int], off: list[tuple[int, int]]) -> Ring:
    """Two floors of ``busy`` (ticks, demand in sustained rates), with restarts (tick, ticks that it is off)."""
    plan = Budget(DATA_SIZE, FLOOR_NS, 0)
    highest = BUSIEST * plan.sustained
    budget = Budget(DATA_SIZE, FLOOR_NS, highest)
    ring = Ring(budget, record=round(4 * highest))
    ring.turn()
    demands = [demand for ticks, demand in busy for _ in range(ticks)]
    restarts = dict(off)
    in_epoch, turned = 0, 0
    for tick in range(2 * FLOOR_TICKS):
        large = ring.head - ring.live[-1].position > DATA_SIZE / 18
        if in_epoch >= epoch_ticks[turned % len(epoch_ticks)] or large:
            ring.turn()
            in_epoch, turned = 0, turned + 1
        if ticks_off := restarts.get(tick):
            ring.now_s += TICK_S * ticks_off
            ring.bucket = BUFFER_S * ring.cap
            ring.turn()
            in_epoch = 0
        ring.tick(demands[tick % len(demands)] * budget.sustained)
        in_epoch += 1
    return ring


@settings(max_examples=10)
@given(
    st.lists(st.tuples(st.integers(1, 450), st.floats(0, BUSIEST)), min_size=1, max_size=8),
    st.lists(st.integers(1, 5), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(1, 200)), max_size=4),
)
@example([(1, BUSIEST)], [3], [])  # busy for ever
@example([(FLOOR_TICKS, 0.0), (FLOOR_TICKS, BUSIEST)], [3], [])  # a quiet floor, then as busy as can be
@example([(216, 0.2), (216, BUSIEST)], [1, 3, 5], [(700, 30)])  # nights and days
def test_no_epoch_misses_its_floor_and_the_sustained_rate_is_always_allowed(
    busy: list[tuple[int, float]], epoch_ticks: list[int], off: list[tuple[int, int]]
) -> None:
    ring = story(busy, epoch_ticks, off)
    assert ring.lowest_cap >= 0.97 * ring.budget.sustained


def test_quiet_nights_pay_for_busy_days() -> None:
    half_a_day = 43_200 // TICK_S
    ring = story([(half_a_day, 0.2), (half_a_day, BUSIEST)], [3], [])
    assert 2 * FLOOR_TICKS % (2 * half_a_day) == 0
    heads = []
    for demand in (0.2, BUSIEST):
        for tick in range(half_a_day):
            if tick % 3 == 0:
                ring.turn()
            ring.tick(demand * ring.budget.sustained)
        heads.append(ring.head)
    by_day = (heads[1] - heads[0]) / 43_200
    assert by_day > 1.3 * ring.budget.sustained


def test_the_same_story_breaks_the_floor_without_the_law() -> None:
    """The simulation can fail."""

    class Deaf(Budget):
        def allowed(self, claims: Claims) -> float:
            return 1.5 * self.most

    ring = Ring(Deaf(DATA_SIZE, FLOOR_NS, 0), record=0)

    def filled() -> None:
        for tick in range(2 * FLOOR_TICKS):
            if tick % 3 == 0:
                ring.turn()
            ring.tick(BUSIEST * ring.budget.sustained)

    with pytest.raises(AssertionError):
        filled()


def test_a_young_ring_may_run_ahead_of_the_sustained_rate() -> None:
    budget = Budget(DATA_SIZE, 14 * NS_PER_DAY, 0)
    fresh = budget.allowed(Claims(0, DATA_SIZE, 4000, ()))
    spare = (1 - SHARE) * DATA_SIZE / 86_400
    assert fresh == pytest.approx(budget.sustained + spare)


def test_an_unlawful_ring_allows_less_and_says_what_is_missing() -> None:
    budget = Budget(DATA_SIZE, 14 * NS_PER_DAY, 0)
    # Filled in a day, seen right afterwards: the oldest must stay for thirteen more, and is next to go.
    claims = Claims(DATA_SIZE, DATA_SIZE, 4000, (Claim(0, 13 * NS_PER_DAY), Claim(DATA_SIZE // 2, FLOOR_NS)))
    assert budget.allowed(claims) == 0
    assert budget.missing_ns(claims, budget.sustained) == 13 * NS_PER_DAY
    assert budget.missing_ns(Claims(0, DATA_SIZE, 4000, ()), budget.sustained) == 0


@given(
    st.integers(1 << 12, 1 << 50),
    st.floats(0.001, 3650),
    st.floats(0, 1e9),
    st.integers(0, 1 << 52),
    st.lists(st.tuples(st.integers(0, 1 << 50), st.integers(1, 1 << 60)), max_size=5),
)
def test_any_state_has_a_rate(
    data_size: int, days: float, highest: float, head: int, epochs: list[tuple[int, int]]
) -> None:
    budget = Budget(data_size, round(days * NS_PER_DAY), highest)
    claims = Claims(head, data_size, 8, tuple(Claim(*epoch) for epoch in epochs))
    assert 0 <= budget.allowed(claims) < float("inf")
    assert budget.missing_ns(claims, max(1.0, budget.sustained)) >= 0


def test_a_writer_tells_where_its_epochs_lie_and_how_long_they_are_owed() -> None:
    medium = RamMedium(1 << 21)
    retention = Retention(20, "Asia/Tokyo", floor_days=14)
    make_ring(medium, retention)
    writer = open_writer(medium, retention=retention)
    for number in (0, 1, 400, 401):
        append(writer, number)
    claims = writer.claims(at(900))
    assert [claim.position for claim in claims.epochs] == [0, 6 * 4096]
    # Ten minutes at most after its start an epoch has ended; the open one ends now.
    assert [claim.remaining_ns for claim in claims.epochs] == [
        14 * NS_PER_DAY - 300 * NS_PER_S,
        14 * NS_PER_DAY,
    ]
    assert claims.head == 12 * 4096
    aged = writer.claims(at(14 * 86_400 + 700))
    assert [claim.position for claim in aged.epochs] == [6 * 4096]


def test_where_floor_and_ceiling_are_one_an_epoch_is_owed_until_it_is_erased() -> None:
    medium = RamMedium(1 << 21)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    assert [claim.remaining_ns for claim in writer.claims(at(900)).epochs] == [14 * NS_PER_DAY - 900 * NS_PER_S]
