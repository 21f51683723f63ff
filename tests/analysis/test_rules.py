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
ALL = (
    LAWN
    + "".join(
        f'[[rule]]\nkind = "{kind}"\nzone = "lawn"\n'
        for kind in ("loitering", "crowding", "abandoned_object", "removed_object", "dumping", "unusual", "doorway")
    )
    + '[[rule]]\nkind = "line_crossing"\nline = "fence"\n[[rule]]\nkind = "counting"\nline = "fence"\n'
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


def test_a_zone_that_is_partly_visible_is_no_fault() -> None:
    rules = Rules(decode_rules(LAWN), SIZE, FILL)
    for look in Street({}, picture=masked(200, 80, 400, 340)).looks(5):
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
