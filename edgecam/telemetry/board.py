"""How the board is: temperature, throttling, memory, disk, load and radio, read from /sys and /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgecam.telemetry.throttling import ThrottlingReading, read_throttling

_CPU_WORDS = ("cpu", "soc", "x86_pkg", "k10temp", "acpitz")
_RESIDENT = 1  # proc(5), statm: size resident shared …


@dataclass(frozen=True, slots=True)
class BoardReading:
    """One look at the board; ``None`` where it has no such sensor or file."""

    cpu_temperature_c: float | None = None
    cpu_frequency_mhz: float | None = None
    throttling: ThrottlingReading | None = None
    memory_available_bytes: int | None = None
    memory_total_bytes: int | None = None
    disk_free_bytes: int | None = None
    disk_read_only: bool | None = None
    load_1min: float | None = None
    uptime_s: float | None = None
    wifi_signal_dbm: float | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """Reads the board; ``folder`` is on the disk that is told of. A look costs a few small reads.

    ``programs`` says where the board's own programs are, as PATH does; ``None``: in this process's.
    """

    folder: Path
    proc: Path = Path("/proc")
    sys: Path = Path("/sys")
    programs: str | None = None

    def read(self) -> BoardReading:
        memory = self._memory()
        disk_free_bytes, disk_read_only = self._disk()
        kilohertz = _first_number(self.sys / "devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")
        return BoardReading(
            cpu_temperature_c=self._cpu_temperature_c(),
            cpu_frequency_mhz=None if kilohertz is None else kilohertz / 1000,
            throttling=read_throttling(self.sys, self.programs),
            memory_available_bytes=memory.get("MemAvailable"),
            memory_total_bytes=memory.get("MemTotal"),
            disk_free_bytes=disk_free_bytes,
            disk_read_only=disk_read_only,
            load_1min=_first_number(self.proc / "loadavg"),
            uptime_s=_first_number(self.proc / "uptime"),
            wifi_signal_dbm=min(self._wifi_signals_dbm(), default=None),
        )

    def model(self) -> str:
        """The board's name as its device tree has it, empty where there is none."""
        return _text(self.proc / "device-tree/model").strip("\0\n ")

    def memory_of(self, pid: int) -> int | None:
        """Resident bytes of process ``pid``; ``None`` when there is none."""
        words = _text(self.proc / str(pid) / "statm").split()
        if len(words) <= _RESIDENT or not words[_RESIDENT].isdecimal():
            return None
        return int(words[_RESIDENT]) * os.sysconf("SC_PAGE_SIZE")

    def _memory(self) -> dict[str, int]:
        """Bytes by name; the format is proc(5)'s ``Name:   123 kB``."""
        found: dict[str, int] = {}
        for line in _text(self.proc / "meminfo").splitlines():
            name, _, rest = line.partition(":")
            number = rest.split()[:1]
            if name in ("MemTotal", "MemAvailable") and number and number[0].isdecimal():
                found[name] = int(number[0]) * 1024
        return found

    def _cpu_temperature_c(self) -> float | None:
        """The processor's thermal zone where one is named so, else the first that reads; millidegrees in /sys."""
        zones = sorted((self.sys / "class/thermal").glob("thermal_zone*"))
        zones.sort(key=lambda zone: not _text(zone / "type").lower().startswith(_CPU_WORDS))
        readings = (_first_number(zone / "temp") for zone in zones)
        millidegrees = next((reading for reading in readings if reading is not None), None)
        return None if millidegrees is None else millidegrees / 1000

    def _wifi_signals_dbm(self) -> Iterator[float]:
        """The level of each wireless interface: two lines of headings, then ``wlan0: 0000 54. -56. -256 …``."""
        for line in _text(self.proc / "net/wireless").splitlines()[2:]:
            words = line.partition(":")[2].split()
            level = _number(words[2].rstrip(".")) if len(words) > 2 else None
            # Drivers that do not know decibels give a share of something, which is not below 0; -256 is none.
            if level is not None and -256 < level < 0:
                yield level

    def _disk(self) -> tuple[int | None, bool | None]:
        try:
            disk = os.statvfs(self.folder)
        except OSError:
            return None, None
        return disk.f_bavail * disk.f_frsize, bool(disk.f_flag & os.ST_RDONLY)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _first_number(path: Path) -> float | None:
    words = _text(path).split()
    return _number(words[0]) if words else None


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
