"""What a judge of the scene says: that something began, or that it is over."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from edgecam.analysis.box import Box
from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class Finding:
    """The first finding of a ``key`` opens an event, one with an ``end_wall_ns`` ends it; others change nothing.

    A finding that is new and has its end already (a line was crossed) is an event that opens and ends at once.
    ``box`` in pixels of the small picture, ``confidence`` 0-1, ``reason`` one English sentence without a full stop,
    ``direction`` one of `Direction`, where there is one.
    """

    key: Hashable
    kind: EventKind
    start_wall_ns: int
    confidence: float
    reason: str
    end_wall_ns: int | None = None
    zone: str | None = None
    track: int | None = None
    box: Box | None = None
    direction: str | None = None

    def ended(self, wall_ns: int) -> Finding:
        """The same, over at ``wall_ns``, or at its start when that is later."""
        return replace(self, end_wall_ns=max(wall_ns, self.start_wall_ns))
