"""What is said over one connection: online, health, events, and stopped at the end."""

from __future__ import annotations

import logging
import select
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.messages import Health
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.pump import Pump
from edgecam.telemetry.topics import Identity
from edgecam.telemetry.verdict import BrokerState, Verdict, of_code
from edgecam.telemetry.voice import Voice
from edgecam.telemetry.wakeup import Wakeup

_FAREWELL_S = 2.0
_HEALTH_LIVES_PERIODS = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkState:
    """How it stands with the broker now, and what is wrong."""

    broker: BrokerState
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a conversation needs, the same for every connection of a link."""

    address: Address
    credentials: Credentials
    identity: Identity
    manner: Manner
    outbox: Outbox
    voice: Voice
    health: Callable[[], Health]
    health_period_s: float
    clock: Clock
    wakeup: Wakeup
    doorbell: Doorbell | None
    show: Callable[[LinkState], None]


class Conversation:
    """One connection from its opening to its end; belongs to one thread."""

    def __init__(self, around: Surroundings, number: int) -> None:
        self._around = around
        self._number = number
        self._clock = around.clock
        self._connection = Connection(around.address, around.manner, around.identity.camera, around.clock)
        self._pump = Pump(around.outbox, around.voice, self._connection, around.address, around.clock)
        self._refusal: Verdict | None = None
        self._health_ns = 0
        self._rang = False
        self.established_ns: int | None = None

    def hold(self) -> Verdict | None:
        """Talk until the connection ends, and say why; ``None`` when this side was asked to stop."""
        around = self._around
        self._connection.open(around.credentials, around.voice.status("offline", self._number))
        try:
            while self._connection.ended is None and not around.wakeup.asked:
                if self._connection.established:
                    self._talk()
                self._sleep(self._wait_limit_s(), also_others=True)
            if self._connection.ended is None and self._connection.established:
                self._say_goodbye()
        finally:
            self._connection.close()
        return None if around.wakeup.asked else self._connection.ended

    def _talk(self) -> None:
        if self.established_ns is None:
            self.established_ns = self._clock.mono_ns()
            _log.info("connected to %s", self._around.address)
            self._publish(self._around.voice.status("online", self._number))
        if self._clock.mono_ns() >= self._health_ns and self._connection.room > 0:
            self._say_health()
        self._pump.turn(self._rang)
        self._rang = False
        self._show()

    def _say_health(self) -> None:
        period_s = self._around.health_period_s
        self._health_ns = self._clock.mono_ns() + int(period_s * NS_PER_S)
        try:
            health = self._around.health()
        except Exception:  # noqa: BLE001 - the caller's own code: events must not wait for a reading that fails
            _log.exception("health could not be told, the next try is in %s s", period_s)
            return
        message = self._around.voice.health(health, int(period_s * _HEALTH_LIVES_PERIODS))
        if self._connection.fits(message):
            self._publish(message)

    def _publish(self, message: Outgoing) -> None:
        if self._connection.ended is None:
            self._connection.publish(message, self._answered)

    def _answered(self, code: ReasonCode) -> None:
        self._refusal = of_code(self._around.address, code) if code.is_failure else None

    def _show(self) -> None:
        refusal = self._pump.refusal or self._refusal
        faults = [refusal.fault] if refusal else []
        if self._pump.fault is not None:
            faults.append(self._pump.fault)
        broker = refusal.state if refusal is not None else BrokerState.CONNECTED
        self._around.show(LinkState(broker, tuple(faults)))

    def _say_goodbye(self) -> None:
        """Say that this is a clean stop, and wait a moment for the answer."""
        until_ns = self._clock.mono_ns() + int(_FAREWELL_S * NS_PER_S)
        self._await_answers(until_ns, lambda: self._connection.room > 0)
        if self._connection.room > 0:
            self._publish(self._around.voice.status("stopped", self._number))
        self._await_answers(until_ns, lambda: self._connection.unanswered == 0)
        self._pump.settle()

    def _await_answers(self, until_ns: int, enough: Callable[[], bool]) -> None:
        while self._connection.ended is None and not enough():
            left_s = (until_ns - self._clock.mono_ns()) / NS_PER_S
            if left_s <= 0:
                return
            self._sleep(left_s, also_others=False)

    def _wait_limit_s(self) -> float:
        limit_s = self._connection.wait_limit_s()
        if self._connection.established:
            limit_s = min(limit_s, self._pump.wait_limit_s())
        if self._connection.established and self._connection.room > 0:
            limit_s = min(limit_s, max(self._health_ns - self._clock.mono_ns(), 0) / NS_PER_S)
        return limit_s

    def _sleep(self, limit_s: float, *, also_others: bool) -> None:
        """Until the network, the doorbell or a stop wants something, ``limit_s`` at most."""
        if self._connection.ended is not None:
            return
        poll = select.poll()
        poll.register(self._connection.fileno(), self._connection.interest())
        if also_others:
            poll.register(self._around.wakeup.fileno(), select.POLLIN)
            if self._around.doorbell is not None:
                poll.register(self._around.doorbell.fileno(), select.POLLIN)
        ready = dict(poll.poll(limit_s * 1000))
        if self._around.doorbell is not None and self._around.doorbell.fileno() in ready:
            self._around.doorbell.answer()
            self._rang = True
        self._connection.handle(ready.get(self._connection.fileno(), 0))
