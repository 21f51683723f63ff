"""A hold's own record as a value, to bytes and back; pure, and exactly as ``docs/design/holds.md`` says."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.told import octets
from edgecam.ringbuffer.format import SLOT_SIZE, SUPERBLOCK_SIZE, Sign

FORMAT = "edgecam-hold-1"
RECORD_SIZE = 8192
# The head stands twice: the ring's superblock, and the record behind it.
HEAD_SIZE = SUPERBLOCK_SIZE + RECORD_SIZE
HEAD_OFFSETS = (0, HEAD_SIZE)
SLOTS_OFFSET = 2 * HEAD_SIZE

_MAGIC, _VERSION = b"edgecamH", 1
_HEAD = struct.Struct("<8sHHI64s")
_HEAD_SIGNED = 16
_CRC = struct.Struct("<I")
_BODY_CAPACITY = RECORD_SIZE - _HEAD.size - _CRC.size
_INT_LIMIT = 1 << 63


class HoldState(StrEnum):
    """``copying`` until all of it is on the medium, then ``kept``; ``erasing`` once it is to be destroyed."""

    COPYING = "copying"
    KEPT = "kept"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True)
class HoldWhy:
    """Why footage is held: the reason and who decided are required, the rest may be empty.

    ``asked_by`` is who wants the footage, ``case`` their number for it, ``note`` whatever else matters.
    """

    reason: str
    decided_by: str
    asked_by: str = ""
    case: str = ""
    note: str = ""

    def check(self) -> None:
        """Raises: BadInput when something required is missing or a text holds what no form can print."""
        for name, text in (("a reason", self.reason), ("who decides", self.decided_by)):
            if not text.strip():
                raise BadInput(f"a hold needs {name}", do="give --reason and --by", safe="nothing is held")
        for text in (self.reason, self.decided_by, self.asked_by, self.case, self.note):
            check_text(text)


@dataclass(frozen=True, slots=True)
class HoldTerm:
    """How long a hold lasts. All four ``_ns`` are ages of the hold, counted from its creation, because ages do not
    jump when a clock does.

    At ``original_life_ns`` the policy erases the original, at ``life_ns`` the hold ends; at ``review_due_ns``
    somebody is to look whether it is still needed, and ``review_every_ns`` after that again. ``reviewed_by`` and
    ``review_note`` are of the last review.
    """

    original_life_ns: int
    life_ns: int
    review_every_ns: int
    review_due_ns: int
    reviewed_by: str = ""
    review_note: str = ""


@dataclass(frozen=True, slots=True)
class HoldCount:
    """Segments that are kept, and those that were found but not kept: damaged, or erased while they were copied."""

    kept: int = 0
    damaged: int = 0
    erased: int = 0


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """All that is told of a hold; signed by the camera.

    ``newest_epoch`` is the newest one of the ring that had footage at ``created``. The hold may keep the keys of
    the epochs from ``first_epoch`` to ``last_epoch``. ``from_wall_ns`` and ``to_wall_ns`` are those of the segments
    found, so a little wider than what was asked for.
    """

    hold_id: str
    ring_id: bytes
    created: Instant
    newest_epoch: int
    first_epoch: int
    last_epoch: int
    from_wall_ns: int
    to_wall_ns: int
    why: HoldWhy
    term: HoldTerm
    count: HoldCount = HoldCount()
    state: HoldState = HoldState.COPYING
    revision: int = 0
    signature: bytes = bytes(64)

    @property
    def segments_offset(self) -> int:
        """Where the first segment lies, behind a place for each slot and a spare one."""
        return SLOTS_OFFSET + slots_size(self.first_epoch, self.last_epoch)

    @property
    def spare_offset(self) -> int:
        """The place through which a slot is replaced, so that at no instant there is none."""
        return self.slot_offset(self.last_epoch + 1)

    def slot_offset(self, epoch: int) -> int:
        return SLOTS_OFFSET + (epoch - self.first_epoch) * SLOT_SIZE

    def may_hold(self, epoch: int) -> bool:
        """Whether the key of ``epoch`` may be in it."""
        return self.first_epoch <= epoch <= self.last_epoch

    @property
    def signed_part(self) -> bytes:
        body = self._body()
        return self._head(len(body))[:_HEAD_SIGNED] + body

    def signed(self, sign: Sign) -> HoldRecord:
        return replace(self, signature=sign(self.signed_part))

    def encode(self) -> bytes:
        """The record, 8192 bytes. Raises: BadInput when its texts are too long or no Unicode."""
        body = self._body()
        packed = (self._head(len(body)) + body).ljust(RECORD_SIZE - _CRC.size, b"\0")
        return packed + _CRC.pack(zlib.crc32(packed))

    def _head(self, body_size: int) -> bytes:
        return _HEAD.pack(_MAGIC, _VERSION, 0, body_size, self.signature)

    def _body(self) -> bytes:
        created, why, term, count = self.created, self.why, self.term, self.count
        fields = {
            "format": FORMAT,
            "hold_id": self.hold_id,
            "revision": self.revision,
            "state": self.state.value,
            "ring_id": self.ring_id.hex(),
            "created_wall_ns": created.wall_ns,
            "created_mono_ns": created.mono_ns,
            "created_boot_id": created.boot_id.hex(),
            "created_trust": int(created.trust),
            "newest_epoch": self.newest_epoch,
            "first_epoch": self.first_epoch,
            "last_epoch": self.last_epoch,
            "from_wall_ns": self.from_wall_ns,
            "to_wall_ns": self.to_wall_ns,
            "reason": why.reason,
            "decided_by": why.decided_by,
            "asked_by": why.asked_by,
            "case": why.case,
            "note": why.note,
            "original_life_ns": term.original_life_ns,
            "life_ns": term.life_ns,
            "review_every_ns": term.review_every_ns,
            "review_due_ns": term.review_due_ns,
            "reviewed_by": term.reviewed_by,
            "review_note": term.review_note,
            "segments_kept": count.kept,
            "segments_damaged": count.damaged,
            "segments_erased": count.erased,
        }
        try:
            body = ordered_json(fields)
        except UnicodeEncodeError as broken:
            raise BadInput("a text of the hold is not Unicode", do="type it again") from broken
        if len(body) > _BODY_CAPACITY:
            raise BadInput(
                f"the texts of a hold take {len(body) - _BODY_CAPACITY} bytes too many",
                do="shorten reason and note",
            )
        return body

    @classmethod
    def decode(cls, data: bytes) -> HoldRecord:
        """The record in ``data`` (8192 bytes). Its signature is not checked here.

        Raises: DataLoss for anything that `encode` would not have written byte for byte.
        """
        if len(data) != RECORD_SIZE or _CRC.unpack_from(data, RECORD_SIZE - _CRC.size)[0] != zlib.crc32(
            memoryview(data)[: -_CRC.size]
        ):
            raise DataLoss("a hold's record is damaged")
        magic, version, _, body_size, signature = _HEAD.unpack_from(data)
        if magic != _MAGIC or version != _VERSION or body_size > _BODY_CAPACITY:
            raise DataLoss("a hold's record is something else, or of another version")
        try:
            record = _parse(data[_HEAD.size : _HEAD.size + body_size], signature)
            same = record.encode() == data
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError, BadInput) as broken:
            raise DataLoss("a hold's record does not parse") from broken
        if not same or not 0 <= record.first_epoch <= record.last_epoch:
            raise DataLoss("a hold's record contradicts itself")
        return record


def slots_size(first_epoch: int, last_epoch: int) -> int:
    """Bytes that a hold of these epochs gives to slots."""
    return (last_epoch - first_epoch + 2) * SLOT_SIZE


def check_text(text: str) -> None:
    """Raises: BadInput for a text with control characters, which no list or form can show."""
    if any(not character.isprintable() for character in text):
        raise BadInput("a text holds line breaks or control characters", do="write it in one line")


def _parse(body: bytes, signature: bytes) -> HoldRecord:
    fields = json.loads(body)
    if type(fields) is not dict or fields["format"] != FORMAT:
        raise ValueError("not a hold's record")
    return HoldRecord(
        hold_id=_text(fields["hold_id"]),
        revision=_number(fields["revision"]),
        state=HoldState(fields["state"]),
        ring_id=octets(fields["ring_id"], 16),
        created=Instant(
            _number(fields["created_wall_ns"]),
            _number(fields["created_mono_ns"]),
            octets(fields["created_boot_id"], 16),
            TimeTrust(_number(fields["created_trust"])),
        ),
        newest_epoch=_number(fields["newest_epoch"]),
        first_epoch=_number(fields["first_epoch"]),
        last_epoch=_number(fields["last_epoch"]),
        from_wall_ns=_number(fields["from_wall_ns"]),
        to_wall_ns=_number(fields["to_wall_ns"]),
        why=HoldWhy(*(_text(fields[key]) for key in ("reason", "decided_by", "asked_by", "case", "note"))),
        term=HoldTerm(
            _number(fields["original_life_ns"]),
            _number(fields["life_ns"]),
            _number(fields["review_every_ns"]),
            _number(fields["review_due_ns"]),
            _text(fields["reviewed_by"]),
            _text(fields["review_note"]),
        ),
        count=HoldCount(
            *(_number(fields[key]) for key in ("segments_kept", "segments_damaged", "segments_erased"))
        ),
        signature=signature,
    )


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("not text")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not -_INT_LIMIT <= value < _INT_LIMIT:
        raise ValueError("not a signed 64-bit number")
    return value
