"""A vehicle stands in a zone for too long: one finding each, from the end of the dwell until it drives away.

A parked vehicle is soon no track any more: it is part of the place. So once it stands, its place is followed by
what it looks like, a few hundred grey values, whatever passes before it. Vehicles that stood there from the
beginning, or that nobody saw arrive, are not told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.area import Area
from edgecam.analysis.box import Box, share_inside
from edgecam.analysis.courses import Course, Courses
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.rule import Rule
from edgecam.analysis.stays import evidence
from edgecam.core.events import EventKind
from edgecam.core.outline import Point
from edgecam.core.picture import U8

_MOVED_SHARE: Final = 0.2
_STANDS_AFTER_S: Final = 3.0
_PATCH: Final = 24
_ALIKE: Final = 0.6
_GONE_AFTER_S: Final = 6.0
_LOOK_EVERY_S: Final = 0.6
_SAME_PLACE: Final = 0.5
_MOST: Final = 32
_LEARN: Final = 0.05
_LEAST_SPREAD: Final = 1e-3


@dataclass(slots=True)
class _Vehicle:
    """One that has stopped. Times in capture seconds and wall nanoseconds; ``patch`` is how its place looks."""

    number: int
    track: int
    box: Box
    foot: Point
    since_s: float
    since_wall_ns: int
    there_s: float
    there_wall_ns: int
    score: float
    patch: NDArray[np.float32] | None = None
    looked_s: float = 0.0


class Parking:
    """See `Judge`. At most 32 vehicles stand at once."""

    def __init__(self, rule: Rule, area: Area, courses: Courses, height: int) -> None:
        """``height`` is the small picture's in pixels; ``area`` and ``courses`` are read at each look."""
        self._rule, self._area, self._courses = rule, area, courses
        self._least_height = rule.min_size * height
        self._least_score, _ = evidence(rule.sensitivity)
        self._all: dict[int, _Vehicle] = {}
        self._open: dict[int, Finding] = {}

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        live = {course.number: course for course in self._courses.live if self._counts(course)}
        for course in live.values():
            self._follow(course, look)
        told: list[Finding] = []
        for vehicle in list(self._all.values()):
            told += self._judged(vehicle, live.get(vehicle.number), look)
        return told

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`: each ends where it was last seen."""
        ended = [self._over(vehicle) for vehicle in self._all.values() if vehicle.number in self._open]
        self._all = {}
        return ended

    def _counts(self, course: Course) -> bool:
        meant = course.kind in self._rule.objects and course.box.height >= self._least_height
        return course.confirmed and meant and course.score >= self._least_score

    def _follow(self, course: Course, look: Look) -> None:
        """Note where a vehicle stands; one that moves on begins anew."""
        known = self._all.get(course.number)
        if known is not None and not _is_elsewhere(known, course):
            if course.seen_s > known.there_s:
                known.there_s, known.there_wall_ns = course.seen_s, course.seen_wall_ns
                known.track, known.score = course.track, course.score
            return
        if known is not None and known.number in self._open:
            return  # It drives away: its place tells when it has gone.
        self._all.pop(course.number, None)
        doubled = any(share_inside(course.box, one.box) > _SAME_PLACE for one in self._all.values())
        if self._area.depth(*course.foot) >= 0 and len(self._all) < _MOST and not doubled:
            self._all[course.number] = _Vehicle(
                number=course.number,
                track=course.track,
                box=course.box,
                foot=course.foot,
                since_s=course.seen_s,
                since_wall_ns=course.seen_wall_ns,
                there_s=course.seen_s,
                there_wall_ns=course.seen_wall_ns,
                score=course.score,
            )

    def _judged(self, vehicle: _Vehicle, course: Course | None, look: Look) -> list[Finding]:
        if look.now_s - vehicle.looked_s >= _LOOK_EVERY_S:
            vehicle.looked_s = look.now_s
            self._compare(vehicle, course, look)
        if look.now_s - vehicle.there_s > _GONE_AFTER_S:
            told = [self._over(vehicle)] if vehicle.number in self._open else []
            del self._all[vehicle.number]
            return told
        stood_s = vehicle.there_s - vehicle.since_s
        if vehicle.number in self._open or stood_s < self._rule.dwell_s:
            return []
        self._open[vehicle.number] = self._stands(vehicle)
        return [self._open[vehicle.number]]

    def _compare(self, vehicle: _Vehicle, course: Course | None, look: Look) -> None:
        """Take in how the place looks now: whether the vehicle is still there."""
        patch = _patch(look.picture.y, vehicle.box)
        stands = course is not None and not _is_elsewhere(vehicle, course)
        if vehicle.patch is None:
            if stands and look.now_s - vehicle.since_s >= _STANDS_AFTER_S:
                vehicle.patch = patch
        elif float(np.mean(patch * vehicle.patch)) >= _ALIKE:
            vehicle.there_s, vehicle.there_wall_ns = look.now_s, look.wall_ns
            # The light of the day changes how it looks, slowly.
            vehicle.patch = _normalised(vehicle.patch + _LEARN * (patch - vehicle.patch))

    def _stands(self, vehicle: _Vehicle) -> Finding:
        return Finding(
            key=("rule", self._rule.number, vehicle.number),
            kind=EventKind.PARKED_VEHICLE,
            start_wall_ns=after(vehicle.since_wall_ns, self._rule.dwell_s),
            confidence=0.5 + 0.5 * vehicle.score,
            reason=f"a vehicle has stood in {self._rule.where} for {self._rule.dwell_s:.0f} s",
            zone=self._rule.place,
            track=vehicle.track,
            box=vehicle.box,
        )

    def _over(self, vehicle: _Vehicle) -> Finding:
        finding = self._open.pop(vehicle.number)
        reason = f"a vehicle stood in {self._rule.where} for {vehicle.there_s - vehicle.since_s:.0f} s"
        return replace(finding, end_wall_ns=vehicle.there_wall_ns, reason=reason)


def _is_elsewhere(vehicle: _Vehicle, course: Course) -> bool:
    size = max(vehicle.box.width, vehicle.box.height, 1.0)
    return math.dist(vehicle.box.centre, course.box.centre) > _MOVED_SHARE * size


def _patch(luma: U8, box: Box) -> NDArray[np.float32]:
    """How ``box`` looks: 24 x 24 grey values of mean 0 and spread 1."""
    height, width = luma.shape
    x0, y0 = min(max(int(box.x0), 0), width - 2), min(max(int(box.y0), 0), height - 2)
    part = luma[y0 : max(int(box.y1), y0 + 2), x0 : max(int(box.x1), x0 + 2)]
    small = cv2.resize(part, (_PATCH, _PATCH), interpolation=cv2.INTER_AREA)
    return _normalised(np.asarray(small, np.float32))


def _normalised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((values - values.mean()) / max(float(values.std()), _LEAST_SPREAD), np.float32)
