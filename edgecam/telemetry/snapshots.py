"""A masked picture of the moment an alarm begins, for a camera whose owner wants that.

Off unless the owner switched it on. The payload is a plain age file of a JPEG, whatever the broker is, or a plain
JPEG where the owner said that the broker is their own home's. What it shows stands beside it, as user properties.
"""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.errors import EdgecamError, NotAllowed
from edgecam.core.events import Event, EventKind
from edgecam.core.jpeg import JpegEncoder
from edgecam.core.recent import EventChanges
from edgecam.core.smallframes import SmallFrame
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.messages import Count, Header, Moment, Trust, Utc
from edgecam.telemetry.publication import Incoming, Outgoing
from edgecam.telemetry.topics import Topics
from edgecam.telemetry.urgency import Urgency, urgency_of
from edgecam.telemetry.voice import Voice

MOST_A_MINUTE: Final = 6
# For whoever looks now; later there is the recording. Unseen ones must not fill a broker's memory.
EXPIRY_S: Final = 600
_STALE_S: Final = 3
_MINUTE_NS: Final = 60 * NS_PER_S

Form = Literal["sealed", "plain", "private", "missing"]


class SnapshotProperties(Header):
    """What stands beside a snapshot, as MQTT user properties: each field as text, one that is null not at all.

    ``picture`` says what the payload is: ``sealed``, an age file of a JPEG; ``plain``, a JPEG; ``private``, none,
    for all was masked; ``missing``, none, for there was no picture or nobody to seal it to. Time, size and mask
    hash (SHA-256 in hex) are those of the picture; ``event_id`` and ``kind`` those of the alarm.
    """

    event_id: str
    kind: EventKind
    picture: Form
    captured_utc: Utc | None = None
    captured_trust: Trust | None = None
    mask_hash: str | None = None
    width: Count | None = None
    height: Count | None = None

    def told(self) -> tuple[tuple[str, str], ...]:
        """Names with values, as they go on the wire."""
        return tuple(
            (name, str(value)) for name, value in self.model_dump(mode="json").items() if value is not None
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """Pictures leave only as what ``seal`` makes of them: an age file for those who may open footage."""

    seal: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class OwnHome:
    """The owner's word that the broker at ``address`` is their own home's, and may see pictures."""

    address: Address

    def __post_init__(self) -> None:
        """Raises: NotAllowed when others could read or take the broker's place on the way."""
        if not self.address.tls and not _is_this_machine(self.address.host):
            raise NotAllowed(
                f"no picture is sent to {self.address}: the way there is not encrypted",
                do='reach the broker by mqtts://, or set snapshots = "sealed"',
                safe="no picture leaves the camera",
            )


@dataclass(frozen=True, slots=True)
class _Taken:
    """A masked picture as JPEG; ``jpeg`` is empty when all of it was masked."""

    jpeg: bytes
    width: int
    height: int
    captured_mono_ns: int
    moment: Moment


class Snapshots:
    """A `Speaker`: one snapshot for each alarm that begins while the broker is there, six a minute at most."""

    subscriptions: Sequence[str] = ()

    def __init__(
        self,
        receiver: Sealed | OwnHome,
        topics: Topics,
        voice: Voice,
        changes: EventChanges,
        newest: Callable[[], SmallFrame | None],
        mask_hash: Callable[[], str],
        clock: Clock,
    ) -> None:
        """``newest`` gives a masked picture that it has not given yet.

        ``mask_hash`` is of what is burnt now, empty where nobody knows.
        """
        self._receiver = receiver
        self._topic = topics.snapshot
        self._voice = voice
        self._changes = changes
        self._newest = newest
        self._mask_hash = mask_hash
        self._clock = clock
        self._encoder = JpegEncoder()
        self._taken: _Taken | None = None
        self._sent_ns: deque[int] = deque(maxlen=MOST_A_MINUTE)
        # Replaced whole: another thread reads it.
        self.faults: tuple[Fault, ...] = ()

    def connected(self) -> None:
        """Pass over what began before: a picture of now would show something else."""
        self._changes.look()

    def heard(self, message: Incoming) -> None:
        """Nothing is listened to."""

    def say(self) -> Sequence[Outgoing]:
        """The snapshots of alarms that began since the last look."""
        now = self._clock.now()
        begun = [change.event for change in self._changes.look() if change.began and _is_alarm(change.event)]
        said = [self._snapshot(event, now) for event in begun if self._is_due(now.mono_ns)]
        if self._taken is not None and _is_stale(self._taken.captured_mono_ns, now.mono_ns):
            self._taken = None
            self._encoder.forget()
        return said

    def _is_due(self, now_ns: int) -> bool:
        if len(self._sent_ns) == MOST_A_MINUTE and now_ns - self._sent_ns[0] < _MINUTE_NS:
            return False
        self._sent_ns.append(now_ns)
        return True

    def _snapshot(self, event: Event, now: Instant) -> Outgoing:
        taken = self._take(now)
        if taken is None:
            return self._told(event, "missing")
        if not taken.jpeg:
            return self._told(event, "private", taken)
        if isinstance(self._receiver, OwnHome):
            return self._told(event, "plain", taken, taken.jpeg, "image/jpeg")
        try:
            sealed = self._receiver.seal(taken.jpeg)
        except EdgecamError as refused:
            self.faults = (Fault("snapshots", f"no snapshot can be sealed: {refused}"),)
            return self._told(event, "missing")
        self.faults = ()
        return self._told(event, "sealed", taken, sealed, "application/age")

    def _take(self, now: Instant) -> _Taken | None:
        """The newest picture, ``None`` when there is none of the last three seconds."""
        frame = self._newest()
        if frame is not None:
            self._taken = _Taken(
                b"" if frame.private else self._encoder.encode(frame.picture),
                frame.picture.width,
                frame.picture.height,
                frame.captured_mono_ns,
                Moment.told(frame.wall_ns, now.trust),
            )
        taken = self._taken
        return None if taken is None or _is_stale(taken.captured_mono_ns, now.mono_ns) else taken

    def _told(
        self, event: Event, form: Form, taken: _Taken | None = None, payload: bytes = b"", content_type: str = ""
    ) -> Outgoing:
        properties = SnapshotProperties(
            **self._voice.header().model_dump(),
            event_id=event.event_id,
            kind=event.kind,
            picture=form,
            captured_utc=taken.moment.utc if taken else None,
            captured_trust=taken.moment.trust if taken else None,
            mask_hash=(self._mask_hash() or None) if taken else None,
            width=taken.width if taken else None,
            height=taken.height if taken else None,
        )
        return Outgoing(
            self._topic,
            payload,
            expiry_s=EXPIRY_S,
            content_type=content_type,
            user_properties=properties.told(),
        )


def _is_alarm(event: Event) -> bool:
    return urgency_of(event.kind) is Urgency.ALARM


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_stale(captured_mono_ns: int, now_mono_ns: int) -> bool:
    return now_mono_ns - captured_mono_ns > _STALE_S * NS_PER_S
