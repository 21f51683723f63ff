"""Ordinary weeks before a camera: tracks drawn by a seeded generator, to try properties of what learns from them.

A simulation of inputs, not footage: a road with two lanes, a pavement, a door where people wait, and somebody who
goes or stays anywhere, about twice a day. Nobody comes in most nights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import numpy as np

from edgecam.analysis.box import Box
from edgecam.analysis.finding import Finding
from edgecam.analysis.judge import Judge
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.track import Track, begun
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture

NS_PER_S = 1_000_000_000
SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
_PICTURE, _MOTION = Picture(640, 360), MotionModel(640, 360)
_STEP_S, _IDLE_S = 0.5, 30.0
_PEOPLE_AN_HOUR = [0.02] * 5 + [0.3, 1, 3, 5, 4, 3, 3, 4, 3, 3, 3, 4, 5, 4, 2, 1, 0.6, 0.3, 0.1]
_ODD_HOURS = np.array([1.0] * 6 + [3.0] * 16 + [1.0] * 2) / 56
_CARS_AN_HOUR = [0.3] * 5 + [0.5, 1.5, 4, 4, 2.5, 2, 2, 2.5, 2, 2, 2.5, 3.5, 4, 3, 2, 1.5, 1, 0.5, 0.5]


@dataclass(frozen=True)
class Walk:
    """One object's way: it begins at ``start`` and goes from point to point (shares of the picture).

    Each leg is ``(x, y, duration_s)``; a leg that ends where it began is a stay.
    """

    kind: EventKind
    start: datetime
    x: float
    y: float
    legs: tuple[tuple[float, float, float], ...]

    @property
    def duration_s(self) -> float:
        return sum(leg[2] for leg in self.legs)

    def at(self, after_s: float) -> tuple[float, float]:
        x, y = self.x, self.y
        for to_x, to_y, duration_s in self.legs:
            if after_s < duration_s:
                share = after_s / duration_s
                return x + share * (to_x - x), y + share * (to_y - y)
            x, y, after_s = to_x, to_y, after_s - duration_s
        return x, y


def person(start: datetime, *way: tuple[float, float], pace_s: float = 1.0) -> Walk:
    """Somebody who walks along ``way``; ``pace_s`` stretches the time."""
    legs = []
    for (x0, y0), (x1, y1) in pairwise(way):
        legs.append((x1, y1, max(0.5, 14 * pace_s * ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)))
    return Walk(EventKind.PERSON, start, *way[0], tuple(legs))


def loiterer(start: datetime, x: float, y: float, stay_s: float) -> Walk:
    return Walk(EventKind.PERSON, start, 0.0, y, ((x, y, 14 * x), (x, y, stay_s), (1.0, y, 14 * (1 - x))))


def car(start: datetime, right: bool, y: float) -> Walk:
    x = 0.0 if right else 1.0
    return Walk(EventKind.VEHICLE, start, x, y, ((1 - x, y, 5.0),))


def ordinary_day(day: date, seed: int, zone: ZoneInfo = SEOUL, odd_a_day: float = 2.0) -> list[Walk]:
    """All walks that begin on ``day``, ``odd_a_day`` of them anywhere; the same for the same seed."""
    rng = np.random.default_rng([seed, day.toordinal()])
    quiet = 0.6 if day.weekday() >= 5 else 1.0
    walks = []
    for hour in range(24):
        for _ in range(rng.poisson(quiet * _PEOPLE_AN_HOUR[hour])):
            walks.append(_passer_by(_moment(day, hour, rng, zone), rng))
        for _ in range(rng.poisson(quiet * _CARS_AN_HOUR[hour])):
            right = bool(rng.random() < 0.5)
            lane = 0.5 if right else 0.42
            walks.append(car(_moment(day, hour, rng, zone), right, lane + 0.01 * float(rng.normal())))
    return walks + [_oddity(day, rng, zone) for _ in range(rng.poisson(odd_a_day))]


def _oddity(day: date, rng: np.random.Generator, zone: ZoneInfo) -> Walk:
    """Somebody or something anywhere, at any hour of the day, at any pace; sometimes against the lanes."""
    hour = int(rng.choice(24, p=_ODD_HOURS))
    moment = _moment(day, hour, rng, zone)
    choice = rng.random()
    if choice < 0.1:
        return car(moment, right=bool(rng.random() < 0.5), y=float(rng.choice([0.42, 0.5])))
    if choice < 0.25:
        return loiterer(moment, float(rng.uniform(0.1, 0.9)), 0.72, float(rng.exponential(120)))
    ends = [(float(x), float(y)) for x, y in rng.uniform((0, 0.3), (1, 1), (2, 2))]
    return person(moment, *ends, pace_s=float(rng.uniform(0.3, 1.5)))


def _passer_by(start: datetime, rng: np.random.Generator) -> Walk:
    y = 0.72 + 0.02 * float(rng.normal())
    pace_s = float(rng.uniform(0.8, 1.3))
    if rng.random() < 0.2:
        return loiterer(start, 0.85, y, float(rng.uniform(5, 50)))
    way = [(0.0, y), (1.0, y)] if rng.random() < 0.5 else [(1.0, y), (0.0, y)]
    return person(start, *way, pace_s=pace_s)


def _moment(day: date, hour: int, rng: np.random.Generator, zone: ZoneInfo) -> datetime:
    minute, second = int(rng.integers(60)), int(rng.integers(60))
    return datetime.combine(day, time(hour, minute, second), zone)


class Camera:
    """Shows walks to a judge as confirmed tracks, two looks a second, and a look every 30 s when nothing is there.

    ``wall_s_ahead`` is how wrong the wall clock is.
    """

    def __init__(self, judge: Judge, zone: ZoneInfo = SEOUL) -> None:
        self.judge, self._zone = judge, zone
        self._numbers = count(1)
        self.wall_s_ahead = 0.0
        self.found: list[Finding] = []

    def see_day(self, day: date, walks: Iterable[Walk], hours: tuple[int, int] = (0, 24)) -> list[Finding]:
        """The findings that opened on ``day``, of which only ``hours`` are seen."""
        begin = datetime.combine(day, time(0), self._zone).timestamp()
        end = datetime.combine(day + timedelta(days=1), time(0), self._zone).timestamp()
        begin, end = begin + 3600 * hours[0], min(end, begin + 3600 * hours[1])
        waiting = sorted(walks, key=lambda walk: walk.start)
        opened: list[Finding] = []
        active: list[tuple[Walk, Track]] = []
        now_s, elapsed_s = begin, 0.0
        while now_s < end:
            while waiting and waiting[0].start.timestamp() <= now_s:
                active.append((waiting[0], _track(next(self._numbers), waiting[0])))
                del waiting[0]
            active = [one for one in active if now_s < one[0].start.timestamp() + one[0].duration_s]
            for walk, track in active:
                _moved(track, walk, now_s, self._wall_ns(now_s))
            look = Look(now_s, self._wall_ns(now_s), elapsed_s, _PICTURE, _MOTION, [], [t for _, t in active])
            told = self.judge.observe(look)
            self.found += told
            opened += [finding for finding in told if finding.end_wall_ns is None]
            elapsed_s = self._until_next(now_s, bool(active), waiting)
            now_s += elapsed_s
        return opened

    def _wall_ns(self, now_s: float) -> int:
        return round((now_s + self.wall_s_ahead) * NS_PER_S)

    @staticmethod
    def _until_next(now_s: float, busy: bool, waiting: list[Walk]) -> float:
        if busy:
            return _STEP_S
        if not waiting:
            return _IDLE_S
        return min(_IDLE_S, max(_STEP_S, waiting[0].start.timestamp() - now_s))


def _track(number: int, walk: Walk) -> Track:
    began_s = walk.start.timestamp()
    sighting = Sighting(walk.kind, 0.6, _box(walk, began_s))
    track = begun(number, sighting, began_s, round(began_s) * NS_PER_S, 1.0)
    track.confirmed = True
    return track


def _moved(track: Track, walk: Walk, now_s: float, wall_ns: int) -> None:
    track.hit(Sighting(walk.kind, 0.6, _box(walk, now_s)), now_s, wall_ns, 1.0)


def _box(walk: Walk, now_s: float) -> Box:
    x, y = walk.at(now_s - walk.start.timestamp())
    width, height = (80, 44) if walk.kind == EventKind.VEHICLE else (24, 60)
    return Box(640 * x - width / 2, 360 * y - height, 640 * x + width / 2, 360 * y)


def days_from(first: date, number: int) -> Iterator[date]:
    for offset in range(number):
        yield first + timedelta(days=offset)
