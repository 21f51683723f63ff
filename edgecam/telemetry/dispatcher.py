"""The one way by which a process tells the centre of an event: to the hub at once, and onto the disk meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import MediaFailing, Unavailable
from edgecam.core.events import Event
from edgecam.telemetry.doorbell import Bell
from edgecam.telemetry.outbox import EventKey, Outbox, encode_row, key_of
from edgecam.telemetry.urgency import urgency_of

_MOST_UNKEPT: Final = 1000
_TRY_EVERY_S: Final = 5.0
# On a board with few cores the work of a commit stands in the alarm's way: with two this takes a third off the time
# until a subscriber has it.
_HEAD_START_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class _Unkept:
    """An event that the medium has refused so far; ``heard`` says that the hub was told of it."""

    event: Event
    heard: bool


class Dispatcher:
    """Rings with the event and puts it into the outbox; belongs to one thread.

    The hub publishes what it heard while this side still waits for the medium. What the bell could not say (nobody
    listens, too much at once, too large) the hub finds in the outbox. What the medium refuses is remembered, a
    thousand events at most, and put when it takes them again.
    """

    def __init__(self, outbox: Path, doorbell: Path, clock: Clock) -> None:
        self._outbox = Outbox(outbox, clock)
        self._bell = Bell(doorbell)
        self._clock = clock
        self._unkept: list[_Unkept] = []
        self._lost = 0
        self._retry_ns = 0

    def tell(self, events: Sequence[Event]) -> None:
        """All ``events``, oldest first, in one commit; none is a moment to put what was refused before.

        When it returns, all of them survive a power cut. Raises: MediaFailing, Unavailable; the hub was told all
        the same, and it is tried again with the next call.
        """
        if not events and not self._is_due():
            return
        heard = self._ring(events)
        if heard:
            self._clock.sleep(_HEAD_START_S)
        try:
            self._outbox.put(*(one.event for one in self._unkept), *events, unkept=self._lost)
        except (MediaFailing, Unavailable):
            self._retry_ns = self._clock.mono_ns() + int(_TRY_EVERY_S * NS_PER_S)
            self._remember(events, heard)
            raise
        self._unkept.clear()
        self._lost = 0
        if len(heard) < len(events):
            self._bell.ring()

    @property
    def unkept(self) -> int:
        """How many events are remembered here because the medium refuses them."""
        return len(self._unkept)

    def close(self) -> None:
        """What the medium still refuses is gone."""
        self._bell.close()
        self._outbox.close()

    def _is_due(self) -> bool:
        return bool(self._unkept) and self._clock.mono_ns() >= self._retry_ns

    def _ring(self, events: Sequence[Event]) -> set[EventKey]:
        """Say what can be said; which of ``events`` were heard.

        Of one event only one revision in a call, and nothing after what was not heard: the rest is found in the
        outbox, so that order holds.
        """
        heard: set[EventKey] = set()
        said = {one.event.event_id for one in self._unkept if not one.heard}
        for event in events:
            if event.event_id in said:
                continue
            said.add(event.event_id)
            if not self._bell.ring(encode_row(event)):
                break
            heard.add(key_of(event))
        return heard

    def _remember(self, events: Sequence[Event], heard: set[EventKey]) -> None:
        self._unkept += [_Unkept(event, key_of(event) in heard) for event in events]
        while len(self._unkept) > _MOST_UNKEPT:
            # The first of the least: the oldest, as in a full outbox.
            self._unkept.remove(min(self._unkept, key=lambda one: urgency_of(one.event.kind)))
            self._lost += 1
