"""What the camera has learned to be usual, kept over restarts: numbers by place and hour, no pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edgecam.analysis.normality import NormalityJudge
from edgecam.core.clock import NS_PER_S
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.core.status import Fault

_KEPT_EVERY_NS: Final = 1800 * NS_PER_S


class HabitFile:
    """One file in the state folder; written every half hour and at the end, so that a power cut costs no more."""

    def __init__(self, path: Path, normality: NormalityJudge, mono_ns: int) -> None:
        """Give ``normality`` what was kept; ``mono_ns`` is now."""
        self._path, self._normality, self._kept_ns = path, normality, mono_ns
        self.fault: Fault | None = None
        try:
            normality.restore(path.read_bytes())
        except FileNotFoundError:
            return
        except (DataLoss, OSError) as lost:
            self.fault = Fault("habits", f"what was usual here is lost, it is learned anew ({lost})")

    def keep(self, mono_ns: int, *, due: bool = False) -> None:
        """Write what was learned, when it is time for it or ``due``; a failure is a fault and is tried again."""
        if not due and mono_ns - self._kept_ns < _KEPT_EVERY_NS:
            return
        self._kept_ns = mono_ns
        try:
            replace_durably(self._path, self._normality.state())
        except MediaFailing as failing:
            self.fault = Fault("habits", f"what was learned to be usual cannot be kept ({failing.what})")
        else:
            self.fault = None
