"""Who brought a thing or took it, and whether they are still with it.

A lasting change alone is no event: light, doors and rain make some. Something must have come to the place when it
changed, must be larger than what it left or took, and must have gone again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from edgecam.analysis.box import Box, overlap, share_inside
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.stillobjects import Place, StillObjects
from edgecam.analysis.track import Track
from edgecam.analysis.trail import Trail
from edgecam.core.events import EventKind

_SAMPLE_EVERY_S: Final = 0.4
_MOST_SAMPLES: Final = 600
_MOST_OTHERS: Final = 3
_BEFORE_S: Final = 2.5
_AFTER_S: Final = 1.2
_TRAIL_S: Final = 10.0
_LEAVES_WITHIN_S: Final = 4.0
_TOUCH: Final = 0.35
_NEAR: Final = 0.75
_BESIDE: Final = 0.4
_STAYS_AFTER_S: Final = 3.0
_SEEN_WITHIN_S: Final = 1.5
_FRESH_S: Final = 0.5
_SILHOUETTE: Final = 0.6
_BODY_LEFT: Final = 0.25
_LEAST_HITS: Final = 2
_APART: Final = 0.06
_HEIR: Final = 0.5
_ITSELF: Final = 0.5
_WITHIN: Final = 0.8
_BENCH: Final = 0.35
_DEPTH: Final = 1.5
_ON_FOOT: Final = (EventKind.PERSON, EventKind.BICYCLE)


@dataclass(frozen=True, slots=True)
class _Passer:
    """Where an object was at one moment; ``number`` is ``None`` for motion nobody has named."""

    at_s: float
    number: int | None
    kind: EventKind
    box: Box
    first: Box
    area: float


@dataclass(slots=True)
class Attendant:
    """Who was at a place when it changed. ``number`` is their track, ``None`` when nobody made them out.

    ``box`` is where they were last, ``first`` where they were first seen, ``body`` their size as a share of the
    picture, 0-1; ``near_s`` when they were last by the place, ``gone`` whether they have left it, ``walked``
    whether they were seen away from it since, ``lingered_s`` how long they were by it, seconds. ``others`` are at
    most three more who stood as near, by track number, with where they were last: it may be theirs. ``trail`` is
    the way of motion without a name, there or away; ``None`` where somebody was made out.
    """

    number: int | None
    kind: EventKind
    box: Box
    first: Box
    body: float
    near_s: float
    near_wall_ns: int
    gone: bool = False
    walked: bool = False
    lingered_s: float = 0.0
    others: dict[int, Box] = field(default_factory=dict)
    trail: Trail | None = None

    @property
    def travelled(self) -> bool:
        """Whether they are somebody who comes and goes: a named object, or motion that was elsewhere as well."""
        return self.trail is None or self.trail.away


class Attendance:
    """Remembers who passed during the last looks, and follows who belongs to each place. Memory is bounded."""

    def __init__(self, objects: StillObjects) -> None:
        self._objects = objects
        self._passers: deque[_Passer] = deque(maxlen=_MOST_SAMPLES)
        self._first: dict[int, Box] = {}
        self._attendants: dict[int, Attendant | None] = {}
        self._seen_s: float | None = None
        self._sampled_s = float("-inf")

    def forget(self) -> None:
        """Start anew."""
        self._objects.forget()
        self._passers.clear()
        self._first, self._attendants = {}, {}
        self._seen_s, self._sampled_s = None, float("-inf")

    def observe(self, look: Look) -> None:
        """Take in one look, also for the places; again with the same look changes nothing."""
        if self._seen_s == look.now_s:
            return
        self._seen_s = look.now_s
        self._objects.observe(look)
        self._sample(look)
        known = {place.number: place for place in self._objects.places}
        self._attendants = {n: who for n, who in self._attendants.items() if n in known}
        for number, place in known.items():
            if number not in self._attendants:
                self._attendants[number] = self._found(place, look)
            who = self._attendants[number]
            if who is not None:
                self._follow(place, who, look)

    @property
    def places(self) -> list[Place]:
        """All places that are known, oldest first."""
        return self._objects.places

    def of(self, place: Place) -> Attendant | None:
        """Who brought or took it; ``None`` when nothing came by when the place changed."""
        return self._attendants.get(place.number)

    def is_apart(self, place: Place, look: Look) -> bool:
        """Whether the scene is as usual around the place; else it may be a part of somebody who stands there."""
        return self._objects.differing_share(place.box.grown_by(1.0), look, place) < _APART

    def _sample(self, look: Look) -> None:
        live = {track.number for track in look.tracks}
        self._first = {number: box for number, box in self._first.items() if number in live}
        for track in look.tracks:
            self._first.setdefault(track.number, track.box)
        if look.now_s - self._sampled_s < _SAMPLE_EVERY_S:
            return
        self._sampled_s = look.now_s
        size = look.picture.width * look.picture.height
        for track in _seen(look):
            first = self._first[track.number]
            body = _SILHOUETTE * track.box.area / size
            self._passers.append(_Passer(look.now_s, track.number, track.kind, track.box, first, body))
        for region in look.regions:
            if region.stirs:
                box = region.box
                self._passers.append(_Passer(look.now_s, None, EventKind.MOTION, box, box, region.area))

    def _found(self, place: Place, look: Look) -> Attendant | None:
        """Who was nearest when the place changed: a known object rather than motion without a name."""
        near = [
            one
            for one in self._passers
            if place.born_s - _BEFORE_S <= one.at_s <= place.born_s + _AFTER_S
            and gap(one.box, place.box) <= _TOUCH
            and not is_itself(one.box, place)
        ]
        if not near:
            return None
        named = [one for one in near if one.number is not None]
        best = min(named or near, key=lambda one: (gap(one.box, place.box), abs(one.at_s - place.born_s)))
        body = max(one.area for one in near if one.number == best.number)
        by = [one for one in self._passers if one.number == best.number and gap(one.box, place.box) <= _NEAR]
        near_s = max(one.at_s for one in by) if best.number is not None else best.at_s
        near_wall_ns = after(look.wall_ns, near_s - look.now_s)
        who = Attendant(best.number, best.kind, best.box, best.first, body, near_s, near_wall_ns)
        who.lingered_s = _SAMPLE_EVERY_S * len({one.at_s for one in by})
        if who.number is None:
            who.trail = self._trail_to(place)
        for one in self._passers:
            if one.number is None:
                continue
            if one.number == who.number:
                who.box = one.box
            elif one.number in who.others or (one in named and len(who.others) < _MOST_OTHERS):
                who.others[one.number] = one.box
        return who

    def _trail_to(self, place: Place) -> Trail:
        """The way of motion without a name: backwards from the change, then on until now."""
        trail = Trail(place.box)
        stirring = [one for one in self._passers if one.number is None]
        came = [one for one in stirring if place.born_s - _TRAIL_S <= one.at_s <= place.born_s + _AFTER_S]
        went = [one for one in stirring if one.at_s >= place.born_s - _BEFORE_S]
        for at_s, there in groupby([*reversed(came), *went], key=lambda one: one.at_s):
            trail.follow(at_s, [one.box for one in there])
        return trail

    def _follow(self, place: Place, who: Attendant, look: Look) -> None:
        if who.trail is not None:
            self._follow_trail(who.trail, place, who, look)
        if who.number is None:
            attended = any(region.stirs and gap(region.box, place.box) <= _TOUCH for region in look.regions)
        else:
            attended = self._is_by(who.number, place, who, look)
            for number in list(who.others):
                attended |= self._is_by(number, place, who, look)
        attended |= any(_stays_by(other, place, look.now_s) for other in _seen(look))
        if attended:
            who.near_s, who.near_wall_ns, who.gone = look.now_s, look.wall_ns, False
            who.lingered_s += look.elapsed_s
        elif look.now_s - who.near_s > _SEEN_WITHIN_S:
            who.gone = True

    def _follow_trail(self, trail: Trail, place: Place, who: Attendant, look: Look) -> None:
        """Follow motion without a name away from the place, until nobody is there any more."""
        if self._sampled_s != look.now_s:
            return
        if look.now_s - who.near_s > _LEAVES_WITHIN_S and self.is_apart(place, look):
            trail.end()
        else:
            trail.follow(look.now_s, [region.box for region in look.regions if region.stirs])

    def _is_by(self, number: int, place: Place, who: Attendant, look: Look) -> bool:
        """Whether the object ``number`` is by the place; keeps where it was last."""
        track = next((one for one in look.tracks if one.number == number), None)
        if track is not None and look.now_s - track.seen_s <= _SEEN_WITHIN_S:
            near = gap(track.box, place.box) <= _NEAR
            if number == who.number:
                who.box = track.box
                who.walked |= not near
            else:
                who.others[number] = track.box
            return near and (look.now_s - track.seen_s <= _FRESH_S or self._differs(track.box, look, place))
        if number == who.number:
            return self._may_be_there(place, who, look)
        if self._differs(who.others[number], look, place) and gap(who.others[number], place.box) <= _NEAR:
            return True
        del who.others[number]
        return False

    def _may_be_there(self, place: Place, who: Attendant, look: Look) -> bool:
        """Whether somebody whose track was lost is still there: under a new number, or as a body nobody names."""
        if gap(who.box, place.box) > _NEAR:
            return False
        for other in _seen(look):
            # Somebody who was elsewhere before is somebody else.
            recent = other.first_s > who.near_s - 2 * _SEEN_WITHIN_S
            same = other.number != who.number and other.kind == who.kind and not is_itself(other.box, place)
            here = gap(self._first[other.number], who.box) < _HEIR and gap(other.box, place.box) <= _NEAR
            if recent and same and here:
                who.number, who.box = other.number, other.box
                return True
        return self._differs(who.box, look, place)

    def _differs(self, box: Box, look: Look, place: Place) -> bool:
        """Whether a body still hides the scene within ``box``, besides the thing itself."""
        return self._objects.differing_share(box, look, place) > _BODY_LEFT


def _seen(look: Look) -> Iterable[Track]:
    """Objects that were seen just now, and more than once."""
    return (
        track for track in look.tracks if track.hits >= _LEAST_HITS and look.now_s - track.seen_s <= _SEEN_WITHIN_S
    )


def _stays_by(track: Track, place: Place, now_s: float) -> bool:
    """Whether somebody stands at the place, whoever brought it: then it is not left alone."""
    if track.kind not in _ON_FOOT or now_s - track.anchor_s < _STAYS_AFTER_S or now_s - track.stirred_s > 5.0:
        return False
    return gap(track.box, place.box) <= _BESIDE and not is_itself(track.box, place)


def is_itself(box: Box, place: Place) -> bool:
    """Whether an object's box is the thing itself, which the detector took for somebody."""
    return overlap(box, place.box) > _ITSELF or share_inside(box, place.box) > _WITHIN


def gap(box: Box, place: Box) -> float:
    """How far an object stands from a place, in its own heights; 0 where they touch.

    What counts sideways is the space between the boxes, in depth the distance of their feet: whoever hides a thing
    from view is not by it. A thing may lie a third of a body higher than the feet, on a bench.
    """
    size = max(box.height, 0.6 * box.width, 1.0)
    dx = max(place.x0 - box.x1, box.x0 - place.x1, 0.0)
    dy = max(abs(box.y1 - place.y1) - _BENCH * size, 0.0)
    return math.hypot(dx, _DEPTH * dy) / size
