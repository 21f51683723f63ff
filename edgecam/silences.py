"""Silences: kinds of events that are counted and not told for some hours. In doubt they are told.

JSON, UTF-8, in the state folder, so that they outlive a restart::

    {"format": 1, "silences": [{"kind": "motion", "place": "lawn", "by": "centre", "line": 812, "term": {…}}]}

The hub writes, the observer reads. ``place`` is the zone or line of a rule, empty for the kind wherever it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edgecam.core.clock import Clock, Instant
from edgecam.core.durable import identity_of, replace_durably
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind
from edgecam.core.status import Fault
from edgecam.core.term import Term
from edgecam.core.told import name, text, whole_number

MOST_SILENCES: Final = 64
_MOST_SIZE_BYTES = 65_536
_MOST_REMEMBERED = 1024
_KEYS = {"kind", "place", "by", "line", "term"}


@dataclass(frozen=True, slots=True)
class Silence:
    """Events of ``kind`` (at ``place``, where that is not empty) are not told; ``by`` ordered it in ``line``."""

    kind: EventKind
    place: str
    by: str
    line: int
    term: Term

    def stands(self, now: Instant) -> bool:
        """Whether it is certain that its time is not over."""
        return self.term.is_over(now) is False

    def covers(self, event: Event) -> bool:
        return event.kind is self.kind and (not self.place or event.zone == self.place)

    @property
    def what(self) -> str:
        return f"{self.kind.value} at {self.place}" if self.place else self.kind.value


def decode_silences(data: bytes) -> tuple[Silence, ...]:
    """The silences that ``data`` tells. Raises: DataLoss for anything else."""
    try:
        told: Any = json.loads(data)
        if len(data) > _MOST_SIZE_BYTES or type(told) is not dict or told.keys() != {"format", "silences"}:
            raise ValueError("not silences")
        if told["format"] != 1 or type(told["silences"]) is not list or len(told["silences"]) > MOST_SILENCES:
            raise ValueError("not silences")
        return tuple(_silence(one) for one in told["silences"])
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss(
            "the list of silenced events is broken", do="run `edgecam command end silence`", safe="events are told"
        ) from broken


def read_silences(path: Path) -> tuple[Silence, ...]:
    """Those at ``path``, whether they stand or not; none when there is no file. Raises: DataLoss."""
    try:
        with open(path, "rb") as file:
            return decode_silences(file.read(_MOST_SIZE_BYTES + 1))
    except FileNotFoundError:
        return ()
    except OSError as refused:
        raise DataLoss(f"the list of silenced events cannot be read ({refused.strerror})") from refused


def write_silences(path: Path, silences: Sequence[Silence]) -> None:
    """Make ``path`` tell ``silences``. Raises: MediaFailing."""
    told = [
        {"kind": one.kind.value, "place": one.place, "by": one.by, "line": one.line, "term": one.term.told()}
        for one in silences
    ]
    replace_durably(
        path, (json.dumps({"format": 1, "silences": told}, ensure_ascii=False) + "\n").encode(), shared=True
    )


class FollowedSilences:
    """What is silenced now, by the file at ``path``; for one thread. ``count`` is of this process."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._seen: tuple[int, ...] | None = None
        self._silences: tuple[Silence, ...] = ()
        self._counts: dict[Silence, int] = {}
        # Events whose beginning was silenced, or told: their ends go the same way. Oldest first, bounded.
        self._was_silenced: dict[str, bool] = {}
        self.fault: Fault | None = None
        self.count = 0

    def silences(self, event: Event) -> bool:
        """Whether ``event`` is counted instead of told; an event that was told begins and ends told."""
        before = self._was_silenced.get(event.event_id)
        by = next((one for one in self.standing() if one.covers(event)), None)
        if before is not None:
            silenced = before
        elif event.revision and by is not None:
            # Of an earlier process: what began while this silence stood was silenced there.
            silenced = event.start_wall_ns >= by.term.begun.wall_ns
        else:
            silenced = by is not None
        self._remember(event, silenced)
        if silenced and before is None:
            self.count += 1
            if by is not None:
                self._counts[by] = self._counts.get(by, 0) + 1
        return silenced

    def standing(self) -> tuple[Silence, ...]:
        """What is silenced now."""
        seen = identity_of(self._path)
        if seen != self._seen or self.fault is not None:
            self._seen = seen
            try:
                self._silences, self.fault = read_silences(self._path), None
            except DataLoss as broken:
                self._silences, self.fault = (), Fault("silences", str(broken))
            self._counts = {one: count for one, count in self._counts.items() if one in self._silences}
        now = self._clock.now()
        return tuple(one for one in self._silences if one.stands(now))

    def told(self) -> list[dict[str, Any]]:
        """What is silenced now, for the status: kind, place, by whom, until when, how many events."""
        return [
            {
                "kind": one.kind.value,
                "place": one.place,
                "by": one.by,
                "until_wall_ns": one.term.until_wall_ns or 0,
                "events": self._counts.get(one, 0),
            }
            for one in self.standing()
        ]

    def _remember(self, event: Event, silenced: bool) -> None:
        if event.end_wall_ns is not None:
            self._was_silenced.pop(event.event_id, None)
            return
        self._was_silenced[event.event_id] = silenced
        while len(self._was_silenced) > _MOST_REMEMBERED:
            del self._was_silenced[next(iter(self._was_silenced))]


def _silence(told: Any) -> Silence:
    if type(told) is not dict or told.keys() != _KEYS:
        raise ValueError("not a silence")
    term = Term.of(told["term"])
    if term.for_ns is None:
        raise ValueError("a silence without an end")
    return Silence(EventKind(told["kind"]), text(told["place"]), name(told["by"]), whole_number(told["line"]), term)
