"""Readings of the board, from this machine and from a drawn /proc and /sys."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from edgecam.telemetry.board import Board, BoardReading

WIRELESS = """Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   54.  -56.  -256        0      0      0      0     12        0
 wlan1: 0000   30.  -71.  -256        0      0      0      0      0        0
  old0: 0000   80.   80.    0         0      0      0      0      0        0
"""

VCGENCMD = """import sys
assert sys.argv[1:] == ["get_throttled"]
print("throttled=0x50005")
"""


def _drawn(folder: Path) -> Board:
    board = Board(folder, folder / "proc", folder / "sys", str(folder / "bin"))
    (board.proc / "net").mkdir(parents=True)
    (board.proc / "meminfo").write_text(
        "MemTotal:  4000 kB\nMemFree:  100 kB\nMemAvailable:  1500 kB\nHugePages: 0\n"
    )
    (board.proc / "loadavg").write_text("0.52 0.40 0.30 1/200 4711\n")
    (board.proc / "uptime").write_text("3600.25 7000.00\n")
    (board.proc / "net" / "wireless").write_text(WIRELESS)
    (board.proc / "4711").mkdir()
    (board.proc / "4711" / "statm").write_text("50000 250 100 1 0 200 0\n")
    for number, kind, millidegrees in ((0, "iwlwifi_1", "30000"), (1, "cpu-thermal", "61234")):
        zone = board.sys / "class" / "thermal" / f"thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "type").write_text(kind + "\n")
        (zone / "temp").write_text(millidegrees + "\n")
    frequency = board.sys / "devices" / "system" / "cpu" / "cpu0" / "cpufreq"
    frequency.mkdir(parents=True)
    (frequency / "scaling_cur_freq").write_text("1500000\n")
    return board


@pytest.mark.row("T4")
def test_a_board_is_read_in_the_units_of_its_names(tmp_path: Path) -> None:
    board = _drawn(tmp_path)
    reading = board.read()
    assert reading.cpu_temperature_c == 61.234  # the processor's own zone counts
    assert reading.cpu_frequency_mhz == 1500
    assert (reading.memory_total_bytes, reading.memory_available_bytes) == (4_096_000, 1_536_000)
    assert (reading.load_1min, reading.uptime_s) == (0.52, 3600.25)
    assert reading.wifi_signal_dbm == -71  # the weakest; what is no decibels does not count
    assert reading.disk_free_bytes is not None
    assert reading.disk_read_only is False
    assert board.memory_of(4711) == 250 * os.sysconf("SC_PAGE_SIZE")
    assert board.memory_of(4712) is None


def test_what_is_missing_or_broken_is_unknown(tmp_path: Path) -> None:
    board = _drawn(tmp_path)
    for path in (*board.proc.rglob("*"), *board.sys.rglob("*")):
        if path.is_file():
            path.write_bytes(b"\xff\xfe nonsense\n\xff\n\n\xff: x\n")
    reading = Board(tmp_path / "away", board.proc, board.sys, "").read()
    assert {getattr(reading, field.name) for field in fields(BoardReading)} == {None}
    assert board.memory_of(4711) is None
    (board.proc / "net" / "wireless").unlink()
    assert Board(tmp_path, board.proc, board.sys, "").read().wifi_signal_dbm is None


def test_a_disk_that_became_read_only_is_told(tmp_path: Path) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(mounted)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
    try:
        assert Board(mounted).read().disk_read_only is True
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


@pytest.mark.row("T4")
def test_throttling_is_what_vcgencmd_says_where_the_kernel_says_nothing(tmp_path: Path) -> None:
    board = _drawn(tmp_path)
    assert board.read().throttling is None
    program = tmp_path / "bin" / "vcgencmd"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{VCGENCMD}")
    program.chmod(0o755)
    read = board.read().throttling
    assert read is not None
    assert read.now == read.since_boot == ("undervoltage", "throttled")
    program.write_text("#!/bin/sh\nexit 3\n")
    assert board.read().throttling is None


@pytest.mark.row("T4")
def test_the_kernels_own_word_on_throttling_comes_first(tmp_path: Path) -> None:
    board = _drawn(tmp_path)
    firmware = board.sys / "devices" / "platform" / "soc" / "soc:firmware"
    firmware.mkdir(parents=True)
    (firmware / "get_throttled").write_text("80008\n")
    read = board.read().throttling
    assert read is not None
    assert read.now == read.since_boot == ("soft_temperature_limit",)


def test_this_machine_has_memory_a_disk_and_an_uptime(tmp_path: Path) -> None:
    board = Board(tmp_path)
    reading = board.read()
    assert reading.memory_total_bytes is not None
    assert reading.memory_available_bytes is not None
    assert 0 < reading.memory_available_bytes <= reading.memory_total_bytes
    assert reading.uptime_s is not None
    assert reading.uptime_s > 0
    assert reading.disk_free_bytes is not None
    memory_bytes = board.memory_of(os.getpid())
    assert memory_bytes is not None
    assert 1_000_000 < memory_bytes < reading.memory_total_bytes


@pytest.mark.row("T3")
def test_the_boards_name_is_what_its_device_tree_says(tmp_path: Path) -> None:
    board = Board(tmp_path, proc=tmp_path / "proc")
    assert board.model() == ""
    (tmp_path / "proc" / "device-tree").mkdir(parents=True)
    (tmp_path / "proc" / "device-tree" / "model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.5\0")
    assert board.model() == "Raspberry Pi 4 Model B Rev 1.5"
