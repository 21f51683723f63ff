"""What learned normality finds, as far as the rules ask for it: without a rule for it, everything it finds."""

from __future__ import annotations

from dataclasses import replace

from edgecam.analysis.area import Area
from edgecam.analysis.cells import foot_of
from edgecam.analysis.finding import Finding
from edgecam.analysis.judge import Judge
from edgecam.analysis.look import Look
from edgecam.analysis.rule import Rule, RuleBook
from edgecam.core.events import EventKind


class Unusual:
    """See `Judge`. The learning goes on whatever the rules say; they only decide what is told."""

    def __init__(self, normality: Judge, book: RuleBook, size: tuple[int, int]) -> None:
        """``size`` is the small picture's width and height in pixels."""
        self._normality, self._size = normality, size
        self._rules = [
            (rule, Area(rule.zone, size))
            for rule in book.rules
            if rule.kind == EventKind.UNUSUAL and rule.zone is not None
        ]
        self._told: dict[object, str | None] = {}

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        kinds = {track.number: track.kind for track in look.tracks}
        return self._asked(self._normality.observe(look), kinds)

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`; what was learned stays."""
        ended = self._asked(self._normality.forget(wall_ns), {})
        self._told = {}
        return ended

    def _asked(self, found: list[Finding], kinds: dict[int, EventKind]) -> list[Finding]:
        """Of ``found`` what a rule asks for, with the name of that rule's zone."""
        if not self._rules:
            return found
        asked: list[Finding] = []
        for finding in found:
            if finding.key not in self._told:
                rule = self._rule_for(finding, kinds)
                if rule is None or finding.end_wall_ns is not None:
                    continue
                self._told[finding.key] = rule.place
            zone = self._told[finding.key]
            if finding.end_wall_ns is not None:
                del self._told[finding.key]
            asked.append(replace(finding, zone=zone or finding.zone))
        return asked

    def _rule_for(self, finding: Finding, kinds: dict[int, EventKind]) -> Rule | None:
        if finding.box is None:
            return None
        width, height = self._size
        x, y = foot_of(finding.box, width, height)
        for rule, area in self._rules:
            large = finding.box.height >= rule.min_size * height
            meant = finding.track is not None and kinds.get(finding.track) in rule.objects
            asked = meant and large and not rule.silenced and rule.holds(finding.start_wall_ns)
            if asked and area.depth(x * width, y * height) >= 0:
                return rule
        return None
