"""Software H.264: masked frames through libx264 into fragments."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from edgecam.capture.muxer import TIME_BASE, FragmentMuxer
from edgecam.capture.vbv import BufferModel
from edgecam.capture.x264 import BUFFER_S, X264
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, Bug
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture

MAX_KEYFRAME_INTERVAL_S = 2.0
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")
MIN_BIT_RATE_KBPS = 32


class X264Encoder:
    """The `Encoder` for every board without a hardware one.

    Quality (``crf``) is constant up to ``bit_rate_kbps``; the cap (VBV, two seconds of it) holds over any longer
    stretch, so that a storage plan made from it keeps its floor and a still scene costs less. Keyframes are made by
    capture time, every ``keyframe_interval_s``, and at once when the mask set or privacy changes.

    A cap that `set_bit_rate_kbps` lowered holds from the next keyframe on: there a fresh libx264 takes over, with
    the buffer as full as the old one left it. The init stays the same, byte for byte.

    `encode` reads ``frame.full`` during the call only (libx264 copies its input, and there is no lookahead): its
    caller may release the frame as soon as `encode` returns. `encode` itself never releases.

    ``on_fragment`` is called in the encoding thread from within `encode` and `close`.
    """

    def __init__(
        self,
        source_format: SourceFormat,
        *,
        bit_rate_kbps: int,
        on_fragment: Callable[[Fragment], None],
        crf: int = 23,
        preset: str = "superfast",
        keyframe_interval_s: float = 1.0,
        threads: int = 1,
    ) -> None:
        """``bit_rate_kbps`` is the highest cap there can be, and the first.

        Raises: BadInput for values libx264 cannot take; sizes must be even.
        """
        _check(source_format, bit_rate_kbps, crf, preset, keyframe_interval_s, threads)
        self._size = (source_format.width, source_format.height)
        self._muxer = FragmentMuxer(source_format, on_fragment)
        self._x264 = X264(source_format, crf=crf, highest_kbps=bit_rate_kbps, preset=preset, threads=threads)
        self._stream = self._x264.add_track(self._muxer)
        self._highest_kbps = self._cap_kbps = bit_rate_kbps
        # Written by any thread, read by the encoding one.
        self._wanted_kbps = bit_rate_kbps
        # Now rather than at the first frame: while libx264 opens, every picture of the source's pool would fill up.
        self._context: VideoCodecContext | None = self._x264.open(bit_rate_kbps)
        self._buffer = BufferModel(BUFFER_S, self._muxer.interval_ns)
        # A keyframe half a frame early is on time: otherwise jitter would stretch every fragment by a frame.
        self._keyframe_after_ns = round(keyframe_interval_s * NS_PER_S) - self._muxer.interval_ns // 2
        self._last_keyframe_ns: int | None = None
        self._label: tuple[bytes, bool] | None = None
        self._closed = False

    @property
    def inline(self) -> bool:
        return False

    def set_bit_rate_kbps(self, rate: int) -> None:
        """The cap from the next keyframe on; between 32 and the one given at first. Any thread may call it."""
        self._wanted_kbps = max(MIN_BIT_RATE_KBPS, min(rate, self._highest_kbps))

    def encode(self, frame: MaskedFrame) -> None:
        """Encode one frame; every ``keyframe_interval_s`` this hands a fragment on.

        Raises: Bug when the frame has another size than the format, or libx264 refuses it.
        """
        if self._closed or (frame.full.width, frame.full.height) != self._size:
            raise Bug(f"a {frame.full.width}x{frame.full.height} frame came to a {self._size} encoder")
        video_frame = as_video_frame(frame.full)
        video_frame.pts, video_frame.time_base = self._muxer.ticks(frame.captured_mono_ns), TIME_BASE
        if self._keyframe_due(frame):
            video_frame.pict_type = PictureType.I
            if self._cap_kbps != self._wanted_kbps:
                self._change_cap(self._wanted_kbps)
        packet = self._code(video_frame)
        packet.stream = self._stream
        self._buffer.add(packet.size, self._cap_kbps)
        self._muxer.mux(packet, frame.captured_mono_ns, frame.mask_hash, frame.private)

    def close(self) -> None:
        """Finish the open fragment and hand it on; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._context = None
            self._muxer.close()

    def _code(self, video_frame: av.VideoFrame) -> Packet[VideoStream]:
        if self._context is None:
            self._context = self._x264.open(self._cap_kbps, self._buffer.used(self._cap_kbps))
        try:
            packets = self._context.encode(video_frame)
        except av.FFmpegError as refused:
            raise Bug(f"libx264 refused a frame ({refused})", safe="all fragments before are kept") from refused
        if len(packets) != 1:
            raise Bug("libx264 kept a frame back", safe="all fragments before are kept")
        return packets[0]

    def _change_cap(self, cap_kbps: int) -> None:
        # PyAV has no way to change the cap of an open context. The old one goes first: each holds 39 MB at 1080p.
        self._context = None
        self._cap_kbps = cap_kbps

    def _keyframe_due(self, frame: MaskedFrame) -> bool:
        label = (frame.mask_hash, frame.private)
        last = self._last_keyframe_ns
        due = last is None or label != self._label or frame.captured_mono_ns - last >= self._keyframe_after_ns
        if due:
            self._last_keyframe_ns, self._label = frame.captured_mono_ns, label
        return due


def as_video_frame(picture: Picture) -> av.VideoFrame:
    """``picture`` as FFmpeg sees it, without a copy where PyAV can; valid while ``picture`` is not changed."""
    if picture.height % 4 == 0:
        rows = picture.buffer.reshape(picture.height * 3 // 2, picture.width)
        return av.VideoFrame.from_numpy_buffer(rows, format="yuv420p")
    # PyAV takes rows // 6 * 4 for the height of such a buffer: two rows short here, and chroma, with every mask
    # burnt into it, would be read from the wrong place.
    frame = av.VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, pixels in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
        target = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        target[:, : plane.width] = pixels
    return frame


def _check(
    source_format: SourceFormat, bit_rate_kbps: int, crf: int, preset: str, interval_s: float, threads: int
) -> None:
    width, height = source_format.width, source_format.height
    if width % 2 or height % 2 or not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise BadInput(f"a picture of {width}x{height} cannot be encoded", do="use even sizes from 16 to 8192")
    if not 0 < source_format.fps <= 240:
        raise BadInput(
            f"{source_format.fps} frames a second cannot be encoded", do="use more than 0 and at most 240"
        )
    if bit_rate_kbps < MIN_BIT_RATE_KBPS:
        raise BadInput(f"a bit rate of {bit_rate_kbps} kbit/s is too low", do=f"use {MIN_BIT_RATE_KBPS} or more")
    if not 1 <= crf <= 51:
        raise BadInput(f"a quality of CRF {crf} is not possible", do="use 1 to 51")
    if preset not in PRESETS:
        raise BadInput(f"the encoder has no preset {preset!r}", do=f"use one of {', '.join(PRESETS)}")
    if not 0 < interval_s <= MAX_KEYFRAME_INTERVAL_S:
        raise BadInput(f"a keyframe every {interval_s} s is not allowed", do="use more than 0 and at most 2 s")
    if not 1 <= threads <= 16:
        raise BadInput(f"{threads} encoder threads are not allowed", do="use 1 to 16")
