"""How often a part was started since the board was, and how soon it is to be started anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edgecam.core.clock import NS_PER_S
from edgecam.core.durable import open_shared
from edgecam.core.errors import MediaFailing

# A part that lived this long was healthy: its next death is answered at once.
HEALTHY_S: Final = 10.0
# Waits before the second, third ... restart in a row; the first is immediate, so that a kill costs little.
BACK_OFF_S: Final[Mapping[str, tuple[float, ...]]] = {
    "recorder": (0.0, 0.25, 0.5, 1.0),
    "observer": (0.0, 1.0, 5.0, 15.0, 30.0),
    "hub": (0.0, 1.0, 5.0, 15.0, 30.0),
}
_MOST_SIZE_BYTES = 128
_NUMBERS = 4


def back_off_s(part: str, falls: int) -> float:
    """How long ``part`` waits that fell ``falls`` times in a row before this."""
    waits = BACK_OFF_S[part]
    return waits[min(falls, len(waits) - 1)]


@dataclass(frozen=True, slots=True)
class Starts:
    """Of one part, in RAM, so since the board's own start: four numbers in a line.

    ``count`` is how often it was started, ``falls`` how often in a row it ended early before that;
    ``at_mono_ns`` is when it was started last (0: and was told to end since), and until
    ``no_command_until_ns`` a command to restart it waits.
    """

    count: int = 0
    falls: int = 0
    at_mono_ns: int = 0
    no_command_until_ns: int = 0

    def next(self, now_mono_ns: int) -> Starts:
        """As of one more start, now."""
        early = self.at_mono_ns > 0 and now_mono_ns - self.at_mono_ns < HEALTHY_S * NS_PER_S
        return replace(self, count=self.count + 1, falls=self.falls + 1 if early else 0, at_mono_ns=now_mono_ns)

    def ended_by_order(self, no_command_until_ns: int) -> Starts:
        """As of a part that is not to wait before its next start, because it was told to end."""
        return replace(self, falls=0, at_mono_ns=0, no_command_until_ns=no_command_until_ns)

    def write(self, path: Path) -> None:
        """Make ``path`` tell this. Raises: MediaFailing."""
        numbers = (self.count, self.falls, self.at_mono_ns, self.no_command_until_ns)
        beside = path.with_name(f".{path.name}.new")
        try:
            with open(open_shared(beside, os.O_WRONLY | os.O_TRUNC), "wb") as file:
                file.write(" ".join(map(str, numbers)).encode())
            os.replace(beside, path)
        except OSError as refused:
            raise MediaFailing(
                f"{path} could not be written ({refused.strerror})", do="make room in RAM"
            ) from refused


def read_starts(path: Path) -> Starts:
    """What ``path`` tells; none when there is nothing that can be read."""
    try:
        with open(path, "rb") as file:
            words = file.read(_MOST_SIZE_BYTES).split()
    except OSError:
        return Starts()
    if len(words) != _NUMBERS or not all(word.isdigit() for word in words):
        return Starts()
    return Starts(*map(int, words))
