"""Every event that may still be known, from RAM and from disk, for whoever searches; what is over is never told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

from edgecam.choices import retention_of
from edgecam.core.clock import Clock
from edgecam.core.eventquery import EventQuery, place_in_order
from edgecam.core.events import Event
from edgecam.core.recent import FollowedEvents
from edgecam.eventlog import LoggedEvents, hour_of
from edgecam.oldestfootage import OldestFootage, over_at
from edgecam.places import Places
from edgecam.settings import Settings

_UNBOUNDED: Final = 1 << 62


class EventHistory:
    """Threads may share it: one searches at a time."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._retention, self._clock = retention_of(settings), clock
        self._recent = FollowedEvents(places.recent_events)
        self._newest: dict[str, Event] = {}
        self._logged = LoggedEvents(places.events)
        self._oldest = OldestFootage(places.ring, self._retention, clock)
        self._searching = threading.Lock()

    def find(self, query: EventQuery) -> list[Event]:
        """What ``query`` looks for, newest first."""
        with self._searching:
            recent = self._recent.look()
            if recent is not None:
                self._newest = {event.event_id: event for event in recent}
            is_over = over_at(self._clock.now(), self._retention, self._oldest.look())
            return query.found(self._newest_first(query, is_over))

    def _newest_first(self, query: EventQuery, is_over: Callable[[int], bool]) -> Iterator[Event]:
        by_hour: dict[int, dict[str, Event]] = {}
        for event in self._newest.values():
            by_hour.setdefault(hour_of(event.start_wall_ns), {})[event.event_id] = event
        hours = {*by_hour, *self._logged.hours(query.from_wall_ns, min(query.to_wall_ns, _UNBOUNDED))}
        for hour in sorted(hours, reverse=True):
            events = dict(self._logged.events(hour))
            for name, event in by_hour.get(hour, {}).items():
                if name not in events or events[name].revision <= event.revision:
                    events[name] = event
            for event in sorted(events.values(), key=place_in_order, reverse=True):
                if not is_over(event.start_wall_ns):
                    yield event
