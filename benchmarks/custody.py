"""What the register costs: a line's wait, the pace of proving it, a year's bytes; and a disclosure, in clicks.

**Append.** `Register.write` of a view's line, its flush included, to a register of some thousand lines, in turn
with a plain append of as many bytes and ``fdatasync`` to another file on the same disk; who is first changes. The
aim is 1.5 times the plain p99 of the same run.

**Verify.** A register of a million lines, made as the camera makes them but without a flush each, proved by
`verify_register` twice; the faster pass counts. Beside it the limit: reading the same file and hashing each line
with SHA-256, no more. The aim is a million lines in 30 s.

**A year.** The bytes of one day's lines, written by the very functions that write them on a camera, times 365: an
erasure for each ten minutes of ring, and for 100 of the album's (250 events that lie in so many different ten
minutes), 2 gaps, 5 searches and 15 views on the page, one export a month and one hold a quarter with their ends.
In proportion: erasures are nearly all of it.

**Clicks.** From "the police asks for last Tuesday 14:00 to 15:00" to a finished disclosure on the page, counted
by a browser that does it.

``EDGECAM_BENCH_CACHE`` is the folder whose disk is measured. Three minutes, and 0.6 GB for a while.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.machine import machine
from parts.measured import Measure, measured
from parts.ringdisk import work_folder

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.custody.register.erasures import register_erasures
from edgecam.custody.register.gap_line import register_gap
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import NO_LINE_BEFORE, Act, RegisterLine
from edgecam.keys.camera import CameraKey, create_camera_key
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import ErasureReason, GapCause
from edgecam.ringbuffer.gaps import Gap

_BEGAN_NS = 1_790_000_000 * NS_PER_S
_DAYS = 365
_AIM_CLICKS = 12


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    appends: int = 2000
    before: int = 5000
    lines: int = 1_000_000
    clicks: bool = True


def measure(extent: Extent | None = None) -> dict[str, object]:
    """Run it all. Raises: MediaFailing."""
    extent = extent or Extent()
    with work_folder() as folder:
        key = create_camera_key(folder / "camera.key")
        measures = [
            _append(folder, key, extent),
            _verify(folder, key, extent.lines),
            _year(folder, key),
            _clicks(extent.clicks),
        ]
    return {"bench": "custody", "machine": machine(), "measures": measures}


def _append(folder: Path, key: CameraKey, extent: Extent) -> Measure:
    path = folder / "append.jsonl"
    _make(path, key, extent.before)
    register, plain = Register(path, key.sign, key.public), _Plain(folder / "plain")
    data = _line(key, 1, NO_LINE_BEFORE).encode()
    ours: list[float] = []
    limit: list[float] = []
    try:
        for number in range(extent.appends):
            turns: list[tuple[list[float], Callable[[], object]]] = [
                (ours, lambda: _view(register)),
                (limit, lambda: plain.append(data)),
            ]
            for into, act in turns if number % 2 else reversed(turns):
                into.append(_seconds(act))
    finally:
        plain.close()
    path.unlink()
    found, peer = _ms(ours), _ms(limit)
    told = ", ".join(
        f"{name} {a:.2f} beside {b:.2f}" for name, a, b in zip(("median", "p99"), found, peer, strict=True)
    )
    beside = f"{extent.appends} lines of {len(data)} bytes; ms, ours beside plain append and fdatasync: {told}"
    return measured("register_append_p99_ms", round(found[1], 2), "ms", round(1.5 * peer[1], 2), beside)


def _verify(folder: Path, key: CameraKey, lines: int) -> Measure:
    path = folder / "long.jsonl"
    _make(path, key, lines)
    passes = []
    for _ in range(2):
        begun, cpu = time.perf_counter(), time.process_time()
        verdict = verify_register(path, key.public)
        passes.append((time.perf_counter() - begun, time.process_time() - cpu))
        assert verdict.genuine, verdict.fault
        assert verdict.lines == lines
    hashing_s = _seconds(lambda: _hashed(path))
    wall_s, cpu_s = min(passes)
    beside = (
        f"{lines} lines, {path.stat().st_size / 1e6:.0f} MB: {wall_s:.1f} s, {cpu_s:.1f} s of CPU; "
        f"the lines' hashes alone {hashing_s:.1f} s"
    )
    path.unlink()
    aim = 1_000_000 / 30
    return measured("register_lines_verified_per_s", round(lines / wall_s), "lines/s", round(aim), beside, "higher")


def _year(folder: Path, key: CameraKey) -> Measure:
    path = folder / "day.jsonl"
    register = Register(path, key.sign, key.public)
    _day(register)
    erasures = sum(len(line) for line in path.read_bytes().splitlines(keepends=True) if b'"erasure"' in line)
    total = path.stat().st_size
    count = path.read_bytes().count(b"\n")
    path.unlink()
    _quarter(register)
    seldom = path.stat().st_size * 4 / _DAYS
    path.unlink()
    a_year = (total + seldom) * _DAYS / 1e6
    beside = f"{count} lines a day, {erasures / total:.0%} of their bytes erasures; 1 MB is 10^6 bytes"
    return measured("register_mb_per_year", round(a_year, 1), "MB", 100, beside)


def _day(register: Register) -> None:
    """What the processes of a camera write on an ordinary day."""
    ten_minutes_ns = 600 * NS_PER_S
    for number in range(144):
        begun_ns = _BEGAN_NS + number * ten_minutes_ns
        ended_ns = begun_ns + ten_minutes_ns
        erasure = Erasure(100_000 + number, begun_ns, ended_ns, ErasureReason.DUE, verified=True)
        register_erasures(register, [erasure], "recorder")
        if number < 100:
            register_erasures(register, [erasure], "observer", "retention of the album")
    for number in range(2):
        length_ns = 9 * NS_PER_S
        gap = Gap(_BEGAN_NS, _BEGAN_NS + length_ns, length_ns, GapCause.RESTART, 1_000_000 + number)
        register_gap(register, gap)
    for number in range(20):
        act, purpose = (Act.VIEW, "viewing on the camera's page") if number % 4 else (
            Act.SEARCH, "looking for a moment on the camera's page"
        )  # fmt: skip
        register.write(act, who="owner", purpose=purpose, footage=(_BEGAN_NS, _BEGAN_NS + ten_minutes_ns))


def _quarter(register: Register) -> None:
    """Three exports and a hold."""
    for _ in range(3):
        asked = register.write(
            Act.COPY, who="owner", purpose="owner's copy", footage=(1, 2), detail={"file": "copy.mp4"}
        )
        register.complete(asked, {"outcome": "done", "files": "copy.mp4", "sha256": "ab" * 32, "segments": "3600"})
    held = register.write(Act.HOLD, who="owner", purpose="an accident", footage=(1, 2), detail={"hold": "h" * 20})
    for _ in range(3):
        register.complete(held, {"outcome": "done", "segments": "3600", "damaged": "0"})


def _clicks(wanted: bool) -> Measure:
    """Counted by a browser where there is one: ``parts.clicks`` knows the page."""
    value: float | None = None
    beside = "not counted"
    if wanted:
        try:
            value, beside = importlib.import_module("parts.clicks").disclosure_clicks()
        except ImportError as missing:
            beside = f"not counted: {missing}"
    return measured("disclosure_clicks", value, "clicks", _AIM_CLICKS, beside)


class _Plain:
    """The limit: a file that only grows, each time by one write and a flush."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, data: bytes) -> None:
        os.write(self._descriptor, data)
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _make(path: Path, key: CameraKey, lines: int) -> None:
    """A true register of so many lines, flushed once."""
    previous = NO_LINE_BEFORE
    with path.open("wb") as file:
        for sequence in range(1, lines + 1):
            line = _line(key, sequence, previous)
            data = line.encode()
            previous = hashlib.sha256(data).digest()
            file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _line(key: CameraKey, sequence: int, previous: bytes) -> RegisterLine:
    at_ns = _BEGAN_NS + sequence * NS_PER_S
    unsigned = RegisterLine(
        sequence, at_ns, TimeTrust.SYNCED, "owner", Act.VIEW, None, at_ns - 600 * NS_PER_S, at_ns,
        "viewing on the camera's page", {}, previous,
    )  # fmt: skip
    return replace(unsigned, signature=key.sign(unsigned.body()))


def _view(register: Register) -> None:
    footage = (_BEGAN_NS, _BEGAN_NS + 600 * NS_PER_S)
    register.write(Act.VIEW, who="owner", purpose="viewing on the camera's page", footage=footage)


def _hashed(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            hashlib.sha256(line).digest()


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _ms(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    cuts = quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


if __name__ == "__main__":
    for told in measure()["measures"]:  # type: ignore[attr-defined]
        print(told)
