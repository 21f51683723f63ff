"""A whole source in RAM: draws numbered frames, and fails on order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import EdgecamError
from edgecam.core.frames import RawFrame, SourceFormat
from edgecam.core.picture import LentPicture, PicturePool

INTERVAL_NS = NS_PER_S // 10


class ScriptedSource:
    """The `Source` contract: ``script`` holds frame numbers to deliver, or an error to raise there."""

    def __init__(
        self,
        script: Sequence[int | EdgecamError],
        size: tuple[int, int] = (64, 48),
        refuse: EdgecamError | None = None,
        pictures: int = 3,
    ) -> None:
        self._script, self._size, self._refuse = script, size, refuse
        self._pool = PicturePool(*size, pictures)
        self.dropped = 0
        self.closed = 0

    def open(self) -> SourceFormat:
        if self._refuse is not None:
            raise self._refuse
        return SourceFormat(*self._size, NS_PER_S / INTERVAL_NS)

    def run(self, take: Callable[[RawFrame], None], stopped: Callable[[], bool]) -> None:
        for step in self._script:
            if stopped():
                return
            if isinstance(step, EdgecamError):
                raise step
            take(self._frame(step))

    def close(self) -> None:
        self.closed += 1

    def _frame(self, number: int) -> RawFrame:
        picture: LentPicture | None = None
        while picture is None:
            picture = self._pool.take(timeout_s=10)
        picture.buffer[:] = 200 - number % 100
        return RawFrame(picture, number * INTERVAL_NS, number, release=picture.release)
