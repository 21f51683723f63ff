"""The ring's records as values, to bytes and back; pure, and exactly as ``docs/design/ring-format.md`` says."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeVar

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import DataLoss

VERSION = 1
UNIT = 4096  # records start and end on it; also the largest sector a medium may tear
SUPERBLOCK_SIZE = 4096
SUPERBLOCK_OFFSETS = (0, SUPERBLOCK_SIZE)
SLOT_SIZE = 4096
SLOT_CAPACITY = SLOT_SIZE - 224 - 4  # sealed key and sealed init together
HEADER_SIZE = 512
SALT_SIZE = 16
TAG_SIZE = 16
NO_HASH = bytes(32)
EPOCH_DURATION_NS = 600 * NS_PER_S
MAX_EPOCH_SEGMENTS = 4096  # ten minutes of segments of 0.15 s
_EPOCH_SHARE = 16  # no epoch takes more than this part of the data area, so no wrap costs more

_CRC = struct.Struct("<I")
_SUPERBLOCK = struct.Struct("<8sHHIQQQQ16s32sqQ16s64s")
_SLOT_START = struct.Struct("<8sHH")
_LIVE = struct.Struct("<8sHHHHQQQqQ16s16s32s32sHHI64s")
_ERASED = struct.Struct("<8sHHHHQQQQqq16s32s")
_SEGMENT = struct.Struct("<8sHHHHQIIQqQQQII16s16s32s32s32s32s64s")

SEGMENT_MAGIC = b"edgecamS"
_SUPERBLOCK_MAGIC, _SLOT_MAGIC = b"edgecamR", b"edgecamE"
_SUPERBLOCK_SIGNED, _LIVE_SEALED_WITH, _LIVE_SIGNED = 128, 152, 160
_SEGMENT_SEALED_WITH, _SEGMENT_SIGNED = 208, 240
_LIVE_STATE, _DESTROYED_STATE, _ERASED_STATE = 1, 2, 3
_PRIVATE = 1

Sign = Callable[[bytes], bytes]
_Kind = TypeVar("_Kind", bound=IntEnum)


class GapCause(IntEnum):
    """Why there is no footage right before a segment; the number stands in its header."""

    NONE = 0
    FIRST_START = 1
    PLANNED_STOP = 2
    RESTART = 3
    POWER = 4
    SOURCE_LOST = 5
    ENCODER = 6
    MEDIUM = 7
    OVERLOAD = 8
    UNKNOWN = 9
    TIMETABLE = 10
    SUSPENDED = 11


class ErasureReason(IntEnum):
    """Why an epoch was erased; the number stands in its slot."""

    DUE = 1
    OVERWRITTEN = 2
    DISPOSED = 3
    INTERRUPTED = 4


@dataclass(frozen=True, slots=True)
class Superblock:
    """What the ring is and where its parts lie; never changed once written."""

    ring_id: bytes
    camera_public: bytes
    created: Instant
    size_bytes: int
    slot_count: int
    table_offset: int
    data_offset: int
    data_size: int
    signature: bytes = bytes(64)

    @property
    def signed_part(self) -> bytes:
        return self._pack()[:_SUPERBLOCK_SIGNED]

    def signed(self, sign: Sign) -> Superblock:
        return replace(self, signature=sign(self.signed_part))

    def encode(self) -> bytes:
        """The record, 4096 bytes."""
        return _closed(self._pack(), SUPERBLOCK_SIZE)

    def _pack(self) -> bytes:
        return _SUPERBLOCK.pack(
            _SUPERBLOCK_MAGIC,
            VERSION,
            self.created.trust,
            self.slot_count,
            self.size_bytes,
            self.table_offset,
            self.data_offset,
            self.data_size,
            self.ring_id,
            self.camera_public,
            self.created.wall_ns,
            self.created.mono_ns,
            self.created.boot_id,
            self.signature,
        )

    @classmethod
    def decode(cls, data: bytes) -> Superblock:
        """The superblock in ``data`` (4096 bytes). Raises: DataLoss for anything that is not one."""
        _check_closed(data, SUPERBLOCK_SIZE, "the ring's superblock")
        magic, version, trust, slots, size, table, area, area_size, ring, public, wall, mono, boot, signature = (
            _SUPERBLOCK.unpack_from(data)
        )
        _check_kind(magic, version, _SUPERBLOCK_MAGIC, "the ring's superblock")
        created = Instant(wall, mono, boot, _enumerated(TimeTrust, trust))
        superblock = cls(ring, public, created, size, slots, table, area, area_size, signature)
        fits = table >= 2 * SUPERBLOCK_SIZE and area >= table + slots * SLOT_SIZE and area + area_size <= size
        if not fits or slots == 0 or area_size == 0 or area_size % UNIT or superblock.encode() != data:
            raise DataLoss("the ring's superblock contradicts itself")
        return superblock

    def slot_offset(self, epoch: int) -> int:
        """Where on the medium the slot of ``epoch`` lies."""
        return self.table_offset + epoch % self.slot_count * SLOT_SIZE

    def byte_offset(self, position: int) -> int:
        """Where on the medium the byte at ``position`` of the data area lies."""
        return self.data_offset + position % self.data_size

    def next_lap(self, position: int) -> int:
        """The first position of the lap after the one that holds ``position``."""
        return (position // self.data_size + 1) * self.data_size

    def fit(self, position: int, size: int) -> int:
        """Where a record of ``size`` bytes goes that would go to ``position``: there, or to the next lap."""
        return position if position % self.data_size + size <= self.data_size else self.next_lap(position)

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The positions from ``start`` to ``end`` as (offset on the medium, size in bytes), none straddling."""
        while start < end:
            size = min(end, self.next_lap(start)) - start
            yield self.byte_offset(start), size
            start += size


@dataclass(frozen=True, slots=True)
class EpochSlot:
    """A live epoch: when and where it starts, and everything its owner needs to open and decode it.

    ``position`` counts bytes of the data area from the first lap on; `Superblock.byte_offset` places it.
    """

    epoch: int
    start: Instant
    position: int
    first_sequence: int
    sealed_key: bytes
    sealed_init: bytes
    init_hash: bytes
    previous_hash: bytes = NO_HASH
    ring_id: bytes = bytes(16)
    signature: bytes = bytes(64)

    @property
    def signed_part(self) -> bytes:
        return self._pack()[:_LIVE_SIGNED]

    @property
    def sealed_with(self) -> bytes:
        """The associated data of the sealed init."""
        return self._pack()[:_LIVE_SEALED_WITH]

    def signed(self, sign: Sign) -> EpochSlot:
        return replace(self, signature=sign(self.signed_part))

    def encode(self) -> bytes:
        """The record, 4096 bytes."""
        return _closed(self._pack() + self.sealed_key + self.sealed_init, SLOT_SIZE)

    def _pack(self) -> bytes:
        return _LIVE.pack(
            _SLOT_MAGIC,
            VERSION,
            _LIVE_STATE,
            self.start.trust,
            0,
            self.epoch,
            self.position,
            self.first_sequence,
            self.start.wall_ns,
            self.start.mono_ns,
            self.start.boot_id,
            self.ring_id,
            self.previous_hash,
            self.init_hash,
            len(self.sealed_key),
            len(self.sealed_init),
            0,
            self.signature,
        )


@dataclass(frozen=True, slots=True)
class ErasedSlot:
    """An epoch that cannot be opened any more: what the chain and the register still need of it.

    ``end_position``, ``next_sequence`` and ``last_hash`` say where the ring goes on after it. ``discarded`` says
    that its bytes are gone too, not only its key.
    """

    epoch: int
    position: int
    end_position: int
    next_sequence: int
    from_wall_ns: int
    to_wall_ns: int
    reason: ErasureReason
    last_hash: bytes
    ring_id: bytes
    discarded: bool

    def encode(self) -> bytes:
        """The record, 4096 bytes."""
        packed = _ERASED.pack(
            _SLOT_MAGIC,
            VERSION,
            _ERASED_STATE if self.discarded else _DESTROYED_STATE,
            self.reason,
            0,
            self.epoch,
            self.position,
            self.end_position,
            self.next_sequence,
            self.from_wall_ns,
            self.to_wall_ns,
            self.ring_id,
            self.last_hash,
        )
        return _closed(packed, SLOT_SIZE)


def is_zero(data: bytes) -> bool:
    """Whether every byte is zero. Compared at once: asking each byte in turn is fifty times as slow."""
    return data == bytes(len(data))


def decode_slot(data: bytes) -> EpochSlot | ErasedSlot | None:
    """The slot in ``data`` (4096 bytes), or ``None`` for a blank one (invariant 2).

    Raises: DataLoss for anything else; such a slot holds no key that could be relied on.
    """
    if is_zero(data) and len(data) == SLOT_SIZE:
        return None
    _check_closed(data, SLOT_SIZE, "an epoch's slot")
    magic, version, state = _SLOT_START.unpack_from(data)
    _check_kind(magic, version, _SLOT_MAGIC, "an epoch's slot")
    slot = _decode_live(data) if state == _LIVE_STATE else _decode_erased(data, state)
    if slot.encode() != data:
        raise DataLoss("an epoch's slot contradicts itself")
    return slot


def _decode_live(data: bytes) -> EpochSlot:
    _, _, _, trust, _, epoch, position, sequence, wall, mono, boot, *rest = _LIVE.unpack_from(data)
    ring, previous, init_hash, key_size, init_size, _, signature = rest
    if key_size + init_size > SLOT_CAPACITY:
        raise DataLoss("an epoch's slot claims more than it can hold")
    key_end = _LIVE.size + key_size
    return EpochSlot(
        epoch=epoch,
        start=Instant(wall, mono, boot, _enumerated(TimeTrust, trust)),
        position=position,
        first_sequence=sequence,
        sealed_key=data[_LIVE.size : key_end],
        sealed_init=data[key_end : key_end + init_size],
        init_hash=init_hash,
        previous_hash=previous,
        ring_id=ring,
        signature=signature,
    )


def _decode_erased(data: bytes, state: int) -> ErasedSlot:
    _, _, _, reason, _, epoch, position, end, sequence, begun, ended, ring, last = _ERASED.unpack_from(data)
    return ErasedSlot(
        epoch=epoch,
        position=position,
        end_position=end,
        next_sequence=sequence,
        from_wall_ns=begun,
        to_wall_ns=ended,
        reason=_enumerated(ErasureReason, reason),
        last_hash=last,
        ring_id=ring,
        discarded=state == _ERASED_STATE,
    )


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """All that is told of one segment in the clear; signed by the camera, chained to the one before.

    Hashes are SHA-256, 32 bytes; ``payload_size`` is that of the sealed payload in bytes.
    """

    epoch: int
    index: int
    sequence: int
    start_wall_ns: int
    start_mono_ns: int
    boot_id: bytes
    trust: TimeTrust
    duration_ns: int
    frame_count: int
    payload_size: int
    gap_ns: int
    gap_cause: GapCause
    mask_hash: bytes
    private: bool
    previous_hash: bytes
    content_hash: bytes
    sealed_hash: bytes = NO_HASH
    signature: bytes = bytes(64)
    ring_id: bytes = bytes(16)

    @property
    def end_wall_ns(self) -> int:
        return self.start_wall_ns + self.duration_ns

    @property
    def end_mono_ns(self) -> int:
        return self.start_mono_ns + self.duration_ns

    @property
    def record_size(self) -> int:
        """Bytes that the segment takes on the medium, padding included."""
        return record_size(self.payload_size)

    @property
    def sealed_with(self) -> bytes:
        """The associated data of the sealed payload."""
        return self._pack()[:_SEGMENT_SEALED_WITH]

    @property
    def signed_part(self) -> bytes:
        return self._pack()[:_SEGMENT_SIGNED]

    def signed(self, sign: Sign) -> SegmentHeader:
        return replace(self, signature=sign(self.signed_part))

    def encode(self) -> bytes:
        """The record, 512 bytes."""
        return _closed(self._pack(), HEADER_SIZE)

    def _pack(self) -> bytes:
        return _SEGMENT.pack(
            SEGMENT_MAGIC,
            VERSION,
            _PRIVATE if self.private else 0,
            self.trust,
            self.gap_cause,
            self.epoch,
            self.index,
            self.frame_count,
            self.sequence,
            self.start_wall_ns,
            self.start_mono_ns,
            self.duration_ns,
            self.gap_ns,
            self.payload_size,
            0,
            self.boot_id,
            self.ring_id,
            self.mask_hash,
            self.previous_hash,
            self.content_hash,
            self.sealed_hash,
            self.signature,
        )

    @classmethod
    def decode(cls, data: bytes) -> SegmentHeader:
        """The header in ``data`` (512 bytes). Raises: DataLoss for anything that is not one."""
        _check_closed(data, HEADER_SIZE, "a segment's header")
        magic, version, flags, trust, cause, epoch, index, frames, sequence, *rest = _SEGMENT.unpack_from(data)
        wall, mono, duration, gap, size, _, boot, ring, mask, previous, content, sealed, signature = rest
        _check_kind(magic, version, SEGMENT_MAGIC, "a segment's header")
        header = cls(
            epoch=epoch,
            index=index,
            sequence=sequence,
            start_wall_ns=wall,
            start_mono_ns=mono,
            boot_id=boot,
            trust=_enumerated(TimeTrust, trust),
            duration_ns=duration,
            frame_count=frames,
            payload_size=size,
            gap_ns=gap,
            gap_cause=_enumerated(GapCause, cause),
            mask_hash=mask,
            private=flags == _PRIVATE,
            previous_hash=previous,
            content_hash=content,
            sealed_hash=sealed,
            signature=signature,
            ring_id=ring,
        )
        if size < SALT_SIZE + TAG_SIZE or header.encode() != data:
            raise DataLoss("a segment's header contradicts itself")
        return header


def max_epoch_size(superblock: Superblock) -> int:
    """Bytes of the data area that one epoch takes at most."""
    return superblock.data_size // _EPOCH_SHARE // UNIT * UNIT


def header_hash(encoded: bytes) -> bytes:
    """What the next segment states of this one: SHA-256 over its 512 header bytes."""
    return hashlib.sha256(encoded).digest()


def content_hash(salt: bytes, fragment: bytes | memoryview) -> bytes:
    """The commitment to a fragment that confirms no guess of it without the salt."""
    digest = hashlib.sha256(salt)
    digest.update(fragment)
    return digest.digest()


def record_size(payload_size: int) -> int:
    """Bytes on the medium of a segment with ``payload_size`` bytes of sealed payload."""
    return -(-(HEADER_SIZE + payload_size) // UNIT) * UNIT


def _closed(packed: bytes, size: int) -> bytes:
    body = packed.ljust(size - _CRC.size, b"\0")
    return body + _CRC.pack(zlib.crc32(body))


def _check_closed(data: bytes, size: int, what: str) -> None:
    if len(data) != size:
        raise DataLoss(f"{what} is cut short")
    if _CRC.unpack_from(data, size - _CRC.size)[0] != zlib.crc32(memoryview(data)[: -_CRC.size]):
        raise DataLoss(f"{what} is damaged")


def _check_kind(magic: bytes, version: int, expected: bytes, what: str) -> None:
    if magic != expected:
        raise DataLoss(f"{what} is something else")
    if version != VERSION:
        raise DataLoss(f"{what} has format version {version}, this edgecam reads {VERSION}")


def _enumerated(kind: type[_Kind], number: int) -> _Kind:
    try:
        return kind(number)
    except ValueError as unknown:
        raise DataLoss(f"a record holds the unknown {kind.__name__} {number}") from unknown
