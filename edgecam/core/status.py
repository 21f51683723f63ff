"""How each process says how it is: one small JSON file in RAM, replaced whole, read by anyone allowed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from edgecam.core.durable import open_shared


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong now: a stable ``code``, and the sentence for a person."""

    code: str
    sentence: str


@dataclass(slots=True)
class RecorderStatus:
    """The recorder's state; times in seconds or nanoseconds as named, counts since this process started.

    ``days_policy`` is what the policy asks for at least, ``days_owed`` how much of it can be there by now.
    ``resting`` says that it is outside the recording hours, which begin at ``resting_until_wall_ns`` (0: unknown):
    then nothing is recorded and nothing is wrong. ``wear_percent`` is how much of the medium's life is used,
    ``None`` for unknown, ``medium_life`` the same in words; ``aim`` is the name of its `AimState` and what follows
    is of its `AimReading`; ``time_trust`` is the name of the clock's `TimeTrust` in lower case;
    ``damaged_segments`` lie in the ring and are known to be damaged. ``encoder`` is "x264" or "board",
    ``bit_rate_limit_kbps`` what it may use now. ``gaps_24h`` ended within a day and were not outside the recording
    hours, ``gaps_24h_s`` is how long they were together. ``private_by`` ordered that all is private, until
    ``private_until_wall_ns`` (0: until somebody ends it); empty when nobody did. ``restarts`` counts this process's
    deaths.
    """

    pid: int = 0
    beat_mono_ns: int = 0
    recording: bool = False
    resting: bool = False
    resting_until_wall_ns: int = 0
    private: bool = True
    private_by: str = ""
    private_until_wall_ns: int = 0
    source: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    frames: int = 0
    frames_dropped: int = 0
    encoder: str = ""
    bit_rate_kbps: float = 0.0
    bit_rate_limit_kbps: int = 0
    segments: int = 0
    last_commit_mono_ns: int = 0
    days_kept: float = 0.0
    days_owed: float = 0.0
    days_forecast: float = 0.0
    days_policy: float = 0.0
    ring_size_bytes: int = 0
    time_trust: str = "unset"
    mask_hash: str = ""
    aim: str = ""
    aim_right: float = 0.0
    aim_down: float = 0.0
    aim_off: float = 0.0
    aim_confirmed_by: str = ""
    aim_confirmed_wall_ns: int = 0
    last_gap_s: float = 0.0
    last_gap_cause: str = ""
    gaps_24h: int = 0
    gaps_24h_s: float = 0.0
    audio_dropped: bool = False
    wear_percent: float | None = None
    medium_life: str = ""
    damaged_segments: int = 0
    holds: int = 0
    hold_bytes: int = 0
    holds_review_due: int = 0
    restarts: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class ObserverStatus:
    """The observer's state; ``habits`` says in words how far it knows what is usual at this hour.

    ``silences`` are the kinds that are counted and not told now, each with ``kind``, ``place``, ``by``,
    ``until_wall_ns`` and ``events``; ``events_silenced`` were not told since this process started.
    """

    pid: int = 0
    beat_mono_ns: int = 0
    frames: int = 0
    detector: str = ""
    look_ms: float = 0.0
    last_event: str = ""
    last_event_wall_ns: int = 0
    events: int = 0
    habits: str = ""
    silences: list[dict[str, Any]] = field(default_factory=list)
    events_silenced: int = 0
    restarts: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class HubStatus:
    """The hub's state; ``broker`` is one of connected, connecting, refused, off.

    ``outbox_losses`` tells ``outbox_lost`` by its causes.
    """

    pid: int = 0
    beat_mono_ns: int = 0
    broker: str = "off"
    broker_address: str = ""
    outbox: int = 0
    outbox_lost: int = 0
    outbox_losses: dict[str, int] = field(default_factory=dict)
    page: str = ""
    restarts: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class CareStatus:
    """How the care of the board is; ``light`` is the name of its `Light`, empty where filter and lamp have no pins.

    ``brightness`` is the masked picture's mean luma (0-255), ``switches`` counts changes between day and night,
    ``button`` is the name of its state, ``hot`` says whether the analysis was asked to do less. ``starts`` are in
    the log of restarts, ``last_ended`` says how the board's run before this one ended.
    """

    pid: int = 0
    beat_mono_ns: int = 0
    light: str = ""
    brightness: float | None = None
    switches: int = 0
    button: str = ""
    temperature_c: float | None = None
    hot: bool = False
    starts: int = 0
    last_ended: str = ""
    faults: list[Fault] = field(default_factory=list)


Status = TypeVar("Status", RecorderStatus, ObserverStatus, HubStatus, CareStatus)


def publish_status(path: Path, status: RecorderStatus | ObserverStatus | HubStatus | CareStatus) -> None:
    """Replace the file at ``path`` (in RAM) by ``status``. Raises: OSError."""
    beside = path.with_name(f".{path.name}.new")
    descriptor = open_shared(beside, os.O_WRONLY | os.O_TRUNC)
    with open(descriptor, "w") as file:
        json.dump(asdict(status), file)
    os.replace(beside, path)


def read_status(path: Path, kind: type[Status]) -> Status | None:
    """What the process last said, or ``None`` when it has said nothing that can be read."""
    try:
        fields: dict[str, Any] = json.loads(path.read_bytes())
        fields["faults"] = [Fault(str(f["code"]), str(f["sentence"])) for f in fields.get("faults", [])]
        return kind(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
