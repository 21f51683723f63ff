"""What travels from the lens to the encoder, and the two sides of the mask.

`RawFrame` holds light as it came in and may be named only by sources and by ``masking``;
`MaskedFrame` is made in ``masking/burn.py`` alone and is the only thing an encoder takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edgecam.core.aim import NO_AIM, AimReading
from edgecam.core.picture import Picture


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """What a source delivers once it is open: size in pixels after rotation, frames per second."""

    width: int
    height: int
    fps: float
    audio_dropped: bool = False


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class RawFrame:
    """Light before the mask. ``picture`` (and ``small``, where the camera makes one) are burnt in place.

    ``captured_mono_ns`` is boot time at capture; ``release`` hands the pixels back to their owner.
    """

    picture: Picture
    captured_mono_ns: int
    sequence: int
    small: Picture | None = None
    release: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class MaskedFrame:
    """Light after the mask: both pictures are burnt. Call ``release`` once, when nothing reads ``full`` any more.

    ``small`` is there on frames for which one was asked, and only until the next burn. ``mask_hash`` is the SHA-256
    of the mask set that was burnt; ``private`` says the whole frame is fill; ``aim`` is the newest judgement of it.
    """

    full: Picture
    small: Picture | None
    captured_mono_ns: int
    sequence: int
    mask_hash: bytes
    private: bool
    release: Callable[[], None] = _nothing
    aim: AimReading = NO_AIM


class Source(Protocol):
    """Where light comes from: a camera, a stream, a file or a drawn scene.

    `open` raises `BadInput` (it can never work) or `Unavailable` (it may work later). `run` calls ``take`` for
    each frame, in order, in the calling thread, and returns when ``stopped()`` is true or the footage is over;
    it raises `Unavailable` when the source is lost, `BadInput` when the picture changed its size. What ``take``
    raises ends `run`: a frame that could not be masked is never followed by another one.
    """

    def open(self) -> SourceFormat: ...

    def run(self, take: Callable[[RawFrame], None], stopped: Callable[[], bool]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Fragment:
    """One CMAF fragment (``moof`` + ``mdat``), starting with a keyframe and decodable after ``init``.

    Times are boot time in nanoseconds; ``end_mono_ns`` is the capture time of the frame that follows (or of the
    last frame plus one frame interval). All frames of a fragment share ``mask_hash`` and ``private``.
    """

    init: bytes
    data: bytes
    start_mono_ns: int
    end_mono_ns: int
    frame_count: int
    mask_hash: bytes
    private: bool


class Encoder(Protocol):
    """Masked frames in, fragments out through the callable given at construction; one thread uses it.

    ``inline`` says that `encode` must be called while the source hands the frame over, because the pixels lie in
    the camera's own buffer and the codec takes them right afterwards; otherwise a thread of its own may encode.
    """

    @property
    def inline(self) -> bool: ...

    def encode(self, frame: MaskedFrame) -> None: ...

    def set_bit_rate_kbps(self, rate: int) -> None:
        """From the next keyframe on, ``rate`` is not exceeded for longer than seconds. Any thread may call it."""
        ...

    def close(self) -> None:
        """Finish the open fragment and hand it on."""
        ...
