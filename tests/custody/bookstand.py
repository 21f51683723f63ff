"""A register whose years pass at will, and what stands in its books."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.custody.register.bookfiles import closed_books
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.custody.register.registerbooks import RegisterBooks
from edgecam.keys.camera import CameraKey

ZONE = "Asia/Tokyo"


class Calendar:
    """A clock that stands where it is put."""

    def __init__(self, date: str = "2026-05-01T12:00:00") -> None:
        self.trust = TimeTrust.SYNCED
        self.wall_ns = 0
        self.put(date)

    def put(self, date: str) -> None:
        """``date`` as in `ZONE`."""
        self.wall_ns = round(datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(ZONE)).timestamp()) * NS_PER_S

    def now(self) -> Instant:
        return Instant(self.wall_ns, 5, bytes(16), self.trust)

    def mono_ns(self) -> int:
        return 5

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("the register does not wait")


class BookStand:
    """A register in ``folder``; `register` opens it as a process would that has just started."""

    def __init__(self, folder: Path, key: CameraKey, calendar: Calendar) -> None:
        self.path, self.key, self.calendar = folder / "register.jsonl", key, calendar

    def register(self, zone: str = ZONE) -> Register:
        return Register(self.path, self.key.sign, self.key.public, self.calendar, zone)

    def look(self, purpose: str = "look", zone: str = ZONE) -> RegisterLine:
        return self.register(zone).write(Act.VIEW, who="owner", purpose=purpose)

    def tend(self, kept_years: int = 5) -> list[str]:
        return RegisterBooks(self.register(), kept_years, ZONE, self.calendar).tend("recorder")

    def books(self) -> list[Path]:
        return [*closed_books(self.path), *([self.path] if self.path.exists() else [])]

    def names(self) -> list[str]:
        return [path.name for path in self.books()]

    def lines(self) -> list[RegisterLine]:
        return [decode_line(data) for path in self.books() for data in path.read_bytes().splitlines(keepends=True)]
