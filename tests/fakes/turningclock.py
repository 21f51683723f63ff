"""A clock that goes on when somebody sleeps by it or turns it."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust


@dataclass
class TurningClock:
    """``wall_ns`` and ``mono_ns`` go on together."""

    wall_ns: int = 1_800_000_000 * NS_PER_S
    mono_ns_: int = 100 * NS_PER_S
    boot_id: bytes = bytes(16)
    trust: TimeTrust = TimeTrust.SYNCED

    def now(self) -> Instant:
        return Instant(self.wall_ns, self.mono_ns_, self.boot_id, self.trust)

    def mono_ns(self) -> int:
        return self.mono_ns_

    def sleep(self, duration_s: float) -> None:
        self.turn(duration_s)

    def turn(self, duration_s: float) -> None:
        self.wall_ns += round(duration_s * NS_PER_S)
        self.mono_ns_ += round(duration_s * NS_PER_S)
