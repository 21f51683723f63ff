"""How alarms are judged against what really happened, as certifiers do it. Pure: values in, counts out.

A true event counts as found when one alarm of its kind began no earlier than two seconds before it and was *raised*
no later than ten seconds after it began (the window of KISA's certification, strict at both ends: an alarm that
dates itself back does not become punctual by it). Each alarm finds one event at most, each event needs its own.
Alarms that are left over are false, but for repeats: a further alarm that begins while an event lasts that was
found (i-LIDS). Where both tell a place, the boxes must touch.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

BEFORE_S, AFTER_S = 2.0, 10.0
ALPHAS = (0.5, 1.0, 2.0, 60.0)
_Z95 = 1.959963984540054
_ROUNDS = 200
_NOTHING = 1e-9
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """What happened, seconds of the clip; ``box`` 0-1 where it is known."""

    kind: str
    start_s: float
    end_s: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was told: ``start_s`` when it is said to have begun, ``raised_s`` when it was told, seconds."""

    kind: str
    start_s: float
    raised_s: float
    box: Box | None = None


@dataclass(slots=True)
class Counts:
    """Of one kind: events found, false alarms, events missed, repeats, and the delay of each that was found."""

    found: int = 0
    false: int = 0
    missed: int = 0
    repeats: int = 0
    delays_s: list[float] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add up clips."""
        self.found += other.found
        self.false += other.false
        self.missed += other.missed
        self.repeats += other.repeats
        self.delays_s += other.delays_s

    @property
    def precision(self) -> float | None:
        """``None`` without an alarm."""
        return _share(self.found, self.found + self.false)

    @property
    def recall(self) -> float | None:
        """``None`` without a true event."""
        return _share(self.found, self.found + self.missed)

    @property
    def f1(self) -> float | None:
        """``None`` without alarms and without events."""
        return _share(2 * self.found, 2 * self.found + self.false + self.missed)

    @property
    def f1_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval, F1 taken as the share that it is: found of found + (false + missed) / 2."""
        return wilson(self.found, self.found + (self.false + self.missed) / 2)

    def f_alpha(self, alpha: float) -> float | None:
        """The measure of i-LIDS: (α + 1) R P / (R + α P); a small α favours precision, a large one recall."""
        precision, recall = self.precision or 0.0, self.recall or 0.0
        if self.precision is None and self.recall is None:
            return None
        return (alpha + 1) * recall * precision / (recall + alpha * precision) if recall and precision else 0.0


def judged(truths: Sequence[TrueEvent], alarms: Sequence[Alarm]) -> Counts:
    """The counts for true events and alarms of one kind in one clip."""
    pairs = matched(truths, alarms)
    found = {alarm: truths[truth] for truth, alarm in pairs}
    left = [alarm for number, alarm in enumerate(alarms) if number not in found]
    repeats = sum(any(_during(alarm, truth) for truth in found.values()) for alarm in left)
    delays = [alarms[alarm].raised_s - truth.start_s for alarm, truth in found.items()]
    return Counts(len(pairs), len(left) - repeats, len(truths) - len(pairs), repeats, delays)


def matched(truths: Sequence[TrueEvent], alarms: Sequence[Alarm]) -> list[tuple[int, int]]:
    """As many pairs (number of the truth, number of the alarm) as possible, and of these the most punctual ones."""
    pairing = _Pairing(truths, alarms)
    while pairing.grow():
        pass
    return sorted((truth, alarm) for alarm, truth in pairing.truth_of.items())


class _Pairing:
    """Grows by one pair at a time, along the way that costs least (R. G. Busacker and P. J. Gowen, 1960)."""

    def __init__(self, truths: Sequence[TrueEvent], alarms: Sequence[Alarm]) -> None:
        self._costs = {
            (number, one): abs(alarm.raised_s - truth.start_s)
            for number, truth in enumerate(truths)
            for one, alarm in enumerate(alarms)
            if _fits(truth, alarm)
        }
        self._fitting: dict[int, list[int]] = {}
        for truth, alarm in self._costs:
            self._fitting.setdefault(truth, []).append(alarm)
        self.truth_of: dict[int, int] = {}
        self._alarm_of: dict[int, int] = {}

    def grow(self) -> bool:
        """One pair more, for which others may have to change; false when there can be none."""
        cost, came_from = self._ways()
        ends = [(cost[alarm], alarm) for alarm in cost if alarm not in self.truth_of]
        if not ends:
            return False
        alarm: int | None = min(ends)[1]
        while alarm is not None:
            truth = came_from[alarm]
            before = self._alarm_of.get(truth)
            self._alarm_of[truth], self.truth_of[alarm] = alarm, truth
            alarm = before
        return True

    def _ways(self) -> tuple[dict[int, float], dict[int, int]]:
        """What it costs to reach each alarm from a truth that has none, and from which truth one comes to it."""
        reached = {truth: 0.0 for truth in self._fitting if truth not in self._alarm_of}
        cost: dict[int, float] = {}
        came_from: dict[int, int] = {}
        waiting = deque(reached)
        while waiting:
            truth = waiting.popleft()
            for alarm in self._fitting[truth]:
                told = reached[truth] + self._costs[truth, alarm]
                if self._alarm_of.get(truth) == alarm or told >= cost.get(alarm, math.inf) - _NOTHING:
                    continue
                cost[alarm], came_from[alarm] = told, truth
                if alarm in self.truth_of:
                    other = self.truth_of[alarm]
                    reached[other] = told - self._costs[other, alarm]
                    waiting.append(other)
        return cost, came_from


def _fits(truth: TrueEvent, alarm: Alarm) -> bool:
    in_time = alarm.start_s >= truth.start_s - BEFORE_S and alarm.raised_s <= truth.start_s + AFTER_S
    return alarm.kind == truth.kind and in_time and _touch(truth.box, alarm.box)


def _during(alarm: Alarm, truth: TrueEvent) -> bool:
    return truth.end_s > truth.start_s and truth.start_s - BEFORE_S <= alarm.start_s <= truth.end_s


def _touch(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return True
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """E. B. Wilson's 95 % interval for a share (1927); (0, 1) without trials."""
    if trials <= 0:
        return 0.0, 1.0
    share, square = successes / trials, _Z95**2 / trials
    middle = share + square / 2
    half = _Z95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def poisson_interval(count: int) -> tuple[float, float]:
    """F. Garwood's exact 95 % interval for the mean of a Poisson count (1936)."""
    lower = 0.0 if count == 0 else _mean_where(lambda mean: poisson_cdf(count - 1, mean) > 0.975, count)
    return lower, _mean_where(lambda mean: poisson_cdf(count, mean) > 0.025, count)


def poisson_cdf(count: int, mean: float) -> float:
    """The probability of at most ``count`` when ``mean`` are expected."""
    if mean <= 0:
        return 1.0
    terms = (math.exp(number * math.log(mean) - mean - math.lgamma(number + 1)) for number in range(count + 1))
    return min(1.0, math.fsum(terms))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest of ``values`` that at least ``share`` (0-1) of them do not exceed; ``None`` of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def rounded(value: float | None) -> float | None:
    """As figures are told: to four digits, ``None`` where there is none."""
    return None if value is None else round(value, 4)


def _mean_where(still_likely: Callable[[float], bool], count: int) -> float:
    """The mean up to which ``still_likely(mean)`` holds, by halving."""
    low, high = 0.0, count + 20.0 + 10.0 * math.sqrt(count + 1.0)
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if still_likely(middle) else (low, middle)
    return (low + high) / 2


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
