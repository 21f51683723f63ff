"""JSON in exactly one form: what is hashed, signed, or read back and compared byte by byte.

Files and signatures stand on these bytes: no space, no line break, floats as Python writes them. Which of the two a
format takes, and whether letters beyond ASCII are ``escaped``, is part of the format and never changes.
"""

from __future__ import annotations

import json

# Made once: proving a register encodes each of its lines.
_ORDERED, _SORTED = (
    {
        escaped: json.JSONEncoder(separators=(",", ":"), ensure_ascii=escaped, sort_keys=by_name)
        for escaped in (False, True)
    }
    for by_name in (False, True)
)


def ordered_json(value: object, *, escaped: bool = False) -> bytes:
    """``value`` with its fields in the order in which they come, in UTF-8.

    Raises: TypeError for what JSON cannot say, UnicodeEncodeError for half a character that is not escaped.
    """
    return _ORDERED[escaped].encode(value).encode()


def sorted_json(value: object, *, escaped: bool = False) -> bytes:
    """``value`` with its fields sorted by their names, in UTF-8. Raises: as `ordered_json`."""
    return _SORTED[escaped].encode(value).encode()
