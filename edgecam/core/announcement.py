"""What one process tells the others ahead: a word and the stretch of time for which it holds, in a file in RAM."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from edgecam.core.durable import identity_of, open_shared
from edgecam.core.told import name, whole_number

_MOST_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Announcement:
    """``what`` holds from ``from_mono_ns`` to before ``until_mono_ns``, of the clock that counts from boot."""

    what: str
    from_mono_ns: int
    until_mono_ns: int

    def covers(self, mono_ns: int) -> bool:
        """Whether it holds at ``mono_ns``."""
        return self.from_mono_ns <= mono_ns < self.until_mono_ns


def announce(path: Path, told: Announcement) -> None:
    """Replace what the file at ``path`` (in RAM) tells. Raises: OSError."""
    beside = path.with_name(f".{path.name}.new")
    descriptor = open_shared(beside, os.O_WRONLY | os.O_TRUNC)
    with open(descriptor, "w") as file:
        json.dump(asdict(told), file)
    os.replace(beside, path)


def decode_announcement(data: bytes) -> Announcement | None:
    """What ``data`` tells; ``None`` when nothing can be made of it."""
    try:
        fields = json.loads(data)
        return Announcement(
            name(fields["what"]), whole_number(fields["from_mono_ns"]), whole_number(fields["until_mono_ns"])
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


class FollowedAnnouncement:
    """The newest announcement at one place; reads the file only when it is another. One thread uses it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, ...] | None = None
        self._told: Announcement | None = None

    def newest(self) -> Announcement | None:
        """What was told last; ``None`` while nobody told anything that can be read."""
        identity = identity_of(self._path)
        if identity != self._identity or identity is None:
            self._identity, self._told = identity, self._read()
        return self._told

    def covers(self, mono_ns: int) -> bool:
        """Whether what was told last holds at ``mono_ns``."""
        told = self.newest()
        return told is not None and told.covers(mono_ns)

    def _read(self) -> Announcement | None:
        try:
            with self._path.open("rb") as file:
                return decode_announcement(file.read(_MOST_BYTES))
        except OSError:
            return None
