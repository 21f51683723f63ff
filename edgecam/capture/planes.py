"""Copies a decoded frame into a picture of ours, turned as the camera hangs; FFmpeg's own pixels stay untouched."""

from __future__ import annotations

import av
import numpy as np
from av.video.plane import VideoPlane

from edgecam.core.picture import U8, Picture

ROTATIONS = (0, 90, 180, 270)
# The same layout in memory; the second only says that values use the full range.
_I420 = frozenset({"yuv420p", "yuvj420p"})


def delivered_size(width: int, height: int, rotation: int) -> tuple[int, int]:
    """The size after cropping to even (4:2:0 chroma needs it) and turning clockwise by ``rotation`` degrees."""
    width, height = width & ~1, height & ~1
    return (height, width) if rotation in (90, 270) else (width, height)


def copy_frame(frame: av.VideoFrame, picture: Picture, rotation: int) -> None:
    """Fill ``picture`` (of `delivered_size`) from ``frame`` of any pixel format; pixels past even are cut."""
    if frame.format.name not in _I420:
        frame = frame.reformat(format="yuv420p")
    for plane, target in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
        copy_plane(_pixels(plane), target, rotation)


def copy_plane(source: U8, target: U8, rotation: int) -> None:
    """Copy the top left of ``source`` that ``target`` can hold, turned clockwise by ``rotation`` degrees."""
    rows, columns = target.shape if rotation in (0, 180) else target.shape[::-1]
    source = source[:rows, :columns]
    if rotation:
        # Only here: 16 MB that a camera mounted upright need not carry.
        import cv2

        turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        cv2.rotate(source, turns[rotation], dst=target)
    else:
        np.copyto(target, source)


def _pixels(plane: VideoPlane) -> U8:
    rows: U8 = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, abs(plane.line_size))
    return rows[:, : plane.width]
