"""Readings of the board, from this machine and from a drawn /proc and /sys."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgecam.telemetry.board import Board


def _drawn(folder: Path) -> Board:
    proc, thermal = folder / "proc", folder / "thermal"
    proc.mkdir()
    (proc / "meminfo").write_text("MemTotal:  4000 kB\nMemFree:  100 kB\nMemAvailable:  1500 kB\nHugePages: 0\n")
    (proc / "loadavg").write_text("0.52 0.40 0.30 1/200 4711\n")
    (proc / "uptime").write_text("3600.25 7000.00\n")
    for number, kind, millidegrees in ((0, "iwlwifi_1", "30000"), (1, "cpu-thermal", "61234")):
        zone = thermal / f"thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "type").write_text(kind + "\n")
        (zone / "temp").write_text(millidegrees + "\n")
    return Board(folder, proc, thermal)


@pytest.mark.row("T4")
def test_the_processors_own_zone_counts_and_kilobytes_become_bytes(tmp_path: Path) -> None:
    reading = _drawn(tmp_path).read()
    assert reading.cpu_temperature_c == 61.234
    assert (reading.memory_total_bytes, reading.memory_available_bytes) == (4_096_000, 1_536_000)
    assert (reading.load_1min, reading.uptime_s) == (0.52, 3600.25)
    assert reading.disk_free_bytes is not None


def test_what_is_missing_or_broken_is_unknown(tmp_path: Path) -> None:
    board = _drawn(tmp_path)
    (board.proc / "loadavg").write_text("nonsense")
    (board.proc / "uptime").write_bytes(b"\xff\xfe")
    (board.proc / "meminfo").unlink()
    for zone in board.thermal.iterdir():
        (zone / "temp").write_text("")
    reading = Board(tmp_path / "away", board.proc, board.thermal).read()
    assert set(
        (reading.cpu_temperature_c, reading.memory_total_bytes, reading.load_1min, reading.uptime_s,
         reading.disk_free_bytes)
    ) == {None}  # fmt: skip


def test_this_machine_has_memory_a_disk_and_an_uptime(tmp_path: Path) -> None:
    reading = Board(tmp_path).read()
    assert reading.memory_total_bytes is not None
    assert reading.memory_available_bytes is not None
    assert 0 < reading.memory_available_bytes <= reading.memory_total_bytes
    assert reading.uptime_s is not None
    assert reading.uptime_s > 0
    assert reading.disk_free_bytes is not None
