"""The register for somebody to read, over all its books; nothing is written, no signature is checked."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.custody.register.bookfiles import lines_of, opened_books
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act, RegisterLine, decode_line

_BLOCK_SIZE_BYTES = 65_536
# Looking for one act goes no further at a time: a page must not keep the camera busy.
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """``unreadable`` lines stood between these. ``earlier`` is what to give as ``before`` next, or ``None`` at the
    register's beginning.
    """

    lines: tuple[RegisterLine, ...]
    unreadable: int
    earlier: int | None


def read_page(
    path: Path,
    before: int | None = None,
    limit: int = 50,
    act: Act | None = None,
    wanted: Container[RegisterLine] | None = None,
) -> RegisterPage:
    """At most ``limit`` lines with sequences below ``before``, newest first, of one ``act`` alone when it is given,
    and only those in ``wanted``, as a `LineFilter`.

    A line that is being written is left out. Raises: MediaFailing.
    """
    try:
        with opened_books(path) as books:
            return _read([book.fileno() for book in reversed(books)], before, limit, act, wanted)
    except OSError as refused:
        raise _unreadable(path, refused) from refused


def every_line(path: Path) -> Iterator[RegisterLine]:
    """The lines of all books, oldest first; those that cannot be read are left out. Raises: MediaFailing."""
    with opened_books(path) as books:
        for data in lines_of(books):
            try:
                yield decode_line(data)
            except DataLoss:
                continue


def _read(
    descriptors: Sequence[int],
    before: int | None,
    limit: int,
    act: Act | None,
    wanted: Container[RegisterLine] | None,
) -> RegisterPage:
    found: list[RegisterLine] = []
    unreadable, earlier = 0, before
    for looked_at, data in enumerate(_newest_first(descriptors, before)):
        if len(found) == limit or looked_at == _MOST_LOOKED_AT:
            return RegisterPage(tuple(found), unreadable, earlier)
        try:
            line = decode_line(data)
        except DataLoss:
            unreadable += 1
            continue
        earlier = line.sequence
        if (act is None or line.act is act) and (wanted is None or line in wanted):
            found.append(line)
    return RegisterPage(tuple(found), unreadable, None)


def _newest_first(descriptors: Sequence[int], before: int | None) -> Iterator[bytes]:
    """The whole lines with sequences below ``before`` in all books, the newest of which comes first."""
    for descriptor in descriptors:
        size = os.fstat(descriptor).st_size
        yield from _backwards(descriptor, size if before is None else _start_of(descriptor, size, before))


def _backwards(descriptor: int, end: int) -> Iterator[bytes]:
    """The whole lines before the byte ``end``, last first; what stands behind the last newline is no line yet."""
    rest: bytes | None = None  # the end of a line whose beginning was not read yet
    while end > 0:
        start = max(0, end - _BLOCK_SIZE_BYTES)
        *ended, last = os.pread(descriptor, end - start, start).split(b"\n")
        end, line = start, None if rest is None else last + rest
        if not ended:
            rest = line
            continue
        if line is not None:
            yield line + b"\n"
        rest, *whole = ended
        yield from (line + b"\n" for line in reversed(whole))
    if rest is not None:
        yield rest + b"\n"


def _start_of(descriptor: int, size: int, sequence: int) -> int:
    """Where the first line begins whose sequence is not below ``sequence``; lines stand in their order."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        start = _next_start(descriptor, middle)
        data = _line_at(descriptor, start)
        found = _sequence(data)
        # A line that cannot be read stands in nobody's way.
        if start >= high or not data or (found is not None and found >= sequence):
            high = middle
        else:
            low = start + len(data)
    return low


def _next_start(descriptor: int, position: int) -> int:
    """Where the first line begins that does not begin before ``position``."""
    if position == 0:
        return 0
    rest = os.pread(descriptor, MAX_LINE_SIZE_BYTES + 1, position - 1)
    cut = rest.find(b"\n")
    return position + (cut if cut >= 0 else len(rest))


def _line_at(descriptor: int, start: int) -> bytes:
    data = os.pread(descriptor, MAX_LINE_SIZE_BYTES + 1, start)
    cut = data.find(b"\n")
    return data if cut < 0 else data[: cut + 1]


def _sequence(data: bytes) -> int | None:
    try:
        found = json.loads(data)["sequence"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, int) else None


def _unreadable(path: Path, refused: OSError) -> MediaFailing:
    return MediaFailing(f"the register {path} could not be read ({refused.strerror})", do="check the card")
