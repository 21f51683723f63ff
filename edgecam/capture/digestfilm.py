"""A few masked small pictures as one fragment of H.264, for the digest: constant quality, the cheapest settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import av
from av.video.frame import PictureType

from edgecam.capture.encoder import as_video_frame
from edgecam.capture.muxer import TIME_BASE, FragmentMuxer
from edgecam.capture.x264 import X264
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import Bug
from edgecam.core.frames import Fragment, SourceFormat
from edgecam.core.picture import Picture

_CRF: Final = 29
_PRESET: Final = "superfast"
# Of one piece alone: what no movement takes, so that none spoils a ration.
_HIGHEST_KBPS: Final = 1500
_NO_MASK: Final = bytes(32)


class DigestFilm:
    """Films pieces of one size; each starts anew at decode time 0, and all of them play after the same ``init``.

    Between two pieces no encoder is open and nothing of a picture is kept.
    """

    def __init__(self, width: int, height: int, frames_per_s: float) -> None:
        """``width`` and ``height`` in pixels, even. Raises: Bug when libx264 refuses."""
        self._format = SourceFormat(width, height, frames_per_s)
        self._interval_ns = round(NS_PER_S / frames_per_s)
        self._x264 = X264(self._format, crf=_CRF, highest_kbps=_HIGHEST_KBPS, preset=_PRESET, threads=1)
        self.init = self._filmed([_grey(width, height)])[0].init

    @property
    def size(self) -> tuple[int, int]:
        return self._format.width, self._format.height

    def film(self, pictures: Sequence[Picture]) -> bytes:
        """``pictures``, at least one and all of this size, as one fragment. Raises: Bug when libx264 refuses."""
        (fragment,) = self._filmed(pictures)
        if fragment.init != self.init:
            raise Bug("the digest's init changed from one piece to the next", safe="recording goes on")
        return fragment.data

    def _filmed(self, pictures: Sequence[Picture]) -> list[Fragment]:
        fragments: list[Fragment] = []
        muxer = FragmentMuxer(self._format, fragments.append)
        stream = self._x264.add_track(muxer)
        context = self._x264.open(_HIGHEST_KBPS)
        for number, picture in enumerate(pictures):
            at_ns = number * self._interval_ns
            video_frame = as_video_frame(picture)
            video_frame.pts, video_frame.time_base = muxer.ticks(at_ns), TIME_BASE
            if not number:
                video_frame.pict_type = PictureType.I
            try:
                (packet,) = context.encode(video_frame)
            except (av.FFmpegError, ValueError) as refused:
                raise Bug(
                    f"libx264 refused a frame of the digest ({refused})", safe="recording goes on"
                ) from refused
            packet.stream = stream
            muxer.mux(packet, at_ns, _NO_MASK, False)
        muxer.close()
        return fragments


def _grey(width: int, height: int) -> Picture:
    picture = Picture(width, height)
    picture.buffer.fill(128)
    return picture
