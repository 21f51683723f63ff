"""The tallies of past days: one small file a day, for as long as they are kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from edgecam.analysis.tally import DayTally
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss, MediaFailing

DAYS_KEPT: Final = 400
_ENDING: Final = ".tally"


class DayTallies:
    """A folder of files such as ``2026-03-02.tally``; one process writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def days(self) -> list[int]:
        """The days there are (as `date.toordinal` counts), oldest first. Raises: MediaFailing."""
        try:
            names = [path.name for path in self._folder.iterdir()] if self._folder.exists() else []
        except OSError as refused:
            raise MediaFailing(f"{self._folder} cannot be read ({refused.strerror})") from refused
        return sorted(day for name in names if (day := _day_of(name)) is not None)

    def read(self, day: int) -> DayTally | None:
        """The tally of ``day``, or ``None`` when there is none. Raises: DataLoss, MediaFailing."""
        try:
            tally = DayTally.decode(self._path(day).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as refused:
            raise MediaFailing(f"{self._path(day)} cannot be read ({refused.strerror})") from refused
        if tally.day != day:
            raise DataLoss(f"{self._path(day)} tells of another day")
        return tally

    def add(self, more: DayTally) -> bool:
        """Count what ``more`` counted; false when its file was damaged and began anew. Raises: MediaFailing."""
        sound, tally = True, None
        try:
            tally = self.read(more.day)
        except DataLoss:
            sound = False
        if tally is None:
            tally = DayTally.begin(more.day)
        tally.add(more)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as refused:
            raise MediaFailing(f"{self._folder} cannot be made ({refused.strerror})") from refused
        replace_durably(self._path(more.day), tally.encode())
        return sound

    def erase_old(self, today: int | None) -> int:
        """Erase what is older than 400 days; how many that were. Raises: MediaFailing.

        Without ``today`` nothing is old, but still no more than the 400 newest stay.
        """
        days = self.days()
        due = set(days[:-DAYS_KEPT])
        if today is not None:
            due |= {day for day in days if day < today - DAYS_KEPT}
        try:
            for day in due:
                self._path(day).unlink(missing_ok=True)
        except OSError as refused:
            raise MediaFailing(f"{self._folder} cannot be erased from ({refused.strerror})") from refused
        return len(due)

    def _path(self, day: int) -> Path:
        return self._folder / f"{date.fromordinal(day).isoformat()}{_ENDING}"


def _day_of(name: str) -> int | None:
    try:
        return date.fromisoformat(name.removesuffix(_ENDING)).toordinal() if name.endswith(_ENDING) else None
    except ValueError:
        return None
