"""Software H.264: masked frames through libx264 into fragments."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType
from av.video.stream import VideoStream

from edgecam.capture.muxer import TIME_BASE, FragmentMuxer
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, Bug
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture

MAX_KEYFRAME_INTERVAL_S = 2.0
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")
# Visually good on outdoor scenes; the rate cap takes over where a scene would need more than its plan.
_QUALITY_CRF = 23


class X264Encoder:
    """The `Encoder` for every board without a hardware one.

    Quality is constant up to ``bit_rate_kbps``; the cap (VBV, two seconds of it) holds over any longer stretch, so
    that a storage plan made from it keeps its floor and a still scene costs less. Keyframes are made by capture
    time, every ``keyframe_interval_s``, and at once when the mask set or privacy changes.

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
        preset: str = "superfast",
        keyframe_interval_s: float = 1.0,
        threads: int = 1,
    ) -> None:
        """Raises: BadInput for values libx264 cannot take; sizes must be even."""
        _check(source_format, bit_rate_kbps, preset, keyframe_interval_s, threads)
        self._size = (source_format.width, source_format.height)
        self._muxer = FragmentMuxer(source_format, on_fragment)
        self._stream = _add_stream(self._muxer, source_format, bit_rate_kbps, preset, threads)
        # A keyframe half a frame early is on time: otherwise jitter would stretch every fragment by a frame.
        self._keyframe_after_ns = round(keyframe_interval_s * NS_PER_S) - self._muxer.interval_ns // 2
        self._last_keyframe_ns: int | None = None
        self._label: tuple[bytes, bool] | None = None
        self._closed = False

    @property
    def inline(self) -> bool:
        return False

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
        try:
            packets = self._stream.encode(video_frame)
        except av.FFmpegError as refused:
            raise Bug(f"libx264 refused a frame ({refused})", safe="all fragments before are kept") from refused
        if len(packets) != 1:
            raise Bug("libx264 kept a frame back", safe="all fragments before are kept")
        self._muxer.mux(packets[0], frame.captured_mono_ns, frame.mask_hash, frame.private)

    def close(self) -> None:
        """Finish the open fragment and hand it on; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._muxer.close()

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


def _check(source_format: SourceFormat, bit_rate_kbps: int, preset: str, interval_s: float, threads: int) -> None:
    width, height = source_format.width, source_format.height
    if width % 2 or height % 2 or not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise BadInput(f"a picture of {width}x{height} cannot be encoded", do="use even sizes from 16 to 8192")
    if not 0 < source_format.fps <= 240:
        raise BadInput(
            f"{source_format.fps} frames a second cannot be encoded", do="use more than 0 and at most 240"
        )
    if bit_rate_kbps < 32:
        raise BadInput(f"a bit rate of {bit_rate_kbps} kbit/s is too low", do="use 32 or more")
    if preset not in PRESETS:
        raise BadInput(f"the encoder has no preset {preset!r}", do=f"use one of {', '.join(PRESETS)}")
    if not 0 < interval_s <= MAX_KEYFRAME_INTERVAL_S:
        raise BadInput(f"a keyframe every {interval_s} s is not allowed", do="use more than 0 and at most 2 s")
    if not 1 <= threads <= 16:
        raise BadInput(f"{threads} encoder threads are not allowed", do="use 1 to 16")


def _add_stream(
    muxer: FragmentMuxer, source_format: SourceFormat, bit_rate_kbps: int, preset: str, threads: int
) -> VideoStream:
    options = {
        "preset": preset,
        "tune": "zerolatency",
        "crf": str(_QUALITY_CRF),
        "maxrate": f"{bit_rate_kbps}k",
        "bufsize": f"{2 * bit_rate_kbps}k",
        "bf": "0",
        "forced-idr": "1",
        # Keyframes come by time only: libx264 counts frames, and its scene cuts would end fragments early.
        "g": "100000",
        "keyint_min": "1",
        "sc_threshold": "0",
        "threads": str(threads),
    }
    rate = Fraction(source_format.fps).limit_denominator(1001)
    stream = muxer.container.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height, stream.pix_fmt = source_format.width, source_format.height, "yuv420p"
    stream.codec_context.time_base = TIME_BASE
    stream.time_base = TIME_BASE
    try:
        # Now rather than at the first frame: while libx264 opens, every picture of the source's pool would fill up.
        muxer.container.start_encoding()
    except av.FFmpegError as refused:
        raise Bug(f"libx264 refused its settings ({refused})") from refused
    return stream
