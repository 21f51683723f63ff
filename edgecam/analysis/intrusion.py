"""Somebody is in a zone where nobody should be: one finding from the first who enters until the last has left."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from edgecam.analysis.area import Area
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.nameless import Nameless
from edgecam.analysis.rule import Rule
from edgecam.analysis.stays import Stay, Stays
from edgecam.analysis.wording import all_of, one
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import EventKind

_AGAIN_WITHIN_S: Final = 1.5
"""Who is back so soon had not left."""


class Intrusion:
    """See `Judge`. With a dwell, only those who stay as long as that intrude."""

    def __init__(self, rule: Rule, area: Area, stays: Stays) -> None:
        """``stays`` is observed here and by nobody else."""
        self._rule, self._stays = rule, stays
        self._nameless = Nameless(rule, area)
        self._open: Finding | None = None
        self._inside: set[int] = set()
        self._kinds: Counter[EventKind] = Counter()
        self._empty_s = 0.0

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        self._stays.observe(look.now_s)
        inside = [stay for stay in self._stays.here if look.now_s - stay.since_s >= self._rule.dwell_s]
        left = [stay for stay in self._stays.left if stay.number in self._inside]
        blur = self._nameless.observe(look)
        told: list[Finding] = []
        if self._open is None:
            if inside:
                self._open = self._entered(inside[0])
            elif blur is not None:
                self._open = self._stirs(blur)
            told = [self._open] if self._open is not None else []
        if self._open is None:
            return told
        for stay in (*inside, *left):
            self._note(stay)
        self._inside = {stay.number for stay in inside}
        if blur is not None:
            self._open = replace(self._open, end_wall_ns=max(self._end_ns, blur.end_wall_ns or 0))
        occupied = bool(inside) or blur is not None
        self._empty_s = 0.0 if occupied else self._empty_s + look.elapsed_s
        return told + (self._over() if self._empty_s > _AGAIN_WITHIN_S else [])

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`."""
        self._stays.forget()
        self._nameless.forget()
        return self._over()

    @property
    def _end_ns(self) -> int:
        return self._open.end_wall_ns or self._open.start_wall_ns if self._open is not None else 0

    def _entered(self, stay: Stay) -> Finding:
        waited = f" and stayed for {self._rule.dwell_s:.0f} s" if self._rule.dwell_s else ""
        reason = f"{one(stay.kind)} came into {self._rule.where}{waited}"
        start = after(stay.since_wall_ns, self._rule.dwell_s)
        return self._finding(start, stay.confidence, reason, stay)

    def _stirs(self, blur: Finding) -> Finding:
        return replace(blur, key=("rule", self._rule.number), end_wall_ns=None)

    def _finding(self, start_wall_ns: int, confidence: float, reason: str, stay: Stay) -> Finding:
        return Finding(
            key=("rule", self._rule.number),
            kind=EventKind.INTRUSION,
            start_wall_ns=start_wall_ns,
            confidence=confidence,
            reason=reason,
            zone=self._rule.place,
            track=stay.track,
            box=stay.box,
        )

    def _note(self, stay: Stay) -> None:
        if self._open is None:
            return
        if stay.number not in self._inside:
            self._inside.add(stay.number)
            self._kinds[stay.kind] += 1
        end = max(self._end_ns, stay.seen_wall_ns)
        confidence = max(self._open.confidence, stay.confidence)
        self._open = replace(self._open, end_wall_ns=end, confidence=confidence, box=stay.box)

    def _over(self) -> list[Finding]:
        finding, self._open, self._empty_s = self._open, None, 0.0
        kinds, self._kinds, self._inside = self._kinds, Counter(), set()
        if finding is None:
            return []
        end = max(finding.end_wall_ns or 0, finding.start_wall_ns)
        lasted_s = (end - finding.start_wall_ns) / NS_PER_S
        who = all_of(kinds.elements()) if kinds else "something unrecognised"
        verb = "were" if kinds.total() > 1 else "was"
        return [
            replace(finding, end_wall_ns=end, reason=f"{who} {verb} in {self._rule.where} for {lasted_s:.0f} s")
        ]
