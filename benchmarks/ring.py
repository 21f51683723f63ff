"""What keeping costs: the ring's CPU, its writes, its waits, its start, its search, its memory; each beside a peer.

**CPU.** The pipeline bench's 32 s of 1080p15 (masks burnt in) are encoded with the settings as shipped, and each
fragment is committed to a file on the disk as soon as it is there: hashes, encryption, signature, one write, one
flush. Both are counted as the process' CPU time (user and system) around the calls; what the kernel's own threads
do for a flush is in neither.

**Bytes written.** A ring that is a loop device of its own is filled once, then the device's written sectors are
counted over two more laps, during which each new epoch erases the oldest one. Fragments have the sizes that came
out of the encoder. Beside it, the same with a file on ext4 there; and with a retention that is over before the ring
is full, when the bytes of what is due are zeroed too (on a loop device a command; a card without such a command
writes them). Who is not root has the process' own account instead.

**Pace and waits.** A ring and a plain file of the same size, large enough for epochs of ten minutes, lie on one
disk, both written over before. In turn, each takes fragments of one size, one write and one flush each: the peer is
``pwrite`` and ``fdatasync`` of the same bytes. The pace is the median of ratios of rounds; waits alternate commit
by commit.

**Opening and finding.** Full rings of several sizes, see `parts/ringfull.py`. Opening is what a recorder does when
it starts: superblock, slots, the newest epoch's headers, the last body; the page cache is dropped before (without
root: the ring's pages). A minute is found as the page does it: which epochs live now, then the headers of the
minute, 100 random ones, each after the ring's pages were dropped.

**Memory.** A process of its own opens the largest ring and commits to it. Its peak is beside that of one with the
same imports that does nothing, and of a bare Python.

``EDGECAM_BENCH_CACHE`` is the folder with the frames; the disk it lies on is the one that is measured, and takes
5 GB for a while. Two minutes on a quiet machine; how far it has come is told on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.footage import FPS, footage
from parts.machine import machine
from parts.measured import Measure, measured
from parts.ringcamera import RingCamera
from parts.ringcommits import Form, Pace, Written, pace, side_by_side, waits, written, written_as_process
from parts.ringcpu import Stream, encoded_and_committed, pictures_of
from parts.ringdisk import can_loop, work_folder
from parts.ringfull import FullRing
from parts.ringopening import Opening, opening
from parts.ringprocess import Memory, bare_python, memory_of

from edgecam.core.picture import Picture

_FORMS: tuple[Form, ...] = ("device", "ext4", "ext4 lazytime", "device retention", "ext4 retention")
_CPU_RING_SIZE = 64 << 20


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. Sizes in bytes but for ``rings_gib``; the last of these is the one that is judged."""

    pictures: Callable[[], Iterator[Picture]]
    frames: int
    streams: int
    device_size: int
    laps: int
    beside_size: int
    realistic_size: int
    large_size: int
    rounds: int
    round_bytes: int
    commits: int
    rings_gib: tuple[float, ...]
    minutes: int


def measure(extent: Extent | None = None) -> dict[str, object]:
    """Run it all. Raises: BadInput without the footage."""
    extent = extent or _whole()
    with work_folder() as folder:
        return {"bench": "ring", "machine": machine(), "measures": list(_measures(extent, folder))}


def _whole() -> Extent:
    _say("looking for the frames; making them takes about a minute")
    masked = footage().masked
    return Extent(
        pictures=lambda: pictures_of(masked),
        frames=480,
        streams=2,
        device_size=128 << 20,
        laps=2,
        beside_size=2560 << 20,
        realistic_size=250_000,
        large_size=4_000_000,
        rounds=7,
        round_bytes=64_000_000,
        commits=1500,
        rings_gib=(1, 8, 64, 512),
        minutes=100,
    )


def _measures(extent: Extent, folder: Path) -> Iterator[Measure]:
    camera = RingCamera(os.urandom(32))
    _say("encoding and committing")
    streams = [
        encoded_and_committed(extent.pictures(), FPS, extent.frames, folder / "cpu", _CPU_RING_SIZE, camera)
        for _ in range(extent.streams)
    ]
    yield _cpu(streams)
    yield _written(extent, folder, streams[0].sizes)
    _say("committing beside plain writes")
    with side_by_side(folder, extent.beside_size, camera) as (appending, plain):
        realistic, large = (
            pace(appending, plain, size, extent.rounds, max(1, extent.round_bytes // size))
            for size in (extent.realistic_size, extent.large_size)
        )
        yield _pace(extent, realistic, large)
        yield _waits(extent, *waits(appending, plain, extent.realistic_size, extent.commits))
    openings, largest = _openings(extent, folder, camera)
    yield _recovery(openings)
    yield _seek(openings)
    _say("counting memory")
    idle = memory_of(None, camera.seed, 0, 0, 0)
    busy = memory_of(largest.path, camera.seed, largest.end_second, extent.realistic_size, 50)
    yield _memory(busy, idle, bare_python(), largest)


def _openings(extent: Extent, folder: Path, camera: RingCamera) -> tuple[list[Opening], FullRing]:
    openings, ring = [], None
    for gib in extent.rings_gib:
        _say(f"opening and searching a full ring of {gib:g} GiB")
        if ring is not None:
            ring.path.unlink()
        opened, ring = opening(folder, gib, extent.minutes, camera)
        openings.append(opened)
    assert ring is not None
    return openings, ring


def _cpu(streams: list[Stream]) -> Measure:
    ratios = [stream.committing_s / stream.encoding_s for stream in streams]
    sizes = streams[0].sizes
    ms = 1e3 * median(stream.committing_s / len(stream.sizes) for stream in streams)
    beside = (
        f"CPU s a second of video: encoding {median(s.encoding_s / len(s.sizes) for s in streams):.4f}, committing "
        f"{median(s.committing_s / len(s.sizes) for s in streams):.5f}; {ms:.2f} ms a fragment of "
        f"{median(sizes) / 1000:.0f} kB; rounds {_list(ratios, 4)}"
    )
    return measured("ring_cpu_share_of_encode", round(median(ratios), 4), "ratio", 0.02, beside)


def _written(extent: Extent, folder: Path, sizes: list[int]) -> Measure:
    fragments = [os.urandom(size) for size in sizes]
    name, aim, mean = "write_amplification", 1.02, f"fragments of {sum(sizes) / len(sizes) / 1000:.0f} kB"
    if not can_loop():
        _say("counting bytes written, by the process' own account")
        told = written_as_process(folder, extent.device_size, fragments, extent.laps)
        beside = f"{mean}; not root: whole pages of this process, without what the file system adds"
        return measured(name, round(told.amplification, 4), "ratio", aim, beside)
    each: dict[Form, Written] = {}
    for form in _FORMS:
        _say(f"counting bytes written: {form}")
        each[form] = written(folder, form, extent.device_size, fragments, extent.laps)
    ratios = ", ".join(f"{form} {told.amplification:.4f}" for form, told in each.items())
    beside = f"{mean}, loop device of {extent.device_size >> 20} MiB: {ratios}"
    return measured(name, round(each["device"].amplification, 4), "ratio", aim, beside)


def _pace(extent: Extent, realistic: Pace, large: Pace) -> Measure:
    ratios = [[ring / plain for ring, plain in zip(*both, strict=True)] for both in (realistic, large)]
    beside = "; ".join(
        f"{size / 1000:.0f} kB: ring {median(both[0]) / 1e6:.0f}, plain {median(both[1]) / 1e6:.0f} MB/s, "
        f"ratio {median(each):.3f}, rounds {_list(each, 2)}, {_fast_enough(size, both)}"
        for size, both, each in zip(
            (extent.realistic_size, extent.large_size), (realistic, large), ratios, strict=True
        )
    )
    return measured("throughput_vs_raw_disk", round(median(ratios[0]), 3), "ratio", 0.9, beside, better="higher")


def _fast_enough(size: int, both: Pace) -> str:
    """Up to which disk the ring is no brake: what it adds to a write takes the same time on any."""
    added_s = max(1e-9, median(size / ring - size / plain for ring, plain in zip(*both, strict=True)))
    return f"{1e3 * added_s:.2f} ms on top, so 0.9 on disks up to {size / (9 * added_s) / 1e6:.0f} MB/s"


def _waits(extent: Extent, commits: list[float], writes: list[float]) -> Measure:
    plain_ms = 1e3 * _percentile(writes, 99)
    beside = (
        f"{extent.realistic_size / 1000:.0f} kB, {len(commits)} times; plain write and flush {plain_ms:.2f} ms, of "
        f"which the aim is 1.5 times; medians {1e3 * median(commits):.2f} and {1e3 * median(writes):.2f}, "
        f"longest {1e3 * max(commits):.0f} and {1e3 * max(writes):.0f}"
    )
    return measured(
        "commit_p99_ms", round(1e3 * _percentile(commits, 99), 2), "ms", round(1.5 * plain_ms, 2), beside
    )


def _recovery(openings: list[Opening]) -> Measure:
    judged = openings[-1]
    beside = f"{_by_size(openings, lambda one: median(one.recovery_s), 's')}; {judged.cold} before each"
    return measured("recovery_s_512gib", round(median(judged.recovery_s), 3), "s", 2, beside)


def _seek(openings: list[Opening]) -> Measure:
    p95 = _by_size(openings, lambda one: 1e3 * _percentile(one.seek_s, 95), "ms")
    warm = _by_size(openings, lambda one: 1e3 * _percentile(one.warm_s, 95), "ms")
    beside = f"{p95}; median {1e3 * median(openings[-1].seek_s):.1f}; once more, cached: {warm}"
    return measured("seek_p95_ms_512gib", round(1e3 * _percentile(openings[-1].seek_s, 95), 1), "ms", 50, beside)


def _memory(busy: Memory, idle: Memory, bare: Memory, ring: FullRing) -> Measure:
    beside = (
        f"a ring of {ring.epochs} epochs; {busy.own_mb:.0f} MB of it are its own, the rest is mapped from files; "
        f"the same imports alone {idle.peak_mb:.0f} ({idle.own_mb:.0f}), bare Python {bare.peak_mb:.0f} "
        f"({bare.own_mb:.0f})"
    )
    return measured("writer_rss_mb", round(busy.peak_mb, 1), "MB", 60, beside)


def _by_size(openings: list[Opening], figure: Callable[[Opening], float], unit: str) -> str:
    each = ", ".join(f"{one.size_gib:g} GiB ({one.epochs} epochs) {figure(one):.3g}" for one in openings)
    return f"{each} {unit}"


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _list(values: list[float], digits: int) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)


def _say(words: str) -> None:
    print(f"bench ring: {words}", file=sys.stderr, flush=True)
