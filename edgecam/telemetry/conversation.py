"""What is said over one connection: online, health, events, what the speakers say, and stopped at the end."""

from __future__ import annotations

import logging
import select
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.chorus import Chorus, Stage
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.pump import Pump
from edgecam.telemetry.topics import Identity
from edgecam.telemetry.verdict import BrokerState, Verdict, of_code
from edgecam.telemetry.voice import Voice
from edgecam.telemetry.wakeup import Wakeup

_FAREWELL_S = 2.0
_LAST_WORDS = 64
# So many messages of the speakers go between two looks at the events at most: none is held up by a talkative one.
_SHARE = 4
HEALTH_LIVES_PERIODS = 3
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
    stage: Stage
    show: Callable[[LinkState], None]


class Conversation:
    """One connection from its opening to its end; belongs to one thread."""

    def __init__(self, around: Surroundings, number: int, max_packet_bytes: int = 0) -> None:
        """``max_packet_bytes`` is what the broker was seen to take at most; 0: unknown."""
        self._around = around
        self._number = number
        self._clock = around.clock
        self._connection = Connection(
            around.address, around.manner, around.identity.camera, around.clock, max_packet_bytes
        )
        self._pump = Pump(
            around.outbox, around.voice, self._connection, around.address, around.clock, around.doorbell
        )
        self._chorus = Chorus(around.stage, self._connection)
        self._refusal: Verdict | None = None
        self._health_ns = 0
        self._passed_over = False
        self.established_ns: int | None = None

    @property
    def largest_bytes(self) -> int:
        """How large the largest packet is that the broker has not acknowledged."""
        return self._connection.largest_bytes

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
            self._greet()
        if self._connection.ended is not None:
            return
        first = self._passed_over and self._connection.room > 0
        if first:
            self._say_else(1)
        self._pump.turn()
        self._connection.hand_over(self._chorus.heard)
        self._say_else(_SHARE)
        # Events go first; with a broker that takes one message at a time they would leave room for nothing else.
        waits = self._chorus.waits or self._health_is_due()
        self._passed_over = waits and self._connection.room <= 0 and not first
        self._show()

    def _greet(self) -> None:
        self.established_ns = self._clock.mono_ns()
        online = self._around.voice.status("online", self._number)
        if not self._connection.fits(online):
            self._connection.refuse("the broker's greatest packet is too small for the camera's messages")
            return
        _log.info("connected to %s", self._around.address)
        self._publish(online)
        self._chorus.connected()

    def _say_else(self, most: int) -> None:
        """Health when it is due, and ``most`` of what the speakers say."""
        self._say_health_in_time()
        self._chorus.turn(most)

    def _say_health_in_time(self) -> None:
        if self._health_is_due() and self._connection.room > 0:
            self._say_health()

    def _health_is_due(self) -> bool:
        return self._clock.mono_ns() >= self._health_ns

    def _say_health(self) -> None:
        period_s = self._around.health_period_s
        self._health_ns = self._clock.mono_ns() + int(period_s * NS_PER_S)
        try:
            health = self._around.health()
        except Exception:  # noqa: BLE001 - the caller's own code: events must not wait for a reading that fails
            _log.exception("health could not be told, the next try is in %s s", period_s)
            return
        message = self._around.voice.health(health, int(period_s * HEALTH_LIVES_PERIODS))
        if self._connection.fits(message):
            self._publish(message)

    def _publish(self, message: Outgoing) -> None:
        if self._connection.ended is None:
            self._connection.publish(message, self._answered)

    def _answered(self, code: ReasonCode) -> None:
        self._refusal = of_code(self._around.address, code) if code.is_failure else None

    def _show(self) -> None:
        refusal = self._pump.refusal or self._refusal
        told = (refusal.fault if refusal else None, self._pump.fault)
        faults = [fault for fault in told if fault is not None]
        faults += [*self._chorus.faults, *self._around.stage.standing.now()]
        broker = refusal.state if refusal is not None else BrokerState.CONNECTED
        self._around.show(LinkState(broker, tuple(faults)))

    def _say_goodbye(self) -> None:
        """Say that this is a clean stop, and wait a moment for the answer."""
        until_ns = self._clock.mono_ns() + int(_FAREWELL_S * NS_PER_S)
        # What just ended with the camera, so that nothing retained says that it lasts.
        self._chorus.wake()
        self._chorus.turn(_LAST_WORDS)
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
            limit_s = min(limit_s, self._pump.wait_limit_s(), self._chorus.wait_limit_s())
        if self._connection.established and self._connection.room > 0:
            limit_s = min(limit_s, max(self._health_ns - self._clock.mono_ns(), 0) / NS_PER_S)
        return limit_s

    def _sleep(self, limit_s: float, *, also_others: bool) -> None:
        """Until the network, the doorbell or a wake-up wants something, ``limit_s`` at most."""
        if self._connection.ended is not None:
            return
        wakeup, doorbell = self._around.wakeup, self._around.doorbell
        poll = select.poll()
        poll.register(self._connection.fileno(), self._connection.interest())
        if also_others:
            poll.register(wakeup.fileno(), select.POLLIN)
        if also_others and doorbell is not None and self._connection.established:
            poll.register(doorbell.fileno(), select.POLLIN)  # the pump answers it
        ready = dict(poll.poll(limit_s * 1000))
        if wakeup.fileno() in ready:
            wakeup.answer()
            self._chorus.wake()
        if doorbell is not None and doorbell.fileno() in ready:
            self._pump.hear()  # before anything else: an alarm waits for no housekeeping
            self._chorus.wake()
        if also_others and self.established_ns is not None:
            self._say_health_in_time()  # or the connection would find a whole period without a word, and ping
        self._connection.handle(ready.get(self._connection.fileno(), 0))
