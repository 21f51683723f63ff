"""Motion in a zone that nobody could name: for rules whose owner would rather hear too much than too little."""

from __future__ import annotations

import math
from typing import Final

from edgecam.analysis.area import Area
from edgecam.analysis.box import Box
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.motion import Region
from edgecam.analysis.rule import Rule
from edgecam.analysis.stirring import unnamed_regions
from edgecam.core.events import EventKind

_FROM_SENSITIVITY: Final = 0.8
_LEAST_HEIGHT: Final = 0.04
_AFTER_S: Final = 1.5
_GAP_S: Final = 0.7
_WENT_SHARE: Final = 0.5
_CONFIDENCE: Final = 0.35


class Nameless:
    """Follows the largest thing that stirs in the zone and is no known object; it must go somewhere: leaves do not.

    Below a sensitivity of 0.8 it says nothing.
    """

    def __init__(self, rule: Rule, area: Area) -> None:
        self._rule, self._area = rule, area
        self._first: tuple[int, float, Box] | None = None
        self._seen_s = 0.0
        self._went = False

    def forget(self) -> None:
        """Begin anew."""
        self._first, self._went = None, False

    def observe(self, look: Look) -> Finding | None:
        """What goes through the zone now, with its end so far; ``None`` when nothing does."""
        if self._rule.sensitivity < _FROM_SENSITIVITY or EventKind.PERSON not in self._rule.objects:
            return None
        region = self._largest(look)
        if region is None:
            if look.now_s - self._seen_s > _GAP_S:
                self.forget()
            return None
        self._seen_s = look.now_s
        if self._first is None:
            self._first = (look.wall_ns, look.now_s, region.box)
        first_wall_ns, first_s, first = self._first
        size = max(min(first.width, first.height), 1.0)
        self._went = self._went or math.dist(first.centre, region.box.centre) > _WENT_SHARE * size
        if look.now_s - first_s < _AFTER_S or not self._went:
            return None
        return Finding(
            key=("nameless", self._rule.number),
            kind=EventKind.INTRUSION,
            start_wall_ns=first_wall_ns,
            confidence=_CONFIDENCE,
            reason=f"something unrecognised goes through {self._rule.where}",
            end_wall_ns=look.wall_ns,
            zone=self._rule.place,
            box=region.box,
        )

    def _largest(self, look: Look) -> Region | None:
        height = look.picture.height
        least = max(_LEAST_HEIGHT, self._rule.min_size) * height
        return next(
            (
                region
                for region in sorted(unnamed_regions(look), key=lambda one: -one.area)
                if region.box.height >= least and self._area.depth(*region.box.foot) >= 0
            ),
            None,
        )
