"""One opened video through FFmpeg: its picture track only, frame after frame; sound is never opened."""

from __future__ import annotations

import av
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from edgecam.core.errors import BadInput

_FALLBACK_FPS = 15.0
_HIGHEST_FPS = 240.0


class VideoInput:
    """A demuxer and a decoder with one thread; errors of FFmpeg pass through for the source to name."""

    def __init__(self, container: InputContainer, name: str) -> None:
        """Takes ``container`` over. Raises: BadInput when it has no picture track."""
        self._container = container
        self._name = name
        if not container.streams.video:
            container.close()
            raise BadInput(f"{name} has no picture", do="name a video")
        self._stream: VideoStream = container.streams.video[0]
        self.has_audio = bool(container.streams.audio)
        # Read now: a stream of a closed container points into freed memory.
        self.fps = _rate(self._stream)
        for stream in container.streams:
            if stream is not self._stream:
                stream.discard = Discard.all
        # Frame threads would add a picture of delay each; a camera's picture is decoded faster than it comes.
        self._stream.codec_context.thread_count = 1
        self._packets = container.demux(self._stream)
        self._decoded: list[av.VideoFrame] = []
        self._size: tuple[int, int] | None = None
        self._over = False

    def expect(self, size: tuple[int, int]) -> None:
        """From now on a frame of another size is refused."""
        self._size = size

    def next_frame(self) -> av.VideoFrame | None:
        """The next picture, or ``None`` when the video is over. Damaged packets are passed over.

        Raises: BadInput when the picture changed its size; av.FFmpegError when reading fails.
        """
        while not self._decoded:
            if self._over:
                return None
            packet = next(self._packets, None)
            # The demuxer ends with an empty packet that makes the decoder give what it kept.
            self._over = packet is None or (packet.dts is None and packet.size == 0)
            if packet is not None:
                self._decode(packet)
        frame = self._decoded.pop(0)
        self._check_size(frame)
        return frame

    def close(self) -> None:
        self._container.close()

    def _decode(self, packet: av.Packet[VideoStream]) -> None:
        try:
            self._decoded = packet.decode()
        except av.InvalidDataError:
            self._decoded = []
        except av.EOFError:
            self._over = True

    def _check_size(self, frame: av.VideoFrame) -> None:
        size = (frame.width, frame.height)
        if self._size is None:
            self._size = size
        if size != self._size:
            was, now = (f"{width}x{height}" for width, height in (self._size, size))
            raise BadInput(
                f"{self._name} changed its picture from {was} to {now}",
                do="set the camera to one fixed size, then check the masks",
                safe="everything recorded before is untouched",
            )


def _rate(stream: VideoStream) -> float:
    """The track's frames a second, as it says or as FFmpeg guesses."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < rate <= _HIGHEST_FPS:
            return float(rate)
    return _FALLBACK_FPS
