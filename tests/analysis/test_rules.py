"""What all rules have in common: hours, silence, masks, and that nothing changes from run to run."""

from __future__ import annotations

import pytest
from analysisstand import NS_PER_S, WALL_NS
from rulestand import FILL, SIZE, Street, begin_s, events, judged, masked, until_s, waiting, walking

from edgecam.analysis.rule import NO_RULES
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.rules import Rules

LAWN = """
[[zone]]
name = "lawn"
polygon = [[0.4, 0.3], [0.8, 0.3], [0.8, 0.9], [0.4, 0.9]]
[[line]]
name = "fence"
points = [[0.5, 0.0], [0.5, 1.0]]
[[rule]]
kind = "intrusion"
zone = "lawn"
"""
FENCED = '[[rule]]\nkind = "line_crossing"\nline = "fence"\n'
ALL = (
    LAWN
    + "".join(
        f'[[rule]]\nkind = "{kind}"\nzone = "lawn"\n'
        for kind in ("loitering", "crowding", "abandoned_object", "removed_object", "dumping", "unusual", "doorway")
    )
    + FENCED
    + FENCED.replace("line_crossing", "counting")
)
WAYS = {"one": walking((50, 250), (600, 250), 2, 13), "two": waiting(400, 280, 5, 25)}


@pytest.mark.row("A3")
def test_outside_its_hours_a_rule_says_nothing() -> None:
    # The stand's clock shows Friday 08:00 UTC at second 0.
    toml = LAWN + 'timetable = ["fri 08:01-08:02"]'
    street, rules = Street({"somebody": waiting(400, 280, 50, 200)}), Rules(decode_rules(toml), SIZE, FILL)
    found = [finding for look in street.looks(180) for finding in rules.observe(look)]
    (event,) = events(found)
    assert 60 <= begin_s(event) <= 61
    assert 119 <= until_s(event) <= 121


def test_a_silenced_rule_is_none() -> None:
    assert judged(LAWN + "silenced = true", Street(WAYS), 30) == []


@pytest.mark.row("A3")
def test_a_zone_under_a_mask_is_a_fault_and_no_event() -> None:
    rules = Rules(decode_rules(LAWN), SIZE, FILL)
    street = Street(WAYS, picture=masked(200, 80, 600, 340))
    found = [finding for look in street.looks(30) for finding in rules.observe(look)]
    assert found == []
    (fault,) = rules.faults
    assert fault.code == "zone"
    assert fault.sentence.startswith("the zone 'lawn' lies under a mask")


@pytest.mark.row("A3")
def test_a_line_under_a_mask_is_a_fault() -> None:
    rules = Rules(decode_rules(LAWN + FENCED), SIZE, FILL)
    for look in Street({}, picture=masked(280, 0, 600, 360)).looks(5):
        rules.observe(look)
    (fault,) = rules.faults
    assert fault.code == "line"
    assert fault.sentence == "the line 'fence' lies under a mask, so that nobody is seen on it: draw it elsewhere"


def test_lines_that_no_rule_names_are_no_fault() -> None:
    rules = Rules(decode_rules(LAWN), SIZE, FILL)
    for look in Street({}, picture=masked(280, 0, 400, 360)).looks(5):
        rules.observe(look)
    assert rules.faults == []


@pytest.mark.parametrize("mask", [(200, 80, 400, 340), (340, 0, 640, 360)])
def test_what_is_partly_or_wholly_visible_is_no_fault(mask: tuple[int, int, int, int]) -> None:
    rules = Rules(decode_rules(LAWN + FENCED), SIZE, FILL)
    for look in Street({}, picture=masked(*mask)).looks(5):
        rules.observe(look)
    assert rules.faults == []


def test_a_line_is_no_fault_any_more_when_the_mask_is_lifted() -> None:
    rules = Rules(decode_rules(LAWN + FENCED), SIZE, FILL)
    for look in Street({}, picture=masked(280, 0, 360, 360)).looks(5):
        rules.observe(look)
    assert [fault.code for fault in rules.faults] == ["line"]
    for look in Street({}).looks(5, start_s=5):
        rules.observe(look)
    assert rules.faults == []


def test_the_same_looks_give_the_same_findings() -> None:
    first = judged(ALL, Street(WAYS), 40)
    assert len(first) >= 6
    assert first == judged(ALL, Street(WAYS), 40)
    events(first)


def test_what_is_forgotten_is_ended_and_begins_anew() -> None:
    rules = Rules(decode_rules(ALL), SIZE, FILL)
    street = Street(WAYS)
    found = [finding for look in street.looks(8) for finding in rules.observe(look)]
    found += rules.forget(WALL_NS + 8 * NS_PER_S)
    assert len(events(found)) >= 1
    assert rules.forget(WALL_NS + 9 * NS_PER_S) == []


def test_without_rules_nothing_is_looked_at() -> None:
    rules = Rules(NO_RULES, SIZE, FILL)
    assert [rules.observe(look) for look in Street(WAYS).looks(10)] == [[]] * 50
