"""Who is in a zone, since when, and who left; a box that trembles at the border is one stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgecam.analysis.area import Area
from edgecam.analysis.box import Box
from edgecam.analysis.courses import Course, Courses
from edgecam.analysis.rule import Rule
from edgecam.core.events import EventKind

_MARGIN_HEIGHTS: Final = 0.08
_LEAST_MARGIN: Final = 2.0
_LEFT_SIGHTINGS: Final = 2
_ON_BORDER_S: Final = 2.0


@dataclass(slots=True)
class Stay:
    """One object in the zone. Times in capture seconds and wall nanoseconds, ``box`` in small-picture pixels.

    ``seen_s`` is when it was last inside, ``looked_s`` when it was last seen, maybe just outside.
    """

    number: int
    track: int
    kind: EventKind
    since_s: float
    since_wall_ns: int
    seen_s: float
    seen_wall_ns: int
    looked_s: float
    box: Box
    score: float
    sightings: int = 1
    outside: int = 0
    confirmed: bool = False

    @property
    def confidence(self) -> float:
        """How sure it is that something of this kind is there, 0-1: grows with the score and with the sightings."""
        return 1.0 - float((1.0 - self.score) ** (min(self.sightings, 6) / 2))


class Stays:
    """Everybody in one rule's zone who counts for the rule."""

    def __init__(self, rule: Rule, area: Area, courses: Courses, height: int) -> None:
        """``height`` is the small picture's in pixels; ``courses`` and ``area`` are read at each look."""
        self._rule, self._area, self._courses = rule, area, courses
        self._least_height = rule.min_size * height
        self._least_score, self._least_sightings = evidence(rule.sensitivity)
        self._all: dict[int, Stay] = {}
        self.left: list[Stay] = []
        """Those of `here` that ended with this look."""

    @property
    def here(self) -> list[Stay]:
        """Those who are certainly in the zone, first come first."""
        return [stay for stay in self._all.values() if self._counts(stay)]

    def forget(self) -> list[Stay]:
        """Begin anew; gives back those who were here."""
        ended, self._all, self.left = self.here, {}, []
        return ended

    def observe(self, now_s: float) -> None:
        """Take in what the courses say after the look at ``now_s`` (capture time)."""
        self.left = []
        live = {course.number for course in self._courses.live}
        for stay in list(self._all.values()):
            on_border = stay.looked_s > stay.seen_s and now_s - stay.seen_s > _ON_BORDER_S
            if stay.number not in live or on_border:
                self._end(stay.number)
        for course in self._courses.live:
            if not course.kinds.isdisjoint(self._rule.objects):
                self._follow(course)

    def _follow(self, course: Course) -> None:
        stay = self._all.get(course.number)
        depth = self._area.depth(*course.foot)
        if stay is None:
            if depth >= 0 and course.box.height >= self._least_height:
                self._begin(course)
            return
        stay.confirmed, stay.track = course.confirmed, course.track
        if course.seen_s <= stay.looked_s:
            return
        stay.looked_s = course.seen_s
        if depth < -max(_LEAST_MARGIN, _MARGIN_HEIGHTS * course.box.height):
            stay.outside += 1
            if stay.outside >= _LEFT_SIGHTINGS or stay.sightings < _LEFT_SIGHTINGS:
                self._end(course.number)
            return
        if depth < 0:
            # On the border: not in for longer, and not out yet.
            return
        stay.outside = 0
        stay.sightings += 1
        stay.seen_s, stay.seen_wall_ns = course.seen_s, course.seen_wall_ns
        stay.box, stay.score = course.box, course.score

    def _begin(self, course: Course) -> None:
        self._all[course.number] = Stay(
            number=course.number,
            track=course.track,
            kind=course.kind,
            since_s=course.seen_s,
            since_wall_ns=course.seen_wall_ns,
            seen_s=course.seen_s,
            seen_wall_ns=course.seen_wall_ns,
            looked_s=course.seen_s,
            box=course.box,
            score=course.score,
            confirmed=course.confirmed,
        )

    def _end(self, number: int) -> None:
        stay = self._all.pop(number)
        if self._counts(stay):
            self.left.append(stay)

    def _counts(self, stay: Stay) -> bool:
        return stay.confirmed and stay.sightings >= self._least_sightings and stay.score >= self._least_score


def evidence(sensitivity: float) -> tuple[float, int]:
    """The least mean score and the least sightings in its place that a rule of this sensitivity asks for."""
    caution = max(0.0, 0.5 - sensitivity)
    sightings = 1 if sensitivity > 0.75 else 2 if sensitivity >= 0.4 else 4
    return 0.5 * caution + 0.3, sightings
