"""What else the machine does while a fleet is measured on it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from parts.processes import tree

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_IDLE, _WAITING = 3, 4  # of the first line of /proc/stat, see proc(5)


class Neighbours:
    """Counts the CPU of everybody who is not this process or below it, from when it is made."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._busy_s, self._own_s = _busy_s(), _own_s()

    def told(self) -> str:
        """In words: how many cores they took, and the load average."""
        took_s = time.monotonic() - self._began_s
        others = max(0.0, (_busy_s() - self._busy_s) - (_own_s() - self._own_s)) / took_s
        return f"others took {others:.2f} cores, load {os.getloadavg()[0]:.1f}"


def _busy_s() -> float:
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[_IDLE] - ticks[_WAITING]) / _TICKS_PER_S


def _own_s() -> float:
    return sum(process.cpu_s for process in tree(os.getpid()).values())
