"""Fills the same cells of picture after picture, in luma and both chroma planes, without an allocation.

Covered cells are runs of bytes in a picture's buffer. Each run is covered by windows: by one of its own length
where many runs have that length, else by some of 1, 2, 4 ... 1024 bytes, which may overlap inside of the run. Seen
as all its windows of one width, one from each byte on, a buffer is an array of which NumPy fills any number of
elements in one call: two dozen calls for all masks, at every size of picture, even or odd.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import LentPicture, Picture
from edgecam.masking.geometry import CELL, Cells

FILL_Y, FILL_U, FILL_V = 32, 128, 128
# Both chroma planes lie in one piece and are filled in one go.
_FILL_CHROMA = FILL_U
assert FILL_U == FILL_V
# Bytes; wider ones are rarely needed and gain nothing.
_WIDEST = 1024
# Runs; from so many on, a call for them alone costs less than the windows that it spares.
_MANY = 40
# More pictures than any source lends; only a source that breaks its pool's bound would make it start anew.
_MOST_KNOWN = 64

Offsets = NDArray[np.intp]
# A buffer as all its windows of one width, which of them to fill, and with what (no dimension).
_Work = tuple[NDArray[np.void], Offsets, NDArray[np.void]]


class Fill:
    """Fills ``cells`` of pictures of ``width`` x ``height`` pixels.

    Views of pictures that come again and again are kept: those of a pool by themselves, others by `keep`.
    """

    def __init__(self, cells: Cells, width: int, height: int) -> None:
        self._size = width, height
        chroma_width, chroma_height = (width + 1) // 2, (height + 1) // 2
        luma = _runs(cells, CELL, width, height)
        chroma = _runs(cells, CELL // 2, chroma_width, chroma_height) + width * height
        both = np.hstack((chroma, chroma + chroma_width * chroma_height))
        self._windows = [*_windows(luma, FILL_Y), *_windows(both, _FILL_CHROMA)]
        self._known: dict[int, tuple[Picture, list[_Work]]] = {}

    def burn_into(self, picture: Picture) -> None:
        """Raises: ValueError for a picture of another size, or one that cannot be written in place."""
        for windows, offsets, fill in self._work(picture):
            windows[offsets] = fill

    def keep(self, picture: Picture) -> list[_Work]:
        """Remember ``picture``, which will come again, and give what is to be done in it."""
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        work = self._work_in(picture)
        # Holding the picture keeps its id from being given to another one.
        self._known[id(picture)] = (picture, work)
        return work

    def _work(self, picture: Picture) -> list[_Work]:
        known = self._known.get(id(picture))
        if known is not None:
            return known[1]
        return self.keep(picture) if isinstance(picture, LentPicture) else self._work_in(picture)

    def _work_in(self, picture: Picture) -> list[_Work]:
        if (picture.width, picture.height) != self._size:
            raise ValueError(f"cells are of {self._size}, the picture is {picture.width}x{picture.height}")
        size_bytes = picture.buffer.size
        return [
            (np.ndarray((size_bytes - fill.itemsize + 1,), fill.dtype, picture.buffer, strides=(1,)), offsets, fill)
            for offsets, fill in self._windows
        ]


def fill_wholly(picture: Picture) -> None:
    """Leave nothing of ``picture``."""
    picture.y.fill(FILL_Y)
    picture.buffer[picture.y.size :].fill(_FILL_CHROMA)


def _runs(cells: Cells, cell: int, width: int, height: int) -> Offsets:
    """Where runs of covered pixels begin and end, (2, runs), in a plane of cells of ``cell`` pixels."""
    borders = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows = np.arange(height)
    both = [np.nonzero(borders[rows // cell] == border) for border in (1, -1)]
    return np.array([row * width + np.minimum(column * cell, width) for row, column in both], np.intp)


def _windows(runs: Offsets, value: int) -> Iterator[tuple[Offsets, NDArray[np.void]]]:
    """For each width that covering ``runs`` takes: where its windows begin, and one window full of ``value``."""
    offsets: defaultdict[int, list[int]] = defaultdict(list)
    # A run that begins where another one ends goes on.
    starts, ends = np.setdiff1d(runs[0], runs[1]), np.setdiff1d(runs[1], runs[0])
    of_length = Counter((ends - starts).tolist())
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        alone = of_length[end - start] >= _MANY
        for offset, width in [(start, end - start)] if alone else _covering(start, end):
            offsets[width].append(offset)
    full = np.full(max(offsets, default=0), value, np.uint8)
    for width, found in sorted(offsets.items()):
        yield np.array(found, np.intp), np.ndarray((), np.dtype((np.void, width)), full)


def _covering(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Windows (offset, width) that cover ``[start:end]`` and nothing else."""
    width = min(_WIDEST, 1 << ((end - start).bit_length() - 1))
    for offset in range(start, end - width + 1, width):
        yield offset, width
    if left := (end - start) % width:
        narrow = 1 << (left - 1).bit_length()
        yield end - narrow, narrow
