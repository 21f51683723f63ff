"""Events on disk that the broker has not acknowledged yet: bounded, in strict order, oldest dropped and counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event
from edgecam.core.status import Fault
from edgecam.telemetry.database import OutboxDatabase

# What a row costs beside its body, so that a million tiny events cannot slip under the bound.
_ROW_BYTES = 64
_DAMAGE_REPORTED_FOR_NS = 24 * 3600 * NS_PER_S


@dataclass(frozen=True, slots=True)
class OutboxBounds:
    """How much may wait; what comes first decides. Beyond it the oldest events are dropped and counted as lost."""

    max_events: int = 20_000
    max_bytes: int = 16 * 1024 * 1024
    max_age_s: float = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event in the outbox; ``position`` grows with each `put` and is never used twice."""

    position: int
    event: Event


class Outbox:
    """Written by the process that sees, drained by the one that sends; both open the same file.

    Every method raises MediaFailing when the medium refuses and Unavailable when the file stays busy for seconds.
    A damaged file is none of the caller's business: it is put aside as ``<name>.damaged``, a new one is begun, and
    the loss stands in `lost` and `faults`. Beware that an empty outbox is false in a boolean context.
    """

    def __init__(self, path: Path, clock: Clock, bounds: OutboxBounds | None = None) -> None:
        self._database = OutboxDatabase(path, clock)
        self._clock = clock
        self._bounds = bounds or OutboxBounds()

    def put(self, event: Event) -> None:
        """Keep ``event`` until it is acknowledged; it survives a power cut from the return on."""
        body = event.to_json().encode("utf-8", "replace")
        now = self._clock.now()
        row = (now.wall_ns, now.mono_ns, now.boot_id, int(now.trust), body)

        def keep(database: sqlite3.Connection) -> None:
            database.execute(
                "INSERT INTO waiting (wall_ns, mono_ns, boot_id, trust, body) VALUES (?, ?, ?, ?, ?)", row
            )
            _count(database, events=1, size_bytes=len(body) + _ROW_BYTES)
            self._trim(database, now)

        self._database.write(keep)

    def peek(self, limit: int) -> list[Waiting]:
        """The oldest ``limit`` events, oldest first; they stay where they are.

        Events past their age and rows that hold no event are dropped on the way and counted as lost.
        """
        rows, stale = self._database.read(lambda database: self._look(database, limit))
        if stale:
            now = self._clock.now()
            self._database.write(lambda database: self._trim(database, now))
            rows, _ = self._database.read(lambda database: self._look(database, limit))
        waiting: list[Waiting] = []
        broken: list[int] = []
        for position, body in rows:
            try:
                waiting.append(Waiting(position, decode_row(body)))
            except DataLoss:
                broken.append(position)
        if broken:
            self.discard(broken)
        return waiting

    def acknowledge(self, positions: Iterable[int]) -> None:
        """The broker has these: they are erased. Positions that are gone already are passed over."""
        self._remove(list(positions), lost=False)

    def discard(self, positions: Iterable[int]) -> None:
        """These can never be sent: they are erased and counted as lost."""
        self._remove(list(positions), lost=True)

    def __len__(self) -> int:
        return self._account("events")

    @property
    def lost(self) -> int:
        """Events dropped before the broker had them, since the outbox was first made."""
        return self._account("lost")

    def faults(self) -> list[Fault]:
        """For a day after a damaged file was replaced (until the next boot at most): the fault that says so."""
        row = self._database.read(
            lambda database: database.execute("SELECT damaged_mono_ns, damaged_boot_id FROM account").fetchone()
        )
        now = self._clock.now()
        if row[1] != now.boot_id or now.mono_ns - row[0] > _DAMAGE_REPORTED_FOR_NS:
            return []
        sentence = DataLoss(
            "the outbox was damaged and begun anew, so events that had not been sent are lost",
            do="check the storage medium if this happens again",
            safe="the recording is not touched",
        )
        return [Fault("outbox_damaged", str(sentence))]

    def close(self) -> None:
        self._database.close()

    def _account(self, column: str) -> int:
        query = f"SELECT {column} FROM account"
        return int(self._database.read(lambda database: database.execute(query).fetchone()[0]))

    def _look(self, database: sqlite3.Connection, limit: int) -> tuple[list[tuple[int, bytes]], bool]:
        rows = database.execute("SELECT position, body FROM waiting ORDER BY position LIMIT ?", (limit,)).fetchall()
        oldest = _oldest(database) if rows else None
        return rows, oldest is not None and self._is_stale(oldest[1], self._clock.now())

    def _remove(self, positions: list[int], *, lost: bool) -> None:
        def erase(database: sqlite3.Connection) -> None:
            for position in positions:
                _erase(database, position, lost=lost)

        if positions:
            self._database.write(erase)

    def _trim(self, database: sqlite3.Connection, now: Instant) -> None:
        while (oldest := _oldest(database)) is not None:
            events, size_bytes = database.execute("SELECT events, bytes FROM account").fetchone()
            full = events > self._bounds.max_events or size_bytes > self._bounds.max_bytes
            if not full and not self._is_stale(oldest[1], now):
                return
            _erase(database, oldest[0], lost=True)

    def _is_stale(self, put: Instant, now: Instant) -> bool:
        age_ns = _age_ns(put, now)
        return age_ns is not None and age_ns > self._bounds.max_age_s * NS_PER_S


def decode_row(body: bytes) -> Event:
    """The event in a row of the outbox. Raises: DataLoss for any other bytes."""
    event = Event.from_json(body)
    try:
        event.to_json().encode()
    except UnicodeEncodeError as broken:
        raise DataLoss("an event record holds half a character", safe="the recording is not touched") from broken
    return event


def _age_ns(put: Instant, now: Instant) -> int | None:
    """How long ago ``put`` was: by the clock that cannot jump within one boot, else by trusted wall clocks only."""
    if put.boot_id == now.boot_id:
        return now.mono_ns - put.mono_ns
    if put.trust == now.trust == TimeTrust.SYNCED:
        return now.wall_ns - put.wall_ns
    return None


def _oldest(database: sqlite3.Connection) -> tuple[int, Instant] | None:
    row = database.execute(
        "SELECT position, wall_ns, mono_ns, boot_id, trust FROM waiting ORDER BY position LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    position, wall_ns, mono_ns, boot_id, trust = row
    # Anything but "synced" counts alike here, a number that edgecam never wrote too.
    known = TimeTrust.SYNCED if trust == TimeTrust.SYNCED else TimeTrust.UNSET
    return position, Instant(wall_ns, mono_ns, boot_id, known)


def _erase(database: sqlite3.Connection, position: int, *, lost: bool) -> None:
    row = database.execute("SELECT length(body) FROM waiting WHERE position = ?", (position,)).fetchone()
    if row is not None:
        database.execute("DELETE FROM waiting WHERE position = ?", (position,))
        _count(database, events=-1, size_bytes=-row[0] - _ROW_BYTES, lost=int(lost))


def _count(database: sqlite3.Connection, *, events: int, size_bytes: int, lost: int = 0) -> None:
    database.execute(
        "UPDATE account SET events = max(events + ?, 0), bytes = max(bytes + ?, 0), lost = lost + ?",
        (events, size_bytes, lost),
    )
