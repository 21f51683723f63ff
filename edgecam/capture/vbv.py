"""How much of the encoder's buffer what was coded last has used up; pure."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S


class BufferModel:
    """The leaky bucket that libx264 keeps for its cap (VBV), kept a second time because nobody can read that one.

    It holds ``buffer_s`` seconds of the cap and drains at it; libx264 counts every frame as ``interval_ns`` long.
    """

    def __init__(self, buffer_s: float, interval_ns: int) -> None:
        self._buffer_s, self._interval_s = buffer_s, interval_ns / NS_PER_S
        self._bits = 0.0

    def add(self, size_bytes: int, cap_kbps: int) -> None:
        """One more frame was coded under ``cap_kbps``."""
        self._bits = max(0.0, self._bits + 8 * size_bytes - self._interval_s * cap_kbps * 1000)

    def used(self, cap_kbps: int) -> float:
        """Which part of the buffer of an encoder with ``cap_kbps`` is used up; 1 at most."""
        return min(1.0, self._bits / (self._buffer_s * cap_kbps * 1000))
