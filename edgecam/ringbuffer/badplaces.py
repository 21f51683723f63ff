"""Places of a medium that refuse to be written: told from a medium that is away, remembered, stepped over.

A place that refuses while another one accepts is bad; when every place refuses, it is the medium that is away.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.durable import replace_durably
from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.format import SUPERBLOCK_OFFSETS, SUPERBLOCK_SIZE, UNIT
from edgecam.ringbuffer.medium import Buffer, Medium

_FORMAT = 1
_MAX_PLACES = 1024
_MAX_GROWTH = 256  # records; damage larger than a record is passed in steps that double
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Extent:
    """``size`` bytes of the medium from ``offset`` on; both multiples of 4096."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size

    def touches(self, offset: int, size: int) -> bool:
        return offset < self.end and self.offset < offset + size


class BadPlaces:
    """What one medium refuses; outlives the writers that find it out. One thread uses it.

    Kept at ``path`` so that the next lap and the next start need not find out again; losing that file costs another
    try of each place and nothing else. ``None`` keeps nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._bad = _load(path)
        self._in_a_row = 0

    @property
    def size_bytes(self) -> int:
        """Bytes that are avoided."""
        return sum(extent.size for extent in self._bad)

    def avoided(self, offset: int, size: int) -> Extent | None:
        """The first bad place that ``size`` bytes from ``offset`` would touch."""
        return next((extent for extent in self._bad if extent.touches(offset, size)), None)

    def accepted(self) -> None:
        """Something was committed."""
        self._in_a_row = 0

    def forget(self) -> None:
        """Nothing is left that is not bad: rather try all of it again, for what refused may have recovered."""
        self._bad = []
        self._keep()

    def judge(self, medium: Medium, refused: Sequence[Extent]) -> None:
        """The medium refused at least one of ``refused``: those that refuse again while others accept are bad."""
        if not _takes_anything(medium):
            return
        proved = [extent for extent in refused if not _takes(medium, extent)]
        if not proved:
            return
        growth = min(1 << self._in_a_row, _MAX_GROWTH)
        self._in_a_row += 1
        grown = [Extent(e.offset, e.size * growth if e.size > UNIT else e.size) for e in proved]
        _log.warning("%d bytes of the medium cannot be written and are avoided", sum(e.size for e in grown))
        self._bad = sorted({*self._bad, *grown})[:_MAX_PLACES]
        self._keep()

    def _keep(self) -> None:
        if self._path is None:
            return
        told = {"format": _FORMAT, "places": [[extent.offset, extent.size] for extent in self._bad]}
        try:
            replace_durably(self._path, json.dumps(told).encode())
        except MediaFailing as refused:
            _log.warning("%s", refused)  # known until the process ends


class WatchedMedium:
    """Stands for ``medium`` and has ``bad`` judge what was being written when it refused."""

    def __init__(self, medium: Medium, bad: BadPlaces) -> None:
        self._medium, self._bad = medium, bad
        self._unflushed: list[Extent] = []

    @property
    def size_bytes(self) -> int:
        return self._medium.size_bytes

    def read_at(self, offset: int, size: int) -> bytes:
        return self._medium.read_at(offset, size)

    def reread_at(self, offset: int, size: int) -> bytes:
        return self._medium.reread_at(offset, size)

    def write_at(self, offset: int, *buffers: Buffer) -> None:
        self._unflushed.append(Extent(offset, -(-sum(map(len, buffers)) // UNIT) * UNIT))
        try:
            self._medium.write_at(offset, *buffers)
        except MediaFailing:
            self._judge()
            raise

    def zero(self, offset: int, size: int) -> None:
        self._medium.zero(offset, size)

    def flush(self) -> None:
        try:
            self._medium.flush()
        except MediaFailing:
            self._judge()
            raise
        self._unflushed.clear()

    def close(self) -> None:
        self._medium.close()

    def _judge(self) -> None:
        unflushed, self._unflushed = self._unflushed, []
        self._bad.judge(self._medium, unflushed)


def _takes_anything(medium: Medium) -> bool:
    return any(_takes(medium, Extent(offset, SUPERBLOCK_SIZE)) for offset in SUPERBLOCK_OFFSETS)


def _takes(medium: Medium, extent: Extent) -> bool:
    """Whether the place can be written: with what it holds, so that a power cut meanwhile changes nothing."""
    try:
        medium.write_at(extent.offset, medium.read_at(extent.offset, extent.size))
        medium.flush()
    except MediaFailing:
        return False
    return True


def _load(path: Path | None) -> list[Extent]:
    try:
        text = path.read_text("ascii") if path is not None else ""
        return sorted(_parsed(text))[:_MAX_PLACES] if text else []
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as broken:
        _log.warning("what is known of bad places in %s cannot be read (%s): they are found anew", path, broken)
        return []


def _parsed(text: str) -> Iterator[Extent]:
    told = json.loads(text)
    if told["format"] != _FORMAT:
        raise ValueError("another format")
    for offset, size in told["places"]:
        if type(offset) is not int or type(size) is not int or offset < 0 or size <= 0:
            raise ValueError("not a place")
        if offset % UNIT or size % UNIT:
            raise ValueError("not a whole unit")
        yield Extent(offset, size)
