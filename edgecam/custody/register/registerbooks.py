"""The closed books of a register: each is erased when it was kept as long as it has to be, and that is told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from edgecam.core.clock import Clock
from edgecam.core.durable import erase_durably, flush_directory
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.custody.register.bookfiles import closed_books, lines_of, opened_books, read_tail
from edgecam.custody.register.bookline import closes, is_due
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act, RegisterLine, decode_line

PURPOSE = "retention of the register"
_GOING = ".erased"
_TOLD = {"first", "last", "hash"}
_ERASURE = f'"act":"{Act.ERASURE}"'.encode()


class RegisterBooks:
    """The books beside ``register``, kept until ``kept_years`` after the next 1 April in ``zone`` (an IANA name).

    For one process: the one that writes the ring.
    """

    def __init__(self, register: Register, kept_years: int, zone: str, clock: Clock) -> None:
        self._register, self._kept_years, self._zone, self._clock = register, kept_years, zone, clock
        self._folder = register.path.parent

    def tend(self, who: str) -> list[str]:
        """Finish what a power cut left half erased, close the running book if its year is over, erase what is due.

        Returns the names of the books that were erased. By a clock that is not synchronised nothing is closed or
        erased. Raises: as `Register.write`.
        """
        try:
            erased = [self._wiped(going) for going in self._going()]
            if self._register.path.exists():
                self._register.turn()
            return erased + [self._erased(path, closed, who) for path, closed in self._due()]
        except OSError as refused:
            raise MediaFailing(
                f"a book of the register {self._register.path} could not be erased ({refused.strerror})",
                do="check the permissions of its folder",
            ) from refused

    def _going(self) -> list[Path]:
        names = f".{self._register.path.stem}-*{self._register.path.suffix}{_GOING}"
        return sorted(self._folder.glob(names))

    def _due(self) -> Iterator[tuple[Path, RegisterLine]]:
        """Oldest first; behind one that has to be kept, or of which nobody knows, none is due."""
        for path in closed_books(self._register.path):
            closed = _last_line(path)
            if closed is None or not is_due(closed, self._kept_years, self._zone, self._clock.now()):
                return
            yield path, closed

    def _erased(self, path: Path, closed: RegisterLine, who: str) -> str:
        """Steps, each finished by the next `tend` after a power cut: tell it, rename it, wipe it, complete."""
        if self._told(path.name) is None:
            first = _first_line(path)
            detail = {
                "book": path.name,
                "first": str(first.sequence if first else 0),
                "last": str(closed.sequence),
                "hash": closed.hash.hex(),
                "reason": "expired",
            }
            self._register.write(Act.ERASURE, who=who, purpose=PURPOSE, detail=detail)
        going = self._folder / f".{path.name}{_GOING}"
        os.rename(path, going)
        flush_directory(self._folder)
        return self._wiped(going)

    def _wiped(self, going: Path) -> str:
        """The name of the book whose bytes were overwritten where they lay, and what cuts left of its lines."""
        name = going.name.removeprefix(".").removesuffix(_GOING)
        line = self._told(name)
        if line is not None:
            for torn in self._torn_in(line.detail):
                erase_durably(torn)
        erase_durably(going)
        if line is not None:
            self._register.complete(line, {"book": name, "outcome": "done"})
        return name

    def _torn_in(self, told: Mapping[str, str]) -> list[Path]:
        """What `Register` kept aside of lines that the book's own lines tell of."""
        first, last = (int(told[name]) if told[name].isdecimal() else 0 for name in ("first", "last"))
        prefix = f"{self._register.path.name}.torn-"
        found = [path for path in self._folder.glob(f"{prefix}*") if path.name.removeprefix(prefix).isdecimal()]
        return [path for path in found if first <= int(path.name.removeprefix(prefix)) <= last]

    def _told(self, name: str) -> RegisterLine | None:
        """The line that tells of that book's erasure."""
        with opened_books(self._register.path) as books:
            for data in lines_of(books):
                if _ERASURE not in data or name.encode() not in data:
                    continue
                with suppress(DataLoss):
                    line = decode_line(data)
                    if line.detail.get("book") == name and line.detail.keys() >= _TOLD:
                        return line
        return None


def _last_line(path: Path) -> RegisterLine | None:
    """The line that closes the book at ``path``; ``None`` where none does. Raises: OSError."""
    data = read_tail(path).last
    try:
        line = decode_line(data) if data else None
    except DataLoss:
        return None
    return line if closes(line) else None


def _first_line(path: Path) -> RegisterLine | None:
    with open(path, "rb") as file:
        try:
            return decode_line(file.readline(MAX_LINE_SIZE_BYTES))
        except DataLoss:
            return None
