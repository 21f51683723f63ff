"""A clock that stands still until somebody sets it."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.clock import Instant


@dataclass
class StoodClock:
    """Tells ``instant``; nobody may sleep by it."""

    instant: Instant

    def now(self) -> Instant:
        return self.instant

    def mono_ns(self) -> int:
        return self.instant.mono_ns

    def sleep(self, duration_s: float) -> None:
        raise AssertionError(duration_s)
