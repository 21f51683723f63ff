"""What vouches for a copy whose pictures were covered or written on: the camera's word, and the original's hashes.

Such a copy is encoded anew, so the camera's chain proves none of its pictures. The last box of its file holds one
JSON document, signed by the camera: the SHA-256 of each piece of the file, the segments that it was made of, what
was filled in which frames, and who looked through all of them. Layout: ``docs/design/disclosure.md``.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.told import whole_number
from edgecam.custody.evidence.account import Period
from edgecam.custody.evidence.verdict import Verdict
from edgecam.keys.camera import PUBLIC_KEY_SIZE, camera_id, signed_by
from edgecam.ringbuffer.format import SegmentHeader

FORMAT = "edgecam-derived-1"
DERIVED_UUID = bytes.fromhex("5d0b7a4f3c2e49d18f6a0e9b7c1d2e38")
_HEADER = struct.Struct(">I4sQ16s")
_TRAILER = struct.Struct(">Q")
_FRAME_SIZE_BYTES = _HEADER.size + _TRAILER.size
_BUFFER_SIZE_BYTES = 1 << 20
_SIGNATURE_SIZE = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the file, one after the other from its first byte; ``first_frame`` to ``last_frame`` count from 1.

    The init is a piece of its own, without frames: 0 to 0.
    """

    size_bytes: int
    sha256: str
    from_wall_ns: int
    to_wall_ns: int
    first_frame: int
    last_frame: int


@dataclass(frozen=True, slots=True)
class Original:
    """A segment of the copy it was made of: the SHA-256 of its signed header, and which frames it became."""

    sequence: int
    header_sha256: str
    content_sha256: str
    start_wall_ns: int
    first_frame: int
    last_frame: int

    @classmethod
    def of(cls, header: SegmentHeader, first_frame: int) -> Original:
        return cls(
            header.sequence,
            hashlib.sha256(header.encode()).hexdigest(),
            header.content_hash.hex(),
            header.start_wall_ns,
            first_frame,
            first_frame + header.frame_count - 1,
        )


@dataclass(frozen=True, slots=True)
class FilledFrames:
    """What is solid grey from ``first_frame`` to ``last_frame``: boxes ``[x0, y0, x1, y1]`` in pixels."""

    first_frame: int
    last_frame: int
    boxes: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """All that is signed of a derived copy.

    ``reviewed_by`` looked at ``frames_reviewed`` of ``frames`` frames; both say nothing where nothing was covered.
    """

    camera_public: str
    ring_id: str
    original_sha256: str
    made_wall_ns: int
    frames: int
    watermark: str
    reviewed_by: str
    frames_reviewed: int
    kept_tracks: tuple[int, ...]
    originals: tuple[Original, ...]
    fills: tuple[FilledFrames, ...]
    pieces: tuple[Piece, ...]
    signature: str = ""

    def body(self) -> bytes:
        """What is signed."""
        told = self._told()
        del told["signature"]
        return ordered_json(told)

    def encode(self) -> bytes:
        return ordered_json(self._told())

    def signed(self, sign: Callable[[bytes], bytes]) -> Derived:
        return replace(self, signature=sign(self.body()).hex())

    @classmethod
    def decode(cls, data: bytes) -> Derived:
        """Raises: DataLoss for anything that `encode` would not have written byte for byte."""
        try:
            told = json.loads(data)
            if type(told) is not dict or told.pop("format") != FORMAT:
                raise ValueError("another format")
            told["kept_tracks"] = tuple(whole_number(one) for one in told["kept_tracks"])
            told["originals"] = tuple(Original(**one) for one in told["originals"])
            told["fills"] = tuple(_fill(one) for one in told["fills"])
            told["pieces"] = tuple(Piece(**one) for one in told["pieces"])
            derived = cls(**told)
            _require_types(derived)
            same = derived.encode() == data
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
            raise DataLoss("the manifest of a covered copy does not parse") from broken
        if not same:
            raise DataLoss("the manifest of a covered copy is not written in its one form")
        return derived

    def _told(self) -> dict[str, Any]:
        # The pieces come last before the signature: a shell reads them from there.
        return {"format": FORMAT, **asdict(self)}


def derived_box(derived: Derived) -> bytes:
    """The box that ends the file."""
    document = derived.encode()
    size = len(document) + _FRAME_SIZE_BYTES
    return _HEADER.pack(1, b"uuid", size, DERIVED_UUID) + document + _TRAILER.pack(size)


def read_derived(file: BinaryIO) -> tuple[int, Derived] | None:
    """Where the box at the end of ``file`` starts and what it says; ``None`` when there is no such box.

    Raises: DataLoss when it was changed, OSError.
    """
    size = file.seek(0, os.SEEK_END)
    if size < _FRAME_SIZE_BYTES:
        return None
    file.seek(size - _TRAILER.size)
    (box_size,) = _TRAILER.unpack(file.read())
    if not _FRAME_SIZE_BYTES <= box_size <= size:
        return None
    file.seek(size - box_size)
    if file.read(_HEADER.size) != _HEADER.pack(1, b"uuid", box_size, DERIVED_UUID):
        return None
    return size - box_size, Derived.decode(file.read(box_size - _FRAME_SIZE_BYTES))


def verify_derived(path: Path, camera_public: bytes | None = None) -> Verdict | None:
    """Whether the covered copy at ``path`` is as its camera gave it out; ``None`` when it is no such copy.

    Raises: BadInput when the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            try:
                found = read_derived(file)
            except DataLoss as broken:
                return Verdict(False, broken.what)
            return None if found is None else _verdict(file, *found, camera_public)
    except OSError as refused:
        raise BadInput(f"{path} cannot be read ({refused.strerror})", do="check the name of the file") from refused


def _verdict(file: BinaryIO, start: int, derived: Derived, given: bytes | None) -> Verdict:
    public = bytes.fromhex(derived.camera_public)
    as_given = None if given is None else given == public
    if as_given is False:
        return Verdict(False, f"it was signed by another camera, {camera_id(public)}", public, False)
    if not signed_by(public, bytes.fromhex(derived.signature), derived.body()):
        return Verdict(False, "its manifest was changed, or another camera's name was put there", public, as_given)
    file.seek(0)
    for piece in derived.pieces:
        if _digest(file, piece.size_bytes) != piece.sha256:
            period = Period(piece.from_wall_ns, piece.to_wall_ns)
            frames = (piece.first_frame, piece.last_frame) if piece.first_frame else None
            return Verdict(
                False, f"the picture from {period} was changed", public, as_given, wrong=period, wrong_frames=frames
            )
    if file.tell() != start:
        return Verdict(False, "something was taken out of it or put into it", public, as_given)
    return Verdict(True, _told(derived, public), public, as_given)


def _told(derived: Derived, public: bytes) -> str:
    first, last = derived.originals[0], derived.originals[-1]
    covered = (
        f"people were covered, reviewed by {derived.reviewed_by}" if derived.reviewed_by else "nobody was covered"
    )
    written = f", and {derived.watermark!r} was written on it" if derived.watermark else ""
    return (
        f"as {camera_id(public)} gave it out: encoded anew, so no original; {covered}{written}; made of segments "
        f"{first.sequence} to {last.sequence}, whose hashes it names"
    )


def _digest(file: BinaryIO, size_bytes: int) -> str:
    digest = hashlib.sha256()
    while size_bytes > 0 and (piece := file.read(min(size_bytes, _BUFFER_SIZE_BYTES))):
        digest.update(piece)
        size_bytes -= len(piece)
    return digest.hexdigest()


def _require_types(derived: Derived) -> None:
    """Raises: ValueError, TypeError."""
    for text, size in (
        (derived.camera_public, PUBLIC_KEY_SIZE),
        (derived.signature, _SIGNATURE_SIZE),
        (derived.original_sha256, 32),
    ):
        if len(bytes.fromhex(text)) != size:
            raise ValueError("wrong size")
    if not derived.originals or not derived.pieces:
        raise ValueError("made of nothing")
    for piece in derived.pieces:
        for number in (piece.size_bytes, piece.from_wall_ns, piece.to_wall_ns, piece.first_frame, piece.last_frame):
            if whole_number(number) < 0:
                raise ValueError("less than nothing")
    for original in derived.originals:
        whole_number(original.sequence)
    if not all(type(text) is str for text in (derived.watermark, derived.reviewed_by)):
        raise TypeError("not text")


def _fill(told: Any) -> FilledFrames:
    boxes = tuple(
        (whole_number(a), whole_number(b), whole_number(c), whole_number(d)) for a, b, c, d in told["boxes"]
    )
    return FilledFrames(whole_number(told["first_frame"]), whole_number(told["last_frame"]), boxes)
