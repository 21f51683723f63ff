"""A change of zones, lines and rules as two lines of the register: who, and what held before and holds after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from edgecam.core.errors import BadInput
from edgecam.custody.register.mask_line import ELSEWHERE
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act

# For everything in a line but the two texts.
_REST_SIZE_BYTES: Final = 4096
PURPOSE: Final = "what is reported, where and when"


@contextmanager
def registered_rule_change(register: Register, who: str, before: str, after: str) -> Iterator[None]:
    """Around the change: its line stands before it is made, and another one after it is.

    ``before`` and ``after`` are the rules as compact JSON. Raises: BadInput when ``after`` is too large for a line;
    as `Register.write`.
    """
    room = MAX_LINE_SIZE_BYTES - _REST_SIZE_BYTES
    if _size(after) > room:
        raise BadInput(
            "these zones and rules are too large to be registered",
            do="draw with fewer points, or shorten names",
            safe="the rules in force stay as they are",
        )
    detail = {
        "what": "rules",
        "before": before if _size(before) + _size(after) <= room else ELSEWHERE,
        "after": after,
    }
    line = register.write(Act.SETTING_CHANGE, who=who, purpose=PURPOSE, detail=detail)
    yield
    register.complete(line, {"what": "rules", "done": "True"})


def _size(text: str) -> int:
    """In bytes, as it stands inside the line."""
    return len(json.dumps(text, ensure_ascii=False).encode())
