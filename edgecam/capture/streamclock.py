"""Places a camera's own frame times in boot time, without the jitter of the network or of a busy machine."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S

# A difference beyond it is a jump of the camera's clock or a pause of the stream, not jitter.
_JUMP_NS = NS_PER_S
# How much of a later arrival is believed: a camera clock that is wrong by 50 ppm is followed within 7 ms.
_DRIFT_SHARE = 1 / 2000


class StreamClock:
    """The earliest arrivals say how a camera's clock lies to ours: what came later was only under way longer."""

    def __init__(self) -> None:
        self._offset_ns: int | None = None
        self._last_ns = 0

    def captured(self, arrived_mono_ns: int, stream_s: float | None) -> int:
        """Boot time of the frame with the camera's time ``stream_s``; later than that of every frame before."""
        captured_ns = arrived_mono_ns if stream_s is None else self._placed(arrived_mono_ns, stream_s)
        self._last_ns = max(captured_ns, self._last_ns + 1)
        return self._last_ns

    def _placed(self, arrived_mono_ns: int, stream_s: float) -> int:
        stream_ns = round(stream_s * NS_PER_S)
        late_ns = 0 if self._offset_ns is None else arrived_mono_ns - stream_ns - self._offset_ns
        if self._offset_ns is None or late_ns < 0 or late_ns > _JUMP_NS:
            self._offset_ns = arrived_mono_ns - stream_ns
        else:
            self._offset_ns += round(late_ns * _DRIFT_SHARE)
        return stream_ns + self._offset_ns
