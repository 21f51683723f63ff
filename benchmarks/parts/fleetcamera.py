"""One simulated camera: connects, tells, comes back after every loss, as `edgecam.telemetry.link` does."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edgecam.telemetry.backoff import CROWD_S, Backoff
from edgecam.telemetry.connection import Manner
from parts.fleetloop import Loop, Timer
from parts.fleetpackets import PINGREQ
from parts.fleetsession import Session
from parts.fleetstream import REFUSED
from parts.fleettally import Tally
from parts.fleetwords import FIRST_COUNT, LAST_COUNT, Name, Words

_HEALTHY_S = 30.0  # as `edgecam.telemetry.link` has it
_PING_AFTER: Final = 1.25


@dataclass(slots=True)
class Surroundings:
    """What the cameras of one process have in common; ``backoff`` makes a camera's own."""

    loop: Loop
    port: int
    words: Words
    manner: Manner
    health_period_s: float
    tally: Tally
    backoff: Callable[[str], Backoff]


class Camera:
    """Belongs to one thread. Without ``context`` it speaks plain TCP."""

    __slots__ = (
        "_around",
        "_backoff",
        "_connection",
        "_context",
        "_count",
        "_health",
        "_next_try",
        "_said_s",
        "_session",
        "_since_s",
        "_there",
        "_tried_s",
        "_waiting",
        "name",
    )

    def __init__(self, around: Surroundings, name: Name, context: ssl.SSLContext | None) -> None:
        self.name = name
        self._around, self._context = around, context
        self._backoff = Backoff()
        self._session: Session | None = None
        self._since_s: float | None = None
        self._said_s = self._tried_s = 0.0
        self._there = False
        self._connection = self._count = FIRST_COUNT
        self._waiting: list[str] = []
        self._health: Timer | None = None
        self._next_try: Timer | None = None

    def connect_after(self, delay_s: float) -> None:
        self._next_try = self._around.loop.after(delay_s, self._try)

    def brace(self) -> None:
        """As after days of connection: the next loss counts as the first."""
        self._backoff = self._around.backoff(self.name.camera)

    def tell(self, event_id: str) -> None:
        """Tell of an event now, or as soon as there is a connection."""
        self._around.tally.open += 1
        if self._since_s is None:
            self._waiting.append(event_id)
        else:
            self._say_event(event_id)

    def vanish(self, *, silently: bool) -> None:
        """Be gone: the connection breaks, or it stays open to the broker and nothing comes over it any more."""
        self._rest()
        if self._next_try is not None:
            self._next_try.cancel()
        if self._session is not None and silently:
            self._session.freeze()
        elif self._session is not None:
            self._session.close()
            self._session = None

    def come_back(self) -> None:
        """After `vanish`: the network is there again, and the camera finds out at its next try."""
        if self._session is not None:
            self._session.close()
            self._session = None
        self._backoff = Backoff()
        self.connect_after(self._backoff.next_s())

    # A session's speaker.

    def connect(self) -> bytes:
        self._connection = min(self._connection + 1, LAST_COUNT)
        return self._around.words.connect.of(self.name, count=self._counted(), connection=self._connection)

    def established(self) -> None:
        assert self._session is not None
        words = self._around.words
        self._since_s = time.monotonic()
        self._around.tally.connected += 1
        number, count = self._session.next_number(), self._counted()
        online = words.online.of(self.name, number=number, count=count, connection=self._connection)
        self._publish("online", number, online)
        self._session.send(words.subscribe.of(self.name, number=self._session.next_number()))
        self._say_health()
        waiting, self._waiting = self._waiting, []
        for event_id in waiting:
            self._say_event(event_id)

    def refused(self, kind: str, event_id: str, code: int) -> None:
        self._around.tally.open -= 1
        self._around.tally.refused[f"{kind} 0x{code:02x}"] += 1

    def acknowledged(self, kind: str, event_id: str, wait_s: float) -> None:
        tally = self._around.tally
        tally.open -= 1
        tally.acknowledged[kind] += 1
        tally.waits_s.append(wait_s)
        tally.last_acknowledged_s = time.monotonic()
        if kind == "online" and not self._there:
            self._there = True
            tally.there += 1
            tally.last_back_s = tally.last_acknowledged_s

    def ended(self, why: str) -> None:
        tally, since_s = self._around.tally, self._since_s
        if since_s is None:
            tally.failed.append((self._tried_s, why))
        else:
            tally.ended[why] += 1
        self._rest()
        self._session = None
        if since_s is not None and time.monotonic() - since_s >= _HEALTHY_S:
            self._backoff.reset()
        if why == REFUSED:
            self._backoff.at_most(CROWD_S)
        self.connect_after(self._backoff.next_s())

    def _try(self) -> None:
        around = self._around
        around.tally.tries += 1
        self._tried_s = time.monotonic()
        self._session = Session(around.loop, around.port, self._context, around.manner, self)

    def _rest(self) -> None:
        """Not connected any more: events that were under way wait, all else is forgotten."""
        unanswered = self._session.unanswered() if self._session is not None else []
        events = [event_id for _, event_id in unanswered if event_id]
        self._waiting = events + self._waiting
        self._around.tally.open -= len(unanswered) - len(events)
        if self._health is not None:
            self._health.cancel()
        self._since_s = None
        self._around.tally.there -= self._there
        self._there = False

    def _say_health_again(self) -> None:
        assert self._session is not None
        if time.monotonic() - self._said_s >= _PING_AFTER * self._around.manner.keepalive_s:
            # As the agent: no ping where something was published within about the keep alive.
            self._around.tally.sent["ping"] += 1
            self._session.send(PINGREQ)
        self._say_health()

    def _say_health(self) -> None:
        assert self._session is not None
        number = self._session.next_number()
        self._publish(
            "health", number, self._around.words.health.of(self.name, number=number, count=self._counted())
        )
        self._health = self._around.loop.after(self._around.health_period_s, self._say_health_again)

    def _say_event(self, event_id: str) -> None:
        assert self._session is not None
        number, count = self._session.next_number(), self._counted()
        packet = self._around.words.event.of_event(self.name, event_id, number=number, count=count)
        self._publish("event", number, packet, event_id)

    def _publish(self, kind: str, number: int, packet: bytes, event_id: str = "") -> None:
        assert self._session is not None
        self._said_s = time.monotonic()
        self._around.tally.sent[kind] += 1
        self._around.tally.open += not event_id
        self._session.publish(kind, number, packet, event_id)

    def _counted(self) -> int:
        self._count = self._count + 1 if self._count < LAST_COUNT else FIRST_COUNT
        return self._count
