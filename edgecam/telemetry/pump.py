"""Moves events from the outbox to one connection, in order, and erases them when the broker has them."""

from __future__ import annotations

from functools import partial

from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import DataLoss, EdgecamError
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.connection import Connection
from edgecam.telemetry.outbox import Outbox, Waiting
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.verdict import Verdict, of_code
from edgecam.telemetry.voice import Voice

_WINDOW = 16
_LOOK_EVERY_S = 1.0
_HOLD_S = 30.0


class Pump:
    """One connection's events; belongs to one thread.

    Up to a window of events is under way at once, never more than the broker's Receive Maximum. After a refusal
    nothing more is sent until all that is under way is answered and a while has passed; then it begins again with
    the oldest, so that order holds.
    """

    def __init__(
        self, outbox: Outbox, voice: Voice, connection: Connection, address: Address, clock: Clock
    ) -> None:
        self.refusal: Verdict | None = None
        self.fault: Fault | None = None
        self._outbox = outbox
        self._voice = voice
        self._connection = connection
        self._address = address
        self._clock = clock
        self._under_way: set[int] = set()
        self._acknowledged: list[int] = []
        self._more = True
        self._look_ns = 0
        self._hold_ns = 0

    def turn(self, rang: bool) -> None:
        """Erase what was acknowledged and send what waits; ``rang`` says that something was put just now."""
        self._more = self._more or rang
        now_ns = self._clock.mono_ns()
        try:
            self._settle()
            if now_ns >= self._hold_ns and self._room() > 0 and (self._more or now_ns >= self._look_ns):
                self._send(now_ns)
                self.fault = None
        except EdgecamError as failing:
            self.fault = Fault("outbox_failing", str(failing))
            self._hold(now_ns)

    def settle(self) -> None:
        """Erase what was acknowledged; what cannot be erased now is sent a second time later."""
        try:
            self._settle()
        except EdgecamError as failing:
            self.fault = Fault("outbox_failing", str(failing))

    def wait_limit_s(self) -> float:
        """How long at most to sleep before `turn` is due again."""
        if self._room() <= 0:
            return _LOOK_EVERY_S  # an answer of the broker comes first, and wakes the thread by itself
        due_ns = max(0 if self._more else self._look_ns, self._hold_ns)
        return max(due_ns - self._clock.mono_ns(), 0) / NS_PER_S

    def _room(self) -> int:
        if self.refusal is not None and self._under_way:
            return 0
        return min(_WINDOW - len(self._under_way), self._connection.room)

    def _send(self, now_ns: int) -> None:
        room = self._room()
        self.refusal = None
        oldest = self._outbox.peek(_WINDOW)
        fresh = [entry for entry in oldest if entry.position not in self._under_way]
        self._more = len(oldest) == _WINDOW or len(fresh) > room
        self._look_ns = now_ns + int(_LOOK_EVERY_S * NS_PER_S)
        for entry in fresh[:room]:
            message = self._message(entry)
            if message is None:
                self._outbox.discard([entry.position])
            elif self._connection.ended is None:
                self._under_way.add(entry.position)
                self._connection.publish(message, partial(self._answered, entry.position))

    def _message(self, entry: Waiting) -> Outgoing | None:
        try:
            message = self._voice.event(entry.event)
        except DataLoss:
            return None
        return message if self._connection.fits(message) else None

    def _answered(self, position: int, code: ReasonCode) -> None:
        self._under_way.discard(position)
        if code.is_failure:
            self.refusal = of_code(self._address, code)
            self._hold(self._clock.mono_ns())
        else:
            self._acknowledged.append(position)

    def _settle(self) -> None:
        if self._acknowledged:
            self._outbox.acknowledge(self._acknowledged)
            self._acknowledged.clear()

    def _hold(self, now_ns: int) -> None:
        self._more = True
        self._hold_ns = now_ns + int(_HOLD_S * NS_PER_S)
