"""Somebody went over a line: each crossing is a finding that begins and ends at once."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.rule import Direction, Rule
from edgecam.analysis.tripwire import Crossing, Tripwire
from edgecam.analysis.wording import one
from edgecam.core.events import EventKind

_WAYS: Final = {Direction.LEFT_TO_RIGHT: "from left to right", Direction.RIGHT_TO_LEFT: "from right to left"}
_DOORS: Final = {Direction.LEFT_TO_RIGHT: Direction.IN, Direction.RIGHT_TO_LEFT: Direction.OUT}


class LineCrossing:
    """See `Judge`. Also for a doorway that is drawn as a line: in is from its left to its right."""

    def __init__(self, rule: Rule, tripwire: Tripwire) -> None:
        """``tripwire`` is observed here and by nobody else."""
        self._rule, self._tripwire = rule, tripwire
        self._count = 0

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        return [self._told(crossing) for crossing in self._tripwire.observe() if self._is_meant(crossing)]

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`; nothing is ever open."""
        self._tripwire.forget()
        return []

    def _is_meant(self, crossing: Crossing) -> bool:
        meant = self._rule.direction
        return meant in (Direction.ANY, crossing.direction, _DOORS[crossing.direction])

    def _told(self, crossing: Crossing) -> Finding:
        self._count += 1
        way = crossing.direction
        if self._rule.kind == EventKind.DOORWAY:
            way = _DOORS[way]
            reason = f"{one(crossing.kind)} went {way} through {self._rule.where}"
        else:
            reason = f"{one(crossing.kind)} crossed {self._rule.where} {_WAYS[crossing.direction]}"
        return Finding(
            key=("rule", self._rule.number, self._count),
            kind=self._rule.kind,
            start_wall_ns=crossing.wall_ns,
            confidence=1 - (1 - crossing.score) ** 1.5,
            reason=reason,
            end_wall_ns=crossing.wall_ns,
            zone=self._rule.place,
            track=crossing.track,
            box=crossing.box,
            direction=way.value,
        )
