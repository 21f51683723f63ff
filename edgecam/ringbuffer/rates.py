"""From kilobits a second of video to bytes a second on the medium, and back; pure."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.ringbuffer.format import HEADER_SIZE, SALT_SIZE, TAG_SIZE, UNIT

# `moof` and `mdat` of a fragment, and of each of its frames.
_BOXES_SIZE, _BOXES_SIZE_OF_FRAME = 160, 16
_BYTES_PER_KBIT = 125


@dataclass(frozen=True, slots=True)
class Rates:
    """What the encoder may do, in kilobits a second of video, and how much more each second takes on the medium."""

    highest_kbps: int
    least_kbps: int
    fps: float
    fragment_s: float

    @property
    def overhead(self) -> float:
        """Bytes a second beside the video, at most: header, seal, padding, boxes."""
        a_segment = HEADER_SIZE + SALT_SIZE + TAG_SIZE + UNIT - 1 + _BOXES_SIZE
        return a_segment / self.fragment_s + _BOXES_SIZE_OF_FRAME * self.fps

    def on_medium(self, kbps: float) -> float:
        """Bytes a second on the medium, at most, for ``kbps`` of video."""
        return kbps * _BYTES_PER_KBIT + self.overhead

    def of_video(self, rate: float) -> float:
        """Kilobits a second of video for which there is room in ``rate`` bytes a second on the medium."""
        return (rate - self.overhead) / _BYTES_PER_KBIT
