"""One look of the analysis, as whatever judges it gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgecam.analysis.motion import MotionModel, Region
from edgecam.analysis.track import Track
from edgecam.core.picture import Picture


@dataclass(frozen=True, slots=True)
class Look:
    """What one look showed, valid until the next one.

    ``now_s`` is capture time and ``elapsed_s`` how much of it passed since the look before, seconds; ``regions``
    is what differs from the background or stirs, ``tracks`` every live object, confirmed or not. Nothing of it may
    be kept but values that were copied out.
    """

    now_s: float
    wall_ns: int
    elapsed_s: float
    picture: Picture
    motion: MotionModel
    regions: Sequence[Region]
    tracks: Sequence[Track]
