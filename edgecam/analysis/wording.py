"""How kinds and numbers of objects are said in the sentences that people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from edgecam.analysis.rule import OBJECTS
from edgecam.core.events import EventKind

_PLURALS: Final = {EventKind.PERSON: "people"}


def one(kind: EventKind) -> str:
    """As in "a person"."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def many(kind: EventKind) -> str:
    """As in "people", "vehicles"."""
    return _PLURALS.get(kind, f"{kind}s")


def some(count: int, kind: EventKind) -> str:
    """As in "a person", "3 people"."""
    return one(kind) if count == 1 else f"{count} {many(kind)}"


def all_of(kinds: Iterable[EventKind]) -> str:
    """As in "2 people and a vehicle"."""
    counts = Counter(kinds)
    parts = [some(counts[kind], kind) for kind in OBJECTS if counts[kind]]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
