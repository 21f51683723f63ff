"""What was counted on one day before one camera: numbers an hour, and nothing of whom."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.civilhour import HOURS_A_DAY, LAST_DAY
from edgecam.analysis.habits import KINDS
from edgecam.core.errors import DataLoss

F32 = NDArray[np.float32]
U32 = NDArray[np.uint32]
HEAT_COLUMNS: Final = 32
HEAT_ROWS: Final = 18
STAY_EDGES_S: Final = (0, 10, 30, 60, 120, 300, 900, 3600)
MOST_LINES: Final = 64
_MAGIC: Final = b"EDGETLY1"
_HEAD: Final = struct.Struct("<8sIiB")
_BY_KIND: Final = HOURS_A_DAY, len(KINDS)
_HEAT: Final = HOURS_A_DAY, len(KINDS), HEAT_ROWS, HEAT_COLUMNS
_SHAPES: Final = (
    ("counts", "<u4", _BY_KIND),
    ("stays", "<u4", (*_BY_KIND, len(STAY_EDGES_S))),
    ("most", "<u4", _BY_KIND),
    ("visits", "<u4", _HEAT),
    ("watched_s", "<f4", (HOURS_A_DAY,)),
    ("present_s", "<f4", _BY_KIND),
    ("heat_s", "<f4", _HEAT),
)
_ARRAYS_SIZE: Final = sum(4 * int(np.prod(shape)) for _, _, shape in _SHAPES)
_LINE_SIZE: Final = 2 * HOURS_A_DAY * 4
_LONGEST_NAME: Final = 255
_MOST_COUNT: Final = np.uint32(2**31 - 1)


@dataclass(slots=True)
class DayTally:
    """One civil day; the first axis of every array is its hour, the second the kind as `KINDS` counts them.

    ``counts`` (24, 4) distinct objects, in the hour in which each appeared; ``stays`` (24, 4, 8) how long they
    stayed, classes from ``STAY_EDGES_S``; ``most`` (24, 4) at once; ``present_s`` (24, 4) seconds that one was
    there, added up; ``watched_s`` (24,) seconds watched; ``heat_s`` and ``visits`` (24, 4, 18, 32) seconds on each
    cell of the ground and by how many; ``lines`` name -> (2, 24) crossings in (left to right) and out.
    """

    day: int
    counts: U32
    stays: U32
    most: U32
    visits: U32
    watched_s: F32
    present_s: F32
    heat_s: F32
    lines: dict[str, U32]

    @classmethod
    def begin(cls, day: int, lines: Sequence[str] = ()) -> DayTally:
        """A day without anything yet."""
        arrays = {name: np.zeros(shape, kind) for name, kind, shape in _SHAPES}
        return cls(day, **arrays, lines={name: np.zeros((2, HOURS_A_DAY), "<u4") for name in lines[:MOST_LINES]})

    def add(self, more: DayTally) -> None:
        """Count what ``more`` counted of the same day as well."""
        np.maximum(self.most, more.most, out=self.most)
        for mine, theirs in (
            (self.counts, more.counts),
            (self.stays, more.stays),
            (self.visits, more.visits),
        ):
            mine[:] = _sum(mine, theirs)
        self.watched_s += more.watched_s
        self.present_s += more.present_s
        self.heat_s += more.heat_s
        for name, crossings in more.lines.items():
            if name in self.lines:
                self.lines[name] = _sum(self.lines[name], crossings)
            elif len(self.lines) < MOST_LINES:
                self.lines[name] = crossings.copy()

    def encode(self) -> bytes:
        """All of it; little-endian, compressed."""
        parts = [getattr(self, name).tobytes() for name, _, _ in _SHAPES]
        for name, crossings in self.lines.items():
            told = name.encode()[:_LONGEST_NAME]
            parts += [bytes([len(told)]), told, crossings.tobytes()]
        body = zlib.compress(b"".join(parts))
        check = zlib.crc32(struct.pack("<iB", self.day, len(self.lines)) + body)
        return _HEAD.pack(_MAGIC, check, self.day, len(self.lines)) + body

    @classmethod
    def decode(cls, data: bytes) -> DayTally:
        """Raises: DataLoss for anything that `encode` never gave."""
        try:
            magic, check, day, lines = _HEAD.unpack_from(data)
            body = data[_HEAD.size :]
            if magic != _MAGIC or zlib.crc32(struct.pack("<iB", day, lines) + body) != check:
                raise DataLoss("a day's tally does not authenticate")
            most_size = _ARRAYS_SIZE + MOST_LINES * (1 + _LONGEST_NAME + _LINE_SIZE)
            plain = zlib.decompressobj().decompress(body, most_size + 1)
            tally = cls._unpacked(plain, day, lines)
        except (struct.error, zlib.error, ValueError, IndexError) as broken:
            raise DataLoss("a day's tally does not parse") from broken
        floats = tally.watched_s, tally.present_s, tally.heat_s
        if not (0 < day <= LAST_DAY and all(np.isfinite(array).all() and array.min() >= 0 for array in floats)):
            raise DataLoss("a day's tally tells of what cannot be")
        return tally

    @classmethod
    def _unpacked(cls, plain: bytes, day: int, lines: int) -> DayTally:
        tally, at = cls.begin(day), 0
        for name, kind, shape in _SHAPES:
            array = getattr(tally, name)
            array[:] = np.frombuffer(plain, kind, array.size, at).reshape(shape)
            at += array.nbytes
        for _ in range(lines):
            begin = at + 1
            at = begin + plain[at]
            crossings = np.frombuffer(plain, "<u4", 2 * HOURS_A_DAY, at).reshape(2, HOURS_A_DAY)
            tally.lines[plain[begin:at].decode()] = crossings.copy()
            at += _LINE_SIZE
        if at != len(plain) or len(tally.lines) != lines or lines > MOST_LINES:
            raise ValueError("of another length")
        return tally


def _sum(one: U32, other: U32) -> U32:
    total: U32 = np.minimum(np.minimum(one, _MOST_COUNT) + np.minimum(other, _MOST_COUNT), _MOST_COUNT)
    return total
