"""A picture as JPEG, straight from its planes; with nothing beside the pixels: no time, no place, no maker."""

from __future__ import annotations

import numpy as np
import simplejpeg  # type: ignore[import-untyped]

from edgecam.core.picture import U8, Picture

_QUALITY = 80
_LEVELS = np.arange(256, dtype=np.float64)
# Video has black at 16 and white at 235, colours 16-240 (ITU-R BT.601, 2.5.3); JPEG (JFIF 1.02) uses 0-255.
_LUMA: U8 = np.clip(np.rint((_LEVELS - 16) * 255 / 219), 0, 255).astype(np.uint8)
_CHROMA: U8 = np.clip(np.rint((_LEVELS - 128) * 255 / 224 + 128), 0, 255).astype(np.uint8)


class JpegEncoder:
    """Keeps one picture's memory from one encoding to the next; one thread at a time uses it."""

    def __init__(self) -> None:
        self._full_range: Picture | None = None

    def encode(self, picture: Picture) -> bytes:
        """``picture`` as JPEG; an odd width or height grows by one pixel that repeats the last."""
        width, height = picture.width, picture.height
        # libjpeg-turbo reads luma planes of even size; on an odd one it would read past the rows' ends.
        padded_width, padded_height = width + width % 2, height + height % 2
        full = self._full_range
        if full is None or (full.width, full.height) != (padded_width, padded_height):
            full = self._full_range = Picture(padded_width, padded_height)
        # mode="clip" spares numpy a copy of the output; every uint8 is a valid index anyway.
        np.take(_LUMA, picture.y, out=full.y[:height, :width], mode="clip")
        np.take(_CHROMA, picture.u, out=full.u, mode="clip")
        np.take(_CHROMA, picture.v, out=full.v, mode="clip")
        full.y[:, width:] = full.y[:, width - 1 : width]
        full.y[height:] = full.y[height - 1]
        return bytes(simplejpeg.encode_jpeg_yuv_planes(full.y, full.u, full.v, _QUALITY))

    def forget(self) -> None:
        """Leave nothing of the last picture in memory."""
        if self._full_range is not None:
            self._full_range.buffer.fill(0)
