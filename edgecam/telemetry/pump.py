"""Moves events to one connection: live ones as they happen, the backlog behind them; erased once acknowledged."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import DataLoss, EdgecamError, Unavailable
from edgecam.core.events import Event
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.outbox import EventKey, Outbox, Waiting, decode_row, key_of
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.verdict import Verdict, of_code
from edgecam.telemetry.voice import Voice

# No live event queues behind more of the backlog than this.
_BACKLOG_WINDOW: Final = 16
_WINDOW: Final = 64
_PAGE: Final = 128
_MOST_LIVE: Final = 256
_LOOK_EVERY_S: Final = 1.0
_SETTLE_AFTER_S: Final = 1.0
_MUCH: Final = 1024
_HOLD_S: Final = 30.0


class Line(Protocol):
    """What the pump needs of a `Connection`."""

    @property
    def ended(self) -> object | None: ...

    @property
    def room(self) -> int: ...

    @property
    def unanswered(self) -> int: ...

    def fits(self, message: Outgoing) -> bool: ...

    def publish(self, message: Outgoing, answered: Callable[[ReasonCode], None]) -> None: ...


class Pump:
    """One connection's events; belongs to one thread.

    Live is what the doorbell says while this connection stands: it goes out at once, before its row is read, and
    never behind the backlog. The rest is read from the outbox, oldest first, a window at a time. Of one event at
    most one revision is under way, and none goes before a lower one that still waits. After a refusal nothing more
    is sent until all that is under way is answered and a while has passed; then it begins with the oldest row.
    """

    def __init__(
        self,
        outbox: Outbox,
        voice: Voice,
        connection: Line,
        address: Address,
        clock: Clock,
        doorbell: Doorbell | None = None,
    ) -> None:
        self.refusal: Verdict | None = None
        self.fault: Fault | None = None
        self._outbox = outbox
        self._voice = voice
        self._connection = connection
        self._address = address
        self._clock = clock
        self._doorbell = doorbell
        self._begun = False
        self._live: deque[Event] = deque()
        self._page: deque[Waiting] = deque()
        # The revision of each event that is under way, and how many of them are of the backlog.
        self._under_way: dict[str, int] = {}
        self._backlog_under_way = 0
        self._more = True
        self._look_ns = 0
        self._settle_ns: int | None = None
        self._refused_until_ns = 0
        self._failing_until_ns = 0

    def hear(self) -> None:
        """Send what the doorbell says, at once."""
        if not self._begun and self._doorbell is not None:
            self._doorbell.answer()  # what was said before this connection stood lies with the backlog
        self._begun = True
        if self._is_held():
            self._take()
            self._live.clear()  # their rows wait with the others
            return
        self.refusal = None
        self._take(at_once=True)
        self._send_live()

    def turn(self) -> None:
        """Send what happens and what waits, erase what was answered."""
        self.hear()
        now_ns = self._clock.mono_ns()
        if now_ns >= self._failing_until_ns:
            try:
                self._tend(now_ns)
            except EdgecamError as failing:
                self._failing(failing, now_ns)

    def settle(self) -> None:
        """Erase what was answered; what cannot be erased now is remembered by the outbox."""
        try:
            self._outbox.settle()
        except EdgecamError as failing:
            self._failing(failing, self._clock.mono_ns())

    def wait_limit_s(self) -> float:
        """How long at most to sleep before `turn` is due again; an answer of the broker comes first, and wakes."""
        now_ns = self._clock.mono_ns()
        due_ns = now_ns + int(_LOOK_EVERY_S * NS_PER_S)
        if self._settle_ns is not None:
            due_ns = min(due_ns, self._settle_ns)
        if self._backlog_room() > 0 and not (self._page and self._is_blocked(self._page[0].event)):
            due_ns = min(due_ns, 0 if self._page or self._more else self._look_ns)
        due_ns = max(due_ns, self._failing_until_ns)
        if self.refusal is not None and not self._under_way:
            due_ns = max(due_ns, self._refused_until_ns)
        return max(due_ns - now_ns, 0) / NS_PER_S

    def _is_held(self) -> bool:
        """Whether a refusal of the broker still stands."""
        if self.refusal is None:
            return False
        return bool(self._under_way) or self._clock.mono_ns() < self._refused_until_ns

    def _take(self, *, at_once: bool = False) -> None:
        """Take all that was said; ``at_once``, an alarm does not wait for a look whether more was."""
        for body in self._doorbell.take() if self._doorbell is not None else ():
            if body and len(self._live) < _MOST_LIVE:
                with suppress(DataLoss):  # nobody but this user can say it; what it means lies in the outbox
                    self._live.append(decode_row(body))
                if at_once and len(self._live) == 1:
                    self._send_live()
            else:
                self._more = True

    def _send_live(self) -> None:
        waiting, self._live = self._live, deque()
        held: set[str] = set()
        for event in waiting:
            key = key_of(event)
            if self._is_known(key):
                continue
            if event.event_id in held or event.event_id in self._under_way or self._room() <= 0:
                held.add(event.event_id)
                self._live.append(event)
            elif self._waits_below(key):
                # It comes behind its own beginning, out of the outbox; the page was read without it.
                self._page.clear()
                self._more = True
            else:
                self._send(event, live=True)

    def _tend(self, now_ns: int) -> None:
        if self._settle_ns is not None and now_ns >= self._settle_ns:
            self._settle_lightly()
            self._settle_ns = now_ns + int(_SETTLE_AFTER_S * NS_PER_S) if self._outbox.answered else None
        while not self._is_held() and self._backlog_room() > 0:
            if not self._page and not self._turn_page(now_ns):
                break
            if self._is_known(self._page[0].key):
                self._page.popleft()
            elif self._is_blocked(self._page[0].event):
                break
            else:
                self._send(self._page.popleft().event, live=False)
        self.fault = None

    def _turn_page(self, now_ns: int) -> bool:
        """Read the oldest rows, when something may be there that is not known yet."""
        if not self._more and now_ns < self._look_ns:
            return False
        self._settle_lightly()
        rows = self._outbox.peek(_PAGE + len(self._under_way) + self._outbox.answered)
        # Whoever put a row has rung before: what goes live is heard by now, and is not sent as a row too.
        self._take()
        live = {key_of(event) for event in self._live}
        self._page.extend(row for row in rows if row.key not in live and not self._is_known(row.key))
        self._more = bool(self._page)
        self._look_ns = now_ns + int(_LOOK_EVERY_S * NS_PER_S)
        return self._more

    def _send(self, event: Event, *, live: bool) -> None:
        message = self._message(event)
        if message is None:
            self._outbox.discard([key_of(event)])
            self._settle_soon()
        elif self._connection.ended is None:
            self._under_way[event.event_id] = event.revision
            self._backlog_under_way += not live
            self._connection.publish(message, partial(self._answered, key_of(event), live))

    def _message(self, event: Event) -> Outgoing | None:
        try:
            message = self._voice.event(event)
        except DataLoss:
            return None
        return message if self._connection.fits(message) else None

    def _answered(self, key: EventKey, live: bool, code: ReasonCode) -> None:
        del self._under_way[key[0]]
        self._backlog_under_way -= not live
        if code.is_failure:
            self.refusal = of_code(self._address, code)
            self._refused_until_ns = self._clock.mono_ns() + int(_HOLD_S * NS_PER_S)
            self._page.clear()
            self._more = True
        else:
            self._outbox.acknowledge([key])
            self._settle_soon()

    def _settle_lightly(self) -> None:
        """Erase what was answered without waiting, since live events would wait too; patiently when it is much."""
        if self._outbox.answered > _MUCH:
            self._outbox.settle()
            return
        with suppress(Unavailable):  # somebody puts something just now
            self._outbox.settle(patiently=False)

    def _settle_soon(self) -> None:
        if self._settle_ns is None:
            self._settle_ns = self._clock.mono_ns() + int(_SETTLE_AFTER_S * NS_PER_S)

    def _failing(self, failing: EdgecamError, now_ns: int) -> None:
        self.fault = Fault("outbox_failing", str(failing))
        self._failing_until_ns = now_ns + int(_HOLD_S * NS_PER_S)
        self._more = True

    def _room(self) -> int:
        return min(_WINDOW - len(self._under_way), self._connection.room)

    def _backlog_room(self) -> int:
        if self.refusal is not None and self._under_way:
            return 0
        # One place is left for what happens next, unless there is only one.
        kept_free = 1 if self._connection.unanswered else 0
        return min(_BACKLOG_WINDOW - self._backlog_under_way, self._connection.room - kept_free)

    def _is_known(self, key: EventKey) -> bool:
        """Whether it is under way on this connection, or the broker has it."""
        return self._under_way.get(key[0]) == key[1] or self._outbox.is_answered(key)

    def _is_blocked(self, event: Event) -> bool:
        return event.event_id in self._under_way or any(event.event_id == one.event_id for one in self._live)

    def _waits_below(self, key: EventKey) -> bool:
        try:
            return key[1] > 0 and self._outbox.waits_below(key)
        except EdgecamError:
            return False  # what cannot be read cannot be waited for
