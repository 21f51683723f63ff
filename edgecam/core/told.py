"""What a file of ours tells, taken for what it says: no other type, no other range."""

from __future__ import annotations

from typing import Any

_NUMBER_LIMIT = 1 << 63
_MOST_LETTERS = 200


def whole_number(value: Any) -> int:
    """``value`` as a number from 0 to 2^63 - 1. Raises: ValueError."""
    if type(value) is not int or not 0 <= value < _NUMBER_LIMIT:
        raise ValueError("number out of range")
    return value


def octets(value: Any, size: int) -> bytes:
    """``value`` as ``size`` bytes that are written in hex. Raises: ValueError."""
    if type(value) is not str or len(value) != 2 * size:
        raise ValueError("not that many bytes in hex")
    return bytes.fromhex(value)


def text(value: Any) -> str:
    """``value`` as a text of at most 200 letters that can be written anywhere. Raises: ValueError."""
    if type(value) is not str or len(value) > _MOST_LETTERS:
        raise ValueError("not a short text")
    value.encode()  # a lone surrogate could be written nowhere
    return value


def name(value: Any) -> str:
    """``value`` as a `text` that is not blank. Raises: ValueError."""
    if not text(value).strip():
        raise ValueError("nobody's name")
    return str(value)
