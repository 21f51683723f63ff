"""Many at once in a zone: one finding from when they were too many for long enough until they are fewer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from edgecam.analysis.box import around
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.rule import Rule
from edgecam.analysis.stays import Stay, Stays
from edgecam.analysis.wording import all_of
from edgecam.core.events import EventKind

_FEWER_FOR_S: Final = 3.0


class Crowding:
    """See `Judge`. A look or two in which somebody is hidden by others neither begins nor ends it."""

    def __init__(self, rule: Rule, stays: Stays) -> None:
        """``stays`` is observed here and by nobody else."""
        self._rule, self._stays = rule, stays
        self._open: Finding | None = None
        self._many_since: tuple[float, int] | None = None
        self._many_wall_ns = 0
        self._fewer_s = 0.0
        self._most: list[Stay] = []

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        self._stays.observe(look.now_s)
        here = self._stays.here
        if len(here) < self._rule.count:
            self._fewer_s += look.elapsed_s
            return self._over() if self._fewer_s > (_FEWER_FOR_S if self._open else 1.0) else []
        self._fewer_s, self._many_wall_ns = 0.0, look.wall_ns
        if self._many_since is None:
            self._many_since = look.now_s, look.wall_ns
        if len(here) > len(self._most):
            self._most = [replace(stay) for stay in here]
        if self._open is not None or look.now_s - self._many_since[0] < self._rule.dwell_s:
            return []
        self._open = self._found(look.wall_ns, here)
        return [self._open]

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`."""
        self._stays.forget()
        return self._over()

    def _found(self, wall_ns: int, here: list[Stay]) -> Finding:
        return Finding(
            key=("rule", self._rule.number),
            kind=EventKind.CROWDING,
            start_wall_ns=wall_ns,
            confidence=sum(stay.confidence for stay in here) / len(here),
            reason=f"{all_of(stay.kind for stay in here)} are in {self._rule.where} at once",
            zone=self._rule.place,
            box=around([stay.box for stay in here]),
        )

    def _over(self) -> list[Finding]:
        finding, self._open, self._many_since, self._fewer_s = self._open, None, None, 0.0
        most, self._most = self._most, []
        if finding is None:
            return []
        reason = f"{all_of(stay.kind for stay in most)} were in {self._rule.where} at once at most"
        box = around([stay.box for stay in most])
        return [replace(finding, end_wall_ns=self._many_wall_ns, reason=reason, box=box)]
