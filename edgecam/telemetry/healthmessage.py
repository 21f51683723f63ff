"""What a health message holds, by subject; on the wire all of it stands side by side, so that names must differ.

``None`` means that nobody knows: the board has no such sensor, or the part that would is silent.
"""

from __future__ import annotations

from typing import Literal

from edgecam.telemetry.messages import Count, Frozen, Header, Moment, Trust
from edgecam.telemetry.outbox import Loss
from edgecam.telemetry.throttling import Throttling

SourceKind = Literal["picamera", "v4l2", "rtsp", "file", "scene"]
EncoderKind = Literal["x264", "board"]
MaskLife = Literal["none", "draft", "proposed", "confirmed", "locked"]
AimWord = Literal["unguarded", "unconfirmed", "steady", "drifted", "moved", "lost", "blind"]


class FaultEntry(Frozen):
    """Something wrong now: a stable code for machines, a sentence for people."""

    code: str
    sentence: str


class Running(Frozen):
    """What runs, and by which clock.

    ``version_since`` is when this version of edgecam first ran here: its last update. ``update_waiting`` is the
    newer version that is offered, empty for none; ``None`` where nobody looks, or nobody wants to be told.
    """

    at: Moment
    version: str
    version_since: Moment | None
    update_waiting: str | None
    clock_trust: Trust


class Filming(Frozen):
    """Whether and how it films.

    ``resting`` says that it is outside the recording hours: then it does not record and nothing is wrong.
    ``private`` that the whole picture is masked. ``source`` is the kind of source; its address may hold a password
    and is not told. ``bit_rate_limit_kbps`` (kilobits per second) is what the encoder may use now: less than the
    settings allow while the ring needs it to keep its days.
    """

    recording: bool
    resting: bool
    private: bool
    source: SourceKind | None
    width: Count | None
    height: Count | None
    fps: float | None
    frames_dropped: Count | None
    encoder: EncoderKind | None
    bit_rate_kbps: float | None
    bit_rate_limit_kbps: Count | None


class Keeping(Frozen):
    """How footage is kept.

    ``days_owed`` is what must be there by now, ``days_policy`` what the policy asks for at least, ``days_kept``
    what lies in the ring, ``days_forecast`` what it will hold at the present rate. ``gaps_24h`` counts the gaps
    that ended within the last 24 hours and were not outside the recording hours, ``gaps_24h_s`` is how long they
    were together; a gap of unknown length counts as 0 s. ``last_gap_s`` is 0 where that gap's length is not known.
    ``wear_percent`` is how much of the medium's life is used, ``medium_life`` the same in words;
    ``damaged_segments`` of the ring are known to be damaged. Holds are footage that is kept longer than the rest.
    """

    last_commit_age_s: float | None
    days_kept: float | None
    days_owed: float | None
    days_policy: float | None
    days_forecast: float | None
    last_gap_s: float | None
    last_gap_cause: str | None
    gaps_24h: Count | None
    gaps_24h_s: float | None
    ring_size_bytes: Count | None
    damaged_segments: Count | None
    wear_percent: float | None
    medium_life: str | None
    holds: Count | None
    hold_bytes: Count | None
    holds_review_due: Count | None


class Seeing(Frozen):
    """What is masked, where the camera looks, and who looks at the picture.

    ``mask_state`` is where the newest set of masks stands, ``mask_hash`` (64 hexadecimal digits) names the set that
    is burnt, ``None`` when there is none. ``aim_off_percent`` is the farthest that any point of the picture went
    since a person confirmed the view, in percent of the picture's width. ``look_ms`` is how long one look at a
    picture takes.
    """

    mask_state: MaskLife | None
    mask_hash: str | None
    aim: AimWord | None
    aim_off_percent: float | None
    detector: str | None
    look_ms: float | None


class BoardHealth(Frozen):
    """How the board is.

    ``throttled_now`` says what the board's firmware holds against it at this moment, ``throttled_since_boot`` what
    it ever did since the board started. ``cpu_frequency_mhz`` is what the kernel asks for: a throttled processor
    may run slower. ``disk_…`` is the file system that holds keys and outbox. ``wifi_signal_dbm`` is the weakest of
    all wireless interfaces in use.
    """

    cpu_temperature_c: float | None
    cpu_frequency_mhz: float | None
    throttled_now: tuple[Throttling, ...] | None
    throttled_since_boot: tuple[Throttling, ...] | None
    load_1min: float | None
    uptime_s: float | None
    memory_available_bytes: Count | None
    memory_total_bytes: Count | None
    disk_free_bytes: Count | None
    disk_read_only: bool | None
    wifi_signal_dbm: float | None


class PartHealth(Frozen):
    """One process: how long ago it last said that it lives, how often it was started anew, its resident memory."""

    beat_age_s: float
    restarts: Count
    memory_bytes: Count | None


class Parts(Frozen):
    """The agent's processes; ``None`` for one that has said nothing yet, or is switched off."""

    recorder: PartHealth | None
    observer: PartHealth | None
    hub: PartHealth | None


# The last base comes first on the wire.
class Health(BoardHealth, Seeing, Keeping, Filming, Running):
    """What an operator needs to know, as far as it is known now; `None` where it is not.

    ``outbox_events`` wait for the broker, ``outbox_lost`` were dropped before it had them, since the outbox was
    first made; ``outbox_losses`` says how many of these by cause. ``faults`` are those that stand now.
    """

    outbox_events: Count
    outbox_lost: Count
    outbox_losses: dict[Loss, Count]
    parts: Parts
    faults: tuple[FaultEntry, ...]


class HealthMessage(Health, Header):
    """How the camera is. It expires, so that an old reading never looks fresh."""
