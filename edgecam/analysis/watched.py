"""What an owner asks a judge of things and postures to watch for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgecam.analysis.box import Box

Covers = Callable[[float, float], bool]
"""Whether the pixel ``(x, y)`` of the small picture lies in the zone and is not masked."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a rule asks for.

    ``zone`` is its zone's name (``None``: the whole picture), ``least_height`` in pixels of the small picture,
    ``sensitivity`` 0-1, ``key`` tells rules of one kind apart.
    """

    zone: str | None
    covers: Covers
    dwell_s: float
    least_height: float
    sensitivity: float
    key: str

    @property
    def least_confidence(self) -> float:
        """What a finding must reach, 0-1: 0.55 at the usual 0.5, only the clearest at 0."""
        return 0.9 - 0.7 * min(max(self.sensitivity, 0.0), 1.0)

    @property
    def where(self) -> str:
        """The zone as a part of a sentence."""
        return f" in {self.zone}" if self.zone else ""

    def is_over(self, box: Box) -> bool:
        """Whether what fills ``box`` is in the zone, by the middle of its lower half."""
        return self.covers(box.centre[0], box.y0 + 0.75 * box.height)

    def holds(self, box: Box) -> bool:
        """Whether what fills ``box`` is in the zone and tall enough."""
        return box.height >= self.least_height and self.is_over(box)
