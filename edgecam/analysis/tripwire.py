"""Who crosses a line, and which way; whoever stands on it crosses it once or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgecam.analysis.box import Box
from edgecam.analysis.courses import Course, Courses
from edgecam.analysis.line import Line
from edgecam.analysis.rule import Direction, Rule
from edgecam.analysis.stays import evidence
from edgecam.core.events import EventKind
from edgecam.core.outline import Point

_MARGIN_HEIGHTS: Final = 0.06
_LEAST_MARGIN: Final = 2.0
_SURE_HITS: Final = 3
_WENT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """One object went over the line; ``direction`` is left to right or right to left."""

    track: int
    kind: EventKind
    direction: Direction
    at_s: float
    wall_ns: int
    box: Box
    score: float


@dataclass(slots=True)
class _Walker:
    """Where an object last stood clear of the line, and the crossings of one that is not confirmed yet."""

    clear: Point
    seen_s: float
    waiting: tuple[Crossing, ...] = ()


class Tripwire:
    """One line on the small picture, watched for the objects of one rule."""

    def __init__(self, rule: Rule, line: Line, courses: Courses, size: tuple[int, int]) -> None:
        """``size`` is the small picture's width and height in pixels; ``courses`` is read at each look."""
        self._rule, self._courses = rule, courses
        self._line = line.laid_on(*size)
        self._least_height = rule.min_size * size[1]
        self._least_score, _ = evidence(rule.sensitivity)
        self._walkers: dict[int, _Walker] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._walkers = {}

    def observe(self) -> list[Crossing]:
        """Whoever crossed, by what the courses say after one look."""
        live = [one for one in self._courses.live if not one.kinds.isdisjoint(self._rule.objects)]
        numbers = {course.number for course in live}
        self._walkers = {number: walker for number, walker in self._walkers.items() if number in numbers}
        crossed: list[Crossing] = []
        for course in live:
            crossed += self._follow(course)
        return crossed

    def _follow(self, course: Course) -> tuple[Crossing, ...]:
        walker = self._walkers.get(course.number)
        if walker is None:
            # Through a break of its track, it comes from where it was seen at first.
            walker = self._walkers[course.number] = _Walker(course.first_foot, course.first_s)
        if course.seen_s > walker.seen_s:
            walker.seen_s = course.seen_s
            walker.waiting += self._step(walker, course)
        # What goes by quickly may be gone before it is confirmed; but no bush goes over a line.
        sure = course.confirmed or (course.hits >= _SURE_HITS and course.went >= _WENT)
        if not sure or not walker.waiting:
            return ()
        told, walker.waiting = walker.waiting, ()
        return told if course.score >= self._least_score else ()

    def _step(self, walker: _Walker, course: Course) -> tuple[Crossing, ...]:
        """The crossing of the way from where the object was last clear of the line, if it is clear again."""
        margin = max(_LEAST_MARGIN, _MARGIN_HEIGHTS * course.box.height)
        if self._line.distance(course.foot) < margin or course.box.height < self._least_height:
            return ()
        net = self._line.crossings(walker.clear, course.foot)
        walker.clear = course.foot
        if net == 0:
            return ()
        way = Direction.LEFT_TO_RIGHT if net > 0 else Direction.RIGHT_TO_LEFT
        return (
            Crossing(course.track, course.kind, way, course.seen_s, course.seen_wall_ns, course.box, course.score),
        )
