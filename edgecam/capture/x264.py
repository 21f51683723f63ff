"""libx264 as edgecam opens it: constant quality under a cap, one picture in, one packet out, no lookahead."""

from __future__ import annotations

import io
from fractions import Fraction

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from edgecam.capture.muxer import TIME_BASE, FragmentMuxer
from edgecam.core.errors import Bug
from edgecam.core.frames import SourceFormat

# The cap may be exceeded by what it lets through in this time, no more; a keyframe has to fit.
BUFFER_S = 2.0


class X264:
    """One picture format and quality, from which encoders with any cap can be opened.

    All of them write the same parameter sets, so that one may follow another at a keyframe inside one recording.
    For that their level is fixed to what the highest cap needs: by itself libx264 takes it from the cap.
    """

    def __init__(
        self, source_format: SourceFormat, *, crf: int, highest_kbps: int, preset: str, threads: int
    ) -> None:
        """Raises: Bug when libx264 refuses."""
        self._format, self._crf, self._preset, self._threads = source_format, crf, preset, threads
        self._level = ""
        self._level = _level_of(self.open(highest_kbps).extradata)

    def open(self, cap_kbps: int, buffered: float = 0.0) -> VideoCodecContext:
        """An encoder; ``buffered`` is the part of the buffer that what was coded before has used up already.

        Takes 1 ms; libx264 takes its memory at the first picture and gives it back when the context is dropped.
        Raises: Bug when libx264 refuses.
        """
        context = VideoCodecContext.create("libx264", "w")
        self._describe(context)
        # Parameter sets go into the init, once, instead of before every keyframe.
        context.flags |= Flags.global_header
        context.options = self._options(cap_kbps, buffered)
        try:
            context.open(strict=False)
        except av.FFmpegError as refused:
            raise Bug(f"libx264 refused its settings ({refused})") from refused
        return context

    def add_track(self, muxer: FragmentMuxer) -> VideoStream:
        """The track for what all these encoders make; it holds none of them."""
        with av.open(io.BytesIO(), "w", format="mp4") as described:
            template = described.add_stream("libx264", options=self._options(64, 0.0))
            self._describe(template.codec_context)
            template.time_base = TIME_BASE
            try:
                described.start_encoding()
                stream = muxer.container.add_stream_from_template(template, opaque=True)
                stream.time_base = TIME_BASE
                # Now rather than at the first frame: the init is there before any picture waits.
                muxer.container.start_encoding()
            except av.FFmpegError as refused:
                raise Bug(f"libx264 refused its settings ({refused})") from refused
        return stream

    def _describe(self, context: VideoCodecContext) -> None:
        context.width, context.height, context.pix_fmt = self._format.width, self._format.height, "yuv420p"
        context.time_base = TIME_BASE
        context.framerate = Fraction(self._format.fps).limit_denominator(1001)

    def _options(self, cap_kbps: int, buffered: float) -> dict[str, str]:
        buffer_bits = round(BUFFER_S * cap_kbps * 1000)
        options = {
            "preset": self._preset,
            "tune": "zerolatency",
            "crf": str(self._crf),
            "maxrate": f"{cap_kbps}k",
            "bufsize": str(buffer_bits),
            # libx264 starts with nine tenths of the buffer unused unless told otherwise.
            "rc_init_occupancy": str(max(1, round(buffer_bits * (0.9 - min(0.9, buffered))))),
            "bf": "0",
            "forced-idr": "1",
            # Keyframes come by time only: libx264 counts frames, and its scene cuts would end fragments early.
            "g": "100000",
            "keyint_min": "1",
            "sc_threshold": "0",
            "threads": str(self._threads),
        }
        return options | ({"level": self._level} if self._level else {})


def _level_of(extradata: bytes | None) -> str:
    """The level that the sequence parameter set at the start of ``extradata`` (Annex B) states, as in ``3.1``."""
    # Start code (4 bytes), type, profile, constraints, level.
    if extradata is None or len(extradata) < 8:
        raise Bug("libx264 told no parameter sets")
    return f"{extradata[7] / 10:.1f}"
