"""A zone: a named polygon on the picture in which a rule holds."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.outline import Point


@dataclass(frozen=True, slots=True)
class Zone:
    """``polygon`` is a closed outline that does not cross itself, normalised 0-1 from the top left."""

    name: str
    polygon: tuple[Point, ...]


WHOLE_PICTURE = Zone("", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
"""The zone of a rule that names none."""
