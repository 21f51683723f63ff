"""Slots and headers for rings that are composed rather than recorded."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from edgecam.core.clock import Instant
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients
from edgecam.ringbuffer.format import NO_HASH, EpochSlot, GapCause, SegmentHeader
from edgecam.ringbuffer.sealing import EpochKey


def sealed_slot(
    camera: CameraKey,
    recipients: Recipients,
    ring_id: bytes,
    epoch: int,
    start: Instant,
    position: int,
    first_sequence: int,
    previous_hash: bytes,
    init: bytes,
) -> tuple[EpochSlot, EpochKey]:
    """The signed slot of an epoch of ``init``, and the epoch's key."""
    key, secret = EpochKey.fresh()
    slot = EpochSlot(
        epoch=epoch,
        start=start,
        position=position,
        first_sequence=first_sequence,
        sealed_key=recipients.seal(secret),
        sealed_init=b"",
        init_hash=hashlib.sha256(init).digest(),
        previous_hash=previous_hash,
        ring_id=ring_id,
    )
    return replace(slot, sealed_init=key.seal_init(init, slot.sealed_with)).signed(camera.sign), key


def bare_header(
    slot: EpochSlot, index: int, start: Instant, duration_ns: int, payload_size: int, previous_hash: bytes
) -> SegmentHeader:
    """The header of a masked segment of ``slot`` that follows another one, without hashes and signature."""
    return SegmentHeader(
        epoch=slot.epoch,
        index=index,
        sequence=slot.first_sequence + index,
        start_wall_ns=start.wall_ns,
        start_mono_ns=start.mono_ns,
        boot_id=start.boot_id,
        trust=start.trust,
        duration_ns=duration_ns,
        frame_count=15,
        payload_size=payload_size,
        gap_ns=0,
        gap_cause=GapCause.NONE,
        mask_hash=NO_HASH,
        private=False,
        previous_hash=previous_hash,
        content_hash=NO_HASH,
        ring_id=slot.ring_id,
    )
