"""The ring's one writer: appends segments, turns epochs, makes room, erases what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from edgecam.core.clock import Instant
from edgecam.core.errors import BadInput, MediaFailing
from edgecam.core.frames import Fragment
from edgecam.ringbuffer.badplaces import BadPlaces, WatchedMedium
from edgecam.ringbuffer.budget import Claims, claims_of
from edgecam.ringbuffer.chronology import Dated, date
from edgecam.ringbuffer.creation import create_ring as create_ring
from edgecam.ringbuffer.erasure import Eraser, Erasure, anchor, grave, leftovers
from edgecam.ringbuffer.format import (
    SLOT_SIZE,
    EpochSlot,
    ErasedSlot,
    ErasureReason,
    GapCause,
    SegmentHeader,
    Sign,
    header_hash,
    max_epoch_size,
    record_size,
)
from edgecam.ringbuffer.keeping import Kept, forecast_ns, kept
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.openepoch import OpenEpoch, Place, Seal
from edgecam.ringbuffer.recovery import check_camera, read_superblock, recover
from edgecam.ringbuffer.resealing import finish_resealing
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.sealing import sealed_size
from edgecam.ringbuffer.table import MAX_UNREADABLE, WRITES_OF_A_SLOT, NextEpoch

_SEGMENT_SHARE = 4


def _nothing_is_held(_epoch: int) -> bool:
    return False


class RingWriter:
    """Owned by one thread of one process; the medium's lock keeps others out.

    After any failed write it refuses everything (`MediaFailing`): what reached the medium is then unknown, and only
    a new writer, which recovers, finds out.
    """

    def __init__(
        self,
        medium: Medium,
        *,
        sign: Sign,
        camera_public: bytes,
        seal: Seal,
        retention: Retention,
        now: Instant,
        is_held: Callable[[int], bool] = _nothing_is_held,
        bad: BadPlaces | None = None,
    ) -> None:
        """Open and recover the ring on ``medium``; what is due at ``now``, or was being erased, is erased.

        ``seal`` seals a 32-byte epoch key to the owner, ``sign`` signs as ``camera_public``. ``is_held`` says of an
        epoch's number whether a copy of its key is kept elsewhere: then destroying the slot is not enough, and its
        bytes are overwritten for certain. ``bad`` are the places to step over; this writer adds what it finds.
        Raises: BadInput when there is no ring, part of one, or another camera's; MediaFailing.
        """
        self._bad = bad or BadPlaces()
        medium = WatchedMedium(medium, self._bad)
        self._medium, self._sign, self._seal, self._retention = medium, sign, seal, retention
        self.superblock = read_superblock(medium)
        check_camera(self.superblock, camera_public)
        recovered = recover(medium, self.superblock)
        if finish_resealing(medium, self.superblock, recovered.table):
            recovered = recover(medium, self.superblock)
        self._coming = recovered.coming
        self._last = recovered.last
        self._live: list[EpochSlot] = list(recovered.table.live)
        self._open: OpenEpoch | None = None
        self._record = bytearray()
        self._failed: str = ""
        self._ages: tuple[tuple[object, ...], int, Dated, Dated | None] | None = None
        left = leftovers(recovered.table, self.superblock, recovered.coming)
        self._damaged: list[ErasedSlot] = left.later
        self._eraser = Eraser(medium, self.superblock, self._bad, is_held)
        self._eraser.blank(left.torn)
        if self._coming.epoch % self.superblock.slot_count in left.torn:
            # Not a torn write, perhaps, but a flipped bit: then segments of that number lie ahead.
            self._coming = replace(self._coming, epoch=self._coming.epoch + 1)
        self._erasures: list[Erasure] = self._eraser.destroy(left.now, discard=True)
        finished = {dug.epoch for dug in left.now}
        self._live = [slot for slot in self._live if slot.epoch not in finished]
        self._erasures = self.erase_due(now)

    @property
    def last(self) -> SegmentHeader | None:
        """The newest committed segment, if it still lives; right after opening, the one found on the medium."""
        return self._last

    @property
    def written_bytes(self) -> int:
        """Bytes written into this ring since it was made, but for what file system and medium add."""
        return self._coming.position + WRITES_OF_A_SLOT * SLOT_SIZE * self._coming.epoch

    def append(self, fragment: Fragment, start: Instant, gap_ns: int, gap_cause: GapCause) -> SegmentHeader:
        """Commit ``fragment``, which began at ``start``, after ``gap_ns`` without footage; procedure *append*.

        It is committed when this returns. Raises: BadInput when the ring is too small for it (the writer stays
        usable), MediaFailing.
        """
        size = record_size(sealed_size(len(fragment.data)))
        if size > self.superblock.data_size // _SEGMENT_SHARE:
            raise BadInput(
                f"a fragment of {len(fragment.data)} bytes is too large for a ring of {self.superblock.size_bytes}",
                do="make the ring larger, or lower the bit rate",
            )
        with self._poisoning():
            position = self._place(size)
            self._make_room(position + size)
            epoch = self._epoch_for(fragment, start, position, size)
            record = self._record_of(size)
            place = Place(self._coming.first_sequence, self._coming.previous_hash, max(0, gap_ns), gap_cause)
            header = epoch.compose(record, fragment, start, place, self._sign)
            self._medium.write_at(self.superblock.byte_offset(position), record)
            self._medium.flush()
        self._bad.accepted()
        self._coming = replace(
            self._coming,
            position=position + size,
            first_sequence=header.sequence + 1,
            previous_hash=header_hash(header.encode()),
        )
        self._last = header
        return header

    def erase_due(self, now: Instant) -> list[Erasure]:
        """Erase every epoch whose first footage has reached the retention; cheap while there is none.

        Returns these erasures, after those that `take_erasures` would have told. Raises: MediaFailing.
        """
        self._refuse_if_failed()
        _, oldest = self._aged(now)
        if oldest is None or not self._is_due(oldest):
            return self.take_erasures()
        dated = date([slot.start for slot in self._live], now)
        due = next((i for i, one in enumerate(dated) if not self._is_due(one)), len(dated))
        with self._poisoning():
            self._erasures += self._erase_oldest(due, ErasureReason.DUE)
        return self.take_erasures()

    def end_epoch(self) -> None:
        """Let the next append open a new epoch, because the owners have changed."""
        self._open = None

    def take_erasures(self) -> list[Erasure]:
        """What was erased unasked, to make room or to finish what a power cut interrupted; each once."""
        taken, self._erasures = self._erasures, []
        return taken

    def kept(self, now: Instant) -> Kept:
        """Days kept, owed and forecast."""
        created, oldest = self._aged(now)
        end = self._last.end_mono_ns if self._last else 0
        same_boot = self._last and self._live and self._last.boot_id == self._live[-1].start.boot_id
        ahead_ns = forecast_ns(self.superblock, self._live, self._coming.position, end) if same_boot else 0
        return kept(oldest, created, self._retention, ahead_ns)

    def claims(self, now: Instant) -> Claims:
        """What lives claims of the data area, for the budget; goes through all live epochs."""
        dated = date([slot.start for slot in self._live], now)
        return claims_of(self.superblock, self._live, dated, self._coming.position, self._retention)

    def close(self) -> None:
        """Forget the open epoch's key and let go of the medium."""
        self._open = None
        self._failed = "it was closed"
        self._medium.close()

    def _place(self, size: int) -> int:
        """Where a record of ``size`` bytes goes next: not across the end of a lap, nor over a bad place."""
        position = self.superblock.fit(self._coming.position, size)
        while bad := self._bad.avoided(offset := self.superblock.byte_offset(position), size):
            position = self.superblock.fit(position + bad.end - offset, size)
            if position > self._coming.position + self.superblock.data_size:
                self._bad.forget()
                raise MediaFailing("the whole medium refuses to be written", do="replace the card")
        return position

    def _epoch_for(self, fragment: Fragment, start: Instant, position: int, size: int) -> OpenEpoch:
        epoch = self._open
        # Readers go from record to record; only a new slot leads them over a bad place.
        follows = position == self.superblock.fit(self._coming.position, size)
        if (
            epoch
            and follows
            and epoch.takes(
                fragment,
                start,
                position + size - epoch.slot.position,
                max_epoch_size(self.superblock),
                self._retention,
            )
        ):
            return epoch
        return self._turn(fragment, start, position, after_step=bool(epoch and epoch.stepped(start)))

    def _turn(self, fragment: Fragment, start: Instant, position: int, *, after_step: bool) -> OpenEpoch:
        """Procedure *new epoch*: its slot is on the medium before its first segment (invariant 4)."""
        coming = replace(self._coming, position=position, epoch=self._free_number())
        if self._live and self._live[-1].epoch == coming.epoch:
            self._live.pop()  # it never got a segment
        while self._live and self._live[0].epoch <= coming.epoch - self.superblock.slot_count:
            self._erasures += self._erase_oldest(1, ErasureReason.OVERWRITTEN)
        ring_id = self.superblock.ring_id
        epoch = OpenEpoch.begin(
            coming, start, fragment.init, ring_id, seal=self._seal, sign=self._sign, after_step=after_step
        )
        self._medium.write_at(self.superblock.slot_offset(coming.epoch), epoch.slot.encode())
        self._medium.flush()
        self._live.append(epoch.slot)
        self._open = epoch
        self._coming = replace(coming, epoch=coming.epoch + 1)
        return epoch

    def _free_number(self) -> int:
        """The number of the next epoch: the first whose slot can be written."""
        coming = self._coming.epoch
        for number in range(coming, coming + MAX_UNREADABLE):
            if not self._bad.avoided(self.superblock.slot_offset(number), SLOT_SIZE):
                return number
        self._bad.forget()
        raise MediaFailing("the ring's slots cannot be written any more", do="replace the card")

    def _make_room(self, end_position: int) -> None:
        """Erase the oldest epochs until everything up to ``end_position`` is free (invariant 6)."""
        while self._live and end_position - self._live[0].position > self.superblock.data_size:
            self._erasures += self._erase_oldest(1, ErasureReason.OVERWRITTEN)

    def _erase_oldest(self, count: int, reason: ErasureReason) -> list[Erasure]:
        if count == self.superblock.slot_count:  # the anchor takes the oldest one's slot
            return self._erase_oldest(1, reason) + self._erase_oldest(count - 1, reason)
        if count == len(self._live):
            count = self._anchor()
        followers: tuple[EpochSlot | NextEpoch, ...] = (*self._live[1:], self._coming)
        graves = [grave(slot, after, reason) for slot, after in zip(self._live[:count], followers, strict=False)]
        reached = self._live[count].epoch if count < len(self._live) else self._coming.epoch
        graves += [dug for dug in self._damaged if dug.epoch < reached]
        graves.sort(key=lambda dug: dug.epoch)
        erasures = self._eraser.destroy(graves, discard=reason is not ErasureReason.OVERWRITTEN)
        self._damaged = [dug for dug in self._damaged if dug.epoch >= reached]
        self._live = self._live[count:]
        return erasures

    def _anchor(self) -> int:
        """Before the newest epoch goes: an erased one after it that carries the chain (invariant 7).

        Returns how many epochs are left to erase.
        """
        newest = self._live[-1]
        dug = anchor(self.superblock.ring_id, replace(self._coming, epoch=self._free_number()), newest)
        self._medium.write_at(self.superblock.slot_offset(dug.epoch), dug.encode())
        self._medium.flush()
        if newest.epoch == dug.epoch:
            self._live.pop()  # it never got a segment; the anchor has taken its place
        self._coming = replace(self._coming, epoch=dug.epoch + 1)
        self._open, self._last = None, None
        return len(self._live)

    def _is_due(self, dated: Dated) -> bool:
        return dated.age_ns >= self._retention.life_ns(dated.wall_ns)

    def _aged(self, now: Instant) -> tuple[Dated, Dated | None]:
        """The ring itself and its oldest live epoch, dated.

        Between two epochs nothing but the boot clock moves them, so all stamps are gone through once an epoch.
        """
        ends = (self._live[0].start, self._live[-1].start) if self._live else None
        key = (ends, now.boot_id, now.trust)
        if self._ages is None or self._ages[0] != key or now.mono_ns < self._ages[1]:
            stamps = [self.superblock.created, *(slot.start for slot in self._live)]
            created, *rest = date(stamps, now)
            self._ages = key, now.mono_ns, created, rest[0] if rest else None
        _, since_ns, created, oldest = self._ages
        elapsed_ns = now.mono_ns - since_ns
        created = replace(created, age_ns=created.age_ns + elapsed_ns)
        return created, oldest and replace(oldest, age_ns=oldest.age_ns + elapsed_ns)

    def _record_of(self, size: int) -> memoryview:
        if len(self._record) < size:
            self._record = bytearray(size)
        return memoryview(self._record)[:size]

    def _refuse_if_failed(self) -> None:
        if self._failed:
            raise MediaFailing(
                f"this ring writer is not used any more ({self._failed})",
                do="open the ring anew",
                safe="what was committed is safe",
            )

    @contextmanager
    def _poisoning(self) -> Iterator[None]:
        self._refuse_if_failed()
        self._failed = "an earlier append or erasure failed"
        yield
        self._failed = ""
