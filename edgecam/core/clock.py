"""The only caller of ``time.*``: wall time with its trust, and time that cannot jump."""

from __future__ import annotations

import ctypes
import os
import time
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Protocol

NS_PER_S = 1_000_000_000
# No edgecam existed before this; a wall clock that claims so was never set (boards start in 1970).
_EARLIEST_WALL_NS = 1_735_689_600 * NS_PER_S  # 2025-01-01T00:00:00Z
_STA_UNSYNC = 0x0040  # <sys/timex.h>
# Names the file that holds the saved time, where a system sets its clock by one. An init may move a clock of 1970
# to its own build date: without that file nobody ever knew the time here.
SAVED_TIME = "EDGECAM_SAVED_TIME"


class TimeTrust(IntEnum):
    """How far the wall clock may be believed; the number stands in the ring's records."""

    UNSET = 0
    RESTORED = 1
    SYNCED = 2


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment, told four ways.

    ``mono_ns`` counts from boot, suspend included, and only means something beside ``boot_id``.
    """

    wall_ns: int
    mono_ns: int
    boot_id: bytes
    trust: TimeTrust


class Clock(Protocol):
    """Where time comes from; the real one is `SystemClock`, tests bring their own."""

    def now(self) -> Instant: ...

    def mono_ns(self) -> int: ...

    def sleep(self, duration_s: float) -> None: ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        wall_ns = time.time_ns()
        return Instant(wall_ns, self.mono_ns(), boot_id(), _trust(wall_ns))

    def mono_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def sleep(self, duration_s: float) -> None:
        if duration_s > 0:
            time.sleep(duration_s)


def set_wall(wall_ns: int) -> None:
    """Set the machine's wall clock. Raises: OSError, PermissionError too."""
    time.clock_settime_ns(time.CLOCK_REALTIME, wall_ns)


def slept_ns() -> int:
    """How long the machine has slept since it booted, in nanoseconds."""
    # Two clocks cannot be read at once. Read in this order a delay makes the sleep look shorter, never longer.
    readings = (
        time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC) for _ in range(3)
    )
    return max(0, *readings)


@cache
def boot_id() -> bytes:
    """The kernel's random identity of this boot, 16 bytes."""
    return bytes.fromhex(Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", ""))


class _Timex(ctypes.Structure):
    # Only ``modes`` (first) and ``status`` are used; the rest keeps the kernel's size of struct timex.
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 200),
    )


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _trust(wall_ns: int) -> TimeTrust:
    if wall_ns < _EARLIEST_WALL_NS:
        return TimeTrust.UNSET
    timex = _Timex()
    synced = _libc().adjtimex(ctypes.byref(timex)) >= 0 and not timex.status & _STA_UNSYNC
    if synced:
        return TimeTrust.SYNCED
    saved = os.environ.get(SAVED_TIME)
    return TimeTrust.RESTORED if saved is None or os.path.exists(saved) else TimeTrust.UNSET
