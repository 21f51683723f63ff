"""Everybody in a film that is over: looked for without mercy, because who is missed here is shown to others.

Other than the camera's own tracks, these are made with both directions of time known: a track is held before its
first and after its last look, and across looks in which nobody saw it. One look is enough. What moves and has no
name counts as somebody. Boxes are in pixels of the film.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.assignment import assigned
from edgecam.analysis.box import Box, around, overlap, share_inside
from edgecam.analysis.sighting import Detector, strongest
from edgecam.core.events import EventKind
from edgecam.core.picture import U8, Picture

LOOK_WIDTH: Final = 640
_STILL_WIDTH: Final = 320
_TILES: Final = (1.0, 0.5, 0.3)
_STEP: Final = 0.62
_SAME: Final = 0.5
_DIFFERENCE: Final = 16.0
_LEAST_BLOB: Final = 0.0006
_MOST_BLOB: Final = 0.35
_EXPLAINED: Final = 0.5
_PART: Final = 0.65
_LOST_S: Final = 2.5
_ROUND: Final = 5


class Somebody(StrEnum):
    """What a track is of. Stable names; `VEHICLE` and `ANIMAL` are told and not covered."""

    PERSON = "person"
    MOVING = "moving"
    VEHICLE = "vehicle"
    ANIMAL = "animal"


_KINDS: Final = {
    EventKind.PERSON: Somebody.PERSON,
    # Whoever rides it is in the same box.
    EventKind.BICYCLE: Somebody.PERSON,
    EventKind.VEHICLE: Somebody.VEHICLE,
    EventKind.ANIMAL: Somebody.ANIMAL,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What one look showed: a kind and a box."""

    kind: Somebody
    box: Box


@dataclass(slots=True)
class SomebodyTrack:
    """One track: the frames (from 0) in which it was seen, growing, and where."""

    number: int
    kind: Somebody
    frames: list[int] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def at(self, frame: int, hold: int) -> Box | None:
        """Where it is in ``frame``; held for ``hold`` frames before and after, going on as it went."""
        first, last = self.frames[0], self.frames[-1]
        if frame < first - hold or frame > last + hold:
            return None
        if frame < first:
            return self._held(frame, 0, min(3, len(self.frames) - 1))
        if frame > last:
            return self._held(frame, -1, max(-4, -len(self.frames)))
        after = int(np.searchsorted(self.frames, frame))
        if self.frames[after] == frame:
            return self.boxes[after]
        a, b = self.frames[after - 1], self.frames[after]
        return _between(self.boxes[after - 1], self.boxes[after], (frame - a) / (b - a))

    def _held(self, frame: int, end: int, inner: int) -> Box:
        """From its end on: where it stood, and where it would have gone, both in one box."""
        box, other = self.boxes[end], self.boxes[inner]
        apart = self.frames[end] - self.frames[inner]
        if not apart:
            return box
        pace = (frame - self.frames[end]) / apart
        (x0, y0), (x1, y1) = other.centre, box.centre
        return around([box, box.moved_by((x1 - x0) * pace, (y1 - y0) * pace)])


class StillScene:
    """What a film shows where nothing moves, stretch by stretch: the median of some looks at each."""

    def __init__(self, size: tuple[int, int], frames_a_stretch: int) -> None:
        width = min(_STILL_WIDTH, size[0])
        self._size = width, max(2, round(size[1] * width / size[0]))
        self._frames = frames_a_stretch
        self._open: list[U8] = []
        self._stills: list[U8] = []

    def take(self, frame: int, picture: Picture) -> None:
        """One of the looks by which the stretch of ``frame`` is known; in order."""
        if frame // self._frames > len(self._stills):
            self.close()
        self._open.append(self._small(picture))

    def close(self) -> None:
        """No more looks come."""
        if self._open:
            self._stills.append(np.median(np.stack(self._open), axis=0).astype(np.uint8))
            self._open = []

    def moved(self, frame: int, picture: Picture) -> list[Box]:
        """Where ``picture``, the one of ``frame``, shows what does not rest, in its pixels."""
        still = self._stills[min(frame // self._frames, len(self._stills) - 1)].astype(np.float32)
        now = self._small(picture).astype(np.float32)
        usable = (still > 16) & (still < 235)
        gain = float(np.median(now[usable] / still[usable])) if usable.any() else 1.0
        off = (cv2.absdiff(now, still * min(max(gain, 0.5), 2.0)) > _DIFFERENCE).astype(np.uint8)
        off = np.asarray(cv2.morphologyEx(off, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
        joined = cv2.dilate(off, np.ones((7, 5), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        zoom = picture.width / self._size[0]
        found = []
        for x, y, width, height, _ in stats[1:count]:
            area = cv2.countNonZero(off[y : y + height, x : x + width]) / off.size
            if _LEAST_BLOB <= area <= _MOST_BLOB:
                found.append(Box(x * zoom, y * zoom, (x + width) * zoom, (y + height) * zoom))
        return found

    def _small(self, picture: Picture) -> U8:
        small = cv2.resize(picture.y, self._size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.blur(small, (3, 3)), np.uint8)


class Searching:
    """Looks at one picture after the other; remembers where it found what, so as to look there again."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._looks = 0
        self._before: list[Box] = []

    def look(self, picture: Picture, moved: Sequence[Box]) -> list[Found]:
        """Everybody and everything with a name in ``picture``, and what ``moved`` without one."""
        crops = _tiles(picture.width, picture.height)
        if self._looks % _ROUND:
            # Small tiles where nothing moves and nobody was are looked at every fifth time.
            worth = [*moved, *self._before]
            crops = [crop for crop in crops if not crop.small or any(_touches(crop.box, one) for one in worth)]
        self._looks += 1
        sightings = strongest(self._detector.detect(picture, [crop.box for crop in crops]), _SAME)
        found = _whole([Found(_KINDS[one.kind], one.box) for one in sightings if one.kind in _KINDS])
        self._before = [one.box for one in found]
        named = [one.box.grown_by(0.25) for one in found]
        found += [Found(Somebody.MOVING, box) for box in moved if not _is_explained(box, named)]
        return found


class Linking:
    """Makes tracks of looks, in the order of the film; their numbers go on after ``before``."""

    def __init__(self, fps: float, before: int = 0) -> None:
        self._lost, self._before = _LOST_S * fps, before
        self._live: list[SomebodyTrack] = []
        self.tracks: list[SomebodyTrack] = []

    def take(self, frame: int, found: Sequence[Found]) -> None:
        """What the look at ``frame`` showed."""
        self._live = [track for track in self._live if frame - track.frames[-1] <= self._lost]
        worth = [[_fit(track, one, frame) for track in self._live] for one in found]
        pairs = assigned(worth)
        for row, column in pairs:
            self._live[column].frames.append(frame)
            self._live[column].boxes.append(found[row].box)
        paired = {row for row, _ in pairs}
        for row, one in enumerate(found):
            if row not in paired:
                track = SomebodyTrack(self._before + len(self.tracks) + 1, one.kind, [frame], [one.box])
                self.tracks.append(track)
                self._live.append(track)


@dataclass(frozen=True, slots=True)
class _Crop:
    box: Box
    small: bool


def _tiles(width: int, height: int) -> list[_Crop]:
    crops = []
    for share in _TILES:
        side = max(share * min(width, height) if share == 1.0 else share * width, 32.0)
        places = [(x, y) for y in _starts(height, side) for x in _starts(width, side)]
        crops += [_Crop(Box(x, y, x + side, y + side), share < _TILES[1]) for x, y in places]
    return crops


def _starts(length: int, side: float) -> list[float]:
    if length <= side:
        return [(length - side) / 2]
    count = math.ceil((length - side) / (side * _STEP)) + 1
    return [index * (length - side) / (count - 1) for index in range(count)]


def _whole(found: Sequence[Found]) -> list[Found]:
    """Without those that lie in a larger one of their kind: a head in its body, one body in two tiles."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: -one.box.area):
        if not any(one.kind is other.kind and share_inside(one.box, other.box) > _PART for other in kept):
            kept.append(one)
    return kept


def _touches(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _is_explained(box: Box, named: Iterable[Box]) -> bool:
    return any(share_inside(box, one) > _EXPLAINED for one in named)


def _fit(track: SomebodyTrack, one: Found, frame: int) -> float:
    """How well a sighting continues a track: above 0 if it can."""
    if (track.kind in (Somebody.VEHICLE, Somebody.ANIMAL)) != (one.kind in (Somebody.VEHICLE, Somebody.ANIMAL)):
        return 0.0
    if track.kind is not one.kind and Somebody.MOVING not in (track.kind, one.kind):
        return 0.0
    place = track.at(frame, frame) or track.boxes[-1]
    shared = max(overlap(place, one.box), overlap(track.boxes[-1], one.box))
    (x0, y0), (x1, y1) = track.boxes[-1].centre, one.box.centre
    reach = 0.6 * max(one.box.height, track.boxes[-1].height)
    near = 1 - math.hypot(x0 - x1, y0 - y1) / max(reach, 1.0)
    alike = 0.3 if track.kind is one.kind else 0.0
    return shared + max(near, 0.0) * 0.5 + alike if shared > 0.15 or near > 0 else 0.0


def _between(a: Box, b: Box, share: float) -> Box:
    return Box(*(p + (q - p) * share for p, q in zip(a, b, strict=True)))


def looks_of(frames: int, every: int) -> Iterator[int]:
    """The frames that are looked at: each ``every``-th, and the last."""
    yield from range(0, frames, every)
    if frames and (frames - 1) % every:
        yield frames - 1
