"""Somebody comes out of a door in the picture or goes away through it; the door is drawn as a zone.

Who appears in the zone and walks out of it came *in*; who walks into it and is not seen again went *out*.
"""

from __future__ import annotations

from typing import Final

from edgecam.analysis.area import Area
from edgecam.analysis.courses import Course, Courses
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.rule import Direction, Rule
from edgecam.analysis.stays import evidence
from edgecam.analysis.wording import one
from edgecam.core.events import EventKind

_CLEAR_HEIGHTS: Final = 0.15
_NEAR_HEIGHTS: Final = 0.1


class Doorway:
    """See `Judge`. Each passage is a finding that begins and ends at once."""

    def __init__(self, rule: Rule, area: Area, courses: Courses, height: int) -> None:
        """``height`` is the small picture's in pixels; ``area`` and ``courses`` are read at each look."""
        self._rule, self._area, self._courses = rule, area, courses
        self._least_height = rule.min_size * height
        self._least_score, _ = evidence(rule.sensitivity)
        self._outside: set[int] = set()
        self._count = 0

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        told: list[Finding] = []
        for course in self._courses.live:
            if self._counts(course) and course.number not in self._outside and self._is_clear(course):
                self._outside.add(course.number)
                if self._began_here(course):
                    told += self._passed(course, Direction.IN, course.first_wall_ns)
        for course in self._courses.ended:
            if course.number in self._outside:
                self._outside.discard(course.number)
                if self._depth(course) >= -_NEAR_HEIGHTS:
                    told += self._passed(course, Direction.OUT, course.seen_wall_ns)
        return told

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`; nothing is ever open."""
        self._outside = set()
        return []

    def _counts(self, course: Course) -> bool:
        large = course.box.height >= self._least_height
        sure = course.confirmed and course.score >= self._least_score
        return sure and large and not course.kinds.isdisjoint(self._rule.objects)

    def _depth(self, course: Course) -> float:
        """How deep in the door it stands, in its own heights."""
        return self._area.depth(*course.foot) / max(course.box.height, 1.0)

    def _is_clear(self, course: Course) -> bool:
        return self._depth(course) < -_CLEAR_HEIGHTS

    def _began_here(self, course: Course) -> bool:
        return self._area.depth(*course.first_foot) >= -_NEAR_HEIGHTS * course.box.height

    def _passed(self, course: Course, way: Direction, wall_ns: int) -> list[Finding]:
        if self._rule.direction not in (Direction.ANY, way):
            return []
        self._count += 1
        verb = "came in" if way == Direction.IN else "went out"
        return [
            Finding(
                key=("rule", self._rule.number, self._count),
                kind=EventKind.DOORWAY,
                start_wall_ns=wall_ns,
                confidence=1 - (1 - course.score) ** 1.5,
                reason=f"{one(course.kind)} {verb} through {self._rule.where}",
                end_wall_ns=wall_ns,
                zone=self._rule.place,
                track=course.track,
                box=course.box,
                direction=way.value,
            )
        ]
