"""What the installer sees: the unmasked view, or the same burnt with a drawing; one picture at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edgecam.core.clock import Clock
from edgecam.core.smallframes import SmallFrame
from edgecam.masking.drawing import Drawing
from edgecam.masking.fill import Fill
from edgecam.web.live import LiveJpeg, LivePicture


class InstallerView:
    """Over the ``newest`` of one unmasked sight; any thread may ask. Nothing but the last JPEGs is kept."""

    def __init__(self, newest: Callable[[], SmallFrame | None], clock: Clock) -> None:
        self._newest, self._clock = newest, clock
        # Both views are made of one buffer: neither may be encoded while the other one is taken.
        self._one_at_a_time = threading.Lock()
        self._plain = LivePicture(newest, clock)
        self._burnt = LivePicture(self._burn_newest, clock)
        self._drawing = Drawing()
        self._fill: tuple[tuple[int, int], Fill] | None = None

    def current(self) -> LiveJpeg:
        """The unmasked picture. Raises: as `LivePicture.current`, and NotAllowed when the permit is over."""
        with self._one_at_a_time:
            return self._plain.current()

    def burnt(self, drawing: Drawing) -> LiveJpeg:
        """The picture as it is recorded once ``drawing`` is in force. Raises: as `current`."""
        with self._one_at_a_time:
            if drawing != self._drawing:
                self._burnt.forget()
                self._burnt = LivePicture(self._burn_newest, self._clock)
                self._drawing, self._fill = drawing, None
            return self._burnt.current()

    def forget(self) -> None:
        """Leave nothing of the pictures that were shown; for good."""
        with self._one_at_a_time:
            self._plain.forget()
            self._burnt.forget()

    def _burn_newest(self) -> SmallFrame | None:
        frame = self._newest()
        if frame is not None:
            size = frame.picture.width, frame.picture.height
            if self._fill is None or self._fill[0] != size:
                self._fill = size, Fill(self._drawing.covered(*size), *size)
            self._fill[1].burn_into(frame.picture)
        return frame
