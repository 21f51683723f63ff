"""Makes one `Health` out of what the recorder says, what the board shows and what waits in the outbox."""

from __future__ import annotations

import math
from collections.abc import Iterable

from edgecam.core.clock import Instant
from edgecam.core.status import Fault, RecorderStatus
from edgecam.telemetry.board import BoardReading
from edgecam.telemetry.messages import FaultEntry, Health, Moment, trust_name


def tell_health(
    *,
    now: Instant,
    version: str,
    recorder: RecorderStatus | None,
    board: BoardReading,
    faults: Iterable[Fault],
    outbox_events: int,
    outbox_lost: int,
) -> Health:
    """The camera's health at ``now``; a ``recorder`` of ``None`` is one that is silent, so it does not record."""
    said = recorder or RecorderStatus()
    return Health(
        at=Moment.at(now),
        version=version,
        recording=said.recording,
        resting=said.resting,
        private=said.private,
        fps=_finite(said.fps),
        frames_dropped=max(said.frames_dropped, 0),
        bit_rate_kbps=_finite(said.bit_rate_kbps),
        days_kept=_finite(said.days_kept),
        days_owed=_finite(said.days_owed),
        days_forecast=_finite(said.days_forecast),
        last_gap_s=_finite(said.last_gap_s),
        last_gap_cause=said.last_gap_cause,
        wear_percent=_finite(said.wear_percent),
        medium_life=said.medium_life or None,
        damaged_segments=max(said.damaged_segments, 0),
        clock_trust=trust_name(now.trust),
        disk_free_bytes=board.disk_free_bytes,
        memory_available_bytes=board.memory_available_bytes,
        memory_total_bytes=board.memory_total_bytes,
        cpu_temperature_c=_finite(board.cpu_temperature_c),
        load_1min=_finite(board.load_1min),
        uptime_s=_finite(board.uptime_s),
        outbox_events=outbox_events,
        outbox_lost=outbox_lost,
        faults=tuple(FaultEntry(code=fault.code, sentence=fault.sentence) for fault in faults),
    )


def _finite(value: float | None) -> float | None:
    # A forecast over a ring that nothing is written to yet is infinite; JSON has no such number.
    return round(value, 3) if value is not None and math.isfinite(value) else None
