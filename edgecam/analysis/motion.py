"""Background motion on the small luma picture: where something is that was not there, and where it stirs.

A running average is the background. Before the comparison it is brought to the light of the moment by one gain
(the median ratio over pixels at rest), so that a lamp, a cloud or an exposure step is no motion. Each pixel has
its own threshold from how much it usually changes between looks, so that leaves fall silent after seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.box import Box
from edgecam.analysis.smoothing import newest_share
from edgecam.core.picture import U8

F32 = NDArray[np.float32]

WORK_WIDTH: Final = 320
_REST_TAU_S: Final = 8.0
_CHANGED_TAU_S: Final = 60.0
_RESTLESS_TAU_S: Final = 20.0
_RESTLESS_CAP: Final = 24
_LEAST_DIFFERENCE: Final = 11.0
_RESTLESS_WEIGHT: Final = 4.0
_STIR_DIFFERENCE: Final = 7.0
_LIGHT_SHARE: Final = 0.55
_LEAST_AREA: Final = 0.0005
_MOST_REGIONS: Final = 24
_WARM_UP_S: Final = 1.0
_LEAST_STIR: Final = 0.12
_SHAPE_REACH: Final = 9
_LEAST_SHAPE: Final = 3.0
_SAME_SHAPES: Final = 0.7


@dataclass(frozen=True, slots=True)
class Region:
    """A connected place that differs from the background.

    ``box`` in pixels of the small picture; ``area`` is its share of the picture, ``stir`` the share of its pixels
    that also changed since the last look, both 0-1: a thing put down has area but no stir.
    """

    box: Box
    area: float
    stir: float

    @property
    def stirs(self) -> bool:
        """Whether so much of it changed that something goes on there."""
        return self.stir >= _LEAST_STIR


class MotionModel:
    """Learns the background of one camera. Memory is fixed; the same pictures give the same regions."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._scale = max(1, round(width / WORK_WIDTH))
        self._work = (max(8, width // self._scale), max(8, height // self._scale))
        self._to_x, self._to_y = width / self._work[0], height / self._work[1]
        shape = (self._work[1], self._work[0])
        self.luma = np.empty(shape, np.uint8)
        self._now = np.empty(shape, np.uint8)
        self._last = np.zeros(shape, np.uint8)
        self._step = np.empty(shape, np.uint8)
        self._background = np.zeros(shape, np.float32)
        self._restless = np.zeros(shape, np.float32)
        self._difference = np.empty(shape, np.float32)
        self._threshold = np.empty(shape, np.float32)
        self._changed = np.zeros(shape, np.uint8)
        self._stirred = np.zeros(shape, np.uint8)
        self.resting = np.full(shape, 255, np.uint8)
        self._open = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        self._join = np.ones((7, 5), np.uint8)
        self._learned_s = -1.0

    @property
    def settled(self) -> bool:
        """Whether enough was seen to tell motion from rest."""
        return self._learned_s >= _WARM_UP_S

    def holds(self, x: float, y: float) -> bool:
        """Whether a point, in pixels of the small picture, lies inside it."""
        return 0 <= x < self.width and 0 <= y < self.height

    def share(self, box: Box) -> float:
        """How much of the small picture ``box`` takes, 0-1."""
        return box.area / (self.width * self.height)

    @property
    def changed(self) -> U8:
        """Where the last look differed from the background, 255; of ``luma``'s shape, valid until the next look."""
        return self._changed

    def forget(self) -> None:
        """Learn anew from the next look."""
        self._learned_s = -1.0
        self._changed[:] = 0
        self._stirred[:] = 0

    def observe(self, luma: U8, elapsed_s: float) -> list[Region]:
        """What moves in ``luma`` (``(height, width)`` uint8), ``elapsed_s`` after the look before; largest first.

        The answer is empty while the model warms up and while the light changes everywhere at once.
        """
        cv2.resize(luma, self._work, dst=self.luma, interpolation=cv2.INTER_AREA)
        cv2.blur(self.luma, (3, 3), dst=self._now)
        if self._learned_s < 0:
            self._background[:] = self._now
            self._restless[:] = 1.0
            self._learned_s = 0.0
        else:
            self._compare()
            self._learn(elapsed_s)
        np.copyto(self._last, self._now)
        if not self.settled or not cv2.countNonZero(self._changed):
            return []
        return self._regions()

    def changed_share(self, box: Box) -> float:
        """The share of ``box`` that differs from the background, 0-1."""
        return self._share(self._changed, box)

    def stirred_share(self, box: Box) -> float:
        """The share of ``box`` that changed since the last look, 0-1."""
        return self._share(self._stirred, box)

    def newness(self, box: Box) -> float:
        """The share of ``box`` that differs from the background, 0-1; none where the same shapes stand in another
        light: a beam or a shadow that falls on a parked car makes no car of it.
        """
        rows, columns = self._inside(box)
        return (
            0.0
            if _same_shapes(self._now[rows, columns], self._background[rows, columns])
            else self.changed_share(box)
        )

    def _share(self, marked: U8, box: Box) -> float:
        rows, columns = self._inside(box)
        part = marked[rows, columns]
        return cv2.countNonZero(part) / part.size if part.size else 0.0

    def _inside(self, box: Box) -> tuple[slice, slice]:
        """The rows and columns of the work picture that ``box`` touches."""
        x0, y0 = max(int(box.x0 / self._to_x), 0), max(int(box.y0 / self._to_y), 0)
        return slice(y0, max(math.ceil(box.y1 / self._to_y), 0)), slice(x0, max(math.ceil(box.x1 / self._to_x), 0))

    def _compare(self) -> None:
        gain = self._gain()
        if abs(gain - 1) > 0.01:
            np.multiply(self._background, gain, out=self._background)
            np.minimum(self._background, 255.0, out=self._background)
            cv2.convertScaleAbs(self._last, dst=self._last, alpha=gain)
        cv2.absdiff(self._now.astype(np.float32), self._background, dst=self._difference)
        np.multiply(self._restless, _RESTLESS_WEIGHT, out=self._threshold)
        np.add(self._threshold, _LEAST_DIFFERENCE, out=self._threshold)
        cv2.compare(self._difference, self._threshold, cv2.CMP_GT, dst=self._changed)
        cv2.morphologyEx(self._changed, cv2.MORPH_OPEN, self._open, dst=self._changed)
        cv2.absdiff(self._now, self._last, dst=self._step)
        # What usually flickers does not count as stirring either.
        np.add(self._threshold, _STIR_DIFFERENCE - _LEAST_DIFFERENCE, out=self._threshold)
        cv2.compare(self._step.astype(np.float32), self._threshold, cv2.CMP_GT, dst=self._stirred)

    def _gain(self) -> float:
        """How much brighter the resting part of the picture is now than the background."""
        now, background = self._now[2::8, 2::8], self._background[2::8, 2::8]
        usable = (self._changed[2::8, 2::8] == 0) & (background > 16) & (background < 235) & (now < 245)
        if np.count_nonzero(usable) < 40:
            return 1.0
        ratio = float(np.median(now[usable] / background[usable]))
        return min(max(ratio, 0.5), 2.0)

    def _learn(self, elapsed_s: float) -> None:
        self._learned_s += elapsed_s
        light = cv2.countNonZero(self._changed) > _LIGHT_SHARE * self._changed.size
        if light:
            # Everything changed at once: that is light, not a thing. Take the picture as it is now.
            self._background[:] = self._now
            self._changed[:] = 0
            self._stirred[:] = 0
        cv2.bitwise_not(self._changed, dst=self.resting)
        rest_s = min(_REST_TAU_S, max(self._learned_s, 0.2))
        cv2.accumulateWeighted(self._now, self._background, newest_share(elapsed_s, rest_s), mask=self.resting)
        if cv2.countNonZero(self._changed):
            # A young model may have learned things that were just passing; it lets go of them sooner.
            slow = newest_share(elapsed_s, min(_CHANGED_TAU_S, 2.0 + 1.5 * self._learned_s))
            cv2.accumulateWeighted(self._now, self._background, slow, mask=self._changed)
        if not light:
            np.minimum(self._step, _RESTLESS_CAP, out=self._step)
            restless_s = min(_RESTLESS_TAU_S, max(2.0, self._learned_s))
            cv2.accumulateWeighted(self._step, self._restless, newest_share(elapsed_s, restless_s))

    def _regions(self) -> list[Region]:
        joined = cv2.dilate(self._changed, self._join)
        count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        found: list[Region] = []
        order = np.argsort(-stats[1:count, cv2.CC_STAT_AREA], kind="stable")
        for index in order[:_MOST_REGIONS] + 1:
            x, y, w, h, _ = (int(v) for v in stats[index])
            area = cv2.countNonZero(self._changed[y : y + h, x : x + w])
            if area < _LEAST_AREA * self._changed.size:
                continue
            stir = cv2.countNonZero(self._stirred[y : y + h, x : x + w]) / area
            rows, columns = _spanned(self._changed[y : y + h, x : x + w])
            box = Box(
                (x + columns[0]) * self._to_x,
                (y + rows[0]) * self._to_y,
                (x + columns[1]) * self._to_x,
                (y + rows[1]) * self._to_y,
            )
            found.append(Region(box, area / self._changed.size, min(stir, 1.0)))
        return found


def _same_shapes(now: U8, background: F32) -> bool:
    """Whether two pictures of a place show the same edges, whatever lights them; not where there are hardly any."""
    if min(now.shape) < 4:
        return False
    fine_now = now.astype(np.float32)
    fine_now -= cv2.blur(fine_now, (_SHAPE_REACH, _SHAPE_REACH))
    fine_background = background - cv2.blur(background, (_SHAPE_REACH, _SHAPE_REACH))
    strong = float(np.vdot(fine_background, fine_background))
    if strong < _LEAST_SHAPE**2 * now.size:
        return False
    alike = float(np.vdot(fine_now, fine_background))
    return alike > _SAME_SHAPES * math.sqrt(strong * float(np.vdot(fine_now, fine_now)))


def _spanned(marked: U8) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and one past the last row, and column, that hold a mark (there is at least one)."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)
