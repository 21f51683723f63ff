"""Somebody stays in a zone for longer than anybody should: one finding each, from the end of the dwell on."""

from __future__ import annotations

from dataclasses import replace

from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.rule import Rule
from edgecam.analysis.stays import Stay, Stays
from edgecam.analysis.wording import one
from edgecam.core.events import EventKind


class Loitering:
    """See `Judge`. It begins when the dwell is reached and ends where the loiterer was last in the zone."""

    def __init__(self, rule: Rule, stays: Stays) -> None:
        """``stays`` is observed here and by nobody else."""
        self._rule, self._stays = rule, stays
        self._open: dict[int, Finding] = {}

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        self._stays.observe(look.now_s)
        told = [self._over(stay) for stay in self._stays.left if stay.number in self._open]
        for stay in self._stays.here:
            # Only what was seen counts: who was not seen any more may have left long ago.
            if stay.seen_s - stay.since_s < self._rule.dwell_s:
                continue
            if stay.number not in self._open:
                self._open[stay.number] = self._stayed(stay)
                told.append(self._open[stay.number])
        return told

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`."""
        return [self._over(stay) for stay in self._stays.forget() if stay.number in self._open]

    def _stayed(self, stay: Stay) -> Finding:
        return Finding(
            key=("rule", self._rule.number, stay.number),
            kind=EventKind.LOITERING,
            start_wall_ns=after(stay.since_wall_ns, self._rule.dwell_s),
            confidence=stay.confidence,
            reason=f"{one(stay.kind)} has stayed in {self._rule.where} for {self._rule.dwell_s:.0f} s",
            zone=self._rule.place,
            track=stay.track,
            box=stay.box,
        )

    def _over(self, stay: Stay) -> Finding:
        finding = self._open.pop(stay.number)
        reason = f"{one(stay.kind)} stayed in {self._rule.where} for {stay.seen_s - stay.since_s:.0f} s"
        return replace(
            finding, end_wall_ns=stay.seen_wall_ns, reason=reason, confidence=stay.confidence, box=stay.box
        )
