"""Events on disk that the broker has not acknowledged yet: bounded, in order, alarms kept longest, loss counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.errors import DataLoss, EdgecamError
from edgecam.core.events import Event
from edgecam.core.status import Fault
from edgecam.telemetry.database import BUSY_TIMEOUT_S, OutboxDatabase
from edgecam.telemetry.urgency import Urgency, urgency_of

# What a row costs beside its body, so that a million tiny events cannot slip under the bound.
_ROW_BYTES: Final = 64
_REPORTED_FOR_NS: Final = 24 * 3600 * NS_PER_S
# Nobody waits for seconds because a week's events grew too old at once.
_MOST_STALE_AT_ONCE: Final = 2000
# An answer is remembered until its row can be erased; these many have a row that never came.
_MOST_ANSWERED: Final = 4096
_INT64: Final = 2**63

EventKey = tuple[str, int]
"""``(event_id, revision)``: what names an event of one camera."""


class Loss(StrEnum):
    """Why an event was lost before the broker had it."""

    FULL = "full"
    AGE = "age"
    # It does not decode, no message can hold it, or it is larger than the broker or the whole outbox takes.
    UNSENDABLE = "unsendable"
    # The medium refused it for so long that the observer could not remember it either.
    UNKEPT = "unkept"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class OutboxBounds:
    """How much may wait; what comes first decides. Beyond it events are dropped and counted as lost.

    The defaults hold 72 h of a busy street: 100,000 is one event every 2.6 s, with some 400 bytes each.
    """

    max_events: int = 100_000
    max_bytes: int = 64 * 1024 * 1024
    max_age_s: float = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event in the outbox; ``position`` grows with each `put`."""

    position: int
    event: Event

    @property
    def key(self) -> EventKey:
        return key_of(self.event)


def key_of(event: Event) -> EventKey:
    return event.event_id, event.revision


class Outbox:
    """Written by the process that sees, drained by the one that sends; both open the same file.

    Every method that touches the file raises MediaFailing when the medium refuses and Unavailable when the file
    stays busy for seconds. A damaged file is none of the caller's business: it is put aside as ``<name>.damaged``,
    a new one is begun, and the loss stands in `lost` and `faults`. An empty outbox is false in a boolean context.

    What the broker answered is noted by `acknowledge` and `discard` in memory, by one thread only, and erased by
    `settle`: an answer may come before the row, because events are sent while they are written.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        bounds: OutboxBounds | None = None,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self._database = OutboxDatabase(path, clock, busy_timeout_s)
        self._clock = clock
        self._bounds = bounds or OutboxBounds()
        self._answered: dict[EventKey, Loss | None] = {}

    def put(self, *events: Event, unkept: int = 0) -> None:
        """Keep ``events`` until they are acknowledged; all of them survive a power cut from the return on, or none.

        An event that is there already is passed over. ``unkept`` more are counted as lost.
        """
        now = self._clock.now()
        rows = [_row(event, now) for event in events]

        def keep(database: sqlite3.Connection) -> None:
            kept = [row for row in rows if self._insert(database, row, now)]
            _count(database, events=len(kept), size_bytes=sum(len(row[-1]) + _ROW_BYTES for row in kept))
            if unkept:
                _lose(database, Loss.UNKEPT, unkept, now)
            self._trim(database, now)

        self._database.write(keep)

    def peek(self, limit: int) -> list[Waiting]:
        """The oldest ``limit`` events, oldest first, answered ones too until `settle`; they stay where they are.

        Events past their age and rows that hold no event are dropped on the way and counted as lost.
        """
        rows, stale = self._database.read(lambda database: self._look(database, limit))
        if stale:
            now = self._clock.now()
            self._database.write(lambda database: self._trim(database, now))
            rows, _ = self._database.read(lambda database: self._look(database, limit))
        waiting: list[Waiting] = []
        broken: list[int] = []
        for position, event_id, revision, body in rows:
            try:
                entry = Waiting(position, decode_row(body))
            except DataLoss:
                broken.append(position)
                continue
            # Who is not what its columns say could never be erased by its name.
            if _stored(entry.key) == (event_id, revision):
                waiting.append(entry)
            else:
                broken.append(position)
        if broken:
            self._drop_broken(broken)
        return waiting

    def waits_below(self, key: EventKey) -> bool:
        """Whether a lower revision of the same event waits here unanswered."""
        event_id, revision = _stored(key)
        rows = self._database.read(
            lambda database: database.execute(
                "SELECT revision FROM waiting WHERE event_id = ? AND revision < ?", (event_id, revision)
            ).fetchall()
        )
        return any((key[0], lower) not in self._answered for (lower,) in rows)

    def acknowledge(self, keys: Iterable[EventKey]) -> None:
        """The broker has these: `settle` erases them, also when their rows come only later."""
        self._note(keys, None)

    def discard(self, keys: Iterable[EventKey]) -> None:
        """These can never be sent: `settle` erases them and counts them as lost."""
        self._note(keys, Loss.UNSENDABLE)

    def is_answered(self, key: EventKey) -> bool:
        """Whether ``key`` was acknowledged or discarded and its row not yet erased."""
        return key in self._answered

    @property
    def answered(self) -> int:
        """How many answers are remembered because their rows are not erased."""
        return len(self._answered)

    def settle(self, *, patiently: bool = True) -> None:
        """Erase what was answered, as far as it is here.

        Not ``patiently``, it raises Unavailable at once when somebody else writes, and a power cut may undo it: an
        event is sent again then, and known by its identity.
        """
        if not self._answered:
            return
        answers = list(self._answered.items())
        here = self._database.read(
            lambda database: [(key, loss) for key, loss in answers if _find(database, key) is not None]
        )
        if here:
            now = self._clock.now()
            write = self._database.write if patiently else self._database.write_lightly
            write(lambda database: _erase_answered(database, here, now))
        for key, _ in here:
            del self._answered[key]

    def __len__(self) -> int:
        return self._account("events")

    @property
    def lost(self) -> int:
        """Events dropped before the broker had them, since the outbox was first made."""
        return sum(self.losses.values())

    @property
    def losses(self) -> dict[Loss, int]:
        """`lost`, by what lost them."""
        columns = ", ".join(_column(loss) for loss in Loss)
        row = self._database.read(lambda database: database.execute(f"SELECT {columns} FROM account").fetchone())
        return dict(zip(Loss, map(int, row), strict=True))

    def faults(self) -> list[Fault]:
        """What went wrong within the last day, since this boot at most: events dropped, a damaged file replaced."""
        row = self._database.read(
            lambda database: database.execute(
                "SELECT dropped_mono_ns, dropped_boot_id, damaged_mono_ns, damaged_boot_id FROM account"
            ).fetchone()
        )
        now = self._clock.now()
        found = []
        if _is_recent(row[0], row[1], now):
            found.append(Fault("outbox_dropped", str(_dropped(self.losses))))
        if _is_recent(row[2], row[3], now):
            found.append(Fault("outbox_damaged", str(_damaged())))
        return found

    def close(self) -> None:
        """Erase what was answered, if that can be done, and close."""
        with suppress(EdgecamError):  # it is sent a second time then
            self.settle()
        self._database.close()

    def _account(self, column: str) -> int:
        query = f"SELECT {column} FROM account"
        return int(self._database.read(lambda database: database.execute(query).fetchone()[0]))

    def _note(self, keys: Iterable[EventKey], loss: Loss | None) -> None:
        for key in keys:
            self._answered[key] = loss
        while len(self._answered) > _MOST_ANSWERED:
            del self._answered[next(iter(self._answered))]

    def _look(self, database: sqlite3.Connection, limit: int) -> tuple[list[tuple[int, bytes, int, bytes]], bool]:
        rows = database.execute(
            "SELECT position, event_id, revision, body FROM waiting ORDER BY position LIMIT ?", (limit,)
        ).fetchall()
        oldest = _oldest(database) if rows else None
        return rows, oldest is not None and self._is_stale(oldest[1], self._clock.now())

    def _insert(self, database: sqlite3.Connection, row: _Row, now: Instant) -> bool:
        if len(row[-1]) + _ROW_BYTES > self._bounds.max_bytes:
            # It alone is more than may wait; all others would go for it.
            _lose(database, Loss.UNSENDABLE, 1, now)
            return False
        done = database.execute(
            "INSERT INTO waiting (event_id, revision, urgency, wall_ns, mono_ns, boot_id, trust, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            row,
        )
        return done.rowcount > 0

    def _drop_broken(self, positions: Sequence[int]) -> None:
        now = self._clock.now()

        def erase(database: sqlite3.Connection) -> None:
            for position in positions:
                _erase(database, position, Loss.UNSENDABLE, now)

        self._database.write(erase)

    def _trim(self, database: sqlite3.Connection, now: Instant) -> None:
        for _ in range(_MOST_STALE_AT_ONCE):
            oldest = _oldest(database)
            if oldest is None or not self._is_stale(oldest[1], now):
                break
            _erase(database, oldest[0], Loss.AGE, now)
        while self._is_full(database) and (position := _least(database)) is not None:
            _erase(database, position, Loss.FULL, now)

    def _is_full(self, database: sqlite3.Connection) -> bool:
        events, size_bytes = database.execute("SELECT events, bytes FROM account").fetchone()
        return bool(events > self._bounds.max_events or size_bytes > self._bounds.max_bytes)

    def _is_stale(self, put: Instant, now: Instant) -> bool:
        age_ns = _age_ns(put, now)
        return age_ns is not None and age_ns > self._bounds.max_age_s * NS_PER_S


_Row = tuple[bytes, int, int, int, int, bytes, int, bytes]


def decode_row(body: bytes) -> Event:
    """The event in a row of the outbox. Raises: DataLoss for any other bytes."""
    event = Event.from_json(body)
    try:
        for text in (event.event_id, event.reason, event.zone or ""):
            text.encode()
    except UnicodeEncodeError as broken:
        raise DataLoss("an event record holds half a character", safe="the recording is not touched") from broken
    return event


def encode_row(event: Event) -> bytes:
    """``event`` as it stands in a row; half a character becomes a question mark."""
    return event.to_json().encode("utf-8", "replace")


def _row(event: Event, now: Instant) -> _Row:
    urgency = int(urgency_of(event.kind))
    return (
        *_stored(key_of(event)),
        urgency,
        now.wall_ns,
        now.mono_ns,
        now.boot_id,
        int(now.trust),
        encode_row(event),
    )


def _stored(key: EventKey) -> tuple[bytes, int]:
    """``key`` as its columns hold it."""
    event_id, revision = key
    return event_id.encode("utf-8", "replace"), max(-_INT64, min(revision, _INT64 - 1))


def _age_ns(put: Instant, now: Instant) -> int | None:
    """How long ago ``put`` was: by the clock that cannot jump within one boot, else by trusted wall clocks only."""
    if put.boot_id == now.boot_id:
        return now.mono_ns - put.mono_ns
    if put.trust == now.trust == TimeTrust.SYNCED:
        return now.wall_ns - put.wall_ns
    return None


def _is_recent(mono_ns: int | None, boot_id: bytes | None, now: Instant) -> bool:
    return mono_ns is not None and boot_id == now.boot_id and now.mono_ns - mono_ns <= _REPORTED_FOR_NS


def _dropped(losses: dict[Loss, int]) -> DataLoss:
    return DataLoss(
        f"events were dropped before the broker had them (so far {losses[Loss.FULL]} because the outbox was full, "
        f"{losses[Loss.AGE]} because they grew too old, {losses[Loss.UNKEPT]} because the medium refused them)",
        do="bring the broker back, and see what keeps it away",
        safe="the recording is not touched",
    )


def _damaged() -> DataLoss:
    return DataLoss(
        "the outbox was damaged and begun anew, so events that had not been sent are lost",
        do="check the storage medium if this happens again",
        safe="the recording is not touched",
    )


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


def _least(database: sqlite3.Connection) -> int | None:
    """The position of what matters least: the oldest of the lowest urgency."""
    lesser = database.execute(
        f"SELECT position FROM waiting WHERE urgency < {Urgency.ALARM:d} ORDER BY urgency, position LIMIT 1"
    ).fetchone()
    row = lesser or database.execute("SELECT min(position) FROM waiting").fetchone()
    return None if row[0] is None else int(row[0])


def _find(database: sqlite3.Connection, key: EventKey) -> int | None:
    row = database.execute(
        "SELECT position FROM waiting WHERE event_id = ? AND revision = ?", _stored(key)
    ).fetchone()
    return None if row is None else int(row[0])


def _erase_answered(
    database: sqlite3.Connection, answers: Sequence[tuple[EventKey, Loss | None]], now: Instant
) -> None:
    for key, loss in answers:
        position = _find(database, key)
        if position is not None:
            _erase(database, position, loss, now)


def _erase(database: sqlite3.Connection, position: int, loss: Loss | None, now: Instant) -> None:
    row = database.execute("SELECT length(body) FROM waiting WHERE position = ?", (position,)).fetchone()
    if row is None:
        return
    database.execute("DELETE FROM waiting WHERE position = ?", (position,))
    _count(database, events=-1, size_bytes=-row[0] - _ROW_BYTES)
    if loss is not None:
        _lose(database, loss, 1, now)


def _count(database: sqlite3.Connection, *, events: int, size_bytes: int) -> None:
    database.execute(
        "UPDATE account SET events = max(events + ?, 0), bytes = max(bytes + ?, 0)", (events, size_bytes)
    )


def _lose(database: sqlite3.Connection, loss: Loss, events: int, now: Instant) -> None:
    column = _column(loss)
    database.execute(f"UPDATE account SET {column} = {column} + ?", (events,))
    if loss is not Loss.UNSENDABLE:
        database.execute("UPDATE account SET dropped_mono_ns = ?, dropped_boot_id = ?", (now.mono_ns, now.boot_id))


def _column(loss: Loss) -> str:
    return f"lost_{loss.value}"
