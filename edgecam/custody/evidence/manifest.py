"""The manifest of an export as values: signed segment headers, by which anyone verifies the pictures.

One JSON document (UTF-8), one record a line; every line is canonical, so a changed byte is a changed meaning.
Layout and reasons: ``docs/design/evidence.md``.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any, TypeVar

from edgecam.core.errors import DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.told import octets
from edgecam.ringbuffer.format import HEADER_SIZE, SALT_SIZE, SLOT_SIZE, EpochSlot, decode_slot

FORMAT = "edgecam-manifest-1"
EPOCH_SIZE_BYTES = 224
_RECORDS = b',"records":['


@dataclass(frozen=True, slots=True)
class ManifestOpening:
    """What holds for the whole file: who recorded it, into which ring, and its init."""

    camera_public: bytes
    ring_id: bytes
    init_sha256: bytes
    init_size_bytes: int

    def encode(self) -> bytes:
        fields = {
            "format": FORMAT,
            "camera_public": self.camera_public.hex(),
            "ring_id": self.ring_id.hex(),
            "init_sha256": self.init_sha256.hex(),
            "init_size_bytes": self.init_size_bytes,
        }
        return ordered_json(fields, escaped=True)[:-1] + _RECORDS


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """The epoch of the segments that follow: the signed head of its slot, signature included (224 bytes)."""

    slot_head: bytes

    @classmethod
    def of(cls, slot: EpochSlot) -> EpochRecord:
        return cls(slot.encode()[:EPOCH_SIZE_BYTES])

    def slot(self) -> EpochSlot:
        """The slot as far as its signature reaches; what was sealed in it is zeros. Raises: DataLoss."""
        body = self.slot_head.ljust(SLOT_SIZE - 4, b"\0")
        slot = decode_slot(body + zlib.crc32(body).to_bytes(4, "little"))
        if not isinstance(slot, EpochSlot):
            raise DataLoss("a manifest names an epoch without a key")
        return slot

    def encode(self) -> bytes:
        return ordered_json({"epoch": _base64(self.slot_head)}, escaped=True)


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """One fragment of the file: where it lies, the two numbers it was recorded with, and the proof of its bytes.

    ``header`` is the segment's 512-byte header as in the ring; its content hash is the SHA-256 of ``salt`` and the
    fragment with ``sequence`` (``mfhd``) and ``decode_time`` (``tfdt``) put back.
    """

    offset: int
    size_bytes: int
    sequence: int
    decode_time: int
    salt: bytes
    header: bytes

    def encode(self) -> bytes:
        fields = {
            "offset": self.offset,
            "size_bytes": self.size_bytes,
            "sequence": self.sequence,
            "decode_time": self.decode_time,
            "salt": _base64(self.salt),
            "header": _base64(self.header),
        }
        return ordered_json(fields, escaped=True)


Record = EpochRecord | SegmentRecord


def decode_opening(line: bytes) -> ManifestOpening:
    """The opening that ``line`` (without newline) is. Raises: DataLoss."""
    try:
        if not line.endswith(_RECORDS):
            raise ValueError("no records")
        fields = _object(line[: -len(_RECORDS)] + b"}")
        if fields["format"] != FORMAT:
            raise ValueError("another format")
        opening = ManifestOpening(
            octets(fields["camera_public"], 32),
            octets(fields["ring_id"], 16),
            octets(fields["init_sha256"], 32),
            _number(fields["init_size_bytes"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("the opening of a manifest does not parse") from broken
    return _canonical(opening, line)


def decode_record(line: bytes) -> Record:
    """The record that ``line`` (without comma and newline) is. Raises: DataLoss."""
    record: Record
    try:
        fields = _object(line)
        if "epoch" in fields:
            record = EpochRecord(_unbase64(fields["epoch"], EPOCH_SIZE_BYTES))
        else:
            record = SegmentRecord(
                _number(fields["offset"]),
                _number(fields["size_bytes"]),
                _number(fields["sequence"]),
                _number(fields["decode_time"]),
                _unbase64(fields["salt"], SALT_SIZE),
                _unbase64(fields["header"], HEADER_SIZE),
            )
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("a record of a manifest does not parse") from broken
    return _canonical(record, line)


T = TypeVar("T", EpochRecord, SegmentRecord, EpochRecord | SegmentRecord, ManifestOpening)


def _canonical(value: T, line: bytes) -> T:
    if value.encode() != line:
        raise DataLoss("a line of a manifest is not written in the one form that edgecam writes")
    return value


def _object(line: bytes) -> dict[str, Any]:
    fields = json.loads(line)
    if type(fields) is not dict:
        raise TypeError("not an object")
    return fields


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise ValueError("not an unsigned 64-bit number")
    return value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(value: Any, size: int) -> bytes:
    if type(value) is not str:
        raise TypeError("not text")
    data = base64.b64decode(value, validate=True)
    if len(data) != size:
        raise ValueError("wrong size")
    return data
