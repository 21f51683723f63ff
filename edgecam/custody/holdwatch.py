"""What the recorder does about holds every ten seconds: ends those that are over, and tells how it stands."""

from __future__ import annotations

from pathlib import Path

from edgecam.core.clock import Instant
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.core.status import Fault
from edgecam.custody.holds import Holds
from edgecam.ringbuffer.format import EpochSlot
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.writer import RingWriter


class HoldWatch:
    """Owned by the thread that writes the ring; the figures may be read by any. It never stops a recording."""

    def __init__(self, holds: Holds, ring: Path, who: str) -> None:
        self._holds, self._ring, self._who = holds, ring, who
        self._ring_medium: FileMedium | None = None
        self._reader: RingReader | None = None
        self.count = self.size_bytes = self.reviews_due = 0
        self.fault: Fault | None = None
        # Stays until the process ends: such a medium cannot be trusted again.
        self.unerased: Fault | None = None

    def note(self, _writer: RingWriter, _now: Instant) -> None:
        """`look`, as the committer's task."""
        self.look()

    def look(self) -> None:
        """Erase what has ended or was left over, register that, and count what is held."""
        try:
            self._look()
        except (BadInput, DataLoss, MediaFailing) as refused:
            self.fault = Fault("holds", str(refused))
            self._forget_ring()

    def _look(self) -> None:
        held = self._holds.store.all()
        self.count = self.size_bytes = self.reviews_due = 0
        self.fault = next((Fault("holds", hold.trouble) for hold in held if hold.trouble), None)
        if not held:
            return
        epochs = self._live_epochs()
        erased = self._holds.tend(epochs, self._who)
        if not all(erasure.verified for erasure in erased):
            self.unerased = Fault(
                "erasure", "The key of a hold could be read back after it was destroyed: replace the medium."
            )
        standing = self._holds.standing(epochs)
        self.count, self.size_bytes = len(standing), sum(hold.size_bytes for hold in standing)
        self.reviews_due = sum(hold.review_is_due for hold in standing)

    def _live_epochs(self) -> list[EpochSlot]:
        if self._reader is None:
            self._ring_medium = FileMedium.open(self._ring, writable=False)
            self._reader = RingReader(self._ring_medium)
        else:
            self._reader.refresh()
        return self._reader.epochs()

    def _forget_ring(self) -> None:
        if self._ring_medium is not None:
            self._ring_medium.close()
        self._reader = self._ring_medium = None
