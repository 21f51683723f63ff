"""Files as one tar, read as a stream: what is sealed to somebody never lies unsealed in one piece on a medium."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_PIECE_SIZE_BYTES = 1 << 20


class TarStream(io.RawIOBase):
    """The tar (ustar) of ``files``, each under its name in ``folder``; read once, from the start.

    ``mtime_s`` stands at each, whole seconds since 1970. Raises: OSError when one cannot be read.
    """

    def __init__(self, folder: str, files: Sequence[Path], mtime_s: int) -> None:
        self._pieces = _pieces(folder, files, mtime_s)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def tar_size_bytes(sizes: Sequence[int]) -> int:
    """How large the tar of files of those sizes is, at most."""
    block = tarfile.BLOCKSIZE
    return sum(block + -(-size // block) * block for size in sizes) + tarfile.RECORDSIZE


def _pieces(folder: str, files: Sequence[Path], mtime_s: int) -> Iterator[bytes]:
    for path in files:
        info = tarfile.TarInfo(f"{folder}/{path.name}")
        info.size, info.mtime, info.mode = path.stat().st_size, mtime_s, 0o644
        yield info.tobuf(tarfile.PAX_FORMAT)
        with open(path, "rb") as file:
            while piece := file.read(_PIECE_SIZE_BYTES):
                yield piece
        yield bytes(-info.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)
