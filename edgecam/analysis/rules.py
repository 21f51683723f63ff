"""All rules of one camera at work: one judge each, over what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from edgecam.analysis.area import Area
from edgecam.analysis.box import Box
from edgecam.analysis.courses import Courses
from edgecam.analysis.finding import Finding
from edgecam.analysis.judge import Judge
from edgecam.analysis.line import Line
from edgecam.analysis.look import Look
from edgecam.analysis.rule import Rule, RuleBook
from edgecam.analysis.rulejudges import Shared, judge_of
from edgecam.analysis.visible import Visible
from edgecam.core.events import EventKind
from edgecam.core.status import Fault

_LEAST_VISIBLE: Final = 0.02
_REACH: Final = 0.12
_REACH_HEIGHTS: Final = 0.5


@dataclass(slots=True)
class _Watch:
    rule: Rule
    judge: Judge
    area: Area | None
    line: Line | None
    on: bool = False

    def depth(self, x: float, y: float) -> float:
        """How deep a place lies in the rule's zone, or how far it is from its line (negative), pixels."""
        if self.area is not None:
            return self.area.depth(x, y)
        return -self.line.distance((x, y)) if self.line is not None else 0.0


class Rules:
    """See `Judge`. Bounded by the number of rules; silenced ones do not exist here, nor those of `unusualrules`."""

    def __init__(self, book: RuleBook, size: tuple[int, int], fill: tuple[int, int, int]) -> None:
        """``size`` is the small picture's width and height in pixels, ``fill`` the masks' Y, U and V."""
        self._width = size[0]
        self._visible = Visible(size, fill)
        self._courses = Courses(size, self._visible)
        self._areas: dict[str, Area] = {}
        self._lines: dict[str, Line] = {}
        self._hidden_lines: list[str] = []
        shared = Shared(size, fill, self._courses, ZoneInfo(book.timezone))
        self._watches: list[_Watch] = []
        for rule in book.rules:
            if rule.silenced or rule.kind == EventKind.UNUSUAL:
                continue
            area = None
            if rule.zone is not None:
                area = self._areas.setdefault(rule.zone.name, Area(rule.zone, size))
            line = None
            if rule.line is not None:
                line = self._lines.setdefault(rule.line.name, rule.line.laid_on(*size))
            self._watches.append(_Watch(rule, judge_of(rule, area, shared), area, line))

    @property
    def faults(self) -> Sequence[Fault]:
        """Zones and lines of which the masks leave next to nothing."""
        zones = [area.name for area in self._areas.values() if area.share_visible < _LEAST_VISIBLE]
        return [
            *(_under_a_mask("zone", name, "its rules see nothing") for name in zones),
            *(_under_a_mask("line", name, "nobody is seen on it") for name in self._hidden_lines),
        ]

    def matters(self, box: Box) -> bool:
        """Whether something at ``box`` (pixels of the small picture) is in or near the place of a rule in force."""
        reach = max(_REACH * self._width, _REACH_HEIGHTS * box.height)
        feet = [(x, box.y1) for x in (box.x0, box.centre[0], box.x1)]
        return any(watch.on and watch.depth(*foot) > -reach for watch in self._watches for foot in feet)

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        if not self._watches:
            return []
        if self._visible.observe(look.picture, look.now_s):
            for area in self._areas.values():
                area.clip(self._visible.cells)
            self._hidden_lines = [
                name for name, line in self._lines.items() if self._visible.share_of(line) < _LEAST_VISIBLE
            ]
        self._courses.observe(look)
        found: list[Finding] = []
        for watch in self._watches:
            holds = watch.rule.holds(look.wall_ns)
            if watch.on and not holds:
                found += watch.judge.forget(look.wall_ns)
            watch.on = holds
            if holds:
                found += watch.judge.observe(look)
        return found

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`."""
        self._courses.forget()
        found: list[Finding] = []
        for watch in self._watches:
            found += watch.judge.forget(wall_ns)
        return found


def _under_a_mask(sort: str, name: str, therefore: str) -> Fault:
    return Fault(sort, f"the {sort} {name!r} lies under a mask, so that {therefore}: draw it elsewhere")
