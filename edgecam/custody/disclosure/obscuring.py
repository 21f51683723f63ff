"""Third parties made unrecognisable: everybody in a copy is filled with solid grey but those a person keeps.

Filling happens in the pixels before they are encoded; nothing of what was there is in the new file. When in doubt
something is filled. What the search misses a person has to find: nothing is released before somebody said that they
looked at every frame.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgecam.analysis.box import Box
from edgecam.analysis.everybody import (
    LOOK_WIDTH,
    Linking,
    Searching,
    Somebody,
    SomebodyTrack,
    StillScene,
    looks_of,
)
from edgecam.analysis.sighting import Detector
from edgecam.capture.film import Film
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.picture import Picture
from edgecam.core.told import whole_number
from edgecam.custody.disclosure.derived import FilledFrames
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.masking.shrink import shrink, small_size_for

FORMAT = "edgecam-obscuring-1"
LOOKS_PER_S = 5.0
_STRETCH_S = 60.0
_STILLS_A_STRETCH = 31
_HOLD_S = 1.2
_WIDER = 0.22
_LEAST_WIDER_SHARE = 0.008
_COVERED = frozenset({Somebody.PERSON, Somebody.MOVING})

PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ExtraBox:
    """A box that a person added, in pixels of the film, ``first_frame`` to ``last_frame`` (from 1, both in)."""

    first_frame: int
    last_frame: int
    box: PixelBox


@dataclass(frozen=True, slots=True)
class Obscuring:
    """What is to be filled in one film of ``frames`` frames.

    ``kept`` are tracks that stay visible, ``filled`` those that are filled though their kind would not be.
    """

    size: tuple[int, int]
    frames: int
    fps: float
    tracks: tuple[SomebodyTrack, ...]
    kept: frozenset[int] = frozenset()
    filled: frozenset[int] = frozenset()
    extra: tuple[ExtraBox, ...] = ()

    def decided(
        self,
        keep: frozenset[int] = frozenset(),
        fill: frozenset[int] = frozenset(),
        extra: tuple[ExtraBox, ...] = (),
    ) -> Obscuring:
        """This with a person's decisions. Raises: BadInput for a track, frame or box that there is not."""
        known = {track.number for track in self.tracks}
        if unknown := sorted((keep | fill) - known):
            raise BadInput(f"there is no track {unknown[0]}", do="look at the list of tracks", field="keep")
        if both := sorted(keep & fill):
            raise BadInput(f"track {both[0]} cannot be kept and filled", field="keep")
        width, height = self.size
        for one in extra:
            x0, y0, x1, y1 = one.box
            if not (1 <= one.first_frame <= one.last_frame <= self.frames):
                raise BadInput(f"there are frames 1 to {self.frames}", do="name some of those", field="boxes")
            if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
                raise BadInput(f"a box does not lie in the picture of {width}x{height}", field="boxes")
        return replace(self, kept=keep, filled=fill, extra=extra)

    def is_filled(self, track: SomebodyTrack) -> bool:
        if track.number in self.kept:
            return False
        return track.kind in _COVERED or track.number in self.filled

    def boxes_at(self, frame: int) -> list[PixelBox]:
        """What is filled in ``frame`` (from 0): even corners, outwards, so that chroma is filled as far as luma."""
        hold = round(_HOLD_S * self.fps)
        found = [
            self._widened(box)
            for track in self.tracks
            if self.is_filled(track) and (box := track.at(frame, hold)) is not None
        ]
        found += [one.box for one in self.extra if one.first_frame <= frame + 1 <= one.last_frame]
        return [even for one in found if (even := self._even(one)) is not None]

    def fills(self) -> Iterator[FilledFrames]:
        """What is filled, each stretch of frames in which it is the same."""
        first, last = 0, self.boxes_at(0)
        for frame in range(1, self.frames):
            boxes = self.boxes_at(frame)
            if boxes != last:
                if last:
                    yield FilledFrames(first + 1, frame, tuple(last))
                first, last = frame, boxes
        if last:
            yield FilledFrames(first + 1, self.frames, tuple(last))

    def burn(self, frame: int, picture: Picture) -> None:
        """Fill what is to be filled in ``picture``, the one of ``frame`` (from 0)."""
        for x0, y0, x1, y1 in self.boxes_at(frame):
            picture.y[y0:y1, x0:x1] = FILL_Y
            picture.u[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2] = FILL_U
            picture.v[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2] = FILL_V

    def _widened(self, box: Box) -> PixelBox:
        least = _LEAST_WIDER_SHARE * self.size[0]
        dx, dy = max(box.width * _WIDER, least), max(box.height * _WIDER, least)
        return int(box.x0 - dx), int(box.y0 - dy), int(box.x1 + dx) + 1, int(box.y1 + dy) + 1

    def _even(self, box: PixelBox) -> PixelBox | None:
        width, height = self.size
        x0, y0 = max(box[0], 0) // 2 * 2, max(box[1], 0) // 2 * 2
        x1, y1 = min(-(-box[2] // 2) * 2, width), min(-(-box[3] // 2) * 2, height)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def encode(self) -> bytes:
        """As JSON, for the folder of a review."""
        told = {
            "format": FORMAT,
            "size": self.size,
            "frames": self.frames,
            "fps": self.fps,
            "tracks": [
                {
                    "track": one.number,
                    "kind": one.kind.value,
                    "frames": one.frames,
                    "boxes": [[round(side, 1) for side in box] for box in one.boxes],
                }
                for one in self.tracks
            ],
            "keep": sorted(self.kept),
            "fill": sorted(self.filled),
            "extra": [[one.first_frame, one.last_frame, *one.box] for one in self.extra],
        }
        return ordered_json(told, escaped=True) + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> Obscuring:
        """Raises: DataLoss."""
        try:
            told = json.loads(data)
            if told["format"] != FORMAT:
                raise ValueError("another format")
            width, height = (whole_number(side) for side in told["size"])
            found = cls(
                (width, height),
                whole_number(told["frames"]),
                float(told["fps"]),
                tuple(_track(one) for one in told["tracks"]),
            )
            extra = tuple(
                ExtraBox(
                    whole_number(a),
                    whole_number(b),
                    (whole_number(c), whole_number(d), whole_number(e), whole_number(f)),
                )
                for a, b, c, d, e, f in told["extra"]
            )
            return found.decided(
                frozenset(whole_number(one) for one in told["keep"]),
                frozenset(whole_number(one) for one in told["fill"]),
                extra,
            )
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            RecursionError,
            OverflowError,
            BadInput,
        ) as broken:
            raise DataLoss("what is to be covered cannot be read", do="begin the review anew") from broken


def find_everybody(
    path: Path,
    detector: Detector,
    looks_per_s: float = LOOKS_PER_S,
    before: int = 0,
    passed: Callable[[float], None] = lambda share: None,
) -> Obscuring:
    """Look through the film at ``path``, twice; tracks are numbered from ``before`` + 1 on.

    ``passed`` hears how far it has come, 0-1.

    Raises: BadInput, DataLoss when it does not decode or holds no frame.
    """
    film = Film(path)
    every = max(1, round(film.fps / looks_per_s))
    stretch = max(1, round(_STRETCH_S * film.fps))
    still, frames = StillScene(film.size, stretch), 0
    sampled = max(1, stretch // _STILLS_A_STRETCH)
    for frame, (_, picture) in enumerate(film.frames()):
        if frame % sampled == 0:
            still.take(frame, picture)
        frames = frame + 1
    still.close()
    if not frames:
        raise DataLoss(f"{path} holds no frame")
    looks, searching, linking = set(looks_of(frames, every)), Searching(detector), Linking(film.fps, before)
    small = Picture(*small_size_for(*film.size, LOOK_WIDTH))
    zoom = film.size[0] / small.width, film.size[1] / small.height
    for frame, (_, picture) in enumerate(film.frames()):
        if frame not in looks:
            continue
        shrink(picture, small)
        found = searching.look(small, still.moved(frame, small))
        linking.take(frame, [replace(one, box=_zoomed(one.box, zoom)) for one in found])
        passed(frame / frames)
    return Obscuring(film.size, frames, film.fps, tuple(linking.tracks))


def _zoomed(box: Box, zoom: tuple[float, float]) -> Box:
    return Box(box.x0 * zoom[0], box.y0 * zoom[1], box.x1 * zoom[0], box.y1 * zoom[1])


def _track(told: Any) -> SomebodyTrack:
    frames = [whole_number(frame) for frame in told["frames"]]
    boxes = [Box(*(float(side) for side in box)) for box in told["boxes"]]
    if not frames or len(frames) != len(boxes) or frames != sorted(set(frames)):
        raise ValueError("not a track")
    return SomebodyTrack(whole_number(told["track"]), Somebody(told["kind"]), frames, boxes)
