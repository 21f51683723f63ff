"""Which moment of an event becomes its picture: one when it begins, and a better one if there is.

Pure: masked small frames, events and tracks in, pictures of their own memory out. A private frame gives none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edgecam.analysis.framing import Part, framed
from edgecam.analysis.track import Track
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

BETTER_WITHIN_S: Final = 60.0
"""Of a long event, the better picture is one of its first minute, and comes then: nothing is kept for longer."""
_MOST_FOLLOWED: Final = 24
_MOST_A_LOOK: Final = 4
_TAKEN_EVERY_S: Final = 0.5
_MUCH_BETTER: Final = 1.25
_A_LITTLE_BETTER: Final = 1.1
_AT_THE_EDGE: Final = 0.5
_EDGE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of ``event``, of ``part`` of the scene; ``box`` is where the thing was, as shares of the scene."""

    event: Event
    better: bool
    picture: Picture
    part: Part
    box: Part | None
    captured_mono_ns: int
    wall_ns: int
    mask_hash: bytes


@dataclass(slots=True)
class _Followed:
    """An event whose first picture was taken, and the best one since."""

    event: Event
    since_s: float
    quality: float
    taken_s: float
    best: Shot | None = None


class Thumbnails:
    """One camera's. Bounded: follows at most 24 events, takes at most four pictures a look."""

    def __init__(self) -> None:
        self._followed: dict[str, _Followed] = {}

    @property
    def oldest_mono_ns(self) -> int | None:
        """The capture time of the oldest picture that is kept and may still be given; ``None`` without any."""
        kept = [one.best.captured_mono_ns for one in self._followed.values() if one.best is not None]
        return min(kept, default=None)

    def observe(self, frame: SmallFrame | None, events: Sequence[Event], tracks: Sequence[Track]) -> list[Shot]:
        """The pictures that are to be kept after one look: ``events`` opened or ended with it."""
        shots: list[Shot] = []
        seen = frame is not None and not frame.private
        for event in events:
            if event.revision == 0 and seen and len(shots) < _MOST_A_LOOK:
                assert frame is not None
                shots.append(self._first(frame, event))
            if event.end_wall_ns is not None:
                shots += self._over(event.event_id)
        if seen and self._followed:
            assert frame is not None
            self._look(frame, {track.number: track for track in tracks})
            now_s = frame.captured_mono_ns / NS_PER_S
            late = [name for name, one in self._followed.items() if now_s - one.since_s > BETTER_WITHIN_S]
            shots += [shot for name in late for shot in self._over(name)]
        return shots

    def forget(self) -> list[Shot]:
        """What is better, of all that is followed; tracks begin anew."""
        return [shot for name in list(self._followed) for shot in self._over(name)]

    def _first(self, frame: SmallFrame, event: Event) -> Shot:
        shot = _shot(frame, event, event.box)
        if event.end_wall_ns is None and event.track is not None and event.box is not None:
            now_s = frame.captured_mono_ns / NS_PER_S
            while len(self._followed) >= _MOST_FOLLOWED:
                del self._followed[next(iter(self._followed))]
            self._followed[event.event_id] = _Followed(event, now_s, _quality(event.box), now_s)
        return shot

    def _look(self, frame: SmallFrame, tracks: Mapping[int, Track]) -> None:
        """Take a better picture of whom this look showed better than any before."""
        now_s, size = frame.captured_mono_ns / NS_PER_S, (frame.picture.width, frame.picture.height)
        taken = 0
        for one in self._followed.values():
            track = tracks.get(one.event.track) if one.event.track is not None else None
            if track is None or track.seen_s != now_s or now_s - one.taken_s < _TAKEN_EVERY_S:
                continue
            box = track.box.normalised(*size)
            quality = _quality(box)
            wanted = one.quality * (_MUCH_BETTER if one.best is None else _A_LITTLE_BETTER)
            if quality > wanted and taken < _MOST_A_LOOK:
                one.best, one.quality, one.taken_s = _shot(frame, one.event, box, better=True), quality, now_s
                taken += 1

    def _over(self, event_id: str) -> list[Shot]:
        one = self._followed.pop(event_id, None)
        return [] if one is None or one.best is None else [one.best]


def _shot(frame: SmallFrame, event: Event, box: Part | None, *, better: bool = False) -> Shot:
    picture, part = framed(frame.picture, box)
    return Shot(event, better, picture, part, box, frame.captured_mono_ns, frame.wall_ns, frame.mask_hash)


def _quality(box: Part) -> float:
    """How much of somebody a picture shows: their height and width, less where the picture cuts them off."""
    size = math.sqrt(max((box[2] - box[0]) * (box[3] - box[1]), 0.0))
    cut = min(box[0], box[1]) < _EDGE or max(box[2], box[3]) > 1 - _EDGE
    return size * (_AT_THE_EDGE if cut else 1.0)
