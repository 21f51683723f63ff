"""The outbox's SQLite file: shared by processes, flushed at each commit, replaced when it is damaged.

What makes it safe: write-ahead log with ``synchronous=FULL`` (a commit is on the medium when it returns; a power
cut may undo nothing but the erasing of what the broker has), ``secure_delete`` (freed pages are zeroed), and a lock
file that is held while the database is made or replaced. A process whose file was replaced by another one sees the
new inode before its next transaction and opens that.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from edgecam.core.clock import Clock
from edgecam.core.durable import flush_directory, open_shared
from edgecam.core.errors import EdgecamError, MediaFailing, Unavailable

_USER_VERSION = 2
BUSY_TIMEOUT_S = 5.0
# The account has one column for each `Loss` of the outbox. An event's identity is there once: putting it again
# changes nothing. What may go first when the outbox is full is found without looking through all alarms.
_SCHEMA = """
CREATE TABLE waiting (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id BLOB NOT NULL, revision INTEGER NOT NULL, urgency INTEGER NOT NULL,
    wall_ns INTEGER NOT NULL, mono_ns INTEGER NOT NULL, boot_id BLOB NOT NULL, trust INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (event_id, revision)
) STRICT;
CREATE INDEX lesser ON waiting (urgency, position) WHERE urgency < 2;
CREATE TABLE account (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    events INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    lost_full INTEGER NOT NULL DEFAULT 0, lost_age INTEGER NOT NULL DEFAULT 0,
    lost_unsendable INTEGER NOT NULL DEFAULT 0, lost_unkept INTEGER NOT NULL DEFAULT 0,
    lost_damaged INTEGER NOT NULL DEFAULT 0,
    dropped_mono_ns INTEGER, dropped_boot_id BLOB, damaged_mono_ns INTEGER, damaged_boot_id BLOB
) STRICT;
"""
# Acknowledged events leave the write-ahead log soon, not after SQLite's usual 4 MiB.
_DURABLE = ("synchronous = FULL", "wal_autocheckpoint = 64")
# Flushed with the next durable commit; the log is left to whoever makes that, unless it grows long.
_LIGHT = ("synchronous = NORMAL", "wal_autocheckpoint = 1000", "busy_timeout = 0")
# What SQLite says of bytes that are not what was written; all else is the medium's or another process's doing.
_DAMAGE = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_TOOBIG,
}
_DAMAGE_EXTENDED = {sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}
# SQLite quotes a damaged schema in its complaint, and sqlite3 cannot decode that.
_FAILURES = (sqlite3.Error, UnicodeDecodeError)

T = TypeVar("T")


class OutboxDatabase:
    """Transactions on one file. Threads may share it; every process opens its own.

    Nothing is opened before the first transaction, and after a failure the next one opens anew.
    """

    def __init__(self, path: Path, clock: Clock, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = path
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._light = False

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` finds in one snapshot. Raises: MediaFailing, Unavailable."""
        return self._run("BEGIN", work)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do ``work`` whole or not at all; it is on the medium on return. Raises: MediaFailing, Unavailable."""
        return self._run("BEGIN IMMEDIATE", work)

    def write_lightly(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As `write`, but waits for nobody: a power cut may undo it, and who finds the file busy comes again.

        Raises: MediaFailing, Unavailable.
        """
        return self._run("BEGIN IMMEDIATE", work, light=True)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _run(self, begin: str, work: Callable[[sqlite3.Connection], T], *, light: bool = False) -> T:
        with self._lock:
            try:
                return self._transact(begin, work, light)
            except _FAILURES as error:
                if _is_busy(error):
                    raise self._explained(error) from error
                self._drop()
                if not _is_damage(error):
                    raise self._explained(error) from error
            except OSError as error:
                raise self._refused(error) from error
            try:
                self._replace()
                return self._transact(begin, work, light)
            except _FAILURES as error:
                self._drop()
                raise self._explained(error) from error
            except OSError as error:
                raise self._refused(error) from error

    def _transact(self, begin: str, work: Callable[[sqlite3.Connection], T], light: bool) -> T:
        connection = self._open()
        if light != self._light:
            self._light = light
            for setting in _LIGHT if light else (*_DURABLE, f"busy_timeout = {int(self._busy_timeout_s * 1000)}"):
                connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute(begin)
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            # A transaction that SQLite has rolled back by itself must not hide what went wrong.
            with suppress(*_FAILURES):
                connection.execute("ROLLBACK")
            raise
        return result

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._inode_now() == self._inode:
            return self._connection
        self._drop()
        with self._alone():
            return self._open_alone()

    def _open_alone(self) -> sqlite3.Connection:
        if self._inode_now() == 0:
            os.close(open_shared(self._path, os.O_EXCL | os.O_RDWR))
            flush_directory(self._path.parent)
        self._inode = self._inode_now()
        # Autocommit: this class says BEGIN itself. The lock above replaces sqlite3's own check of threads.
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        self._connection = connection
        self._light = False
        _prepare(connection)
        return connection

    def _replace(self) -> None:
        """Put the damaged file aside and begin a new one, unless another process has done so already."""
        damaged_inode = self._inode
        with self._alone():
            if self._inode_now() == damaged_inode:
                lost = _salvaged_loss(self._path)
                os.replace(self._path, self._path.with_name(f"{self._path.name}.damaged"))
                for suffix in ("-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
                _note_damage(self._open_alone(), lost, self._clock)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock file: one process at a time makes, opens or replaces the database."""
        descriptor = open_shared(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _inode_now(self) -> int:
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return 0

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(*_FAILURES):
                self._connection.close()
        self._connection = None

    def _explained(self, error: Exception) -> EdgecamError:
        if _is_busy(error):
            return Unavailable("the outbox is busy", do="try again", safe="the recording goes on")
        return _failing(self._path, str(error))

    def _refused(self, error: OSError) -> EdgecamError:
        self._drop()
        return _failing(self._path, error.strerror or str(error))


def _failing(path: Path, why: str) -> MediaFailing:
    return MediaFailing(
        f"the outbox {path} does not work ({why})",
        do="make room or check the permissions of its folder",
        safe="the recording goes on",
    )


def _prepare(connection: sqlite3.Connection) -> None:
    """Set what holds per connection, make the tables of a new file, check an old one. Raises: sqlite3.Error."""
    for pragma in (
        "secure_delete = ON",
        "journal_mode = WAL",
        *_DURABLE,
        "cell_size_check = ON",
        "trusted_schema = OFF",
        "journal_size_limit = 0",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        connection.executescript(
            f"BEGIN; {_SCHEMA} INSERT INTO account (only) VALUES (1);PRAGMA user_version = {_USER_VERSION}; COMMIT;"
        )
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok" or version != _USER_VERSION:
        raise _damage(f"quick_check says {verdict}, version {version}")
    if connection.execute("SELECT count(*) FROM account").fetchone()[0] != 1:
        raise _damage("the account is missing")


def _damage(why: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(why)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _salvaged_loss(path: Path) -> int:
    """How many events a damaged file's account says were lost or waiting; one at least, for what it cannot say."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as damaged:
            # Without it SQLite refuses a file that was cut, even where the account still stands.
            damaged.execute("PRAGMA writable_schema = ON")
            lost, events = damaged.execute(
                "SELECT lost_full + lost_age + lost_unsendable + lost_unkept + lost_damaged, events FROM account"
            ).fetchone()
            return max(int(lost), 0) + max(int(events), 1)
    except (sqlite3.Error, TypeError, ValueError):  # UnicodeDecodeError is a ValueError
        return 1


def _note_damage(connection: sqlite3.Connection, lost: int, clock: Clock) -> None:
    now = clock.now()
    connection.execute(
        "UPDATE account SET lost_damaged = lost_damaged + ?, damaged_mono_ns = ?, damaged_boot_id = ?",
        (min(lost, 2**62), now.mono_ns, now.boot_id),
    )


def _is_busy(error: Exception) -> bool:
    return _code(error) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)


def _is_damage(error: Exception) -> bool:
    code = _code(error)
    return code & 0xFF in _DAMAGE or code in _DAMAGE_EXTENDED


def _code(error: Exception) -> int:
    # Without a code it is sqlite3 itself that could not make sense of what the file holds.
    code = getattr(error, "sqlite_errorcode", None)
    return code if isinstance(code, int) else sqlite3.SQLITE_CORRUPT
