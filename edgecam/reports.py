"""What the processes of this camera last said of themselves."""

from __future__ import annotations

from edgecam.core.clock import Clock
from edgecam.core.status import ObserverStatus, RecorderStatus, read_status
from edgecam.places import Places


class Reports:
    """Reads the status files anew at each call; any thread may call."""

    def __init__(self, places: Places, clock: Clock, *, observes: bool) -> None:
        """``observes`` is whether the settings want an observer at all."""
        self._places, self._clock, self._observes = places, clock, observes

    def recorder(self) -> RecorderStatus | None:
        """``None`` when it has said nothing."""
        return read_status(self._places.status_of("recorder"), RecorderStatus)

    def observer(self) -> ObserverStatus | None:
        """``None`` when it has said nothing."""
        if not self._observes:
            # Switched off is not silent.
            return ObserverStatus(beat_mono_ns=self._clock.mono_ns(), detector="off")
        return read_status(self._places.status_of("observer"), ObserverStatus)
