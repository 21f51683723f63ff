"""How many went over a line, and which way: one finding for each hour or day in which anybody did."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from edgecam.analysis.civilhour import civil_hour
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.rule import Direction, Reset, Rule
from edgecam.analysis.tripwire import Crossing, Tripwire
from edgecam.analysis.wording import all_of
from edgecam.core.events import EventKind

_CONFIDENCE: Final = 0.9


class Counting:
    """See `Judge`. The sentence at the end of the period has the totals."""

    def __init__(self, rule: Rule, tripwire: Tripwire, zone: tzinfo) -> None:
        """``zone`` tells hours and days; ``tripwire`` is observed here and by nobody else."""
        self._rule, self._tripwire, self._zone = rule, tripwire, zone
        self._open: Finding | None = None
        self._period: object = None
        self._ways: Counter[Direction] = Counter()
        self._kinds: Counter[EventKind] = Counter()

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        period = self._period_of(look.wall_ns)
        told = self._over(look.wall_ns) if period != self._period else []
        self._period = period
        for crossing in self._tripwire.observe():
            if self._open is None:
                self._open = self._begun(crossing)
                told.append(self._open)
            self._ways[crossing.direction] += 1
            self._kinds[crossing.kind] += 1
        return told

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`."""
        self._tripwire.forget()
        return self._over(wall_ns)

    def _period_of(self, wall_ns: int) -> object:
        if self._rule.reset == Reset.NEVER:
            return None
        hour = civil_hour(wall_ns, self._zone)
        return hour.day if hour is not None and self._rule.reset == Reset.DAILY else hour

    def _begun(self, crossing: Crossing) -> Finding:
        return Finding(
            key=("rule", self._rule.number),
            kind=EventKind.COUNTING,
            start_wall_ns=crossing.wall_ns,
            confidence=_CONFIDENCE,
            reason=f"somebody crossed {self._rule.where}, and those who follow are counted",
            zone=self._rule.place,
        )

    def _over(self, wall_ns: int) -> list[Finding]:
        finding, self._open = self._open, None
        ways, self._ways = self._ways, Counter()
        kinds, self._kinds = self._kinds, Counter()
        if finding is None:
            return []
        right, left = ways[Direction.LEFT_TO_RIGHT], ways[Direction.RIGHT_TO_LEFT]
        who = all_of(kinds.elements())
        reason = f"{who} crossed {self._rule.where}: {right} from left to right, {left} from right to left"
        return [replace(finding.ended(wall_ns), reason=reason)]
