"""An event of a video, in seconds from its first frame."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class ClipEvent:
    """An event as its last revision tells it; times in seconds from the video's first frame.

    ``raised_s`` is the frame with which it was first told: what was sure then may have begun before.
    """

    kind: EventKind
    zone: str | None
    start_s: float
    end_s: float
    confidence: float
    reason: str
    track: int | None
    box: tuple[float, float, float, float] | None
    raised_s: float
