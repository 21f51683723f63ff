"""The way of each object through the picture, told by where it stands on the ground, through short breaks.

A track that is lost behind a pole or a passer-by begins anew with another number. A course goes on with it when it
begins soon after, near where the old one should be, of the same kind and of about the same size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from edgecam.analysis.box import Box
from edgecam.analysis.look import Look
from edgecam.analysis.track import Track
from edgecam.analysis.visible import Visible
from edgecam.core.events import EventKind
from edgecam.core.outline import Point

_BREAK_S: Final = 4.0
_EARLY_S: Final = 0.6
_AHEAD_S: Final = 2.0
_REACH_HEIGHTS: Final = 0.6
_REACH_HEIGHTS_A_S: Final = 0.3
_BORDER: Final = 0.01
_LEAST_LIKE: Final = 0.5
_STANDING: Final = 2.6
_CUT_UNDER: Final = 2.2
_VEHICLE_FOOT: Final = 0.25
_MOST: Final = 128


@dataclass(slots=True)
class Course:
    """One object, maybe through several tracks; ``number`` is its first track's, ``track`` its newest one's.

    ``kinds`` is all it counts as: who rides a bicycle is a person too. ``foot`` is where it stands, in pixels of
    the small picture; ``first_foot`` where it did at first. Times in capture seconds and wall nanoseconds.
    """

    number: int
    track: int
    kind: EventKind
    kinds: frozenset[EventKind]
    box: Box
    foot: Point
    first_foot: Point
    first_s: float
    first_wall_ns: int
    seen_s: float
    seen_wall_ns: int
    speed: tuple[float, float]
    score: float
    hits: int
    confirmed: bool

    @property
    def went(self) -> float:
        """How far it is from where it was first seen, in sizes of its own (the shorter side)."""
        size = max(min(self.box.width, self.box.height), 1.0)
        return math.dist(self.first_foot, self.foot) / size


class Courses:
    """All objects before one camera; at most 128. Owner: the thread that observes."""

    def __init__(self, size: tuple[int, int], visible: Visible) -> None:
        """``size`` is the small picture's width and height in pixels; ``visible`` is read at each look."""
        self._size, self._visible = size, visible
        self._all: dict[int, Course] = {}
        self.ended: list[Course] = []
        """Those that were given up with this look."""

    @property
    def live(self) -> list[Course]:
        """Every course whose object is there, or was a moment ago; confirmed or not."""
        return list(self._all.values())

    def forget(self) -> None:
        """Begin anew."""
        self._all, self.ended = {}, []

    def observe(self, look: Look) -> None:
        """Go on with all courses by one look."""
        by_track = {course.track: course for course in self._all.values()}
        tracked = {track.number for track in look.tracks}
        for track in look.tracks:
            course = by_track.get(track.number)
            if course is None:
                self._begin(track)
                continue
            was_confirmed = course.confirmed
            self._go_on(course, track)
            if course.confirmed and not was_confirmed:
                self._join(course, tracked)
        self._give_up(look.now_s, tracked)

    def _begin(self, track: Track) -> None:
        if len(self._all) >= _MOST:
            return
        foot = self._foot(track.kind, track.box)
        self._all[track.number] = Course(
            number=track.number,
            track=track.number,
            kind=track.kind,
            kinds=track.kinds,
            box=track.box,
            foot=foot,
            first_foot=foot,
            first_s=track.first_s,
            first_wall_ns=track.first_wall_ns,
            seen_s=track.seen_s,
            seen_wall_ns=track.seen_wall_ns,
            speed=track.speed,
            score=track.score,
            hits=track.hits,
            confirmed=track.confirmed,
        )

    def _go_on(self, course: Course, track: Track) -> None:
        course.kind, course.kinds = track.kind, track.kinds
        if track.seen_s != course.seen_s:
            course.box, course.foot = track.box, self._foot(track.kind, track.box)
        course.seen_s, course.seen_wall_ns, course.speed = track.seen_s, track.seen_wall_ns, track.speed
        course.score, course.hits = track.score, track.hits
        course.confirmed = course.confirmed or track.confirmed

    def _join(self, young: Course, tracked: set[int]) -> None:
        """Let the course that ``young`` continues go on with its track, if there is one."""
        lost = [
            one for one in self._all.values() if one.confirmed and one.track not in tracked and not self._left(one)
        ]
        fits = sorted((_apart(one, young), one.number) for one in lost)
        if not fits or fits[0][0] > 1:
            return
        old = self._all[fits[0][1]]
        del self._all[young.number]
        old.track, old.box, old.foot = young.track, young.box, young.foot
        old.seen_s, old.seen_wall_ns, old.speed = young.seen_s, young.seen_wall_ns, young.speed
        old.score, old.hits = young.score, young.hits

    def _left(self, course: Course) -> bool:
        """Whether it was last seen going out of the picture: then it did not stay behind something."""
        width, height = self._size
        x, y = course.foot[0] + course.speed[0], course.foot[1] + course.speed[1]
        inside = course.box.grown_by(_BORDER)
        at_border = inside.x0 <= 0 or inside.y0 <= 0 or inside.x1 >= width or inside.y1 >= height
        return at_border and not (0 <= x < width and 0 <= y < height)

    def _give_up(self, now_s: float, tracked: set[int]) -> None:
        self.ended = []
        young = [course for course in self._all.values() if not course.confirmed]
        for course in self.live:
            patience_s = _BREAK_S if course.confirmed else 0.0
            if course.track in tracked or now_s - course.seen_s <= patience_s:
                continue
            # Whoever may go on with it is waited for until it is confirmed, or gone.
            if course.confirmed and any(_apart(course, one) <= 1 for one in young):
                continue
            self.ended.append(self._all.pop(course.number))

    def _foot(self, kind: EventKind, box: Box) -> Point:
        """Where an object stands. Feet behind a mask are taken to be where a standing person's would be."""
        x, bottom = box.foot
        if kind == EventKind.VEHICLE:
            return x, bottom - _VEHICLE_FOOT * box.height
        cut = box.height < _CUT_UNDER * box.width and bottom < self._size[1] - 3
        if kind == EventKind.PERSON and cut and self._visible.hides(x, bottom + 0.04 * self._size[1]):
            return x, min(box.y0 + _STANDING * box.width, self._size[1] - 1.0)
        return x, bottom


def _apart(old: Course, young: Course) -> float:
    """How badly ``young`` continues ``old``: at most 1 if it can."""
    gap_s = young.first_s - old.seen_s
    likeness = min(young.box.height, old.box.height) / max(young.box.height, old.box.height, 1.0)
    if old.kind != young.kind or not -_EARLY_S <= gap_s <= _BREAK_S or likeness < _LEAST_LIKE:
        return float("inf")
    ahead_s = min(max(gap_s, 0.0), _AHEAD_S)
    expected = old.foot[0] + ahead_s * old.speed[0], old.foot[1] + ahead_s * old.speed[1]
    reach = max(old.box.height, old.box.width) * (_REACH_HEIGHTS + _REACH_HEIGHTS_A_S * max(gap_s, 0.0))
    return math.dist(expected, young.first_foot) / max(reach, 1.0)
