"""Makes one `Health` out of what the parts say, what the board shows and what waits in the outbox."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar, get_args

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.telemetry.board import BoardReading
from edgecam.telemetry.healthmessage import (
    AimWord,
    BoardHealth,
    EncoderKind,
    FaultEntry,
    Filming,
    Health,
    Keeping,
    MaskLife,
    PartHealth,
    Parts,
    Seeing,
    SourceKind,
)
from edgecam.telemetry.messages import Moment, trust_name
from edgecam.telemetry.outbox import Loss

Word = TypeVar("Word", bound=str)


def tell_health(
    *,
    now: Instant,
    version: str,
    recorder: RecorderStatus | None,
    observer: ObserverStatus | None,
    hub: HubStatus | None,
    board: BoardReading,
    faults: Iterable[Fault],
    silent: Collection[str] = (),
    version_since: Moment | None = None,
    update_waiting: str | None = None,
    mask_state: str = "",
    memory_of: Callable[[int], int | None] = lambda _pid: None,
) -> Health:
    """The camera's health at ``now``.

    What a part last said counts unless its name is in ``silent``: a recorder that says nothing does not record.
    ``memory_of`` tells the resident bytes of a process.
    """
    heard_recorder = None if "recorder" in silent else recorder
    heard_observer = None if "observer" in silent else observer

    def part(said: RecorderStatus | ObserverStatus | HubStatus | None) -> PartHealth | None:
        if said is None or not said.pid:
            return None
        age_s = max(now.mono_ns - said.beat_mono_ns, 0) / NS_PER_S
        return PartHealth(beat_age_s=round(age_s, 1), restarts=said.restarts, memory_bytes=memory_of(said.pid))

    return Health(
        at=Moment.at(now),
        version=version,
        version_since=version_since,
        update_waiting=update_waiting,
        clock_trust=trust_name(now.trust),
        **_filming(heard_recorder).model_dump(),
        **_keeping(heard_recorder, now).model_dump(),
        **_seeing(heard_recorder, heard_observer, mask_state).model_dump(),
        **_board(board).model_dump(),
        outbox_events=hub.outbox if hub else 0,
        outbox_lost=hub.outbox_lost if hub else 0,
        outbox_losses={Loss(cause): lost for cause, lost in hub.outbox_losses.items()} if hub else {},
        parts=Parts(recorder=part(recorder), observer=part(observer), hub=part(hub)),
        faults=tuple(FaultEntry(code=fault.code, sentence=fault.sentence) for fault in faults),
    )


def _filming(said: RecorderStatus | None) -> Filming:
    if said is None:
        nothing = dict.fromkeys(Filming.model_fields)
        return Filming.model_validate({**nothing, "recording": False, "resting": False, "private": True})
    return Filming(
        recording=said.recording,
        resting=said.resting,
        private=said.private,
        source=_word(said.source.partition(":")[0].replace("rtsps", "rtsp"), get_args(SourceKind)),
        width=said.width or None,
        height=said.height or None,
        fps=_finite(said.fps),
        frames_dropped=max(said.frames_dropped, 0),
        encoder=_word(said.encoder, get_args(EncoderKind)),
        bit_rate_kbps=_finite(said.bit_rate_kbps),
        bit_rate_limit_kbps=said.bit_rate_limit_kbps or None,
    )


def _keeping(said: RecorderStatus | None, now: Instant) -> Keeping:
    if said is None:
        return Keeping.model_validate(dict.fromkeys(Keeping.model_fields))
    committed_ns = said.last_commit_mono_ns
    return Keeping(
        last_commit_age_s=_finite(max(now.mono_ns - committed_ns, 0) / NS_PER_S) if committed_ns else None,
        days_kept=_finite(said.days_kept),
        days_owed=_finite(said.days_owed),
        days_policy=_finite(said.days_policy),
        days_forecast=_finite(said.days_forecast),
        last_gap_s=_finite(said.last_gap_s),
        last_gap_cause=said.last_gap_cause,
        gaps_24h=said.gaps_24h,
        gaps_24h_s=_finite(said.gaps_24h_s),
        ring_size_bytes=said.ring_size_bytes or None,
        damaged_segments=max(said.damaged_segments, 0),
        wear_percent=_finite(said.wear_percent),
        medium_life=said.medium_life or None,
        holds=said.holds,
        hold_bytes=said.hold_bytes,
        holds_review_due=said.holds_review_due,
    )


def _seeing(recorder: RecorderStatus | None, observer: ObserverStatus | None, mask_state: str) -> Seeing:
    aim = _word(recorder.aim, get_args(AimWord)) if recorder else None
    return Seeing(
        mask_state=_word(mask_state, get_args(MaskLife)),
        mask_hash=recorder.mask_hash or None if recorder else None,
        aim=aim,
        aim_off_percent=_finite(100 * recorder.aim_off) if recorder and aim in ("drifted", "moved") else None,
        detector=observer.detector or None if observer else None,
        look_ms=_finite(observer.look_ms) if observer and observer.frames else None,
    )


def _board(read: BoardReading) -> BoardHealth:
    return BoardHealth(
        cpu_temperature_c=_finite(read.cpu_temperature_c),
        cpu_frequency_mhz=_finite(read.cpu_frequency_mhz),
        throttled_now=read.throttling.now if read.throttling else None,
        throttled_since_boot=read.throttling.since_boot if read.throttling else None,
        load_1min=_finite(read.load_1min),
        uptime_s=_finite(read.uptime_s),
        memory_available_bytes=read.memory_available_bytes,
        memory_total_bytes=read.memory_total_bytes,
        disk_free_bytes=read.disk_free_bytes,
        disk_read_only=read.disk_read_only,
        wifi_signal_dbm=_finite(read.wifi_signal_dbm),
    )


def _word(said: str, known: tuple[Word, ...]) -> Word | None:
    """``said`` when it is one of ``known``: a part of another version may say what this contract does not know."""
    return next((word for word in known if word == said), None)


def _finite(value: float | None) -> float | None:
    # A forecast over a ring that nothing is written to yet is infinite; JSON has no such number.
    return round(value, 3) if value is not None and math.isfinite(value) else None
