"""The shapes of what the page is told; moments are Unix milliseconds, which JavaScript holds exactly."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.events import Event
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.web.condition import Condition
from edgecam.web.parts import Stretch

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """``unlocked_s``: for how long this browser's footage stays open if it is not used; 0 when it is locked."""

    camera_name: str
    now_ms: int
    condition: Condition
    faults: list[Fault]
    unlocked_s: int
    recorder: RecorderStatus | None
    observer: ObserverStatus | None
    hub: HubStatus | None


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """One event; ``end_ms`` is ``None`` while it lasts."""

    event_id: str
    revision: int
    kind: str
    start_ms: int
    end_ms: int | None
    trust: int
    confidence: float
    reason: str
    zone: str | None

    @classmethod
    def of(cls, event: Event) -> EventAnswer:
        return cls(
            event.event_id,
            event.revision,
            event.kind.value,
            event.start_wall_ns // NS_PER_MS,
            None if event.end_wall_ns is None else event.end_wall_ns // NS_PER_MS,
            event.trust,
            event.confidence,
            event.reason,
            event.zone,
        )


@dataclass(frozen=True, slots=True)
class StretchAnswer:
    """A piece of the past; ``gap_cause`` is ``None`` where there is footage."""

    start_ms: int
    end_ms: int
    private: bool
    gap_cause: str | None

    @classmethod
    def of(cls, stretch: Stretch) -> StretchAnswer:
        return cls(
            stretch.start_wall_ns // NS_PER_MS, stretch.end_wall_ns // NS_PER_MS, stretch.private, stretch.gap_cause
        )


@dataclass(frozen=True, slots=True)
class LockAnswer:
    """Seconds for which footage stays open if it is not used; 0 when it is locked."""

    unlocked_s: int
