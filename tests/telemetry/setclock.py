"""A clock that stands still until a test moves it, and one that goes and can be set forward."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Instant, SystemClock, TimeTrust


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


class ForwardClock(SystemClock):
    """The machine's own, set forward by ``forward_s``."""

    forward_s = 0

    def mono_ns(self) -> int:
        return super().mono_ns() + self.forward_s * NS_PER_S
