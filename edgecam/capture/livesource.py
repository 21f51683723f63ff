"""A camera that FFmpeg reads while it films: what RTSP and V4L2 sources share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial

import av

from edgecam.capture.lending import Lender
from edgecam.capture.planes import copy_frame, delivered_size
from edgecam.capture.streamclock import StreamClock
from edgecam.capture.videoinput import VideoInput
from edgecam.core.clock import Clock
from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.core.frames import RawFrame, SourceFormat

_FFMPEG_ERRORS = (av.FFmpegError, OSError)


class LiveSource(ABC):
    """A `Source` whose frames come when they come: one for which no picture is free is dropped and counted."""

    def __init__(self, *, rotation: int, pictures: int, clock: Clock) -> None:
        self._rotation, self._pictures, self._clock = rotation, pictures, clock
        self._video: VideoInput | None = None
        self._first: av.VideoFrame | None = None
        self._lender: Lender | None = None

    @property
    def dropped(self) -> int:
        """Frames for which no picture was free."""
        return self._lender.dropped if self._lender else 0

    def open(self) -> SourceFormat:
        """Raises: BadInput when this can never work, Unavailable when the camera is away."""
        self.close()
        video = self._connect()
        try:
            first = video.next_frame()
        except _FFMPEG_ERRORS as refused:
            video.close()
            raise self._named(refused) from refused
        except EdgecamError:
            video.close()
            raise
        if first is None:
            video.close()
            raise self._lost("it sent no picture")
        self._video, self._first = video, first
        width, height = delivered_size(first.width, first.height, self._rotation)
        self._lender = Lender(width, height, self._pictures)
        return SourceFormat(width, height, video.fps, audio_dropped=self._carries_audio(video))

    def run(self, take: Callable[[RawFrame], None], stopped: Callable[[], bool]) -> None:
        """Raises: Unavailable when the camera is lost, BadInput when its picture changed its size."""
        if self._video is None:
            self.open()
        assert self._video is not None
        assert self._lender is not None
        times = StreamClock()
        while not stopped():
            frame = self._next_frame(self._video)
            captured_mono_ns = times.captured(self._clock.mono_ns(), frame.time)
            self._lender.hand_on(take, captured_mono_ns, partial(copy_frame, frame, rotation=self._rotation))

    def close(self) -> None:
        """Let the camera go; pictures still lent out stay valid."""
        if self._video is not None:
            self._video.close()
        self._video = self._first = None

    @abstractmethod
    def _connect(self) -> VideoInput: ...

    @abstractmethod
    def _named(self, refused: Exception) -> EdgecamError:
        """What ``refused``, from `_connect` or the first read, means."""

    @abstractmethod
    def _lost(self, reason: str) -> Unavailable: ...

    def _carries_audio(self, video: VideoInput) -> bool:
        return video.has_audio

    def _next_frame(self, video: VideoInput) -> av.VideoFrame:
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            frame = video.next_frame()
        except _FFMPEG_ERRORS as lost:
            raise self._lost(reason(lost)) from lost
        if frame is None:
            raise self._lost("the stream ended")
        return frame


def reason(error: Exception) -> str:
    """FFmpeg's or the system's own words for ``error``, never with the address in it."""
    if isinstance(error, av.error.ExitError):
        return "it sent nothing in time"
    strerror: str | None = getattr(error, "strerror", None)
    return strerror or type(error).__name__
