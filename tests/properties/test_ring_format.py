"""Whatever bytes lie on the medium, the ring's decoders give a value or `DataLoss`; values survive the bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.format import (
    HEADER_SIZE,
    SLOT_CAPACITY,
    SLOT_SIZE,
    SUPERBLOCK_SIZE,
    EpochSlot,
    ErasedSlot,
    ErasureReason,
    GapCause,
    SegmentHeader,
    Superblock,
    decode_slot,
)

u16, u32, u64 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
i64 = st.integers(-(2**63), 2**63 - 1)
digests, ids, signatures = (st.binary(min_size=n, max_size=n) for n in (32, 16, 64))
instants = st.builds(Instant, i64, u64, ids, st.sampled_from(TimeTrust))

headers = st.builds(
    SegmentHeader,
    epoch=u64,
    index=u32,
    sequence=u64,
    start_wall_ns=i64,
    start_mono_ns=u64,
    boot_id=ids,
    trust=st.sampled_from(TimeTrust),
    duration_ns=u64,
    frame_count=u32,
    payload_size=st.integers(32, 2**32 - 1),
    gap_ns=u64,
    gap_cause=st.sampled_from(GapCause),
    mask_hash=digests,
    private=st.booleans(),
    previous_hash=digests,
    content_hash=digests,
    sealed_hash=digests,
    signature=signatures,
    ring_id=ids,
)
live_slots = st.builds(
    EpochSlot,
    epoch=u64,
    start=instants,
    position=u64,
    first_sequence=u64,
    sealed_key=st.binary(max_size=SLOT_CAPACITY // 2),
    sealed_init=st.binary(max_size=SLOT_CAPACITY // 2),
    init_hash=digests,
    previous_hash=digests,
    ring_id=ids,
    signature=signatures,
)
erased_slots = st.builds(
    ErasedSlot,
    epoch=u64,
    position=u64,
    end_position=u64,
    next_sequence=u64,
    from_wall_ns=i64,
    to_wall_ns=i64,
    reason=st.sampled_from(ErasureReason),
    last_hash=digests,
    ring_id=ids,
    discarded=st.booleans(),
)


@st.composite
def superblocks(draw: st.DrawFn) -> Superblock:
    slot_count = draw(st.integers(1, 10_000))
    data_offset = 2 * SUPERBLOCK_SIZE + slot_count * SLOT_SIZE
    data_size = draw(st.integers(1, 2**40)) * 4096
    return Superblock(
        ring_id=draw(ids),
        camera_public=draw(digests),
        created=draw(instants),
        size_bytes=data_offset + data_size + draw(u16),
        slot_count=slot_count,
        table_offset=2 * SUPERBLOCK_SIZE,
        data_offset=data_offset,
        data_size=data_size,
        signature=draw(signatures),
    )


Decoder = Callable[[bytes], Any]
KINDS: list[tuple[Decoder, int, bytes, st.SearchStrategy[Any]]] = [
    (Superblock.decode, SUPERBLOCK_SIZE, b"edgecamR", superblocks()),
    (decode_slot, SLOT_SIZE, b"edgecamE", live_slots),
    (decode_slot, SLOT_SIZE, b"edgecamE", erased_slots),
    (SegmentHeader.decode, HEADER_SIZE, b"edgecamS", headers),
]
each_kind = pytest.mark.parametrize(
    ("decode", "size", "magic", "values"), KINDS, ids=["superblock", "live", "erased", "header"]
)


@each_kind
@given(data=st.data())
def test_values_survive_the_bytes(
    decode: Decoder, size: int, magic: bytes, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    encoded = value.encode()
    assert len(encoded) == size
    assert encoded.startswith(magic)
    assert decode(encoded) == value


@each_kind
@given(data=st.data())
def test_any_changed_bit_is_found(
    decode: Decoder, size: int, magic: bytes, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    encoded = bytearray(data.draw(values).encode())
    encoded[data.draw(st.integers(0, size - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DataLoss):
        decode(bytes(encoded))


@each_kind
@given(data=st.data())
def test_any_bytes_with_a_right_checksum_are_a_value_or_data_loss(
    decode: Decoder, size: int, magic: bytes, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    """The checksum is made right, so that what lies behind it is reached."""
    body = bytearray(data.draw(values).encode()[:-4])
    for _ in range(data.draw(st.integers(1, 4))):
        noise = data.draw(st.binary(min_size=1, max_size=16))
        place = data.draw(st.integers(0, len(body) - len(noise)))
        body[place : place + len(noise)] = noise
    record = bytes(body) + struct.pack("<I", zlib.crc32(body))
    try:
        value = decode(record)
    except DataLoss:
        return
    assert value.encode() == record


@given(st.binary(max_size=5000))
def test_any_bytes_are_data_loss(data: bytes) -> None:
    for decode in (Superblock.decode, decode_slot, SegmentHeader.decode):
        with pytest.raises(DataLoss):
            decode(data)


def test_a_blank_slot_is_nothing() -> None:
    assert decode_slot(bytes(SLOT_SIZE)) is None
