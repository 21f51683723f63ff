"""CPU time and peak memory of a process and all it started, as the kernel counts them (proc(5))."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM, _REAPED_USER, _REAPED_SYSTEM = 1, 11, 12, 13, 14


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment; ``cpu_s`` counts its threads and those of its children that have ended."""

    pid: int
    parent: int
    command: str
    cpu_s: float
    peak_rss_mb: float


def tree(root: int) -> dict[int, Process]:
    """``root`` and everything below it that runs now, by process id."""
    found = {process.pid: process for process in map(_look, _all_pids()) if process is not None}
    kept = {root: found[root]} if root in found else {}
    while more := {pid: p for pid, p in found.items() if p.parent in kept and pid not in kept}:
        kept |= more
    return kept


def part_of(process: Process) -> str:
    """Which part of the agent this is."""
    for part in ("recorder", "observer", "hub"):
        if f"edgecam.{part}" in process.command:
            return part
    return "supervisor" if "-m edgecam run" in process.command else "broker"


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _look(pid: int) -> Process | None:
    folder = Path(f"/proc/{pid}")
    try:
        # The name in brackets may hold anything, spaces and brackets included.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        status = (folder / "status").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    ticks = sum(int(fields[index]) for index in (_USER, _SYSTEM, _REAPED_USER, _REAPED_SYSTEM))
    return Process(pid, int(fields[_PARENT]), command, ticks / _TICKS_PER_S, _peak_rss_mb(status))


def _peak_rss_mb(status: str) -> float:
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0
