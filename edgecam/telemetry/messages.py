"""What the camera says of itself and of what it saw: frozen models, checked when they are made, JSON on the wire.

A model's docstring and its fields are the published contract: `edgecam/telemetry/contract.py` makes it of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind

SCHEMA_VERSION: Final = 1
# Without a zone, so that the text has none: UTC is what the "Z" behind it says.
_EPOCH: Final = datetime(1970, 1, 1)

Trust = Literal["unset", "restored", "synced"]
_TRUST_NAMES: Final[dict[int, Trust]] = {
    TimeTrust.UNSET: "unset",
    TimeTrust.RESTORED: "restored",
    TimeTrust.SYNCED: "synced",
}
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
# As it stands in topics.
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Utc = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json_schema_extra={"format": "date-time"})
]
# Corners 0-1 from the top left: x0, y0, x1, y1.
Box = Annotated[
    tuple[Share, Share, Share, Share],
    WithJsonSchema(
        {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 4, "maxItems": 4}
    ),
]


class Frozen(BaseModel):
    """What every model of the wire is built on: frozen, no field but its own, no number that JSON cannot say."""

    # Infinity and NaN are not JSON; a reader elsewhere would refuse the whole message.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True
    )


class Moment(Frozen):
    """A wall time: RFC 3339 in UTC with milliseconds, and how far that clock could be believed."""

    utc: Utc
    trust: Trust

    @classmethod
    def told(cls, wall_ns: int, trust: int) -> Self:
        """The moment ``wall_ns`` (nanoseconds since 1970 UTC). Raises: DataLoss when no calendar has it."""
        try:
            return cls(utc=utc_text(wall_ns), trust=trust_name(trust))
        except ValueError as broken:
            raise DataLoss(
                "a time in an event record is impossible", safe="the recording is not touched"
            ) from broken

    @classmethod
    def at(cls, instant: Instant) -> Self:
        return cls.told(instant.wall_ns, instant.trust)


def utc_text(wall_ns: int) -> str:
    """``wall_ns`` as `Utc` has it. Raises: ValueError when no calendar has it."""
    try:
        return (_EPOCH + timedelta(milliseconds=wall_ns // 1_000_000)).isoformat(timespec="milliseconds") + "Z"
    except OverflowError as broken:
        raise ValueError("no calendar has this time") from broken


def trust_name(trust: int) -> Trust:
    """The word for a `TimeTrust`. Raises: ValueError for a number that is none."""
    try:
        return _TRUST_NAMES[trust]
    except KeyError as unknown:
        raise ValueError(f"{trust} is no trust") from unknown


class Header(Frozen):
    """What every message starts with.

    ``session`` names one run of the agent. ``sequence`` grows with each message of that session; a hole alone means
    nothing (the broker keeps one message as the will).
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    camera: Name
    site: Name
    session: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
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
    box: Box | None
    zone: str | None
    track: int | None

    @classmethod
    def told(cls, event: Event, header: Header) -> Self:
        """``event`` as it is sent. Raises: DataLoss when it could not stand in a message."""
        end = None if event.end_wall_ns is None else Moment.told(event.end_wall_ns, event.trust)
        try:
            return cls(
                **dict(header),
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
