"""What the measured camera says: an alarm, and the health of one that works."""

from __future__ import annotations

from pathlib import Path

from edgecam.core.clock import SystemClock
from edgecam.core.events import Event, EventKind
from edgecam.core.status import HubStatus, ObserverStatus, RecorderStatus
from edgecam.telemetry.board import Board
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.healthmessage import Health

_CLOCK = SystemClock()


def alarm(name: str, revision: int = 0) -> Event:
    """As the analysis tells them: with a box, a zone, a track and a sentence."""
    now = _CLOCK.now()
    return Event(
        event_id=name,
        revision=revision,
        kind=EventKind.INTRUSION,
        start_wall_ns=now.wall_ns,
        end_wall_ns=now.wall_ns if revision else None,
        trust=int(now.trust),
        confidence=0.8132,
        reason="A person has been inside the zone yard for 2.4 s.",
        track=1234,
        box=(0.1021, 0.2204, 0.3342, 0.4451),
        zone="yard",
    )


def health() -> Health:
    """All that the parts tell, with this machine's own readings."""
    now = _CLOCK.now()
    recorder = RecorderStatus(
        pid=1, beat_mono_ns=now.mono_ns, recording=True, private=False, fps=15.0, bit_rate_kbps=1874.2,
        days_kept=12.4, days_owed=14.0, days_forecast=15.1, wear_percent=30.0, source="picamera2",
    )  # fmt: skip
    return tell_health(
        now=now,
        version="0.1.0",
        recorder=recorder,
        observer=ObserverStatus(pid=1, beat_mono_ns=now.mono_ns, detector="efficientdet-lite0", look_ms=61.2),
        hub=HubStatus(pid=1, beat_mono_ns=now.mono_ns),
        board=Board(Path("/")).read(),
        faults=(),
    )
