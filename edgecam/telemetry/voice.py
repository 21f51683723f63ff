"""Makes outgoing messages: gives each its header, its topic and its place in the session."""

from __future__ import annotations

import secrets
from typing import Literal

from edgecam.core.clock import Clock
from edgecam.core.events import Event
from edgecam.telemetry.eventtext import event_text, head_text
from edgecam.telemetry.healthmessage import Health, HealthMessage
from edgecam.telemetry.messages import Header, Moment, StatusMessage
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.topics import Identity, Topics


class Voice:
    """One camera in one session; belongs to one thread."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._topics = Topics.of(identity)
        self._clock = clock
        self._session = secrets.token_hex(8)
        self._sequence = 0
        self._head = head_text(identity.camera, identity.site, self._session)

    def status(self, state: Literal["online", "stopped", "offline"], connection: int) -> Outgoing:
        message = StatusMessage(
            **self.header().model_dump(),
            state=state,
            connection=connection,
            version=self._identity.version,
            at=Moment.at(self._clock.now()),
        )
        return Outgoing(self._topics.status, message.model_dump_json().encode(), retain=True)

    def health(self, health: Health, expiry_s: int) -> Outgoing:
        message = HealthMessage(**self.header().model_dump(), **health.model_dump())
        return Outgoing(self._topics.health, message.model_dump_json().encode(), expiry_s=expiry_s)

    def event(self, event: Event) -> Outgoing:
        """Raises: DataLoss when ``event`` cannot stand in a message."""
        return Outgoing(self._topics.event, event_text(event, self._head, self._next()))

    def header(self) -> Header:
        """The next message's header; each has its own place in the session."""
        return Header(
            camera=self._identity.camera,
            site=self._identity.site,
            session=self._session,
            sequence=self._next(),
        )

    def _next(self) -> int:
        sequence, self._sequence = self._sequence, self._sequence + 1
        return sequence
