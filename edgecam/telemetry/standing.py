"""Faults that stand for a while after their cause, because the cause lasts only a moment."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault

_STAND_S = 3600.0


class StandingFaults:
    """The last fault of each code, for an hour after it was last noted; belongs to one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: dict[str, tuple[int, Fault]] = {}

    def note(self, fault: Fault, stand_s: float = _STAND_S) -> bool:
        """It happened, just now; whether nothing of its code stood before."""
        is_new = all(standing.code != fault.code for standing in self.now())
        self._noted[fault.code] = self._clock.mono_ns() + int(stand_s * NS_PER_S), fault
        return is_new

    def now(self) -> tuple[Fault, ...]:
        """What stands."""
        now_ns = self._clock.mono_ns()
        self._noted = {code: noted for code, noted in self._noted.items() if noted[0] > now_ns}
        return tuple(fault for _, fault in self._noted.values())
