"""The newest events, in RAM only, from the process that sees to whoever shows them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.durable import identity_of, open_shared
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event

KEPT = 300


class RecentEvents:
    """The seeing side: one JSON line an event, oldest first, the file replaced whole at each change.

    Takes up what an earlier process left at ``path``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events = {event.event_id: event for event in reversed(read_recent(path))}
        # Each is encoded once: an alarm waits while the file is written.
        self._lines = {event_id: _encoded(event) for event_id, event in self._events.items()}

    @property
    def lasting(self) -> list[Event]:
        """Those that have not ended, oldest first."""
        return [event for event in self._events.values() if event.end_wall_ns is None]

    def add(self, event: Event) -> None:
        """Keep ``event``, in the place of its earlier revision if there is one. Raises: OSError."""
        self._events[event.event_id], self._lines[event.event_id] = event, _encoded(event)
        while len(self._events) > KEPT:
            # One that lasts is needed longer: whoever sees next goes on with it.
            ended = (name for name, kept in self._events.items() if kept.end_wall_ns is not None)
            oldest = next(ended, next(iter(self._events)))
            del self._events[oldest], self._lines[oldest]
        beside = self._path.with_name(f".{self._path.name}.new")
        descriptor = open_shared(beside, os.O_WRONLY | os.O_TRUNC)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.writelines(self._lines.values())
        os.replace(beside, self._path)


def _encoded(event: Event) -> str:
    return f"{event.to_json()}\n"


def read_recent(path: Path) -> list[Event]:
    """The events at ``path``, newest first; lines that are none are passed over."""
    return FollowedEvents(path).look() or []


class FollowedEvents:
    """The showing side for whoever looks again and again: each line is decoded once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked_at: tuple[int, ...] | None = ()
        self._decoded: dict[bytes, Event | None] = {}

    def look(self) -> list[Event] | None:
        """The events, newest first, ``None`` when they are those of the last look.

        Lines that are none are passed over; without a file there are no events.
        """
        identity = identity_of(self._path)
        if identity == self._looked_at:
            return None
        self._looked_at, known = identity, self._decoded
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            lines = []
        self._decoded = {line: known[line] if line in known else _decoded(line) for line in reversed(lines)}
        return [event for event in self._decoded.values() if event is not None]


def _decoded(line: bytes) -> Event | None:
    try:
        return Event.from_json(line)
    except DataLoss:
        return None


@dataclass(frozen=True, slots=True)
class Change:
    """``event`` as it is now; ``began`` says that nothing was known of it before."""

    event: Event
    began: bool


class EventChanges:
    """The showing side for whoever wants each change once.

    Remembers what the file held and no more. An event that came and went between two looks is not seen.
    """

    def __init__(self, path: Path, told: Callable[[Event], bool] = lambda _event: True) -> None:
        """``told`` says of each change whether it is to be seen at all; it is asked once, in their order."""
        self._followed, self._told = FollowedEvents(path), told
        self._revisions: dict[str, int] = {}

    def look(self) -> list[Change]:
        """What began or was revised since the last look, oldest first; all there is at the first."""
        events = self._followed.look()
        if not events:
            return []
        known = self._revisions
        self._revisions = {event.event_id: event.revision for event in events}
        return [
            Change(event, event.event_id not in known)
            for event in reversed(events)
            if known.get(event.event_id, -1) < event.revision and self._told(event)
        ]


class LastingEvents:
    """The showing side for whoever wants what goes on now."""

    def __init__(self, path: Path) -> None:
        self._followed = FollowedEvents(path)
        self._lasting: list[Event] = []

    def look(self) -> list[Event]:
        """The events that have not ended, newest first. Cheap when nothing changed."""
        events = self._followed.look()
        if events is not None:
            self._lasting = [event for event in events if event.end_wall_ns is None]
        return self._lasting
