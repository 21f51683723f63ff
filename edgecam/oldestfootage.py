"""When the oldest footage that lives was recorded: what bounds all that is told of the past."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edgecam.core.clock import Clock, Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention


class OldestFootage:
    """Follows the ring at ``path``; one thread at a time uses it."""

    def __init__(self, path: Path, retention: Retention, clock: Clock) -> None:
        self._path, self._retention, self._clock = path, retention, clock
        self._reader: RingReader | None = None

    def look(self) -> int | None:
        """The wall time at which it most likely began, nanoseconds; ``None`` where there is none to be read."""
        try:
            if self._reader is None:
                self._reader = self._opened()
            else:
                self._reader.refresh()
        except (BadInput, DataLoss, MediaFailing, Unavailable):
            self._reader = None
            return None
        return next((dated.start_wall_ns for dated in self._reader.dated()), None)

    def _opened(self) -> RingReader:
        medium = FileMedium.open(self._path, writable=False)
        try:
            return RingReader(medium, self._retention, self._clock.now)
        except BaseException:
            medium.close()
            raise


def over_at(now: Instant, retention: Retention, oldest_footage_ns: int | None) -> Callable[[int], bool]:
    """Whether an event that began at a wall time is to be gone at ``now``.

    It is when it began before the oldest footage, or when footage of that time would be due. Only a clock that is
    believed may say the latter.
    """

    def is_over(start_wall_ns: int) -> bool:
        if oldest_footage_ns is not None and start_wall_ns < oldest_footage_ns:
            return True
        return now.trust is TimeTrust.SYNCED and retention.due_wall_ns(start_wall_ns) <= now.wall_ns

    return is_over
