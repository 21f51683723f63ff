"""Hands frames on in pooled pictures: numbers them, counts those for which no picture was free."""

from __future__ import annotations

from collections.abc import Callable

from edgecam.core.frames import RawFrame
from edgecam.core.picture import LentPicture, Picture, PicturePool

_LOOK_AGAIN_S = 0.2


class Lender:
    """Owns a source's pictures; used by the source's thread only, save for ``release`` of what it lent."""

    def __init__(self, width: int, height: int, pictures: int) -> None:
        self.dropped = 0
        self._pool = PicturePool(width, height, pictures)
        self._sequence = 0

    def hand_on(
        self, take: Callable[[RawFrame], None], captured_mono_ns: int, fill: Callable[[Picture], None]
    ) -> None:
        """Fill a free picture and give it to ``take``; without a free one the frame is dropped and counted."""
        picture = self._pool.take()
        if picture is None:
            self.dropped += 1
            self._sequence += 1
        else:
            self._hand_on(take, captured_mono_ns, fill, picture)

    def hand_on_waiting(
        self,
        take: Callable[[RawFrame], None],
        captured_mono_ns: int,
        fill: Callable[[Picture], None],
        stopped: Callable[[], bool],
    ) -> None:
        """The same, but wait for a free picture until ``stopped()``."""
        picture = self._pool.take()
        while picture is None and not stopped():
            picture = self._pool.take(_LOOK_AGAIN_S)
        if picture is not None:
            self._hand_on(take, captured_mono_ns, fill, picture)

    def _hand_on(
        self,
        take: Callable[[RawFrame], None],
        captured_mono_ns: int,
        fill: Callable[[Picture], None],
        picture: LentPicture,
    ) -> None:
        try:
            fill(picture)
        except BaseException:
            picture.release()
            raise
        frame = RawFrame(picture, captured_mono_ns, self._sequence, release=picture.release)
        self._sequence += 1
        take(frame)
