"""A finished video as pictures of ours, one by one; and pictures as a fragmented MP4, a fragment a second."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from edgecam.capture.planes import copy_frame, delivered_size
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.core.picture import U8, Picture

# As good as it comes without growing: what was given away is looked at closely.
_OPTIONS = {"preset": "veryfast", "crf": "20", "bf": "0", "sc_threshold": "0"}
_MOVFLAGS = {"movflags": "frag_keyframe+empty_moov+default_base_moof+skip_trailer"}


class Film:
    """The one video track of the file at ``path``; ``size`` is (width, height), ``time_base`` seconds a tick."""

    def __init__(self, path: Path) -> None:
        """Raises: BadInput when it is no video that can be read."""
        self.path = path
        try:
            with av.open(str(path)) as container:
                stream = container.streams.video[0]
                self.size = delivered_size(stream.width, stream.height, 0)
                self.fps = float(stream.average_rate or stream.base_rate or 25)
                self.time_base = Fraction(stream.time_base or Fraction(1, 90_000))
        except (av.FFmpegError, IndexError, OSError) as broken:
            raise BadInput(f"{path} cannot be read as a video ({broken})") from broken

    def frames(self) -> Iterator[tuple[int, Picture]]:
        """Each frame's time, in ticks, and picture, which is valid until the next one. Raises: DataLoss."""
        picture = Picture(*self.size)
        last = -1
        try:
            with av.open(str(self.path)) as container:
                for frame in container.decode(video=0):
                    copy_frame(frame, picture, 0)
                    last = max(last + 1, frame.pts if frame.pts is not None else 0)
                    yield last, picture
        except (av.FFmpegError, ValueError) as broken:
            raise DataLoss(
                f"{self.path} does not decode ({broken})", do="prove it with `edgecam verify`"
            ) from broken

    def frame(self, number: int) -> Picture:
        """The ``number``-th frame, from 0, of a film that `FilmWriter` made: no frame waits for a later one.

        Raises: BadInput when there is none, DataLoss.
        """
        picture = Picture(*self.size)
        try:
            with av.open(str(self.path)) as container:
                stream = container.streams.video[0]
                shown = [(packet.pts, packet.is_keyframe) for packet in container.demux(stream) if packet.size]
                if not 0 <= number < len(shown):
                    raise BadInput(f"{self.path} has no frame {number}")
                begin = max(at for at, (_, key) in enumerate(shown[: number + 1]) if key)
                container.seek(shown[begin][0] or 0, stream=stream)
                wanted = shown[number][0]
                frame = next(frame for frame in container.decode(stream) if frame.pts == wanted)
                copy_frame(frame, picture, 0)
        except (av.FFmpegError, ValueError, StopIteration) as broken:
            raise DataLoss(f"{self.path} does not decode ({broken})") from broken
        return picture


class FilmWriter:
    """Writes H.264 to ``path``; `add` each picture, then `close`. One thread."""

    def __init__(self, path: Path, size: tuple[int, int], time_base: Fraction, fps: float) -> None:
        """Raises: MediaFailing."""
        self._path, self._time_base = path, time_base
        try:
            self._container = av.open(str(path), "w", format="mp4", options=_MOVFLAGS)
            rate = Fraction(fps).limit_denominator(1001)
            self._stream = self._container.add_stream(
                "libx264", rate=rate, options=_OPTIONS | {"g": str(max(1, round(fps)))}
            )
            self._stream.width, self._stream.height = size
            self._stream.pix_fmt = "yuv420p"
            self._stream.time_base = self._stream.codec_context.time_base = time_base
        except (av.FFmpegError, OSError) as refused:
            raise self._refusal(refused) from refused

    def add(self, at: int, picture: Picture) -> None:
        """``picture`` at ``at`` ticks, later than the one before. Raises: MediaFailing."""
        frame = av.VideoFrame.from_ndarray(picture.buffer.reshape(-1, picture.width), format="yuv420p")
        frame.pts, frame.time_base = at, self._time_base
        try:
            self._container.mux(self._stream.encode(frame))
        except (av.FFmpegError, OSError) as refused:
            raise self._refusal(refused) from refused

    def close(self) -> None:
        """Write what is still owed. Raises: MediaFailing."""
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
        except (av.FFmpegError, OSError) as refused:
            raise self._refusal(refused) from refused

    def _refusal(self, refused: Exception) -> MediaFailing:
        return MediaFailing(
            f"{self._path} could not be written ({refused})", do="make room or choose another place"
        )


def read_png(data: bytes) -> U8:
    """The pixels of a PNG, ``(height, width, 4)``, red, green, blue, alpha. Raises: BadInput."""
    try:
        with av.open(io.BytesIO(data), "r") as container:
            frame = next(container.decode(video=0))
            return np.asarray(frame.to_ndarray(format="rgba"), np.uint8)
    except (av.FFmpegError, IndexError, StopIteration, ValueError) as broken:
        raise BadInput(f"this is no picture ({broken})") from broken
