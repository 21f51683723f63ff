"""A stretch of time that a query names with ``from_ms`` and ``to_ms``, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from edgecam.core.errors import BadInput

_NS_PER_MS = 1_000_000
LATEST_MS = 253_402_300_799_999  # the last moment of the year 9999
LONGEST_LISTED_MS = 400 * 86_400_000
LONGEST_PLAYED_MS = 600_000

Moment = Annotated[int, Query(ge=0, le=LATEST_MS, description="Unix milliseconds")]


@dataclass(frozen=True, slots=True)
class Span:
    """``from_wall_ns`` is before ``to_wall_ns``."""

    from_wall_ns: int
    to_wall_ns: int


def span(from_ms: int, to_ms: int, longest_ms: int) -> Span:
    """Raises: BadInput when it is empty, backwards or longer than ``longest_ms``."""
    if not 0 < to_ms - from_ms <= longest_ms:
        raise BadInput(
            f"from_ms {from_ms} and to_ms {to_ms} do not name a time span",
            do=f"name a span of 1 to {longest_ms} ms, its start first",
        )
    return Span(from_ms * _NS_PER_MS, to_ms * _NS_PER_MS)
