"""H.264 packets into CMAF fragments, in memory: FFmpeg's MP4 muxer writing into the fragmenter."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import av
from av.packet import Packet
from av.video.stream import VideoStream

from edgecam.capture.fragmenter import Fragmenter
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import Bug
from edgecam.core.frames import Fragment, SourceFormat

TICKS_PER_S = 90_000
TIME_BASE = Fraction(1, TICKS_PER_S)
_OPTIONS = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof+skip_trailer",
    "video_track_timescale": str(TICKS_PER_S),
    # Without it the muxer keeps a finished fragment in its buffer until the next one needs the room.
    "flush_packets": "1",
}
# One Python call a fragment instead of one per 32 KiB.
_BUFFER_SIZE_BYTES = 1 << 20


class FragmentMuxer:
    """One MP4 track whose fragments go to ``on_fragment``; presentation time 0 is the first frame's capture.

    ``on_fragment`` is called from `mux` and `close`, outside FFmpeg, so what it raises reaches the caller.
    """

    def __init__(self, source_format: SourceFormat, on_fragment: Callable[[Fragment], None]) -> None:
        self.interval_ns = round(NS_PER_S / source_format.fps)
        self._on_fragment = on_fragment
        self._fragmenter = Fragmenter(self.interval_ns)
        self.container = av.open(
            self._fragmenter, "w", format="mp4", options=_OPTIONS, buffer_size=_BUFFER_SIZE_BYTES
        )
        self._origin_mono_ns: int | None = None
        self._last_ticks = -1

    def ticks(self, captured_mono_ns: int) -> int:
        """The presentation time of the next frame in 1/90000 s, later than that of every frame before."""
        if self._origin_mono_ns is None:
            self._origin_mono_ns = captured_mono_ns
        exact = round((captured_mono_ns - self._origin_mono_ns) * TICKS_PER_S / NS_PER_S)
        self._last_ticks = max(exact, self._last_ticks + 1)
        return self._last_ticks

    def mux(self, packet: Packet[VideoStream], captured_mono_ns: int, mask_hash: bytes, private: bool) -> None:
        """Add one coded frame. Raises: Bug when a fragment would mix mask sets; what ``on_fragment`` raises."""
        self._fragmenter.frame(captured_mono_ns, packet.is_keyframe, mask_hash, private)
        try:
            self.container.mux_one(packet)
        except av.FFmpegError as refused:
            raise Bug(
                f"a coded frame cannot be muxed ({refused})", safe="all fragments before are kept"
            ) from refused
        self._hand_on()

    def close(self) -> None:
        """End the open fragment and hand it on."""
        self._fragmenter.finish()
        self.container.close()
        self._hand_on()

    def _hand_on(self) -> None:
        for fragment in self._fragmenter.take():
            self._on_fragment(fragment)
