"""Rules for what is unusual: they decide what is told of it, and never what is learned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rulestand import SIZE, Street, standing, waiting

from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.unusualrules import Unusual
from edgecam.core.events import EventKind

YARD = '[[zone]]\nname = "yard"\npolygon = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]\n'
RULE = YARD + '[[rule]]\nkind = "unusual"\nzone = "yard"\n'


class _Surprised:
    """Finds everybody unusual as soon as they are confirmed, until they are gone."""

    def __init__(self) -> None:
        self.looks = 0
        self._open: dict[int, Finding] = {}

    def observe(self, look: Look) -> list[Finding]:
        self.looks += 1
        live = {track.number: track for track in look.tracks if track.confirmed}
        told = [self._ended(number) for number in list(self._open) if number not in live]
        for number, track in live.items():
            if number not in self._open:
                key, kind = ("unusual", number), EventKind.UNUSUAL
                self._open[number] = Finding(key, kind, look.wall_ns, 0.9, "so", track=number, box=track.box)
                told.append(self._open[number])
        return told

    def forget(self, wall_ns: int) -> list[Finding]:
        return [self._ended(number) for number in list(self._open)]

    def _ended(self, number: int) -> Finding:
        finding = self._open.pop(number)
        return replace(finding, end_wall_ns=finding.start_wall_ns)


def _told(rules: str, x: float, seconds: float = 15) -> tuple[list[Finding], int]:
    surprised = _Surprised()
    judge = Unusual(surprised, decode_rules(rules), SIZE)
    street = Street({"somebody": waiting(x, standing(x, 250).y1, 2, 8)})
    return [finding for look in street.looks(seconds) for finding in judge.observe(look)], surprised.looks


@pytest.mark.row("A4")
def test_without_a_rule_everything_unusual_is_told() -> None:
    found, _ = _told(YARD, 100)
    assert [finding.zone for finding in found] == [None, None]


@pytest.mark.row("A3")
@pytest.mark.row("A4")
def test_with_a_rule_only_what_is_in_its_zone() -> None:
    inside, _ = _told(RULE, 500)
    assert [(finding.zone, finding.end_wall_ns is None) for finding in inside] == [("yard", True), ("yard", False)]
    outside, looks = _told(RULE, 100)
    assert outside == []
    assert looks == 75


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    "told", ["silenced = true", 'objects = ["vehicle"]', "min_size = 0.5", 'timetable = ["sun 01:00-02:00"]']
)
def test_a_rule_that_does_not_hold_tells_nothing(told: str) -> None:
    assert _told(RULE + told, 500)[0] == []


def test_what_is_forgotten_is_ended_once() -> None:
    judge = Unusual(_Surprised(), decode_rules(RULE), SIZE)
    for look in Street({"somebody": waiting(500, 250, 2, 8)}).looks(6):
        judge.observe(look)
    assert [finding.zone for finding in judge.forget(0)] == ["yard"]
    assert judge.forget(0) == []
