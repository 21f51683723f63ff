"""A video file, played as the recorder would see it: the same source, and small pictures made the same way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edgecam.capture.displayrotation import display_rotation
from edgecam.capture.filesource import FileSource
from edgecam.capture.uri import FileUri
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, Unavailable
from edgecam.core.frames import MaskedFrame
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Drawing
from edgecam.masking.maskset import MaskSet, Step
from edgecam.masking.shrink import small_size_for

# The same half frame of slack as where the recorder chooses the pictures that it shows.
_EARLY_NS = NS_PER_S // 60
_LEAST_PIXELS = 64


class Clip:
    """The video at ``path``, upright; `play` may be called again and again and gives the same frames each time.

    ``size`` and ``small_size`` are (width, height) in pixels, ``fps`` what the file says of itself.
    """

    def __init__(self, path: Path) -> None:
        """Raises: BadInput when it is missing, unreadable, empty, no video, or too small to be looked at."""
        self.path = path
        self._rotation = display_rotation(path)
        told = self._source().open()
        if min(told.width, told.height) < _LEAST_PIXELS:
            raise BadInput(
                f"the pictures of {path} have {told.width}x{told.height} pixels, too few to see anything in",
                do=f"use a video of at least {_LEAST_PIXELS}x{_LEAST_PIXELS}",
            )
        self.size = told.width, told.height
        self.small_size = small_size_for(*self.size)
        self.fps = told.fps

    def play(
        self,
        take: Callable[[MaskedFrame], None],
        looks_per_s: float,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Give each frame to ``take``, ``looks_per_s`` times a second of the video with its small picture.

        ``captured_mono_ns`` counts from the first frame. Both pictures are valid until ``take`` returns.
        Raises: BadInput when the picture changes its size, Unavailable when the file goes away meanwhile.
        """
        burner = Burner(_nothing_hidden(), self.size, self.small_size)
        interval_ns = int(NS_PER_S / looks_per_s)
        shown_ns = -NS_PER_S

        def hand_on(frame: MaskedFrame) -> None:
            nonlocal shown_ns
            if frame.small is not None:
                shown_ns = frame.captured_mono_ns
            try:
                take(frame)
            finally:
                frame.release()

        def is_due(captured_ns: int) -> bool:
            return captured_ns - shown_ns >= interval_ns - _EARLY_NS

        source = self._source()
        try:
            source.run(lambda raw: hand_on(burner.burn(raw, is_due(raw.captured_mono_ns))), stopped)
        except BadInput as changed:
            raise BadInput(
                f"{changed.what}, and two views cannot be judged as one", do="cut the video there"
            ) from changed
        finally:
            source.close()
        if burner.fault is not None:
            raise Unavailable(f"the small pictures of {self.path} could not be made ({burner.fault.sentence})")

    def _source(self) -> FileSource:
        uri = FileUri(self.path, loop=False, realtime=False)
        return FileSource(uri, rotation=self._rotation, pictures=1, clock=_FromZero())


class _FromZero:
    """A clock that stands at zero, so that the frames' own times are all that counts."""

    def now(self) -> Instant:
        return Instant(0, 0, bytes(16), TimeTrust.UNSET)

    def mono_ns(self) -> int:
        return 0

    def sleep(self, duration_s: float) -> None:
        return None


def _nothing_hidden() -> MaskSet:
    """What is to be hidden in a finished video is hidden already."""
    step = Step.of("analyse", Instant(0, 0, bytes(16), TimeTrust.UNSET))
    return MaskSet("a file", 1, Drawing(margin=0.0), drawn=step, confirmed=step)
