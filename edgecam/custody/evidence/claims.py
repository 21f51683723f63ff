"""What an export's manifest says, read as far as it can be read: the ground on which a wrong stretch is named."""

from __future__ import annotations

from collections.abc import Iterator

from edgecam.core.errors import DataLoss
from edgecam.custody.evidence.account import Period
from edgecam.custody.evidence.manifest import SegmentRecord, decode_record
from edgecam.custody.evidence.manifestbox import ManifestBox
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import SegmentHeader


def signed_header(record: SegmentRecord, camera_public: bytes) -> SegmentHeader | None:
    """The record's header, or ``None`` when that camera did not sign it."""
    header = _header(record)
    return header if header and signed_by(camera_public, header.signature, header.signed_part) else None


def next_signed(lines: list[bytes], camera_public: bytes) -> SegmentHeader | None:
    """The first header in ``lines`` that the camera signed."""
    headers = (signed_header(record, camera_public) for record in _segments(lines))
    return next((header for header in headers if header), None)


def claimed_period(box: ManifestBox) -> Period | None:
    """From the first to the last moment that the manifest tells of, whether that is true or not."""
    lines = [line.removesuffix(b",") for line in box.document.split(b"\n")]
    first = next((header for record in _segments(lines) if (header := _header(record))), None)
    last = next((header for record in _segments(lines[::-1]) if (header := _header(record))), None)
    return Period(first.start_wall_ns, last.end_wall_ns) if first and last else None


def _segments(lines: list[bytes]) -> Iterator[SegmentRecord]:
    for line in lines:
        try:
            record = decode_record(line)
        except DataLoss:
            continue
        if isinstance(record, SegmentRecord):
            yield record


def _header(record: SegmentRecord) -> SegmentHeader | None:
    try:
        return SegmentHeader.decode(record.header)
    except DataLoss:
        return None
