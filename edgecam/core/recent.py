"""The newest events, in RAM only, from the process that sees to whoever shows them."""

from __future__ import annotations

import os
from pathlib import Path

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

    @property
    def lasting(self) -> list[Event]:
        """Those that have not ended, oldest first."""
        return [event for event in self._events.values() if event.end_wall_ns is None]

    def add(self, event: Event) -> None:
        """Keep ``event``, in the place of its earlier revision if there is one. Raises: OSError."""
        self._events[event.event_id] = event
        while len(self._events) > KEPT:
            # One that lasts is needed longer: whoever sees next goes on with it.
            ended = (name for name, kept in self._events.items() if kept.end_wall_ns is not None)
            del self._events[next(ended, next(iter(self._events)))]
        beside = self._path.with_name(f".{self._path.name}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{kept.to_json()}\n" for kept in self._events.values())
        os.replace(beside, self._path)


def read_recent(path: Path) -> list[Event]:
    """The events at ``path``, newest first; lines that are none are passed over."""
    events: list[Event] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return events
    for line in reversed(lines):
        try:
            events.append(Event.from_json(line))
        except DataLoss:
            continue
    return events
