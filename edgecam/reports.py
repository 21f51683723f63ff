"""What the processes of this camera last said of themselves."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import CareStatus, Fault, ObserverStatus, RecorderStatus, read_status
from edgecam.places import Places

_CARE_SILENT_NS = 30 * NS_PER_S


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

    def care_faults(self) -> list[Fault]:
        """What is wrong with the board, where there is a care of it at all; what fell silent knows nothing now."""
        care = read_status(self._places.status_of("care"), CareStatus)
        if care is None:
            return []
        if self._clock.mono_ns() - care.beat_mono_ns > _CARE_SILENT_NS:
            return [Fault("care_silent", "Nobody cares for day and night and the board. Recording goes on.")]
        return care.faults
