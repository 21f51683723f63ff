"""Every line of a manifest has one form; any bytes are that form or DataLoss."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from custodystand import Camera
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import DataLoss
from edgecam.custody.evidence.manifest import (
    EpochRecord,
    ManifestOpening,
    SegmentRecord,
    decode_opening,
    decode_record,
)
from edgecam.custody.evidence.manifestbox import CLOSING, box_after, box_before, find_manifest
from edgecam.ringbuffer.format import HEADER_SIZE, SALT_SIZE

_NUMBERS = st.integers(0, 2**64 - 1)
_SEGMENTS = st.builds(
    SegmentRecord,
    offset=_NUMBERS,
    size_bytes=_NUMBERS,
    sequence=_NUMBERS,
    decode_time=_NUMBERS,
    salt=st.binary(min_size=SALT_SIZE, max_size=SALT_SIZE),
    header=st.binary(min_size=HEADER_SIZE, max_size=HEADER_SIZE),
)
_OPENING = ManifestOpening(bytes(32), bytes(16), bytes(32), 753)


@given(_SEGMENTS)
def test_a_segment_record_reads_back(record: SegmentRecord) -> None:
    assert decode_record(record.encode()) == record


def test_an_opening_reads_back() -> None:
    assert decode_opening(_OPENING.encode()) == _OPENING


def test_an_epoch_record_is_the_signed_part_of_its_slot(street: Camera) -> None:
    slot = street.reader().epochs()[0]
    record = EpochRecord.of(slot)

    assert decode_record(record.encode()) == record
    assert record.slot().signed_part == slot.signed_part
    assert record.slot().signature == slot.signature
    assert slot.sealed_key not in record.slot_head


@given(st.binary(max_size=300))
def test_any_bytes_are_a_line_or_data_loss(data: bytes) -> None:
    decoders: list[Callable[[bytes], ManifestOpening | EpochRecord | SegmentRecord]]
    decoders = [decode_record, decode_opening]
    for decode in decoders:
        try:
            assert decode(data).encode() == data
        except DataLoss:
            continue


@given(record=_SEGMENTS, share=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
def test_a_changed_byte_changes_the_meaning(record: SegmentRecord, share: float, value: int) -> None:
    line = bytearray(record.encode())
    at = int(share * len(line))
    same = line[at] == value
    line[at] = value
    try:
        assert (decode_record(bytes(line)) == record) == same
    except DataLoss:
        assert not same


@pytest.mark.parametrize("head", [bytes(224), b"\xff" * 224])
def test_a_slot_head_that_is_none_is_data_loss(head: bytes) -> None:
    with pytest.raises(DataLoss):
        EpochRecord(head).slot()


@given(st.binary(max_size=200))
def test_any_file_has_a_manifest_or_none(data: bytes) -> None:
    box = find_manifest(io.BytesIO(data))

    assert box is None or data[box.start + 4 : box.start + 8] == b"uuid"


def test_a_manifest_is_found_from_the_end_and_from_the_start() -> None:
    document = _OPENING.encode() + CLOSING
    content = b"\0\0\0\x08free" + box_before(len(document)) + document + box_after(len(document))

    whole = find_manifest(io.BytesIO(content))
    broken_start = find_manifest(io.BytesIO(b"\xff" + content[1:]))
    broken_end = find_manifest(io.BytesIO(content[:-1] + b"\xff"))

    assert whole is not None
    assert (whole.start, whole.document, whole.intact) == (8, document, True)
    assert broken_start == whole
    assert broken_end is not None
    assert (broken_end.start, broken_end.intact) == (8, False)
    assert find_manifest(io.BytesIO(content[:-1])) is None or not find_manifest(io.BytesIO(content[:-1])).intact  # type: ignore[union-attr]
