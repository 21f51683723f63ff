"""The lines by which a book of the register ends and the next one begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.cases.duedays import fiscal_year, is_past, kept_until
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act, RegisterLine, decode_line

CLOSE, BEGIN = "close", "begin"
CLOSING_PURPOSE, BEGINNING_PURPOSE = "the year is over", "a year begins"
_SYNCED = f'"trust":{int(TimeTrust.SYNCED)},'.encode()
_BOOK = f'"act":"{Act.BOOK}"'.encode()


def closes(line: RegisterLine | None) -> bool:
    """Whether a book ends with ``line``."""
    return line is not None and line.act is Act.BOOK and line.detail.get("what") == CLOSE


def year_and_zone(book: Path, zone: str) -> tuple[int, str] | None:
    """Of which year ``book`` is, and where that year begins and ends.

    Its first line that tells it or has a synchronised time decides; ``zone``, an IANA name, goes before what the
    book tells. ``None`` where no line can tell. Raises: OSError.
    """
    for line in _telling(book):
        told = line.detail.get("year", "") if line.act is Act.BOOK else ""
        known = zone or line.detail.get("zone", "") if told else zone
        if told.isdecimal() and known:
            return int(told), known
        if line.trust is TimeTrust.SYNCED:
            year = year_of(line.at_wall_ns, known)
            return None if year is None else (year, known)
    return None


def year_of(wall_ns: int, zone: str) -> int | None:
    """The year from 1 April; ``None`` in a zone that this machine does not know."""
    try:
        return fiscal_year(wall_ns, zone)
    except BadInput:
        return None


def closing(last: RegisterLine, now: Instant, year: int, next_year: int, zone: str) -> dict[str, str]:
    """What the line that closes the book of ``year`` tells, after its ``last`` one."""
    # A line whose time nobody vouches for may be as late as this moment.
    last_wall_ns = last.at_wall_ns if last.trust is TimeTrust.SYNCED else now.wall_ns
    return {
        "what": CLOSE,
        "year": str(year),
        "next": str(next_year),
        "zone": zone,
        "last_wall_ns": str(last_wall_ns),
    }


def beginning(closed: RegisterLine) -> dict[str, str]:
    """What the first line of the book after the one that ``closed`` ends tells."""
    return {"what": BEGIN, "year": closed.detail.get("next", ""), "zone": closed.detail.get("zone", "")}


def is_due(closed: RegisterLine, kept_years: int, zone: str, now: Instant) -> bool:
    """Whether the book that ``closed`` ends was kept as long as it has to be; only a synchronised clock knows."""
    told = closed.detail.get("last_wall_ns", "")
    if now.trust is not TimeTrust.SYNCED or not told.isdecimal() or len(told) > 19:
        return False
    try:
        kept_ns = kept_until(Instant(int(told), 0, bytes(16), TimeTrust.SYNCED), kept_years, zone)
    except BadInput:
        return False
    return is_past(kept_ns, now)


def _telling(book: Path) -> Iterator[RegisterLine]:
    """The lines that may tell a year, cheaply: most of them are looked at as bytes alone."""
    try:
        with open(book, "rb") as file:
            while data := file.readline(MAX_LINE_SIZE_BYTES):
                if _SYNCED not in data and _BOOK not in data:
                    continue
                try:
                    yield decode_line(data)
                except DataLoss:
                    continue
    except FileNotFoundError:
        return
