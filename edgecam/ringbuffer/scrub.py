"""Finds silent corruption before somebody needs the footage: reads what lies in the ring, over and over, slowly."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.core.status import Fault
from edgecam.ringbuffer.format import EPOCH_DURATION_NS, MAX_EPOCH_SEGMENTS, EpochSlot
from edgecam.ringbuffer.medium import Buffer, Medium
from edgecam.ringbuffer.reader import RingReader, StoredSegment
from edgecam.ringbuffer.table import read_slot

# Segments are mostly a second long: a tenth of what is recorded meanwhile is read again.
_TURN_EVERY_S = 10.0
# A young ring is soon at its end, and there is nothing new to look at before the next epoch.
_ROUND_EVERY_S = EPOCH_DURATION_NS / NS_PER_S
# Headers are looked at faster than they are erased: through the whole ring in half the time that it holds.
_HEADERS_PER_BODY = 20
_MAX_KNOWN = 4096
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Damage:
    """Segments, first to last by sequence number, that are not on the medium as they were committed.

    The times are those of their footage, as far as their neighbours tell; ``why`` is for the log.
    """

    first_sequence: int
    last_sequence: int
    from_wall_ns: int
    to_wall_ns: int
    why: str

    @property
    def segments(self) -> int:
        return self.last_sequence - self.first_sequence + 1

    @property
    def duration_s(self) -> float:
        return max(0, self.to_wall_ns - self.from_wall_ns) / NS_PER_S


def _nobody(_damage: Damage) -> None:
    pass


class Scrub:
    """Walks through all epochs but the newest; looks at every header and proves one body in some by its hash.

    In a thread of its own with a medium of its own: a failing card may take half a minute over one read, and
    committing must not wait for it. It only reads, and nothing it meets stops it.
    """

    def __init__(
        self,
        open_medium: Callable[[], Medium],
        on_damage: Callable[[Damage], None] = _nobody,
        *,
        headers_per_body: int = _HEADERS_PER_BODY,
        chance: random.Random | None = None,
    ) -> None:
        """``on_damage`` is told each damage once, in this thread; ``chance`` picks the bodies."""
        self._open_medium, self._on_damage = open_medium, on_damage
        self._headers_per_body, self._chance = headers_per_body, chance or random.Random()
        self._medium: _PastTheCache | None = None
        self._walk: Iterator[StoredSegment] | None = None
        self._reader: RingReader | None = None
        self._until_body = 1
        # By first sequence number; replaced whole, so that any thread may read it.
        self._known: dict[int, Damage] = {}
        self.segments_proved = 0

    @property
    def damaged_segments(self) -> int:
        """Segments known to be damaged that still lie in the ring."""
        return sum(damage.segments for damage in self._known.values())

    @property
    def fault(self) -> Fault | None:
        """Stands until the last damaged segment has been erased on time."""
        known = sorted(self._known.values(), key=lambda damage: damage.first_sequence)
        if not known:
            return None
        total_s = sum(damage.duration_s for damage in known)
        where = f"at {_when(known[0].from_wall_ns)}"
        if len(known) > 1:
            where = f"in {len(known)} places from {_when(known[0].from_wall_ns)} to {_when(known[-1].to_wall_ns)}"
        told = f"{total_s:.0f} s of footage {where} are damaged on the medium"
        return Fault("medium", f"{told}: check or replace it. Recording goes on.")

    def run(self, stop: threading.Event) -> None:
        """A `turn` every ten seconds, and after the last of a round an epoch's rest, until ``stop``."""
        rest_s = _TURN_EVERY_S
        while not stop.wait(rest_s):
            rest_s = _TURN_EVERY_S if self.turn() else _ROUND_EVERY_S
        self._close()

    def turn(self) -> bool:
        """Go on by some headers and prove one body; less at the end of the ring. Whether the round goes on."""
        try:
            reader = self._opened()
            reader.refresh()
            self._forget_erased(reader)
            return self._go_on(reader)
        except (BadInput, MediaFailing):
            # The committer meets the same medium, and says so.
            self._close()
            return True

    def _go_on(self, reader: RingReader) -> bool:
        self._walk = self._walk or self._older_segments(reader)
        for stored in self._walk:
            self._until_body -= 1
            if self._until_body <= 0:
                self._until_body = self._chance.randrange(1, 2 * self._headers_per_body)
                self._prove(reader, stored)
                return True
        # With the next turn a new round begins, and slots that were sealed anew meanwhile are seen.
        self._close()
        return False

    def _older_segments(self, reader: RingReader) -> Iterator[StoredSegment]:
        """Once through the ring, whatever is erased and added meanwhile."""
        reached = -1
        while pair := _epoch_after(reader.epochs(), reached):
            yield from self._segments_of(reader, *pair)
            reached = pair[0].epoch

    def _segments_of(self, reader: RingReader, slot: EpochSlot, follower: EpochSlot) -> Iterator[StoredSegment]:
        sequence, end_wall_ns = slot.first_sequence, slot.start.wall_ns
        try:
            for stored in reader.segments_of(slot):
                header = stored.header
                self._expect(slot, sequence, end_wall_ns, header.sequence, header.start_wall_ns)
                yield stored
                sequence, end_wall_ns = header.sequence + 1, header.end_wall_ns
        except MediaFailing:
            pass  # what it could not read is what is missing now
        # Recovery leaves out numbers where it could not see how many were used.
        if follower.first_sequence - sequence < MAX_EPOCH_SEGMENTS:
            self._expect(slot, sequence, end_wall_ns, follower.first_sequence, follower.start.wall_ns)

    def _expect(self, slot: EpochSlot, sequence: int, from_wall_ns: int, found: int, to_wall_ns: int) -> None:
        """Segments from ``sequence`` to before ``found`` were not there."""
        if found > sequence and self._lives(slot):
            self._tell(Damage(sequence, found - 1, from_wall_ns, to_wall_ns, "they are not where they should be"))

    def _prove(self, reader: RingReader, stored: StoredSegment) -> None:
        header = stored.header
        self.segments_proved += 1
        try:
            try:
                reader.sealed_payload(stored)
            except (DataLoss, MediaFailing):
                reader.sealed_payload(stored)  # once more: some errors pass
        except (DataLoss, MediaFailing) as lost:
            if self._lives(stored.slot):
                sequence = header.sequence
                self._tell(Damage(sequence, sequence, header.start_wall_ns, header.end_wall_ns, lost.what))
        else:
            self._known = {key: damage for key, damage in self._known.items() if key != header.sequence}

    def _lives(self, slot: EpochSlot) -> bool:
        """Whether it was really committed footage: an epoch that was erased meanwhile is nobody's loss."""
        assert self._reader is not None
        assert self._medium is not None
        return read_slot(self._medium, self._reader.superblock, slot.epoch) == slot

    def _tell(self, damage: Damage) -> None:
        if damage.first_sequence in self._known or len(self._known) >= _MAX_KNOWN:
            return
        inside = range(damage.first_sequence, damage.last_sequence + 1)
        kept = {key: known for key, known in self._known.items() if known.last_sequence not in inside}
        self._known = {**kept, damage.first_sequence: damage}
        _log.warning("segments %d to %d: %s", damage.first_sequence, damage.last_sequence, damage.why)
        self._on_damage(damage)

    def _forget_erased(self, reader: RingReader) -> None:
        epochs = reader.epochs()
        oldest = epochs[0].first_sequence if epochs else None
        self._known = {
            key: damage
            for key, damage in self._known.items()
            if oldest is not None and damage.last_sequence >= oldest
        }

    def _opened(self) -> RingReader:
        if self._reader is None:
            self._medium = _PastTheCache(self._open_medium())
            self._reader = RingReader(self._medium)
        return self._reader

    def _close(self) -> None:
        if self._medium is not None:
            self._medium.close()
        self._medium, self._reader, self._walk = None, None, None


class _PastTheCache:
    """``medium``, read from as near to it as the system lets us; written by nobody here."""

    def __init__(self, medium: Medium) -> None:
        self._medium = medium

    @property
    def size_bytes(self) -> int:
        return self._medium.size_bytes

    def read_at(self, offset: int, size: int) -> bytes:
        return self._medium.reread_at(offset, size)

    def reread_at(self, offset: int, size: int) -> bytes:
        return self._medium.reread_at(offset, size)

    def write_at(self, offset: int, *buffers: Buffer) -> None:
        raise MediaFailing("a scrub writes nothing")

    def zero(self, offset: int, size: int) -> None:
        raise MediaFailing("a scrub writes nothing")

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self._medium.close()


def _epoch_after(epochs: list[EpochSlot], reached: int) -> tuple[EpochSlot, EpochSlot] | None:
    """The first epoch above ``reached`` and the one that follows it; never the newest, which grows still."""
    for slot, follower in pairwise(epochs):
        if slot.epoch > reached:
            return slot, follower
    return None


def _when(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M:%S} UTC"
