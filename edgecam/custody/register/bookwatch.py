"""What the recorder does about the register's books, at its start and once a day."""

from __future__ import annotations

import logging

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.errors import EdgecamError
from edgecam.core.status import Fault
from edgecam.custody.register.registerbooks import RegisterBooks
from edgecam.ringbuffer.writer import RingWriter

_DAY_NS = 24 * 3600 * NS_PER_S
_log = logging.getLogger(__name__)


class BookWatch:
    """Owned by the thread that writes the ring; ``fault`` may be read by any. It never stops a recording."""

    def __init__(self, books: RegisterBooks, clock: Clock, who: str) -> None:
        self._books, self._clock, self._who = books, clock, who
        self._next_ns: int | None = None
        self.fault: Fault | None = None

    def note(self, _writer: RingWriter, now: Instant) -> None:
        """`look`, as the committer's task: at the first synchronised time, then each day."""
        if now.trust is TimeTrust.SYNCED and (self._next_ns is None or now.mono_ns >= self._next_ns):
            self.look(now)

    def look(self, now: Instant) -> None:
        """Close the book whose year is over, and erase those that are due."""
        self._next_ns = now.mono_ns + _DAY_NS
        try:
            for name in self._books.tend(self._who):
                _log.info("the register's book %s was kept as long as it has to be, and is erased", name)
            self.fault = None
        except EdgecamError as refused:
            self.fault = Fault("register", str(refused))
