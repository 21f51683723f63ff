"""Privacy by order: while it stands, the recorder burns the whole picture. In doubt it stands.

JSON, UTF-8, in the state folder, so that it outlives a restart::

    {"format": 1, "by": "centre", "line": 812, "term": {"begun_wall_ns": …, "for_ns": 3600000000000, …}}

``line`` is the register line that was written before it; ``for_ns`` is ``null`` when somebody has to end it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgecam.core.clock import Clock, Instant
from edgecam.core.durable import identity_of, replace_durably
from edgecam.core.errors import DataLoss
from edgecam.core.status import Fault
from edgecam.core.term import Term
from edgecam.core.told import name, whole_number

_MOST_SIZE_BYTES = 4096
_KEYS = {"format", "by", "line", "term"}


@dataclass(frozen=True, slots=True)
class Privacy:
    """``by`` ordered it, as register line ``line`` tells."""

    by: str
    line: int
    term: Term

    def stands(self, now: Instant) -> bool:
        """Whether everything is to be private at ``now``: until it is certain that its time is over."""
        return self.term.is_over(now) is not True

    def encode(self) -> bytes:
        told = {"format": 1, "by": self.by, "line": self.line, "term": self.term.told()}
        return (json.dumps(told, ensure_ascii=False) + "\n").encode()

    def write(self, path: Path) -> None:
        """Make it stand. Raises: MediaFailing."""
        replace_durably(path, self.encode(), shared=True)


def decode_privacy(data: bytes) -> Privacy:
    """The order that ``data`` tells. Raises: DataLoss for anything else."""
    try:
        told: Any = json.loads(data)
        if len(data) > _MOST_SIZE_BYTES or type(told) is not dict or told.keys() != _KEYS or told["format"] != 1:
            raise ValueError("not an order")
        return Privacy(name(told["by"]), whole_number(told["line"]), Term.of(told["term"]))
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss(
            "the order to be private is broken",
            do="end it: `edgecam command end private`",
            safe="until then the whole picture is masked and recording goes on",
        ) from broken


def read_privacy(path: Path) -> Privacy | None:
    """The order at ``path``, whether it stands or not; ``None`` when there is none. Raises: DataLoss."""
    try:
        with open(path, "rb") as file:
            return decode_privacy(file.read(_MOST_SIZE_BYTES + 1))
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise DataLoss(
            f"the order to be private cannot be read ({refused.strerror})",
            safe="the whole picture is masked and recording goes on",
        ) from refused


class FollowedPrivacy:
    """The order at ``path``, read again whenever it changed; `look` is for one thread, the rest for any."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._seen: tuple[int, ...] | None = None
        self._order: Privacy | None = None
        self.fault: Fault | None = None
        self.stands = True
        self._read()
        self._judge()

    @property
    def by(self) -> str:
        """Who ordered what stands now; empty when nothing stands or nobody can say."""
        return self._order.by if self.stands and self._order is not None else ""

    @property
    def until_wall_ns(self) -> int:
        """When it is to end; 0 when somebody has to end it, or nothing stands."""
        return (self._order.term.until_wall_ns or 0) if self.stands and self._order is not None else 0

    def look(self) -> bool:
        """Whether everything is to be private now."""
        # Broken or not readable: each look is a new try.
        if self.fault is not None or identity_of(self._path) != self._seen:
            self._read()
        self._judge()
        return self.stands

    def _read(self) -> None:
        self._seen = identity_of(self._path)
        try:
            self._order, self.fault = read_privacy(self._path), None
        except DataLoss as broken:
            self._order, self.fault = None, Fault("privacy", str(broken))

    def _judge(self) -> None:
        order = self._order
        self.stands = self.fault is not None or (order is not None and order.stands(self._clock.now()))
