"""What a kind of object must show before it counts: the detector errs more on some kinds than on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class Demand:
    """``extra_score`` is asked on top of the least score that the owner set. What ``must_go`` is reported only once
    it went somewhere, and no longer when it rests: a parked car or a bicycle in its rack is part of the place.
    """

    extra_score: float = 0.0
    must_go: bool = False


DEMANDS: Final = {
    EventKind.PERSON: Demand(),
    EventKind.VEHICLE: Demand(must_go=True),
    EventKind.BICYCLE: Demand(extra_score=0.02, must_go=True),
    EventKind.ANIMAL: Demand(extra_score=0.08, must_go=True),
}
