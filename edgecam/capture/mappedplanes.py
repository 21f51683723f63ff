"""A camera buffer as a picture: burnt in place where rows are tight, copied out and in where they are padded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from edgecam.capture.planes import copy_plane
from edgecam.core.errors import Unavailable
from edgecam.core.picture import U8, Picture


class PlaneLayout:
    """Where the planes of a YUV420 buffer lie: rows of ``stride`` bytes, chroma rows of half of it."""

    def __init__(self, width: int, height: int, stride: int) -> None:
        self.width, self.height, self.stride = width, height, stride
        self.size_bytes = stride * height * 3 // 2
        self._spare = None if stride == width else Picture(width, height)

    @contextmanager
    def picture(self, flat: U8) -> Iterator[Picture]:
        """The picture in ``flat``; when the block ends without an error, ``flat`` holds what the picture holds."""
        flat = self._checked(flat)
        if self._spare is None:
            yield Picture(self.width, self.height, flat)
            return
        planes = self._planes(flat)
        mine = (self._spare.y, self._spare.u, self._spare.v)
        for plane, own in zip(planes, mine, strict=True):
            np.copyto(own, plane[:, : own.shape[1]])
        yield self._spare
        for plane, own in zip(planes, mine, strict=True):
            np.copyto(plane[:, : own.shape[1]], own)

    def copy_out(self, flat: U8, picture: Picture, rotation: int) -> None:
        """Fill ``picture`` from ``flat``, turned clockwise by ``rotation`` degrees."""
        planes = self._planes(self._checked(flat))
        for plane, own, half in zip(planes, (picture.y, picture.u, picture.v), (1, 2, 2), strict=True):
            copy_plane(plane[:, : self.width // half], own, rotation)

    def blacken(self, flat: U8) -> None:
        """Destroy what is in the buffer, padding too."""
        luma = self.stride * self.height
        flat[:luma] = 16
        flat[luma:] = 128

    def _checked(self, flat: U8) -> U8:
        if flat.size < self.size_bytes:
            raise Unavailable(f"the camera sent {flat.size} bytes instead of {self.size_bytes}", do="restart it")
        return flat[: self.size_bytes]

    def _planes(self, flat: U8) -> tuple[U8, U8, U8]:
        luma, chroma = self.stride * self.height, self.stride // 2 * (self.height // 2)
        shape = (self.height // 2, self.stride // 2)
        return (
            flat[:luma].reshape(self.height, self.stride),
            flat[luma : luma + chroma].reshape(shape),
            flat[luma + chroma : luma + 2 * chroma].reshape(shape),
        )
