"""Copying footage out of the ring into a hold, verbatim, beside the running recorder and without its lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader, Sign
from edgecam.ringbuffer.holdfile import begin, rewrite
from edgecam.ringbuffer.holdrecord import SLOTS_OFFSET, HoldCount, HoldRecord, HoldState, slots_size
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.reader import RingReader, StoredSegment
from edgecam.ringbuffer.table import read_slot

# So that no flush of the recorder's ever waits for more than this of ours.
_FLUSH_EVERY_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class HoldPlan:
    """What there is to hold of a range, found by reading headers only.

    ``newest_epoch`` is the ring's newest one with footage. What is committed after ``last_sequence`` came too late.
    """

    from_wall_ns: int
    to_wall_ns: int
    first_epoch: int
    last_epoch: int
    newest_epoch: int
    last_sequence: int
    segments: int
    segments_size_bytes: int

    @property
    def size_bytes(self) -> int:
        """Of the whole hold."""
        return SLOTS_OFFSET + slots_size(self.first_epoch, self.last_epoch) + self.segments_size_bytes


def plan_hold(reader: RingReader, from_wall_ns: int, to_wall_ns: int) -> HoldPlan | None:
    """What the ring has of the range, rounded outwards to whole segments; ``None`` for nothing.

    Raises: MediaFailing.
    """
    first: SegmentHeader | None = None
    last: SegmentHeader | None = None
    begin_ns, end_ns, segments, size_bytes = to_wall_ns, from_wall_ns, 0, 0
    for stored in reader.segments(from_wall_ns, to_wall_ns):
        first, last = first or stored.header, stored.header
        start_ns = reader.moment_of(last)
        begin_ns, end_ns = min(begin_ns, start_ns), max(end_ns, start_ns + last.duration_ns)
        segments += 1
        size_bytes += last.record_size
    if first is None or last is None:
        return None
    newest = _newest_with_footage(reader, last.epoch)
    return HoldPlan(begin_ns, end_ns, first.epoch, last.epoch, newest, last.sequence, segments, size_bytes)


class HoldCopy:
    """Procedure *hold*, steps 2 to 4, from ``ring`` into ``hold``, which has the plan's size and holds zeros.

    ``record`` is the hold's, in the state *copying*; ``on_segment`` is told of each segment kept.
    """

    def __init__(
        self,
        ring: Medium,
        reader: RingReader,
        hold: Medium,
        record: HoldRecord,
        sign: Sign,
        on_segment: Callable[[SegmentHeader], None] = lambda header: None,
    ) -> None:
        self._ring, self._reader, self._hold, self._sign = ring, reader, hold, sign
        self._record = record
        self._on_segment = on_segment
        self._offset = record.segments_offset
        self._unflushed_bytes = 0
        self._has_slot_of: dict[int, bool] = {}
        self._kept = 0
        self.damaged: list[SegmentHeader] = []

    def run(self, plan: HoldPlan, from_wall_ns: int, to_wall_ns: int) -> HoldRecord:
        """Copy what ``plan`` found in the range; the record as it then stands in the hold, in the state *kept*.

        Raises: DataLoss when nothing of it could be kept (the hold is then to be destroyed), MediaFailing.
        """
        self._record = begin(self._hold, self._reader.superblock, self._record, self._sign)
        for stored in self._reader.segments(from_wall_ns, to_wall_ns):
            if stored.header.sequence > plan.last_sequence:
                break
            self._take(stored)
        if not self._kept:
            raise DataLoss("nothing of the footage in that range can be read any more", do="run `edgecam check`")
        self._hold.flush()
        erased = max(0, plan.segments - self._kept - len(self.damaged))
        count = HoldCount(self._kept, len(self.damaged), erased)
        return rewrite(self._hold, replace(self._record, state=HoldState.KEPT, count=count), self._sign)

    def _take(self, stored: StoredSegment) -> None:
        try:
            payload = self._reader.sealed_payload(stored)
        except DataLoss:
            if self._live_slot(stored.slot) is not None:
                self.damaged.append(stored.header)
            return
        if self._has_slot(stored.slot):
            self._append(stored.header, payload)

    def _has_slot(self, slot: EpochSlot) -> bool:
        """Whether the hold has the slot; it is read from the ring now, when the hold's record is known to all.

        What the reader read before that does not count: the recorder may have destroyed it since, and have found
        nobody who keeps a copy.
        """
        if slot.epoch not in self._has_slot_of:
            live = self._live_slot(slot) if self._record.may_hold(slot.epoch) else None
            if live is not None:
                self._hold.write_at(self._record.slot_offset(slot.epoch), live.encode())
            self._has_slot_of[slot.epoch] = live is not None
        return self._has_slot_of[slot.epoch]

    def _live_slot(self, slot: EpochSlot) -> EpochSlot | None:
        """The slot as it is in the ring now, perhaps sealed anew; ``None`` when its epoch was erased."""
        live = read_slot(self._ring, self._reader.superblock, slot.epoch)
        same = live and (live.position, live.first_sequence, live.start) == (
            slot.position,
            slot.first_sequence,
            slot.start,
        )
        return live if same else None

    def _append(self, header: SegmentHeader, payload: bytes) -> None:
        if self._offset + header.record_size > self._hold.size_bytes:
            return  # more than the plan found; it is counted as one that is missing
        head = header.encode()
        padding = bytes(header.record_size - len(head) - len(payload))
        self._hold.write_at(self._offset, head, payload, padding)
        self._offset += header.record_size
        self._kept += 1
        self._unflushed_bytes += header.record_size
        if self._unflushed_bytes >= _FLUSH_EVERY_BYTES:
            self._hold.flush()
            self._unflushed_bytes = 0
        self._on_segment(header)


def _newest_with_footage(reader: RingReader, at_least: int) -> int:
    newer = (slot for slot in reversed(reader.epochs()) if slot.epoch > at_least)
    return next((slot.epoch for slot in newer if next(reader.segments_of(slot), None)), at_least)
