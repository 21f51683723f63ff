"""Every event of the retention on disk, one small file an hour; who, where and when, and no picture.

A file such as ``events/495317.events`` holds the events that *began* in that hour since 1970 (UTC), one JSON line a
revision. It is in the clear: the camera itself has to search it, and what it can read without the owner, a thief of
the whole camera can read as well. It is overwritten and gone when its footage is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from edgecam.core.clock import NS_PER_S
from edgecam.core.durable import (
    append_durably,
    erase_durably,
    identity_of,
    make_shared_folder,
    replace_secret_durably,
)
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.core.events import Event, EventKind

NS_PER_HOUR: Final = 3600 * NS_PER_S
MOST_BYTES: Final = 96 << 20
"""Of all hours together, whatever happens."""
_ENDING: Final = ".events"
_PLAIN: Final = frozenset(
    {EventKind.MOTION, EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL}
)
# Of an hour's room, for what merely went by: the rest is for what somebody asked for.
_PLAIN_SHARE: Final = 0.75
_MOST_HOURS_DECODED: Final = 64


class EventLog:
    """The writing side; one thread of one process uses it."""

    def __init__(self, folder: Path, hours: int) -> None:
        """``hours`` are how many are kept at most, and share the room there is."""
        self._folder = folder
        self._hour_bytes = max(MOST_BYTES // max(hours, 1), 64 << 10)
        self._whole: set[int] = set()
        self.passed_over = 0

    def append(self, events: Iterable[Event]) -> None:
        """Keep ``events``; those for which their hour has no room are counted. Raises: MediaFailing."""
        lines: dict[int, bytes] = {}
        for event in events:
            hour = hour_of(event.start_wall_ns)
            line = f"{event.to_json()}\n".encode("utf-8", "replace")
            share = _PLAIN_SHARE if event.kind in _PLAIN else 1.0
            before = lines.get(hour, b"")
            if _size_of(self._path(hour)) + len(before) + len(line) > share * self._hour_bytes:
                self.passed_over += 1
            else:
                lines[hour] = before + line
        for hour, told in lines.items():
            self._make_folder()
            mended = self._mended(hour) + told
            # Until this has returned, nobody knows how the file ends.
            self._whole.discard(hour)
            append_durably(self._path(hour), mended, shared=True)
            self._whole.add(hour)

    def erase(self, is_over: Callable[[int], bool]) -> int:
        """Erase what began at a wall time that ``is_over``; times before one that is are over too.

        How many files that touched. Raises: MediaFailing.
        """
        touched = 0
        for hour in hours_in(self._folder):
            if not is_over(hour * NS_PER_HOUR):
                break
            if is_over((hour + 1) * NS_PER_HOUR):
                erase_durably(self._path(hour))
                touched += 1
            else:
                touched += self._thin(hour, is_over)
        return touched

    def _thin(self, hour: int, is_over: Callable[[int], bool]) -> int:
        """Take out of the hour at the border what is over."""
        path = self._path(hour)
        try:
            lines = path.read_bytes().splitlines(keepends=True)
        except OSError as refused:
            raise MediaFailing(f"{path} cannot be read ({refused.strerror})", do="check the medium") from refused
        kept = [line for line in lines if (event := decoded(line)) and not is_over(event.start_wall_ns)]
        if len(kept) == len(lines):
            return 0
        if kept:
            self._whole.discard(hour)
            replace_secret_durably(path, b"".join(kept), shared=True)
        else:
            erase_durably(path)
        return 1

    def _mended(self, hour: int) -> bytes:
        """A line end where a power cut took the last one away, so that the next line stands alone."""
        if hour in self._whole:
            return b""
        if len(self._whole) > 8:
            self._whole.clear()
        try:
            with open(self._path(hour), "rb") as file:
                file.seek(-1, os.SEEK_END)
                return b"" if file.read(1) == b"\n" else b"\n"
        except OSError:
            return b""

    def _make_folder(self) -> None:
        try:
            make_shared_folder(self._folder)
        except OSError as refused:
            raise MediaFailing(f"{self._folder} cannot be made ({refused.strerror})") from refused

    def _path(self, hour: int) -> Path:
        return path_of(self._folder, hour)


class LoggedEvents:
    """The reading side for whoever searches again and again; one thread at a time uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._decoded: dict[int, tuple[tuple[int, ...] | None, dict[str, Event]]] = {}

    def hours(self, from_wall_ns: int, to_wall_ns: int) -> list[int]:
        """The hours since 1970 that touch the range and have events."""
        return [
            hour
            for hour in hours_in(self._folder)
            if hour * NS_PER_HOUR < to_wall_ns and (hour + 1) * NS_PER_HOUR > from_wall_ns
        ]

    def events(self, hour: int) -> dict[str, Event]:
        """The events that began in ``hour`` by identity, newest revisions; not to be changed."""
        path = path_of(self._folder, hour)
        identity = identity_of(path)
        known = self._decoded.pop(hour, None)
        if known is None or known[0] != identity:
            known = identity, read_hour(path)
        self._decoded[hour] = known
        while len(self._decoded) > _MOST_HOURS_DECODED:
            del self._decoded[next(iter(self._decoded))]
        return known[1]


def read_hour(path: Path) -> dict[str, Event]:
    """The events in the file at ``path`` with their newest revisions; lines that are none are passed over."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return {}
    found: dict[str, Event] = {}
    for line in lines:
        event = decoded(line)
        if event is not None and (event.event_id not in found or found[event.event_id].revision <= event.revision):
            found[event.event_id] = event
    return found


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def decoded(line: bytes) -> Event | None:
    """The event of one line, ``None`` when it is none."""
    try:
        return Event.from_json(line.rstrip(b"\n"))
    except DataLoss:
        return None


def hour_of(wall_ns: int) -> int:
    """The hour since 1970 (UTC) in which ``wall_ns`` is; 0 for what lies before."""
    return max(wall_ns, 0) // NS_PER_HOUR


def hours_in(folder: Path) -> list[int]:
    """The hours of which ``folder`` has a file, oldest first; none where it cannot be read."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    stems = [name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)]
    return sorted(int(stem) for stem in stems if stem.isascii() and stem.isdecimal() and len(stem) < 16)


def path_of(folder: Path, hour: int) -> Path:
    """The file of ``hour``."""
    return folder / f"{hour}{_ENDING}"


def erase_all(folder: Path) -> int:
    """Erase every file of the log; how many there were. Raises: MediaFailing."""
    hours = hours_in(folder)
    for hour in hours:
        erase_durably(path_of(folder, hour))
    return len(hours)
