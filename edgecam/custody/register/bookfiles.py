"""The files a register is made of: its books, each of one year, and the running one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES

# Holds a whole line and an unfinished one after it.
_TAIL_SIZE_BYTES = 4 * MAX_LINE_SIZE_BYTES
# Nearly always enough.
_SHORT_TAIL_SIZE_BYTES = 8192
# Somebody closes a book once a year: who reads meanwhile looks again.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Tail:
    """``last`` is the last whole line, which ends at offset ``end``; ``torn`` is what stands behind it.

    ``is_ours`` is false where what stands there cannot be lines of a register at all.
    """

    last: bytes | None
    end: int
    torn: bytes
    is_ours: bool = True


def closed_books(register: Path) -> list[Path]:
    """The closed books beside the running one at ``register``, oldest first. Raises: OSError."""
    pattern = re.compile(rf"{re.escape(register.stem)}-(\d{{4}})(?:-(\d{{1,6}}))?{re.escape(register.suffix)}")
    found = [(known, path) for path in register.parent.iterdir() if (known := pattern.fullmatch(path.name))]
    return [path for _, path in sorted(found, key=lambda one: (int(one[0][1]), int(one[0][2] or 1)))]


def free_name(register: Path, year: str) -> Path:
    """What the running book is called once it is closed: after the ``year`` in whose April it began."""
    number = 1
    while (path := register.with_stem(f"{register.stem}-{year}{f'-{number}' if number > 1 else ''}")).exists():
        number += 1
    return path


@contextmanager
def opened_books(register: Path) -> Iterator[list[BinaryIO]]:
    """All books for reading, oldest first, the running one last; together they are of one moment.

    Raises: MediaFailing when one cannot be opened.
    """
    with ExitStack() as stack:
        try:
            yield _open(register, stack)
        except OSError as refused:
            raise MediaFailing(
                f"the register {register} could not be read ({refused.strerror})", do="check the card"
            ) from refused


def _open(register: Path, stack: ExitStack) -> list[BinaryIO]:
    for _ in range(_TRIES):
        with ExitStack() as trying:
            running = _opened(register, trying)
            closed = [book for path in closed_books(register) if (book := _opened(path, trying))]
            if _is_still(register, running):
                stack.push(trying.pop_all())
                return [*closed, running] if running else closed
    raise OSError(0, "its books change all the time")


def _opened(path: Path, stack: ExitStack) -> BinaryIO | None:
    try:
        return stack.enter_context(open(path, "rb"))
    except FileNotFoundError:
        return None


def _is_still(register: Path, running: BinaryIO | None) -> bool:
    """Whether the file of that name is the one that was opened: else it was closed meanwhile."""
    try:
        now = os.stat(register)
    except FileNotFoundError:
        return running is None
    return running is not None and os.path.samestat(now, os.fstat(running.fileno()))


def read_tail(path: Path) -> Tail:
    """How the book at ``path`` ends; one that is not there is empty. Raises: OSError."""
    try:
        with open(path, "rb") as file:
            tail = _tail_in(file, _SHORT_TAIL_SIZE_BYTES)
            return tail if tail.is_ours else _tail_in(file, _TAIL_SIZE_BYTES)
    except FileNotFoundError:
        return Tail(None, 0, b"")


def _tail_in(file: BinaryIO, size_bytes: int) -> Tail:
    start = max(0, file.seek(0, os.SEEK_END) - size_bytes)
    file.seek(start)
    data = file.read()
    end = data.rfind(b"\n") + 1
    begin = data.rfind(b"\n", 0, max(0, end - 1)) + 1
    # No line holds a zero byte: such a one is a page that never reached the medium before the power went.
    while end and b"\0" in data[begin:end]:
        end, begin = begin, data.rfind(b"\n", 0, max(0, begin - 1)) + 1
    return Tail(data[begin:end] or None, start + end, data[end:], is_ours=not start or begin > 0)


def lines_of(books: Sequence[BinaryIO]) -> Iterator[bytes]:
    """Every line in order, newline included; what is longer than a line comes in pieces. Raises: OSError."""
    for book in books:
        book.seek(0)
        while data := book.readline(MAX_LINE_SIZE_BYTES):
            yield data


def recent_lines(register: Path, size_bytes: int) -> list[bytes]:
    """The lines in the last ``size_bytes``, the first of them perhaps in part; none where nothing can be read."""
    with suppress(OSError, MediaFailing), opened_books(register) as books:
        kept = b""
        for book in reversed(books):
            book.seek(max(0, book.seek(0, os.SEEK_END) - (size_bytes - len(kept))))
            kept = book.read() + kept
            if len(kept) >= size_bytes:
                break
        return kept.splitlines(keepends=True)
    return []
