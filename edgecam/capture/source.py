"""From what the settings name to a source that delivers frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edgecam.capture.filesource import FileSource
from edgecam.capture.picamera import PicameraSource
from edgecam.capture.planes import ROTATIONS
from edgecam.capture.rtsp import RtspSource
from edgecam.capture.uri import FileUri, PicameraUri, RtspUri, SceneUri, SourceUri, V4l2Uri
from edgecam.capture.v4l2 import V4l2Source
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput
from edgecam.core.frames import Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings ask of a source: pixels before rotation, frames a second, degrees clockwise.

    Cameras and scenes follow it as far as they can; files and streams have their own size and rate.
    """

    width: int
    height: int
    fps: float
    rotation: int = 0


class CountingSource(Source, Protocol):
    """A source that says how many frames it had no picture for."""

    @property
    def dropped(self) -> int: ...


def make_source(uri: SourceUri, *, wanted: Wanted, pictures: int, clock: Clock) -> CountingSource:
    """The source for ``uri``, not opened yet; it lends at most ``pictures`` pictures at a time.

    Raises: BadInput for a rotation that there is not.
    """
    if wanted.rotation not in ROTATIONS:
        raise BadInput(f"a rotation of {wanted.rotation} degrees is not possible", do="use 0, 90, 180 or 270")
    width, height, fps, rotation = wanted.width, wanted.height, wanted.fps, wanted.rotation
    match uri:
        case FileUri():
            return FileSource(uri, rotation=rotation, pictures=pictures, clock=clock)
        case RtspUri():
            return RtspSource(uri, rotation=rotation, pictures=pictures, clock=clock)
        case V4l2Uri():
            return V4l2Source(
                uri, width=width, height=height, fps=fps, rotation=rotation, pictures=pictures, clock=clock
            )
        case PicameraUri():
            return PicameraSource(
                uri, width=width, height=height, fps=fps, rotation=rotation, pictures=pictures, clock=clock
            )
        case SceneUri():
            # Drawing takes OpenCV, 16 MB that a camera's recorder need not carry.
            from edgecam.capture.scene import SceneSource

            # A drawing is upright however the camera hangs.
            return SceneSource(uri, width=width, height=height, fps=fps, pictures=pictures, clock=clock)
