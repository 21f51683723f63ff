"""A video file as a source: once or looping, at its own pace or as fast as its frames are taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import av

from edgecam.capture.lending import Lender
from edgecam.capture.pacing import Pacer
from edgecam.capture.planes import copy_frame, delivered_size
from edgecam.capture.uri import FileUri
from edgecam.capture.videoinput import VideoInput
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, Unavailable
from edgecam.core.frames import RawFrame, SourceFormat


class FileSource:
    """The `Source` that plays ``uri.path``; a loop goes on in time, one frame interval after its last frame.

    In real time a frame for which no picture is free is dropped; otherwise the source waits for one.
    """

    def __init__(self, uri: FileUri, *, rotation: int, pictures: int, clock: Clock) -> None:
        self._uri, self._rotation, self._pictures, self._clock = uri, rotation, pictures, clock
        self._size: tuple[int, int] | None = None
        self._interval_ns = 0
        self._lender: Lender | None = None

    @property
    def dropped(self) -> int:
        """Frames for which no picture was free."""
        return self._lender.dropped if self._lender else 0

    def open(self) -> SourceFormat:
        """Raises: BadInput when the file is missing, unreadable, empty or no video."""
        video = self._open_video()
        try:
            first = _first_frame(video, str(self._uri.path))
        finally:
            video.close()
        self._size = (first.width, first.height)
        self._interval_ns = round(NS_PER_S / video.fps)
        width, height = delivered_size(first.width, first.height, self._rotation)
        self._lender = Lender(width, height, self._pictures)
        return SourceFormat(width, height, video.fps, audio_dropped=video.has_audio)

    def run(self, take: Callable[[RawFrame], None], stopped: Callable[[], bool]) -> None:
        """Raises: BadInput when the picture changed its size, Unavailable when the file went away."""
        pacer = Pacer(self._clock, realtime=self._uri.realtime)
        media_ns = 0
        while not stopped():
            media_ns = self._play(pacer, media_ns, take, stopped)
            if not self._uri.loop:
                return

    def close(self) -> None:
        """Nothing stays open between runs; pictures still lent out stay valid."""

    def _play(
        self, pacer: Pacer, start_ns: int, take: Callable[[RawFrame], None], stopped: Callable[[], bool]
    ) -> int:
        """Play the file once from media time ``start_ns``; the media time at which the next pass begins."""
        video = self._reopen()
        first_s: float | None = None
        last_ns = start_ns - 1
        try:
            while not stopped() and (frame := self._next_frame(video)) is not None:
                if first_s is None:
                    first_s = frame.time or 0.0
                at_ns = start_ns + round(((frame.time or 0.0) - first_s) * NS_PER_S)
                # Some files carry no times, or the same one twice.
                last_ns = at_ns if at_ns > last_ns else last_ns + self._interval_ns
                self._hand_on(frame, pacer.wait(last_ns, stopped), take, stopped)
        finally:
            video.close()
        return last_ns + self._interval_ns

    def _hand_on(
        self,
        frame: av.VideoFrame,
        captured_mono_ns: int,
        take: Callable[[RawFrame], None],
        stopped: Callable[[], bool],
    ) -> None:
        assert self._lender is not None
        fill = partial(copy_frame, frame, rotation=self._rotation)
        if self._uri.realtime:
            self._lender.hand_on(take, captured_mono_ns, fill)
        else:
            self._lender.hand_on_waiting(take, captured_mono_ns, fill, stopped)

    def _open_video(self) -> VideoInput:
        path = self._uri.path
        try:
            return VideoInput(av.open(str(path), "r"), str(path))
        except FileNotFoundError as missing:
            raise BadInput(f"the video {path} does not exist", do="check the path") from missing
        except (av.FFmpegError, OSError) as refused:
            raise BadInput(f"{path} cannot be read as a video ({_reason(refused)})", do="name a video") from refused

    def _reopen(self) -> VideoInput:
        if self._size is None:
            self.open()
        assert self._size is not None
        try:
            video = self._open_video()
        except BadInput as gone:
            raise Unavailable(f"the video {self._uri.path} went away", do="put it back") from gone
        video.expect(self._size)
        return video

    def _next_frame(self, video: VideoInput) -> av.VideoFrame | None:
        try:
            return video.next_frame()
        except av.FFmpegError as lost:
            raise Unavailable(
                f"reading {self._uri.path} failed ({_reason(lost)})", do="check the disk it lies on"
            ) from lost


def _first_frame(video: VideoInput, name: str) -> av.VideoFrame:
    try:
        frame = video.next_frame()
    except av.FFmpegError as broken:
        raise BadInput(f"{name} cannot be read as a video ({_reason(broken)})", do="name a video") from broken
    if frame is None:
        raise BadInput(f"the video {name} holds no picture that can be decoded", do="name another video")
    return frame


def _reason(error: OSError | av.FFmpegError) -> str:
    return error.strerror or type(error).__name__
