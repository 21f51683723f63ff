"""Brings what was counted into the files of its days: every ten minutes, and when the observer stops."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.civilhour import civil_hour
from edgecam.analysis.statistics import Statistics
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import MediaFailing
from edgecam.core.status import Fault
from edgecam.daytallies import DayTallies

_WRITTEN_EVERY_NS: Final = 600 * NS_PER_S


class TallyWriter:
    """One thread calls `keep` about once a second; a power cut costs ten minutes of counting."""

    def __init__(self, statistics: Statistics, tallies: DayTallies, mono_ns: int) -> None:
        """``mono_ns`` is now."""
        self._statistics, self._tallies, self._written_ns = statistics, tallies, mono_ns
        self.fault: Fault | None = None
        """What is wrong: a medium that refuses, or a day that was damaged and has begun anew."""

    def keep(self, now: Instant, *, due: bool = False) -> None:
        """Write when it is time for it or ``due``; what a medium refuses is tried again ten minutes later."""
        if not due and now.mono_ns - self._written_ns < _WRITTEN_EVERY_NS:
            return
        self._written_ns = now.mono_ns
        try:
            self._write(now)
        except MediaFailing as failing:
            self.fault = Fault("statistics", f"what was counted cannot be kept ({failing.what})")

    def _write(self, now: Instant) -> None:
        damaged = False
        for tally in self._statistics.unsaved:
            damaged |= not self._tallies.add(tally)
            self._statistics.saved(tally.day)
        today = civil_hour(now.wall_ns, self._statistics.zone)
        # Only a clock that is believed may say that something is old.
        self._tallies.erase_old(today.day if today and now.trust is TimeTrust.SYNCED else None)
        anew = Fault("statistics", "a day of the statistics was damaged, what was counted on it is counted anew")
        self.fault = anew if damaged else None
