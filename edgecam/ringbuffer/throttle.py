"""Sets the encoder's cap by the budget, and says when the floor cannot be held."""

from __future__ import annotations

from collections.abc import Callable

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.status import Fault
from edgecam.ringbuffer.budget import Budget, Claims
from edgecam.ringbuffer.format import EPOCH_DURATION_NS
from edgecam.ringbuffer.rates import Rates
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention
from edgecam.ringbuffer.writer import RingWriter

# The cap stays this far under the budget, and is touched again only when it is above it or twice as far below.
_MARGIN = 0.95
# Far from its limit nothing happens in a minute: it takes as long as the budget's guard for anything to be lost.
_LOOK_SELDOM_NS = 60 * NS_PER_S
_EASY = 1.5


class Throttle:
    """A task of the committer: call it with the writer and the moment. ``kbps`` is the cap that holds now.

    The cap is the budget, between the least and the highest. Where the floor is beyond this ring even at the least,
    it stays at the highest: a worse picture would not keep the promise, and ``fault`` says what would.
    """

    def __init__(self, rates: Rates, retention: Retention, set_kbps: Callable[[int], None]) -> None:
        """``set_kbps`` is called in the committing thread, whenever the cap changes."""
        self._retention, self._set_kbps = retention, set_kbps
        # Replaced when a source opens whose picture is another than planned.
        self.rates = rates
        self._look_again_ns = 0
        self.kbps = rates.highest_kbps
        self.fault: Fault | None = None

    def __call__(self, writer: RingWriter, now: Instant) -> None:
        if now.mono_ns < self._look_again_ns:
            return
        claims = writer.claims(now)
        budget = Budget(claims.data_size, self._retention.floor_ns, self.rates.on_medium(self.rates.highest_kbps))
        allowed = budget.allowed(claims)
        least = self.rates.on_medium(self.rates.least_kbps)
        hopeless = budget.most < least
        self._turn(self.rates.highest_kbps if hopeless else self.rates.of_video(allowed))
        self.fault = self._fault(claims, budget, least)
        easy = hopeless or allowed > _EASY * self.rates.on_medium(self.rates.highest_kbps)
        self._look_again_ns = now.mono_ns + (_LOOK_SELDOM_NS if easy else 0)

    def _turn(self, budget_kbps: float) -> None:
        """Follow the budget, but not its every move: each change costs the encoder a fresh start."""
        highest, least = self.rates.highest_kbps, self.rates.least_kbps
        wanted = highest if budget_kbps >= highest else max(least, int(_MARGIN * budget_kbps))
        above = self.kbps > max(least, budget_kbps)
        if above or wanted > self.kbps / _MARGIN or (wanted == highest != self.kbps):
            self.kbps = wanted
            self._set_kbps(wanted)

    def _fault(self, claims: Claims, budget: Budget, least: float) -> Fault | None:
        floor_days = self._retention.floor_ns / NS_PER_DAY
        by_slots_ns = claims.slot_count * EPOCH_DURATION_NS
        if budget.most < least:
            needed = claims.data_size * least / budget.sustained / 2**30
            return Fault(
                "retention",
                f"The ring cannot hold the {_days(floor_days)} that footage must be kept, even at the lowest "
                f"useful bit rate: that takes {needed:.3g} GiB; `edgecam plan` says what else would do.",
            )
        if by_slots_ns < self._retention.floor_ns:
            return Fault(
                "retention",
                f"The ring was made for a shorter policy and has room for {_days(by_slots_ns / NS_PER_DAY)} of the "
                f"{_days(floor_days)} that footage must be kept: make it anew.",
            )
        if missing_ns := budget.missing_ns(claims, least):
            return Fault(
                "retention",
                f"Some footage will be overwritten {_days(missing_ns / NS_PER_DAY)} before the "
                f"{_days(floor_days)} that it must be kept: the ring was filled faster than this policy allows; "
                "export what you need.",
            )
        return None


def _days(days: float) -> str:
    if days >= 1:
        return f"{days:.3g} days"
    return f"{days * 24:.2g} hours" if days >= 1 / 24 else f"{days * 1440:.2g} minutes"
