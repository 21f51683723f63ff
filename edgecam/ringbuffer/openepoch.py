"""The epoch that is being written: its key in RAM, and segments composed under it; no I/O."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, Bug
from edgecam.core.frames import Fragment
from edgecam.ringbuffer.format import (
    EPOCH_DURATION_NS,
    HEADER_SIZE,
    MAX_EPOCH_SEGMENTS,
    SALT_SIZE,
    SLOT_CAPACITY,
    TAG_SIZE,
    EpochSlot,
    GapCause,
    SegmentHeader,
    Sign,
    content_hash,
)
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.sealing import EpochKey, sealed_size
from edgecam.ringbuffer.table import NextEpoch

Seal = Callable[[bytes], bytes]

_CLOCK_STEP_NS = NS_PER_S
_MIN_STEPPED_NS = 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the chain a segment comes, and why there is nothing right before it."""

    sequence: int
    previous_hash: bytes
    gap_ns: int
    gap_cause: GapCause


class OpenEpoch:
    """One epoch while it is open. The key leaves RAM only sealed; each index is used once (invariant 10)."""

    def __init__(self, slot: EpochSlot, key: EpochKey, init: bytes, after_step: bool) -> None:
        self.slot = slot
        self.index = 0
        self._key, self._init, self._after_step = key, init, after_step

    @classmethod
    def begin(
        cls,
        coming: NextEpoch,
        start: Instant,
        init: bytes,
        ring_id: bytes,
        seal: Seal,
        sign: Sign,
        after_step: bool,
    ) -> OpenEpoch:
        """A new key, sealed, and the slot that carries it. Raises: BadInput when the slot cannot hold them."""
        key, secret = EpochKey.fresh()
        sealed_key = seal(secret)
        if len(sealed_key) + len(init) + TAG_SIZE > SLOT_CAPACITY:
            raise BadInput(
                f"the epoch key takes {len(sealed_key)} bytes sealed to all owners and the init {len(init)}, "
                f"together more than the {SLOT_CAPACITY} of a slot",
                do="seal to fewer recipients",
            )
        slot = EpochSlot(
            epoch=coming.epoch,
            start=start,
            position=coming.position,
            first_sequence=coming.first_sequence,
            sealed_key=sealed_key,
            sealed_init=b"",  # bound to the fields before it, so they come first
            init_hash=hashlib.sha256(init).digest(),
            previous_hash=coming.previous_hash,
            ring_id=ring_id,
        )
        slot = replace(slot, sealed_init=key.seal_init(init, slot.sealed_with))
        return cls(slot.signed(sign), key, init, after_step)

    def takes(self, fragment: Fragment, start: Instant, size: int, max_size: int, retention: Retention) -> bool:
        """Whether ``fragment`` may join; ``size`` is what the epoch would then take of the data area, in bytes."""
        began = self.slot.start
        return (
            fragment.init == self._init
            and start.boot_id == began.boot_id
            and start.mono_ns + _duration_ns(fragment) - began.mono_ns <= EPOCH_DURATION_NS
            and size <= max_size
            and self.index < MAX_EPOCH_SEGMENTS
            and not self.stepped(start)
            # What a clock says once it is synchronised dates an epoch by its start; a later leap must not.
            and start.trust <= began.trust
            and (start.trust == TimeTrust.UNSET or retention.same_day(began.wall_ns, start.wall_ns))
        )

    def stepped(self, start: Instant) -> bool:
        """Whether the wall clock has stepped since this epoch began, and the epoch may end for it."""
        began = self.slot.start
        step_ns = (start.wall_ns - start.mono_ns) - (began.wall_ns - began.mono_ns)
        # A clock that keeps stepping must not use up the table: such an epoch lasts a minute.
        may_end = not self._after_step or start.mono_ns - began.mono_ns >= _MIN_STEPPED_NS
        return abs(step_ns) > _CLOCK_STEP_NS and may_end

    def compose(
        self, record: memoryview, fragment: Fragment, start: Instant, place: Place, sign: Sign
    ) -> SegmentHeader:
        """Write the segment of ``fragment`` to ``record``, which has exactly its size. Takes the next index.

        Raises: Bug when the header does not read back as it was meant.
        """
        index, self.index = self.index, self.index + 1
        salt = os.urandom(SALT_SIZE)
        payload_size = sealed_size(len(fragment.data))
        header = SegmentHeader(
            epoch=self.slot.epoch,
            index=index,
            sequence=place.sequence,
            start_wall_ns=start.wall_ns,
            start_mono_ns=start.mono_ns,
            boot_id=start.boot_id,
            trust=start.trust,
            duration_ns=_duration_ns(fragment),
            frame_count=fragment.frame_count,
            payload_size=payload_size,
            gap_ns=place.gap_ns,
            gap_cause=place.gap_cause,
            mask_hash=fragment.mask_hash,
            private=fragment.private,
            previous_hash=place.previous_hash,
            content_hash=content_hash(salt, fragment.data),
            ring_id=self.slot.ring_id,
        )
        payload_end = HEADER_SIZE + payload_size
        payload = record[HEADER_SIZE:payload_end]
        self._key.seal_segment(index, salt, fragment.data, header.sealed_with, payload)
        header = replace(header, sealed_hash=hashlib.sha256(payload).digest()).signed(sign)
        encoded = header.encode()
        if SegmentHeader.decode(encoded) != header:
            raise Bug("a segment header does not read back as it was written")
        record[:HEADER_SIZE] = encoded
        record[payload_end:] = bytes(len(record) - payload_end)
        return header


def _duration_ns(fragment: Fragment) -> int:
    return max(0, fragment.end_mono_ns - fragment.start_mono_ns)
