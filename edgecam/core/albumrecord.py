"""What one segment of the album holds: the picture of an event, or a short film of a movement.

A record is a head and a body (little-endian)::

    0     8  magic "edgecamA"
    8     2  format version, 1
    10    2  form: 1 thumbnail, 2 piece of the digest
    12    4  size h of the head
    16    h  head: one JSON object, keys sorted, no blanks, UTF-8
    16+h     body: a JPEG, or one fragment of H.264 (``moof`` + ``mdat``)

``docs/design/album.md`` is the format; ``tests/vectors/album.json`` has records as bytes.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, fields
from types import NoneType
from typing import Any, Final

from edgecam.core.errors import DataLoss
from edgecam.core.events import EventKind

VERSION: Final = 1
MOST_NAMED: Final = 8
_MAGIC: Final = b"edgecamA"
_FRONT: Final = struct.Struct("<8sHHI")
_THUMBNAIL, _PIECE = 1, 2
_LONGEST_HEAD: Final = 1 << 15
_LIMIT: Final = 1 << 53  # what JavaScript holds exactly
_NUMBER: Final = frozenset({int, float})

Part = tuple[float, float, float, float]
"""Left, top, right, bottom as shares 0-1, from the top left."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A masked picture of an event, at most 320 pixels wide.

    ``at_ms`` is when it was taken, Unix milliseconds, ``trust`` the wall clock's. ``part`` is what it shows of the
    whole picture, ``box`` where in *it* the thing is, ``None`` when the event has no place. ``better`` says that it
    replaces the first one. ``direction`` is that of a crossing or a door.
    """

    event_id: str
    kind: EventKind
    zone: str | None
    direction: str | None
    at_ms: int
    trust: int
    part: Part
    box: Part | None
    better: bool
    jpeg: bytes

    def encode(self) -> bytes:
        """The record as it is sealed."""
        return _encoded(_THUMBNAIL, _head_of(self, "jpeg"), self.jpeg)


@dataclass(frozen=True, slots=True)
class Piece:
    """One movement as a film of ``frames`` masked small pictures that plays for ``duration_ms``.

    It shows what happened from ``from_ms`` to ``to_ms``, Unix milliseconds, by a wall clock of ``trust``; ``kinds``
    of objects and events, most telling first, ``zones`` and ``events`` (identities), eight of each at most.
    ``fragment`` plays after its epoch's init.
    """

    piece_id: str
    from_ms: int
    to_ms: int
    trust: int
    kinds: tuple[EventKind, ...]
    zones: tuple[str, ...]
    events: tuple[str, ...]
    frames: int
    duration_ms: int
    fragment: bytes

    def encode(self) -> bytes:
        """The record as it is sealed."""
        return _encoded(_PIECE, _head_of(self, "fragment"), self.fragment)


AlbumRecord = Thumbnail | Piece


def decode_record(data: bytes) -> AlbumRecord:
    """The record that ``data`` is. Raises: DataLoss for anything that `encode` would not have written."""
    try:
        record = _parsed(data)
        same = record.encode() == data
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, struct.error) as broken:
        raise DataLoss("a record of the album does not parse") from broken
    if not same:
        raise DataLoss("a record of the album is not written in the one form that edgecam writes")
    return record


def _head_of(record: AlbumRecord, body: str) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name != body}


def _encoded(form: int, head: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(head, separators=(",", ":"), sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
    return _FRONT.pack(_MAGIC, VERSION, form, len(text)) + text + body


def _parsed(data: bytes) -> AlbumRecord:
    magic, version, form, size = _FRONT.unpack_from(data)
    if magic != _MAGIC or version != VERSION or size > _LONGEST_HEAD or _FRONT.size + size > len(data):
        raise ValueError("not a record")
    head = _of(dict, json.loads(data[_FRONT.size : _FRONT.size + size].decode()))
    body = data[_FRONT.size + size :]
    if form == _THUMBNAIL:
        return _thumbnail(head, body)
    if form == _PIECE:
        return _piece(head, body)
    raise ValueError("no form of a record")


def _thumbnail(head: dict[str, Any], jpeg: bytes) -> Thumbnail:
    _require_keys(head, Thumbnail, "jpeg")
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise ValueError("not a JPEG")
    return Thumbnail(
        event_id=_of(str, head["event_id"]),
        kind=EventKind(_of(str, head["kind"])),
        zone=_text_or_none(head["zone"]),
        direction=_text_or_none(head["direction"]),
        at_ms=_count(head["at_ms"]),
        trust=_count(head["trust"], 2),
        part=_part(head["part"]),
        box=None if head["box"] is None else _part(head["box"]),
        better=_of(bool, head["better"]),
        jpeg=jpeg,
    )


def _piece(head: dict[str, Any], fragment: bytes) -> Piece:
    _require_keys(head, Piece, "fragment")
    if fragment[4:8] != b"moof":
        raise ValueError("not a fragment")
    piece = Piece(
        piece_id=_of(str, head["piece_id"]),
        from_ms=_count(head["from_ms"]),
        to_ms=_count(head["to_ms"]),
        trust=_count(head["trust"], 2),
        kinds=tuple(EventKind(kind) for kind in _texts(head["kinds"])),
        zones=_texts(head["zones"]),
        events=_texts(head["events"]),
        frames=_count(head["frames"]),
        duration_ms=_count(head["duration_ms"]),
        fragment=fragment,
    )
    if piece.to_ms < piece.from_ms or not piece.frames:
        raise ValueError("a piece that shows nothing")
    return piece


def _require_keys(head: dict[str, Any], record: type[AlbumRecord], body: str) -> None:
    if set(head) != {field.name for field in fields(record)} - {body}:
        raise KeyError("other fields than a record has")


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"expected {kind}")
    return value


def _text_or_none(value: Any) -> str | None:
    if type(value) not in (str, NoneType):
        raise TypeError("expected a text or nothing")
    told: str | None = value
    return told


def _texts(value: Any) -> tuple[str, ...]:
    texts = _of(list, value)
    if len(texts) > MOST_NAMED:
        raise ValueError("too many names")
    return tuple(_of(str, text) for text in texts)


def _count(value: Any, most: int = _LIMIT) -> int:
    number: int = _of(int, value)
    if not 0 <= number <= most:
        raise ValueError("number out of range")
    return number


def _part(value: Any) -> Part:
    corners = _of(list, value)
    if len(corners) != 4 or not _NUMBER.issuperset(map(type, corners)):
        raise TypeError("not a part of a picture")
    x0, y0, x1, y1 = map(float, corners)
    if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1):
        raise ValueError("not a part of a picture")
    return x0, y0, x1, y1
