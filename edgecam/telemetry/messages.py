"""What the camera says on each topic: frozen models, checked when they are made, JSON on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind

SCHEMA_VERSION: Final = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Trust = Literal["unset", "restored", "synced"]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class _Frozen(BaseModel):
    # Infinity and NaN are not JSON; a reader elsewhere would refuse the whole message.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Moment(_Frozen):
    """A wall time: RFC 3339 in UTC with milliseconds, and how far that clock could be believed."""

    utc: str
    trust: Trust

    @classmethod
    def told(cls, wall_ns: int, trust: int) -> Self:
        """The moment ``wall_ns`` (nanoseconds since 1970 UTC). Raises: DataLoss when no calendar has it."""
        try:
            when = _EPOCH + timedelta(milliseconds=wall_ns // 1_000_000)
            return cls(utc=when.isoformat(timespec="milliseconds").replace("+00:00", "Z"), trust=trust_name(trust))
        except (OverflowError, ValueError) as broken:
            raise DataLoss(
                "a time in an event record is impossible", safe="the recording is not touched"
            ) from broken

    @classmethod
    def at(cls, instant: Instant) -> Self:
        return cls.told(instant.wall_ns, instant.trust)


def trust_name(trust: int) -> Trust:
    """The word for a `TimeTrust`. Raises: ValueError for a number that is none."""
    names: dict[TimeTrust, Trust] = {
        TimeTrust.UNSET: "unset",
        TimeTrust.RESTORED: "restored",
        TimeTrust.SYNCED: "synced",
    }
    return names[TimeTrust(trust)]


class Header(_Frozen):
    """What every message starts with.

    ``session`` names one run of the agent. ``sequence`` grows with each message of that session; a hole alone means
    nothing (the broker keeps one message as the will).
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    camera: str
    site: str
    session: str
    sequence: Count


class StatusMessage(Header):
    """Whether the camera can be reached; retained.

    ``connection`` counts the connections of this session: an ``offline`` with a lower one than the last ``online``
    of the same session comes late and means nothing. ``at`` is when the camera wrote it; the broker's ``offline``
    was written as the connection was made.
    """

    state: Literal["online", "stopped", "offline"]
    connection: Count
    version: str
    at: Moment


class FaultEntry(_Frozen):
    """Something wrong now: a stable code for machines, a sentence for people."""

    code: str
    sentence: str


class Health(_Frozen):
    """What an operator needs to know, as far as it is known now; ``None`` where it is not.

    ``bit_rate_kbps`` is kilobits per second. ``days_owed`` is what the policy asks for, ``days_kept`` what lies in
    the ring, ``days_forecast`` what the ring will hold at the present rate. ``resting`` says that it is outside the
    recording hours: then it does not record and nothing is wrong. ``wear_percent`` is how much of the
    medium's life is used, ``medium_life`` the same in words; ``damaged_segments`` of the ring are known to be
    damaged.
    """

    at: Moment
    version: str
    recording: bool
    resting: bool
    private: bool
    fps: float | None
    frames_dropped: Count
    bit_rate_kbps: float | None
    days_kept: float | None
    days_owed: float | None
    days_forecast: float | None
    last_gap_s: float | None
    last_gap_cause: str
    wear_percent: float | None
    medium_life: str | None
    damaged_segments: Count
    clock_trust: Trust
    disk_free_bytes: Count | None
    memory_available_bytes: Count | None
    memory_total_bytes: Count | None
    cpu_temperature_c: float | None
    load_1min: float | None
    uptime_s: float | None
    outbox_events: Count
    outbox_lost: Count
    faults: tuple[FaultEntry, ...]


class HealthMessage(Header, Health):
    """`Health` as it is sent."""


class EventMessage(Header):
    """An event; ``(camera, event_id, revision)`` is its identity: whoever got it once may forget a second copy.

    ``box`` is ``[x0, y0, x1, y1]``, 0-1 from the top left. ``end`` is ``None`` while the event lasts.
    """

    event_id: str
    revision: Count
    kind: EventKind
    start: Moment
    end: Moment | None
    confidence: Share
    reason: str
    box: tuple[Share, Share, Share, Share] | None
    zone: str | None
    track: int | None

    @classmethod
    def told(cls, event: Event, header: Header) -> Self:
        """``event`` as it is sent. Raises: DataLoss when it could not stand in a message."""
        end = None if event.end_wall_ns is None else Moment.told(event.end_wall_ns, event.trust)
        try:
            return cls(
                **header.model_dump(),
                event_id=event.event_id,
                revision=event.revision,
                kind=event.kind,
                start=Moment.told(event.start_wall_ns, event.trust),
                end=end,
                confidence=event.confidence,
                reason=event.reason,
                box=event.box,
                zone=event.zone,
                track=event.track,
            )
        except ValidationError as broken:
            raise DataLoss("an event cannot be told as a message", safe="the recording is not touched") from broken
