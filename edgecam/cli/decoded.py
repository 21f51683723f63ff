"""The frames of an exported file, decoded one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from edgecam.core.errors import DataLoss
from edgecam.core.picture import U8

Planes = tuple[U8, U8, U8]


def decoded(path: Path) -> Iterator[Planes]:
    """Luma and both chroma planes of each frame, valid until the next one.

    Raises: DataLoss when the file does not decode, or is not 4:2:0 with 8 bits.
    """
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                if frame.format.name not in ("yuv420p", "yuvj420p"):
                    raise DataLoss(f"{path} holds {frame.format.name} pictures, which edgecam does not make")
                y, u, v = (_plane(plane) for plane in frame.planes)
                yield y, u, v
    except (av.FFmpegError, IndexError) as broken:
        raise DataLoss(f"{path} does not decode ({broken})") from broken


def _plane(plane: av.video.plane.VideoPlane) -> U8:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]
