"""A clock that stands still until a test moves it."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust


@dataclass
class SetClock:
    """See `Clock`; ``sleep`` moves it."""

    _mono_ns: int = 0

    def now(self) -> Instant:
        return Instant(self._mono_ns, self._mono_ns, b"boot", TimeTrust.UNSET)

    def mono_ns(self) -> int:
        return self._mono_ns

    def sleep(self, duration_s: float) -> None:
        self._mono_ns += int(duration_s * NS_PER_S)
