"""One line of the register: a canonical JSON object that names the line before it and carries a signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.told import octets

FORMAT = "edgecam-register-1"
# Room for what a mask change tells: the outlines before and after it.
MAX_LINE_SIZE_BYTES = 65_536
NO_LINE_BEFORE = bytes(32)
_INT_LIMIT = 1 << 63
_SIGNATURE_SIZE = 64


class Act(StrEnum):
    """Everything that is done to footage, masks or the camera; the names are stable and stand in files."""

    SEARCH = "search"
    VIEW = "view"
    COPY = "copy"
    DISCLOSURE = "disclosure"
    HOLD = "hold"
    RELEASE = "release"
    ERASURE = "erasure"
    DISPOSAL = "disposal"
    OWNER_UNLOCK = "owner_unlock"
    MASK_CHANGE = "mask_change"
    UNMASKED_VIEW = "unmasked_view"
    COMMAND = "command"
    ACCOUNT_CHANGE = "account_change"
    REPAIR = "repair"
    GAP = "gap"
    KEY_CHANGE = "key_change"
    AIM_CONFIRM = "aim_confirm"
    SETTING_CHANGE = "setting_change"
    REQUEST = "request"
    DECISION = "decision"
    REPORT = "report"
    COMPLAINT = "complaint"
    BOOK = "book"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """Who did what to which footage, and why.

    ``sequence`` counts from 1. ``completes`` is the sequence of the line whose act this one finishes.
    ``from_wall_ns`` and ``to_wall_ns`` say which footage, or are both ``None``. ``previous`` is the SHA-256 of the
    whole line before, newline included (32 zero bytes for the first). ``signature`` is the camera's Ed25519
    signature over `body`.
    """

    sequence: int
    at_wall_ns: int
    trust: TimeTrust
    who: str
    act: Act
    completes: int | None
    from_wall_ns: int | None
    to_wall_ns: int | None
    purpose: str
    detail: Mapping[str, str]
    previous: bytes
    signature: bytes = b""

    def body(self) -> bytes:
        """What is signed: the line's JSON object without its ``signature``."""
        return ordered_json(self._fields())

    def encode(self) -> bytes:
        """The line as it stands in the file, newline included."""
        return ordered_json({**self._fields(), "signature": self.signature.hex()}) + b"\n"

    @property
    def hash(self) -> bytes:
        """SHA-256 of `encode`, which the next line names as its ``previous``."""
        return hashlib.sha256(self.encode()).digest()

    def _fields(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "sequence": self.sequence,
            "at_wall_ns": self.at_wall_ns,
            "trust": int(self.trust),
            "who": self.who,
            "act": self.act.value,
            "completes": self.completes,
            "from_wall_ns": self.from_wall_ns,
            "to_wall_ns": self.to_wall_ns,
            "purpose": self.purpose,
            "detail": dict(sorted(self.detail.items())),
            "previous": self.previous.hex(),
        }


def decode_line(data: bytes) -> RegisterLine:
    """The line that ``data`` (newline included) is. Its signature is not checked here.

    Raises: DataLoss for anything that `RegisterLine.encode` would not have written byte for byte.
    """
    try:
        line = _parse(data)
        same = line.encode() == data
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as broken:
        raise DataLoss("a register line does not parse") from broken
    if not same:
        raise DataLoss("a register line is not written in the one form that edgecam writes")
    return line


def _parse(data: bytes) -> RegisterLine:
    fields = _of(dict, json.loads(data))
    if len(data) > MAX_LINE_SIZE_BYTES or fields["format"] != FORMAT:
        raise ValueError("not a register line")
    detail = _of(dict, fields["detail"])
    return RegisterLine(
        sequence=_number(fields["sequence"]),
        at_wall_ns=_number(fields["at_wall_ns"]),
        trust=TimeTrust(_number(fields["trust"])),
        who=_of(str, fields["who"]),
        act=Act(fields["act"]),
        completes=_optional(fields["completes"]),
        from_wall_ns=_optional(fields["from_wall_ns"]),
        to_wall_ns=_optional(fields["to_wall_ns"]),
        purpose=_of(str, fields["purpose"]),
        detail={_of(str, key): _of(str, value) for key, value in detail.items()},
        previous=octets(fields["previous"], 32),
        signature=octets(fields["signature"], _SIGNATURE_SIZE),
    )


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"expected {kind}")
    return value


def _number(value: Any) -> int:
    number: int = _of(int, value)
    if not -_INT_LIMIT <= number < _INT_LIMIT:
        raise ValueError("number out of range")
    return number


def _optional(value: Any) -> int | None:
    return None if value is None else _number(value)
