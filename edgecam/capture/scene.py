"""A drawn scene as a source, with its own ground truth; what a newcomer sees when there is no camera."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from edgecam.capture.lending import Lender
from edgecam.capture.pacing import Pacer
from edgecam.capture.scenecast import Cast, Visible
from edgecam.capture.scenestage import Stage
from edgecam.capture.uri import SceneUri
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput
from edgecam.core.frames import RawFrame, SourceFormat
from edgecam.core.picture import Picture


class SceneSource:
    """The `Source` that draws ``uri.name``: the same pixels for the same seed, size and rate, without end.

    The frame of sequence ``n`` shows ``n / fps`` seconds after the start, also when frames were dropped.
    """

    def __init__(self, uri: SceneUri, *, width: int, height: int, fps: float, pictures: int, clock: Clock) -> None:
        """``width``, ``height`` and ``fps`` hold where ``uri`` does not say; odd sizes are cut to even."""
        self._uri, self._pictures, self._clock = uri, pictures, clock
        self._width, self._height = (uri.width or width) & ~1, (uri.height or height) & ~1
        self._fps = uri.fps or fps
        self._lender: Lender | None = None
        self._stage: Stage | None = None

    @property
    def dropped(self) -> int:
        """Frames for which no picture was free."""
        return self._lender.dropped if self._lender else 0

    def truth_at(self, t_s: float) -> list[Visible]:
        """Who and what can be seen ``t_s`` seconds after the first frame; needs no `open`."""
        return Cast(self._uri.seed, self._width / self._height).truth_at(t_s)

    def open(self) -> SourceFormat:
        """Raises: BadInput for a size or rate that cannot be drawn."""
        if not (64 <= self._width <= 4096 and 64 <= self._height <= 4096 and 1 <= self._fps <= 60):
            raise BadInput(
                f"a scene of {self._width}x{self._height} at {self._fps} frames a second cannot be drawn",
                do="use 64 to 4096 pixels and 1 to 60 frames a second",
            )
        self._stage = Stage(self._uri.name, self._uri.seed, self._width, self._height)
        self._lender = Lender(self._width, self._height, self._pictures)
        return SourceFormat(self._width, self._height, self._fps)

    def run(self, take: Callable[[RawFrame], None], stopped: Callable[[], bool]) -> None:
        if self._stage is None or self._lender is None:
            self.open()
        assert self._stage is not None
        assert self._lender is not None
        pacer = Pacer(self._clock, realtime=self._uri.realtime)
        number = 0
        while not stopped():
            captured_mono_ns = pacer.wait(round(number * NS_PER_S / self._fps), stopped)
            draw: Callable[[Picture], None] = partial(self._stage.draw, t_s=number / self._fps)
            if self._uri.realtime:
                self._lender.hand_on(take, captured_mono_ns, draw)
            else:
                self._lender.hand_on_waiting(take, captured_mono_ns, draw, stopped)
            number += 1

    def close(self) -> None:
        self._stage = None
