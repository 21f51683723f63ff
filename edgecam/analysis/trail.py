"""Whether motion that nobody named came to a place from elsewhere, or went away from it.

A drop on the lens, a lamp, a shadow change a place where they are and leave it at that. Who carries a thing comes
and goes: one stirring region after the other, each near the one before.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from edgecam.analysis.box import Box

_BREAK_S: Final = 1.2
_REACH: Final = 1.0
_LEAST_LIKE: Final = 0.35
_AWAY: Final = 1.0
_LEAST_STEPS: Final = 3
_MOST: Final = 24


@dataclass(frozen=True, slots=True)
class _Step:
    """A region at one moment, ``number`` steps from the place."""

    at_s: float
    box: Box
    number: int


@dataclass(slots=True)
class Trail:
    """Grows from ``place`` from sample to sample, forwards or backwards in time; boxes in pixels of one picture.

    Memory is bounded: the newest 24 steps.
    """

    place: Box
    away: bool = False
    _steps: list[_Step] = field(default_factory=list)
    _ended: bool = False

    def end(self) -> None:
        """Follow no further."""
        self._ended = True
        self._steps = []

    def follow(self, at_s: float, boxes: Iterable[Box]) -> None:
        """Take in where something stirred at ``at_s``; `away` says afterwards whether the trail left the place."""
        if self.away or self._ended:
            return
        live = [step for step in self._steps if abs(at_s - step.at_s) <= _BREAK_S]
        new: list[_Step] = []
        for box in boxes:
            if _apart(box, self.place) <= 0:
                new.append(_Step(at_s, box, 0))
                continue
            before = [step.number for step in live if _follows(box, step.box)]
            if before:
                new.append(_Step(at_s, box, min(before) + 1))
        self._steps = (live + new)[-_MOST:]
        self.away = any(step.number >= _LEAST_STEPS and _apart(step.box, self.place) > _AWAY for step in new)


def _follows(box: Box, before: Box) -> bool:
    """Whether one body may have been at ``before`` and then at ``box``."""
    sizes = max(box.width, box.height), max(before.width, before.height)
    return min(sizes) >= _LEAST_LIKE * max(sizes) and _apart(box, before) <= _REACH


def _apart(box: Box, other: Box) -> float:
    """The space between two boxes in sizes of the first (its longer side); 0 where they touch."""
    dx = max(other.x0 - box.x1, box.x0 - other.x1, 0.0)
    dy = max(other.y0 - box.y1, box.y0 - other.y1, 0.0)
    return math.hypot(dx, dy) / max(box.width, box.height, 1.0)
