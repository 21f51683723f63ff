"""The box that holds an export's manifest: the last one of the file, found from its end.

Box header (size 1, type ``uuid``, 64-bit size), `MANIFEST_UUID`, the document, and the box's size once more (64
bits, big-endian). The document: an opening line, records separated by a comma and a newline, a closing line.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from edgecam.core.errors import DataLoss

MANIFEST_UUID = bytes.fromhex("9f1c6a2e5b7d4e0f8a3361d2c4e5f607")
AFTER_OPENING = b"\n"
BETWEEN_RECORDS = b",\n"
CLOSING = b"\n]}\n"
_HEADER = struct.Struct(">I4sQ16s")
_TRAILER = struct.Struct(">Q")
_BOX = struct.Struct(">I4sQ")
_FRAME_SIZE_BYTES = _HEADER.size + _TRAILER.size


@dataclass(frozen=True, slots=True)
class ManifestBox:
    """Where the box starts in the file, and the document's bytes; not ``intact`` when its frame was changed."""

    start: int
    document: bytes
    intact: bool

    def split(self) -> tuple[bytes, list[bytes]]:
        """The opening line and the records. Raises: DataLoss when the document does not close."""
        if not self.document.endswith(CLOSING):
            raise DataLoss("the end of a manifest was changed")
        opening, _, records = self.document[: -len(CLOSING)].partition(AFTER_OPENING)
        return opening, records.split(BETWEEN_RECORDS)


def box_before(document_size_bytes: int) -> bytes:
    """What stands before a document of that size."""
    return _HEADER.pack(1, b"uuid", document_size_bytes + _FRAME_SIZE_BYTES, MANIFEST_UUID)


def box_after(document_size_bytes: int) -> bytes:
    """What stands after it and ends the file."""
    return _TRAILER.pack(document_size_bytes + _FRAME_SIZE_BYTES)


def find_manifest(file: BinaryIO) -> ManifestBox | None:
    """The manifest box at the end of ``file``, also when one of its two sizes or its type was changed.

    Raises: OSError.
    """
    size = file.seek(0, os.SEEK_END)
    for box_size in (_size_at_end(file, size), size - _walked_to_uuid(file, size)):
        if _FRAME_SIZE_BYTES <= box_size <= size and (found := _read(file, size - box_size, box_size)):
            return found
    return None


def _read(file: BinaryIO, start: int, size: int) -> ManifestBox | None:
    file.seek(start)
    header = file.read(_HEADER.size)
    expected = _HEADER.pack(1, b"uuid", size, MANIFEST_UUID)
    # A frame in which one field was changed is still known by the others.
    alike = sum(a == b for a, b in zip(header, expected, strict=True))
    if alike < _HEADER.size - 1:
        return None
    document = file.read(size - _FRAME_SIZE_BYTES)
    return ManifestBox(start, document, header == expected and file.read() == _TRAILER.pack(size))


def _size_at_end(file: BinaryIO, size: int) -> int:
    if size < _FRAME_SIZE_BYTES:
        return 0
    file.seek(size - _TRAILER.size)
    return int(_TRAILER.unpack(file.read())[0])


def _walked_to_uuid(file: BinaryIO, size: int) -> int:
    """The offset of the first top-level ``uuid`` box, or ``size`` when the boxes do not lead to one."""
    at = 0
    while at + _BOX.size <= size:
        file.seek(at)
        box_size, kind, large_size = _BOX.unpack(file.read(_BOX.size))
        if kind == b"uuid":
            return at
        step = large_size if box_size == 1 else box_size
        if step < 8:
            break
        at += step
    return size
