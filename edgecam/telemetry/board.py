"""How the board is: temperature, memory, disk, load and uptime, read from /sys and /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_CPU_WORDS = ("cpu", "soc", "x86_pkg", "k10temp", "acpitz")


@dataclass(frozen=True, slots=True)
class BoardReading:
    """One look at the board; ``None`` where it has no such sensor or file."""

    cpu_temperature_c: float | None
    memory_available_bytes: int | None
    memory_total_bytes: int | None
    disk_free_bytes: int | None
    load_1min: float | None
    uptime_s: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """Reads the board; ``folder`` is on the disk whose free bytes count. A look costs a few small reads."""

    folder: Path
    proc: Path = Path("/proc")
    thermal: Path = Path("/sys/class/thermal")

    def read(self) -> BoardReading:
        memory = self._memory()
        return BoardReading(
            cpu_temperature_c=self._cpu_temperature_c(),
            memory_available_bytes=memory.get("MemAvailable"),
            memory_total_bytes=memory.get("MemTotal"),
            disk_free_bytes=self._disk_free_bytes(),
            load_1min=_first_number(self.proc / "loadavg"),
            uptime_s=_first_number(self.proc / "uptime"),
        )

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
        zones = sorted(self.thermal.glob("thermal_zone*"))
        zones.sort(key=lambda zone: not _text(zone / "type").lower().startswith(_CPU_WORDS))
        readings = (_first_number(zone / "temp") for zone in zones)
        millidegrees = next((reading for reading in readings if reading is not None), None)
        return None if millidegrees is None else millidegrees / 1000

    def _disk_free_bytes(self) -> int | None:
        try:
            disk = os.statvfs(self.folder)
        except OSError:
            return None
        return disk.f_bavail * disk.f_frsize


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _first_number(path: Path) -> float | None:
    words = _text(path).split()
    try:
        return float(words[0]) if words else None
    except ValueError:
        return None
