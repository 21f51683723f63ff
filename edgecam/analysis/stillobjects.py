"""Places where the scene changed lastingly: something came and stayed, or something that was there is gone.

A place begins when a whole changed patch has held still; while somebody stands at it, it is one patch with them and
waits. From then on it is known by its looks: it is there, covered by somebody, or the scene is as it was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.backgrounds import F32, TwoBackgrounds
from edgecam.analysis.box import Box
from edgecam.analysis.contour import Contour, contoured
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.core.picture import U8

_STILL_S: Final = 2.0
_SEARCH_EVERY_S: Final = 0.4
_STILL_SHARE: Final = 0.6
_LEAST_AREA: Final = 0.0004
_LEAST_PIXELS: Final = 24
_MOST_AREA: Final = 0.06
_LEAST_FILL: Final = 0.3
_MOST_STRETCH: Final = 5.0
_MOST_PLACES: Final = 16
_MARGIN: Final = 2
_ALIKE_SHARE: Final = 0.35
_LEAST_ALIKE: Final = 8.0
_RECOGNISED: Final = 0.75
_GONE_AFTER_S: Final = 1.0
_SETTLED_SHARE: Final = 0.8
_SAME_SHARE: Final = 0.75
_COVERED_FOR_S: Final = 90.0
_ABSORBED_AFTER_S: Final = 1800.0
_UNPLACED_AFTER_S: Final = 180.0
_PATCH_WEIGHT: Final = 0.05
_STEADY_TAU_S: Final = 4.0


class Showing(Enum):
    """What is to be seen of a place now."""

    THERE = "there"
    COVERED = "covered"
    GONE = "gone"


@dataclass(slots=True)
class Place:
    """One lasting change. ``box`` in pixels of the small picture, ``area`` its share of the picture, 0-1, without
    the holes. ``born_s`` is when it had come to rest, ``known_s`` how long the scene had been known there before,
    ``steady`` how much of the time it showed itself unchanged when nobody covered it, 0-1, over some seconds.
    """

    number: int
    box: Box
    area: float
    born_s: float
    born_wall_ns: int
    known_s: float
    contour: Contour
    corner: tuple[int, int]
    mask: U8
    patch: F32
    behind: F32
    showing: Showing = Showing.THERE
    showing_since_s: float = 0.0
    steady: float = 1.0

    @property
    def part(self) -> tuple[slice, slice]:
        """The rows and columns of ``mask`` in the working picture."""
        (x, y), (height, width) = self.corner, self.mask.shape
        return slice(y, y + height), slice(x, x + width)

    @property
    def came(self) -> bool:
        """Whether something came (and not went, and not only the light)."""
        return not self.light and self.contour.lean > 0.08

    @property
    def went(self) -> bool:
        """Whether something that belonged to the scene is gone."""
        return not self.light and self.contour.lean < -0.08

    @property
    def light(self) -> bool:
        """Whether only light or shadow changed: the texture is as before, or the outline fades out."""
        return self.contour.likeness > 0.8 or self.contour.sharpness < 0.06


class StillObjects:
    """Finds places and follows them; several judges share one. Bounded: 16 places of 6 % of the picture each."""

    def __init__(self) -> None:
        self._grounds: TwoBackgrounds | None = None
        self._places: list[Place] = []
        self._count = 0
        self._seen_s: float | None = None
        self._searched_s = float("-inf")

    @property
    def places(self) -> list[Place]:
        """All places that are known, oldest first."""
        return self._places

    def forget(self) -> None:
        """Drop every place and learn the scene anew."""
        self._places = []
        self._seen_s, self._searched_s = None, float("-inf")
        if self._grounds is not None:
            self._grounds.forget()

    def observe(self, look: Look) -> None:
        """Take in one look; again with the same look changes nothing."""
        if self._seen_s == look.now_s:
            return
        self._seen_s = look.now_s
        luma = look.motion.luma
        if self._grounds is None or self._grounds.now.shape != luma.shape:
            self._grounds = TwoBackgrounds((luma.shape[0], luma.shape[1]))
        self._grounds.observe(luma, look.elapsed_s)
        if self._grounds.relit:
            self._places = []
        for place in self._places:
            _follow(place, self._grounds, look)
        self._places = [place for place in self._places if not _is_over(place, self._grounds, look.now_s)]
        if look.now_s - self._searched_s >= _SEARCH_EVERY_S:
            self._searched_s = look.now_s
            self._search(look, self._grounds)

    def differing_share(self, box: Box, look: Look, aside: Place) -> float:
        """The share of ``box`` that differs from the long background, what belongs to ``aside`` left out, 0-1."""
        if self._grounds is None:
            return 0.0
        differs = self._grounds.differs
        to_x, to_y = look.picture.width / differs.shape[1], look.picture.height / differs.shape[0]
        x0, y0 = max(int(box.x0 / to_x), 0), max(int(box.y0 / to_y), 0)
        x1, y1 = min(int(box.x1 / to_x) + 1, differs.shape[1]), min(int(box.y1 / to_y) + 1, differs.shape[0])
        if x1 <= x0 or y1 <= y0:
            return 0.0
        part = differs[y0:y1, x0:x1].copy()
        (x, y), (height, width) = aside.corner, aside.mask.shape
        part[max(y - y0, 0) : max(y + height - y0, 0), max(x - x0, 0) : max(x + width - x0, 0)] = 0
        return cv2.countNonZero(part) / part.size

    def _absorb(self, place: Place) -> None:
        """Take the place for part of the scene, and forget it."""
        if self._grounds is not None:
            grown = cv2.dilate(place.mask, np.ones((3, 3), np.uint8))
            self._grounds.absorb(np.asarray(grown, np.uint8), *place.corner)
        self._places = [one for one in self._places if one is not place]

    def _search(self, look: Look, grounds: TwoBackgrounds) -> None:
        for place in list(self._places):
            if look.now_s - place.born_s > _ABSORBED_AFTER_S:
                self._absorb(place)
        still = np.asarray(grounds.still_s >= _STILL_S, np.uint8)
        for place in self._places:
            still[place.part] = 0
        if cv2.countNonZero(still) < _LEAST_PIXELS:
            return
        count, labels, stats, _ = cv2.connectedComponentsWithStats(grounds.differs, connectivity=8)
        least = max(_LEAST_AREA * still.size, _LEAST_PIXELS)
        for label in range(1, count):
            x, y, width, height, area = (int(value) for value in stats[label])
            if area < least or cv2.countNonZero(still[y : y + height, x : x + width]) < _STILL_SHARE * area:
                continue
            part = np.asarray((labels[y : y + height, x : x + width] == label) * np.uint8(255), np.uint8)
            steady = cv2.countNonZero(cv2.bitwise_and(still[y : y + height, x : x + width], part))
            if steady >= _STILL_SHARE * area:
                self._begin(look, grounds, part, (x, y), area)

    def _begin(self, look: Look, grounds: TwoBackgrounds, part: U8, corner: tuple[int, int], area: int) -> None:
        height, width = part.shape
        x, y = corner
        under = part > 0
        still_s = float(np.median(grounds.still_s[y : y + height, x : x + width][under]))
        shape = grounds.differs.shape
        plausible = (
            area <= _MOST_AREA * grounds.differs.size
            and area >= _LEAST_FILL * width * height
            and max(width, height) <= _MOST_STRETCH * min(width, height)
        )
        if not plausible or len(self._places) >= _MOST_PLACES:
            if still_s > _UNPLACED_AFTER_S:
                grounds.absorb(part, x, y)
            return
        x0, y0 = max(x - _MARGIN, 0), max(y - _MARGIN, 0)
        x1, y1 = min(x + width + _MARGIN, shape[1]), min(y + height + _MARGIN, shape[0])
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        mask[y - y0 : y - y0 + height, x - x0 : x - x0 + width] = part
        known_s = float(np.median(grounds.known_s[y0:y1, x0:x1][mask > 0]))
        patch, behind = grounds.short[y0:y1, x0:x1].copy(), grounds.long[y0:y1, x0:x1].copy()
        to_x, to_y = look.picture.width / shape[1], look.picture.height / shape[0]
        self._count += 1
        place = Place(
            self._count,
            Box(x * to_x, y * to_y, (x + width) * to_x, (y + height) * to_y),
            area / grounds.differs.size,
            look.now_s - still_s,
            after(look.wall_ns, -still_s),
            known_s,
            contoured(patch, behind, mask),
            (x0, y0),
            mask,
            patch,
            behind,
            showing_since_s=look.now_s,
        )
        self._places.append(place)


def _is_over(place: Place, grounds: TwoBackgrounds, now_s: float) -> bool:
    """Whether the scene is as it was, or something else came to rest there."""
    showing_s = now_s - place.showing_since_s
    if place.showing is Showing.GONE:
        return showing_s >= _GONE_AFTER_S
    if place.showing is Showing.THERE or showing_s < _STILL_S:
        return False
    part = place.part
    under = place.mask > 0
    differs = (grounds.differs[part] > 0) & under
    calm = (grounds.still_s[part] >= _STILL_S) & under
    if np.count_nonzero(calm) < _SETTLED_SHARE * np.count_nonzero(differs) or _stirs(place, grounds):
        return showing_s >= _COVERED_FOR_S
    if np.count_nonzero(calm) < _SAME_SHARE * np.count_nonzero(under):
        return True
    # The same shape in another light.
    np.copyto(place.patch, grounds.short[part])
    np.copyto(place.behind, grounds.long[part])
    place.showing, place.showing_since_s = Showing.THERE, now_s
    return False


def _stirs(place: Place, grounds: TwoBackgrounds) -> bool:
    """Whether what is to be seen at the place is not at rest."""
    step = np.abs(grounds.now[place.part] - grounds.short[place.part])[place.mask > 0]
    return float((step > _LEAST_ALIKE).mean()) > 1 - _SETTLED_SHARE


def _follow(place: Place, grounds: TwoBackgrounds, look: Look) -> None:
    """Compare the place with how it looked, and with how the scene looked before."""
    if grounds.gain != 1.0:
        place.patch *= grounds.gain
        place.behind *= grounds.gain
    now = grounds.now[place.part]
    under = place.mask > 0
    apart = np.abs(place.patch - place.behind)[under]
    bound = np.maximum(_ALIKE_SHARE * apart, _LEAST_ALIKE)
    there = float((np.abs(now - place.patch)[under] < bound).mean())
    before = float((np.abs(now - place.behind)[under] < bound).mean())
    showing = Showing.COVERED
    if there >= _RECOGNISED and there >= before:
        showing = Showing.THERE
        _learn(place, now)
    elif before >= _RECOGNISED:
        showing = Showing.GONE
    if showing is not place.showing:
        place.showing, place.showing_since_s = showing, look.now_s
    weight = min(look.elapsed_s / _STEADY_TAU_S, 1.0)
    place.steady += weight * ((showing is Showing.THERE) - place.steady)


def _learn(place: Place, now: F32) -> None:
    """Let the looks follow slow light; what lies behind is brought to the same light."""
    ratio = float(now.mean()) / max(float(place.patch.mean()), 1.0)
    place.behind *= 1 + _PATCH_WEIGHT * (min(max(ratio, 0.8), 1.25) - 1)
    cv2.accumulateWeighted(now, place.patch, _PATCH_WEIGHT)
