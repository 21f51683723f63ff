"""Held footage that the ring has forgotten, as it lies in the holds; the camera opens nothing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.custody.holds import Holds
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader
from edgecam.ringbuffer.heldfootage import HeldFootage
from edgecam.ringbuffer.overview import Covered
from edgecam.ringbuffer.reader import StoredSegment, live_epochs

# What lies further apart than this is not one piece.
TOGETHER_NS = 1_500_000_000


@dataclass(frozen=True, slots=True)
class _Part:
    """What a hold has of one epoch, from ``offset`` in its file on; ``covered`` is never empty."""

    hold_id: str
    slot: EpochSlot
    offset: int
    covered: tuple[Covered, ...]

    @property
    def start_wall_ns(self) -> int:
        return self.covered[0].start_wall_ns

    @property
    def end_wall_ns(self) -> int:
        return self.covered[-1].end_wall_ns


class HeldCiphertext:
    """What the holds of one camera have besides the ring at ``ring``; threads may share it.

    ``live()`` names the epochs that the ring still shows, by ring id and number: those are not told again. Of a
    hold whose end has come nothing is handed out. Each hold is read whole once, when its time is first asked for.
    """

    def __init__(self, holds: Holds, ring: Path, live: Callable[[], Collection[tuple[bytes, int]]]) -> None:
        self._holds, self._ring, self._live = holds, ring, live
        self._looking = threading.Lock()
        self._known: dict[str, tuple[_Part, ...]] = {}

    def covered(self, from_wall_ns: int, to_wall_ns: int) -> list[Covered]:
        """The footage of the range, oldest first. Raises: MediaFailing."""
        found = [piece for part in self._parts(from_wall_ns, to_wall_ns) for piece in part.covered]
        return [piece for piece in found if piece.start_wall_ns < to_wall_ns and piece.end_wall_ns > from_wall_ns]

    def epochs(self, from_wall_ns: int, to_wall_ns: int) -> list[SealedEpoch]:
        """What opens `segments` of the same range, oldest first. Raises: MediaFailing."""
        public = self._holds.store.camera_public
        found = {part.slot: part for part in self._parts(from_wall_ns, to_wall_ns)}
        return [
            SealedEpoch(slot, slot.start.wall_ns, part.end_wall_ns, False, public) for slot, part in found.items()
        ]

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        """Header and ciphertext of each segment of the range, as of `Ciphertext.segments`. Raises: MediaFailing."""
        next_ns, told = from_wall_ns, set[tuple[bytes, int]]()
        for part in self._parts(from_wall_ns, to_wall_ns):
            for held, stored in self._stored(part, from_wall_ns, to_wall_ns):
                header = stored.header
                known = (header.ring_id, header.sequence)
                if known in told or (every_ns and (header.private or header.end_wall_ns <= next_ns)):
                    continue
                told.add(known)
                try:
                    payload = held.sealed_payload(stored)
                except DataLoss:
                    continue
                yield header.encode() + payload
                if every_ns:
                    next_ns += max(1, -(-(header.end_wall_ns - next_ns) // every_ns)) * every_ns

    def _parts(self, from_wall_ns: int, to_wall_ns: int) -> list[_Part]:
        """Oldest first."""
        kept = {hold.hold_id: hold.record for hold in self._holds.store.kept() if hold.record is not None}
        asked = {
            hold_id
            for hold_id, record in kept.items()
            if record.from_wall_ns < to_wall_ns and record.to_wall_ns > from_wall_ns
        }
        with self._looking:
            self._known = {hold_id: parts for hold_id, parts in self._known.items() if hold_id in kept}
        if not asked:
            return []
        ended = {held.record.hold_id for held in self._holds.standing(live_epochs(self._ring)) if held.ended}
        live = self._live()
        found = [
            part
            for hold_id in asked - ended
            for part in self._parts_of(hold_id)
            if (part.slot.ring_id, part.slot.epoch) not in live
            and part.start_wall_ns < to_wall_ns
            and part.end_wall_ns > from_wall_ns
        ]
        return sorted(found, key=lambda part: part.start_wall_ns)

    def _parts_of(self, hold_id: str) -> tuple[_Part, ...]:
        with self._looking:
            if hold_id not in self._known:
                try:
                    with self._holds.store.footage(hold_id) as held:
                        self._known[hold_id] = tuple(_parts_in(hold_id, held))
                except (BadInput, DataLoss):
                    return ()  # it ended meanwhile, or is damaged: `edgecam check` tells
            return self._known[hold_id]

    def _stored(
        self, part: _Part, from_wall_ns: int, to_wall_ns: int
    ) -> Iterator[tuple[HeldFootage, StoredSegment]]:
        """Ends early where the hold is erased meanwhile."""
        with suppress(BadInput, DataLoss), self._holds.store.footage(part.hold_id) as held:
            for stored in held.segments(from_wall_ns, to_wall_ns, part.offset):
                if stored.slot.epoch != part.slot.epoch:
                    return
                yield held, stored


def _parts_in(hold_id: str, held: HeldFootage) -> Iterator[_Part]:
    for _, stored in groupby(held.segments(), lambda stored: stored.slot.epoch):
        first, *rest = stored
        covered = [_covered(first.header)]
        for header in (segment.header for segment in rest):
            last = covered[-1]
            if header.private == last.private and header.start_wall_ns - last.end_wall_ns <= TOGETHER_NS:
                covered[-1] = replace(last, end_wall_ns=header.end_wall_ns)
            else:
                covered.append(_covered(header))
        yield _Part(hold_id, first.slot, first.position, tuple(covered))


def _covered(header: SegmentHeader) -> Covered:
    return Covered(header.start_wall_ns, header.end_wall_ns, header.private, held=True)
