"""A permit: while it stands, and for a quarter of an hour at most, the recorder shows the unmasked view.

JSON, UTF-8, in RAM, of this user alone::

    {"format": 1, "id": "5f0c…", "line": 812, "opened_by": "M. Tanaka", "opened_for": "K. Sato", "why": "masks",
     "boot": "9d1e…", "opened_mono_ns": 5000000000, "until_mono_ns": 905000000000}

``line`` is the register line that was written before it. Times are boot time and mean nothing in another ``boot``.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import DataLoss
from edgecam.core.told import name, whole_number

LONGEST_S = 900
_LONGEST_NS = LONGEST_S * NS_PER_S
_MOST_SIZE_BYTES = 4096
_KEYS = {"format", "id", "line", "opened_by", "opened_for", "why", "boot", "opened_mono_ns", "until_mono_ns"}


class Why(StrEnum):
    """What the unmasked view is for; the names are stable and stand in the register."""

    MASKS = "masks"
    AIM = "aim"


@dataclass(frozen=True, slots=True)
class Permit:
    """``id`` and ``boot`` are 32 hex digits; ``opened_by`` answers for it, ``opened_for`` looks.

    ``until_mono_ns`` is after ``opened_mono_ns`` by 15 minutes at most.
    """

    id: str
    line: int
    opened_by: str
    opened_for: str
    why: Why
    boot: str
    opened_mono_ns: int
    until_mono_ns: int

    def encode(self) -> bytes:
        return json.dumps({"format": 1, **asdict(self)}, ensure_ascii=False).encode()

    def stands(self, now: Instant) -> bool:
        """Whether it is of this boot, was opened, and is not over."""
        return self.boot == now.boot_id.hex() and self.opened_mono_ns <= now.mono_ns < self.until_mono_ns


def decode_permit(data: bytes) -> Permit:
    """The permit that ``data`` tells. Raises: DataLoss for anything else, also one for longer than 15 minutes."""
    try:
        return _parse(data)
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("the permit for the unmasked view is broken", safe="nothing is shown unmasked") from broken


def read_permit(path: Path) -> Permit | None:
    """The permit at ``path``, whether it stands or not; ``None`` when there is none. Raises: DataLoss."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return decode_permit(file.read(_MOST_SIZE_BYTES + 1))
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise DataLoss(f"the permit for the unmasked view cannot be read ({refused.strerror})") from refused


def _parse(data: bytes) -> Permit:
    told: dict[str, Any] = json.loads(data)
    if len(data) > _MOST_SIZE_BYTES or type(told) is not dict or told.keys() != _KEYS or told["format"] != 1:
        raise ValueError("not a permit")
    permit = Permit(
        id=_hex(told["id"]),
        line=whole_number(told["line"]),
        opened_by=name(told["opened_by"]),
        opened_for=name(told["opened_for"]),
        why=Why(told["why"]),
        boot=_hex(told["boot"]),
        opened_mono_ns=whole_number(told["opened_mono_ns"]),
        until_mono_ns=whole_number(told["until_mono_ns"]),
    )
    if not 0 < permit.until_mono_ns - permit.opened_mono_ns <= _LONGEST_NS:
        raise ValueError("a permit that lasts too long, or no time")
    return permit


def _hex(value: Any) -> str:
    if type(value) is not str or len(bytes.fromhex(value)) != 16 or value != bytes.fromhex(value).hex():
        raise ValueError("not 32 hex digits")
    return value
