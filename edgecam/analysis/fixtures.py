"""What keeps scoring and never moves: a parked car, a bush, a coat on its hook. Remembered, and not reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgecam.analysis.box import Box, overlap
from edgecam.core.events import EventKind

_MOST: Final = 64
_FORGOTTEN_S: Final = 900.0
_SAME_PLACE: Final = 0.5
_COVERED_SHARE: Final = 0.6


@dataclass(slots=True)
class _Fixture:
    kind: EventKind
    box: Box
    seen_s: float


class Fixtures:
    """The known ones; at most 64, each until it was not seen for a quarter of an hour of capture time."""

    def __init__(self) -> None:
        self._known: list[_Fixture] = []

    def add(self, kind: EventKind, box: Box, now_s: float) -> None:
        self._known = [*self._known, _Fixture(kind, box, now_s)][-_MOST:]

    def explain(self, kind: EventKind, box: Box, newness: float, now_s: float) -> bool:
        """Whether a sighting of ``kind`` at ``box`` is a known fixture; ``newness`` is the share of the box that
        differs from the background: where most of it does, something stands before the fixture.
        """
        for fixture in self._known:
            if fixture.kind == kind and newness < _COVERED_SHARE and overlap(fixture.box, box) > _SAME_PLACE:
                fixture.seen_s = now_s
                return True
        return False

    def settle(self, now_s: float) -> None:
        """Forget what was not seen for long."""
        self._known = [one for one in self._known if now_s - one.seen_s < _FORGOTTEN_S]
