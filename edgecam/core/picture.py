"""One 4:2:0 picture in one buffer, and the bounded pool that lends such buffers."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


class Picture:
    """A planar YUV 4:2:0 picture (I420): luma, then both chroma planes, in one contiguous buffer.

    ``y`` is ``(height, width)``; ``u`` and ``v`` are ``(ceil(height/2), ceil(width/2))``; all uint8 views
    of ``buffer``, so that burning into a plane changes what an encoder reads without a copy.
    """

    __slots__ = ("buffer", "height", "u", "v", "width", "y")

    def __init__(self, width: int, height: int, buffer: U8 | None = None) -> None:
        chroma_width, chroma_height = (width + 1) // 2, (height + 1) // 2
        luma_size, chroma_size = width * height, chroma_width * chroma_height
        if buffer is None:
            buffer = np.empty(luma_size + 2 * chroma_size, np.uint8)
        # Of a buffer with gaps the planes would be copies: burning into them would change nothing.
        if buffer.ndim != 1 or buffer.size != luma_size + 2 * chroma_size or not buffer.flags.c_contiguous:
            raise ValueError(f"a {width}x{height} picture needs {luma_size + 2 * chroma_size} bytes in one row")
        self.width, self.height, self.buffer = width, height, buffer
        self.y: U8 = buffer[:luma_size].reshape(height, width)
        self.u: U8 = buffer[luma_size : luma_size + chroma_size].reshape(chroma_height, chroma_width)
        self.v: U8 = buffer[luma_size + chroma_size :].reshape(chroma_height, chroma_width)


class LentPicture(Picture):
    """A picture that goes back to its pool when its last holder is done with it."""

    __slots__ = ("_pool",)

    def __init__(self, width: int, height: int, pool: PicturePool) -> None:
        super().__init__(width, height)
        self._pool: Final = pool

    def release(self) -> None:
        self._pool.give_back(self)


class PicturePool:
    """A fixed number of pictures of one size, made once; none is allocated afterwards.

    Threads: ``take`` and ``give_back`` may be called from any thread.
    """

    def __init__(self, width: int, height: int, count: int) -> None:
        self.width, self.height = width, height
        self._free = [LentPicture(width, height, self) for _ in range(count)]
        self._returned = threading.Condition()

    def take(self, timeout_s: float = 0.0) -> LentPicture | None:
        """A free picture, or ``None`` when all are lent out after ``timeout_s`` seconds."""
        with self._returned:
            if not self._free and timeout_s > 0:
                self._returned.wait_for(lambda: bool(self._free), timeout_s)
            return self._free.pop() if self._free else None

    def give_back(self, picture: LentPicture) -> None:
        with self._returned:
            self._free.append(picture)
            self._returned.notify()
