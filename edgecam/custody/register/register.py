"""The register: an append-only, hash-chained, camera-signed account of who looked, copied and erased.

A line is on the medium before `Register.write` returns, and only then is its act allowed. Several processes may
write at once. A line that a power cut left unfinished is kept beside the register, and that is itself registered.
With each civil year from 1 April a new book begins, where the clock is synchronised; sequence and chain go on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from edgecam.core.clock import Clock, Instant, SystemClock, TimeTrust
from edgecam.core.durable import append_durably, flush_directory, open_shared, replace_durably
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.custody.register.bookfiles import closed_books, free_name, read_tail
from edgecam.custody.register.bookline import (
    BEGINNING_PURPOSE,
    CLOSING_PURPOSE,
    beginning,
    closes,
    closing,
    year_and_zone,
    year_of,
)
from edgecam.custody.register.register_line import (
    MAX_LINE_SIZE_BYTES,
    NO_LINE_BEFORE,
    Act,
    RegisterLine,
    decode_line,
)
from edgecam.keys.camera import signed_by

_OURS = "edgecam"


class Register:
    """The register whose running book is at ``path``, JSON lines; ``sign`` is the camera's (`CameraKey.sign`)."""

    def __init__(
        self,
        path: Path,
        sign: Callable[[bytes], bytes],
        camera_public: bytes,
        clock: Clock | None = None,
        zone: str = "",
    ) -> None:
        """``zone`` (an IANA name) is where years begin; without it, where the running book says."""
        self.path = path
        self._sign = sign
        self._camera_public = camera_public
        self._clock = clock or SystemClock()
        self._zone = zone
        self._aside = path.with_name(f"{path.name}.torn")
        # The running book by its inode, its year and where that year ends: read once.
        self._year: tuple[int, tuple[int, str] | None] | None = None

    def write(
        self,
        act: Act,
        *,
        who: str,
        purpose: str,
        footage: tuple[int, int] | None = None,
        detail: Mapping[str, str] | None = None,
        completes: int | None = None,
    ) -> RegisterLine:
        """Append one line and flush it; the act it tells of is allowed only once this has returned.

        ``footage`` is ``(from_wall_ns, to_wall_ns)``; ``completes`` names the line whose act is now finished.
        Raises: BadInput for a line without a name or too long, DataLoss when the register's end is not this
        camera's, MediaFailing when it cannot be written.
        """
        if not who.strip():
            raise BadInput("the register needs to know who acts", do="give a name")
        with self._alone():
            now = self._clock.now()
            last = self._turned(self._settle(now), now)
            return self._append(now, last, act, who, purpose, footage, detail or {}, completes)

    def complete(self, line: RegisterLine, detail: Mapping[str, str]) -> RegisterLine:
        """Register that the act of ``line`` is over, and how it ended. Raises: as `write`."""
        return self.write(line.act, who=line.who, purpose=line.purpose, detail=detail, completes=line.sequence)

    def turn(self) -> None:
        """Close the running book if its year is over, as any line would. Raises: as `write`."""
        with self._alone():
            now = self._clock.now()
            self._turned(self._settle(now), now)

    def head(self) -> RegisterLine | None:
        """The last line, which no power cut takes back; ``None`` of an empty register.

        Never waits. Raises: as `write`, and Unavailable while somebody writes.
        """
        with self._alone(waits=False):
            return self._settle(self._clock.now())

    @contextmanager
    def _alone(self, *, waits: bool = True) -> Iterator[None]:
        """Hold the lock that every writer of this register takes, and turn refusals of the medium into ours."""
        try:
            descriptor = open_shared(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield
            finally:
                os.close(descriptor)
        except BlockingIOError as busy:
            raise Unavailable(f"somebody writes to the register {self.path} now", do="try again") from busy
        except OSError as refused:
            raise MediaFailing(
                f"the register {self.path} could not be written ({refused.strerror})",
                do="make room or check the permissions of its folder",
                safe="the act was not allowed, because it could not be registered",
            ) from refused

    def _settle(self, now: Instant) -> RegisterLine | None:
        """The last whole line, after anything unfinished behind it was moved aside and registered.

        Steps, each safe to repeat after a power cut: keep the unfinished bytes beside (flushed), cut them off,
        append the line that tells of it (flushed, the cut with it), give the kept bytes their lasting name.
        """
        tail = read_tail(self.path)
        if not tail.is_ours:
            raise _foreign(self.path)
        if tail.torn:
            kept = self._aside.read_bytes() if self._aside.exists() else b""
            aside = kept if kept.endswith(tail.torn) else kept + tail.torn
            replace_durably(self._aside, aside, shared=True)
            os.truncate(self.path, tail.end)
        last = self._trusted(tail.last)
        if closes(last):
            self._put_away(last)
        last = self._begun(last or self._last_closed(), now)
        return self._register_repair(last, now) if self._aside.exists() else last

    def _last_closed(self) -> RegisterLine | None:
        books = closed_books(self.path)
        return self._trusted(read_tail(books[-1]).last) if books else None

    def _put_away(self, closed: RegisterLine | None) -> None:
        assert closed is not None
        os.rename(self.path, free_name(self.path, closed.detail.get("year", "0000")))
        flush_directory(self.path.parent)

    def _begun(self, last: RegisterLine | None, now: Instant) -> RegisterLine | None:
        """``last``, or, where it closes a book, the first line of the next one."""
        if last is None or not closes(last):
            return last
        return self._append(now, last, Act.BOOK, _OURS, BEGINNING_PURPOSE, None, beginning(last), None)

    def _turned(self, last: RegisterLine | None, now: Instant) -> RegisterLine | None:
        """``last``, after a book whose year is over was closed and another one begun.

        Steps, each settled by the next write after a power cut: append the line that closes it (flushed), give the
        book its lasting name (flushed), append the line with which the next one begins (flushed).
        """
        if last is None or now.trust is not TimeTrust.SYNCED:
            return last
        running = self._running_year()
        present = year_of(now.wall_ns, running[1]) if running else None
        if running is None or present is None or present <= running[0]:
            return last
        detail = closing(last, now, running[0], present, running[1])
        closed = self._append(now, last, Act.BOOK, _OURS, CLOSING_PURPOSE, None, detail, None)
        self._put_away(closed)
        return self._begun(closed, now)

    def _running_year(self) -> tuple[int, str] | None:
        try:
            inode = os.stat(self.path).st_ino
        except FileNotFoundError:
            return None
        if self._year is None or self._year[0] != inode or self._year[1] is None:
            self._year = inode, year_and_zone(self.path, self._zone)
        return self._year[1]

    def _register_repair(self, last: RegisterLine | None, now: Instant) -> RegisterLine:
        torn = self._aside.read_bytes()
        digest = hashlib.sha256(torn).hexdigest()
        if last is None or last.act is not Act.REPAIR or last.detail.get("sha256") != digest:
            detail = {"size_bytes": str(len(torn)), "sha256": digest}
            last = self._append(now, last, Act.REPAIR, _OURS, "a line was never completed", None, detail, None)
        self._aside.rename(self.path.with_name(f"{self.path.name}.torn-{last.sequence}"))
        return last

    def _trusted(self, line: bytes | None) -> RegisterLine | None:
        if line is None:
            return None
        try:
            last = decode_line(line)
        except DataLoss as broken:
            raise _foreign(self.path) from broken
        if not signed_by(self._camera_public, last.signature, last.body()):
            raise _foreign(self.path)
        return last

    def _append(
        self,
        now: Instant,
        last: RegisterLine | None,
        act: Act,
        who: str,
        purpose: str,
        footage: tuple[int, int] | None,
        detail: Mapping[str, str],
        completes: int | None,
    ) -> RegisterLine:
        unsigned = RegisterLine(
            sequence=last.sequence + 1 if last else 1,
            at_wall_ns=now.wall_ns,
            trust=now.trust,
            who=who,
            act=act,
            completes=completes,
            from_wall_ns=footage[0] if footage else None,
            to_wall_ns=footage[1] if footage else None,
            purpose=purpose,
            detail=detail,
            previous=last.hash if last else NO_LINE_BEFORE,
        )
        line = replace(unsigned, signature=self._sign(_encodable(unsigned)))
        data = line.encode()
        if len(data) > MAX_LINE_SIZE_BYTES:
            raise BadInput(f"a register line of {len(data)} bytes is too long", do="shorten the purpose")
        append_durably(self.path, data, shared=True)
        return line


def _encodable(line: RegisterLine) -> bytes:
    try:
        return line.body()
    except UnicodeEncodeError as broken:
        raise BadInput("a register line holds text that is not Unicode", do="type it again") from broken


def _foreign(path: Path) -> DataLoss:
    return DataLoss(
        f"the last line of the register {path} was not written by this camera",
        do="run `edgecam register verify`, keep the file as evidence and move it away; a new register then begins",
        safe="the act was not allowed, because it could not be registered",
    )
