"""The observer's events into the log on disk, and out of it when their footage is gone. Used by one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from edgecam.choices import retention_of
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError
from edgecam.core.events import Event
from edgecam.core.recent import read_recent
from edgecam.core.status import Fault
from edgecam.eventlog import EventLog, hour_of, path_of, read_hour
from edgecam.oldestfootage import OldestFootage, over_at
from edgecam.places import Places
from edgecam.ringbuffer.retention import NS_PER_DAY
from edgecam.settings import Settings

_ERASED_EVERY_NS: Final = 300 * NS_PER_S
_HOURS_A_DAY: Final = 24
_log = logging.getLogger(__name__)


class WrittenEvents:
    """``fault`` says what keeps events from being kept, or from being erased."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._places, self._clock = places, clock
        self._retention = retention_of(settings)
        hours = -(-self._retention.longest_ns * _HOURS_A_DAY // NS_PER_DAY) + 1
        self._log = EventLog(places.events, hours)
        self._erased_ns: int | None = None
        self._oldest = OldestFootage(places.ring, self._retention, clock)
        self._taken_up = False
        self.fault: Fault | None = None

    def append(self, events: Sequence[Event]) -> None:
        """Keep ``events``; what the medium refuses is given up, for the newest are in RAM and all were told."""
        if not self._taken_up:
            self._taken_up = True
            now = {(event.event_id, event.revision) for event in events}
            before = [event for event in self._left_behind() if (event.event_id, event.revision) not in now]
            events = [*before, *events]
        if events:
            self._tried(lambda: self._log.append(events))

    def tend(self) -> None:
        """Erase what is older than the footage; done every five minutes."""
        now = self._clock.now()
        if self._erased_ns is None or now.mono_ns - self._erased_ns >= _ERASED_EVERY_NS:
            self._erased_ns = now.mono_ns
            oldest_ns = self._oldest.look()
            self._tried(lambda: self._log.erase(over_at(now, self._retention, oldest_ns)))

    def _left_behind(self) -> list[Event]:
        """What an observer before this one told and did not get into the log."""
        recent = list(reversed(read_recent(self._places.recent_events)))
        known = {
            name: event.revision
            for hour in {hour_of(event.start_wall_ns) for event in recent}
            for name, event in read_hour(path_of(self._places.events, hour)).items()
        }
        return [event for event in recent if known.get(event.event_id, -1) < event.revision]

    def _tried(self, act: Callable[[], object]) -> None:
        try:
            act()
        except EdgecamError as refused:
            fault = Fault("events", f"events are not kept on disk as they should be ({refused.what})")
            if fault != self.fault:
                _log.warning("the log of events: %s", refused)
            self.fault = fault
        else:
            self.fault = None
