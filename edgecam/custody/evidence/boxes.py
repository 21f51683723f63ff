"""ISO base media boxes (ISO/IEC 14496-12), just as far as moving a fragment in time needs.

Pure: bytes in, values out. Whatever does not parse, or would change its meaning when moved, is DataLoss.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from edgecam.core.errors import DataLoss

_TFHD_BASE_DATA_OFFSET = 0x000001
_TFHD_SAMPLE_DESCRIPTION = 0x000002
_TFHD_DEFAULT_DURATION = 0x000008
_TRUN_DATA_OFFSET = 0x000001
_TRUN_FIRST_FLAGS = 0x000004
_TRUN_DURATION = 0x000100
# Size, flags and composition offset: four bytes a sample each, where present.
_TRUN_OTHER_FIELDS = (0x000200, 0x000400, 0x000800)
_SEQUENCE_LIMIT = 1 << 32
_TIME_LIMIT = 1 << 64


@dataclass(frozen=True, slots=True)
class Box:
    """One box in a buffer: it starts at ``start``, its payload at ``payload``, the next box at ``end``."""

    kind: bytes
    start: int
    payload: int
    end: int


@dataclass(frozen=True, slots=True)
class InitFacts:
    """What an init (``ftyp`` + ``moov``) says of its one track; ``timescale`` is in ticks per second."""

    timescale: int
    track: int
    sample_duration: int


@dataclass(frozen=True, slots=True)
class FragmentFacts:
    """Where a fragment stands in time, and at which offsets that is written.

    ``decode_time`` and ``duration`` are in ticks of the track's timescale.
    """

    sequence_at: int
    sequence: int
    decode_time_at: int
    decode_time: int
    duration: int
    samples: int


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie one after the other in ``data[start:end]``. Raises: DataLoss."""
    limit = len(data) if end is None else end
    while start < limit:
        size, _ = _unpack(">II", data, start, limit)
        kind, header = data[start + 4 : start + 8], 8
        if size == 1:
            (size,), header = _unpack(">Q", data, start + 8, limit), 16
        if size < header or start + size > limit:
            raise DataLoss(f"a box at byte {start} has an impossible size")
        yield Box(kind, start, start + header, start + size)
        start += size


def read_init(init: bytes) -> InitFacts:
    """The facts of an init with exactly one track. Raises: DataLoss."""
    moov = _only(init, b"moov", 0, len(init))
    mdhd = _descend(init, moov, b"trak", b"mdia", b"mdhd")
    version, _ = _full_box(init, mdhd)
    (timescale,) = _unpack(">I", init, mdhd.payload + (20 if version == 1 else 12), mdhd.end)
    trex = _descend(init, moov, b"mvex", b"trex")
    track, _, duration = _unpack(">III", init, trex.payload + 4, trex.end)
    if version > 1 or timescale == 0:
        raise DataLoss("an init has no usable timescale")
    return InitFacts(timescale, track, duration)


def read_fragment(fragment: bytes, init: InitFacts) -> FragmentFacts:
    """The facts of one fragment: exactly one ``moof`` with one track, and its ``mdat``. Raises: DataLoss."""
    moof = _only(fragment, b"moof", 0, len(fragment))
    _only(fragment, b"mdat", moof.end, len(fragment))
    mfhd = _only(fragment, b"mfhd", moof.payload, moof.end)
    (sequence,) = _unpack(">I", fragment, mfhd.payload + 4, mfhd.end)
    traf = _only(fragment, b"traf", moof.payload, moof.end)
    tfdt = _only(fragment, b"tfdt", traf.payload, traf.end)
    if _full_box(fragment, tfdt)[0] != 1:
        raise DataLoss("a fragment's decode time is not 64 bits wide")
    (decode_time,) = _unpack(">Q", fragment, tfdt.payload + 4, tfdt.end)
    samples, duration = _samples(fragment, traf, init)
    return FragmentFacts(mfhd.payload + 4, sequence, tfdt.payload + 4, decode_time, duration, samples)


def retimed(fragment: bytes, facts: FragmentFacts, sequence: int, decode_time: int) -> bytearray:
    """A copy of ``fragment`` that differs only in its ``mfhd`` sequence and its ``tfdt`` decode time.

    Raises: DataLoss when a number does not fit its field.
    """
    if not (0 <= sequence < _SEQUENCE_LIMIT and 0 <= decode_time < _TIME_LIMIT):
        raise DataLoss("a fragment's place in time does not fit its field")
    copy = bytearray(fragment)
    struct.pack_into(">I", copy, facts.sequence_at, sequence)
    struct.pack_into(">Q", copy, facts.decode_time_at, decode_time)
    return copy


def _samples(data: bytes, traf: Box, init: InitFacts) -> tuple[int, int]:
    """Count and summed duration (ticks) of the samples in all ``trun`` of ``traf``."""
    default = _default_duration(data, _only(data, b"tfhd", traf.payload, traf.end), init)
    runs = [_run(data, box, default) for box in walk(data, traf.payload, traf.end) if box.kind == b"trun"]
    samples = sum(count for count, _ in runs)
    if samples == 0:
        raise DataLoss("a fragment holds no frame")
    return samples, sum(duration for _, duration in runs)


def _default_duration(data: bytes, tfhd: Box, init: InitFacts) -> int:
    _, flags = _full_box(data, tfhd)
    (track,) = _unpack(">I", data, tfhd.payload + 4, tfhd.end)
    if track != init.track or flags & _TFHD_BASE_DATA_OFFSET:
        raise DataLoss("a fragment belongs to another track or to one place in one file")
    if not flags & _TFHD_DEFAULT_DURATION:
        return init.sample_duration
    at = tfhd.payload + 8 + (4 if flags & _TFHD_SAMPLE_DESCRIPTION else 0)
    (duration,) = _unpack(">I", data, at, tfhd.end)
    return int(duration)


def _run(data: bytes, trun: Box, default: int) -> tuple[int, int]:
    _, flags = _full_box(data, trun)
    (count,) = _unpack(">I", data, trun.payload + 4, trun.end)
    if not flags & _TRUN_DURATION:
        return count, count * default
    at = trun.payload + 8 + 4 * bool(flags & _TRUN_DATA_OFFSET) + 4 * bool(flags & _TRUN_FIRST_FLAGS)
    skipped = 4 * sum(bool(flags & field) for field in _TRUN_OTHER_FIELDS)
    end = at + count * (4 + skipped)
    if end > trun.end:
        raise DataLoss("a fragment counts more frames than it describes")
    # The duration is a sample's first field.
    return count, sum(duration for (duration,) in struct.iter_unpack(f">I{skipped}x", data[at:end]))


def _full_box(data: bytes, box: Box) -> tuple[int, int]:
    (word,) = _unpack(">I", data, box.payload, box.end)
    return word >> 24, word & 0xFFFFFF


def _descend(data: bytes, box: Box, *kinds: bytes) -> Box:
    for kind in kinds:
        box = _only(data, kind, box.payload, box.end)
    return box


def _only(data: bytes, kind: bytes, start: int, end: int) -> Box:
    found = [box for box in walk(data, start, end) if box.kind == kind]
    if len(found) != 1:
        raise DataLoss(f"{len(found)} boxes {kind.decode('ascii')} where one belongs")
    return found[0]


def _unpack(layout: str, data: bytes, at: int, end: int) -> tuple[int, ...]:
    if at + struct.calcsize(layout) > end:
        raise DataLoss(f"a box ends in the middle, at byte {at}")
    return struct.unpack_from(layout, data, at)
