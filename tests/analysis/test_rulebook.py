"""Rules as people write them: each mistake is one clear sentence, and what is sound is kept."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.rule import TERMS, Direction, Reset, RuleBook
from edgecam.analysis.rulebook import decode_rules, read_rules
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind

PLACES = """
[[zone]]
name = "lawn"
polygon = [[0.23, 0.44], [0.65, 0.35], [0.86, 0.62]]
[[line]]
name = "gate"
points = [[0.1, 0.5], [0.9, 0.5]]
"""


def rule(told: str) -> str:
    return f"{PLACES}\n[[rule]]\n{told}"


@pytest.mark.row("A3")
def test_a_rule_has_sensible_defaults() -> None:
    (one,) = decode_rules(rule('kind = "intrusion"\nzone = "lawn"')).rules
    assert (one.kind, one.place, one.where) == (EventKind.INTRUSION, "lawn", "zone lawn")
    assert (one.objects, one.dwell_s, one.sensitivity) == ((EventKind.PERSON,), 0.0, 0.5)
    assert one.holds(0)
    (one,) = decode_rules(rule('kind = "loitering"')).rules
    assert (one.dwell_s, one.place, one.where) == (10.0, None, "the picture")


@pytest.mark.row("A3")
def test_everything_a_rule_may_say() -> None:
    told = 'kind = "line_crossing"\nline = "gate"\nobjects = ["vehicle", "person"]\nmin_size = 0.1\n'
    told += 'sensitivity = 1\ntimetable = ["daily 22:00-06:00"]\ndirection = "left_to_right"\nsilenced = true'
    (one,) = decode_rules(rule(told), "Asia/Seoul").rules
    assert one.objects == (EventKind.PERSON, EventKind.VEHICLE)
    assert (one.min_size, one.sensitivity, one.silenced) == (0.1, 1.0, True)
    assert one.direction is Direction.LEFT_TO_RIGHT
    assert one.line is not None
    assert one.line.name == "gate"
    in_the_afternoon_ns = 1_800_000_000 * 10**9  # 17:00 in Seoul
    assert not one.holds(in_the_afternoon_ns)
    assert one.holds(in_the_afternoon_ns + 7 * 3600 * 10**9)
    (counting,) = decode_rules(rule('kind = "counting"\nline = "gate"\nreset = "daily"')).rules
    assert counting.reset is Reset.DAILY


@pytest.mark.parametrize("kind", TERMS)
def test_every_kind_is_possible_with_a_place_alone(kind: EventKind) -> None:
    place = 'zone = "lawn"' if TERMS[kind].zone else 'line = "gate"'
    (one,) = decode_rules(rule(f'kind = "{kind}"\n{place}')).rules
    assert one.kind == kind


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ('kind = "arson"', "rule 1 is of the unknown kind 'arson': use one of intrusion, line_crossing"),
        ('kind = "person"', "rule 1 is of the unknown kind 'person'"),
        ('zone = "lawn"', "rule 1 has no kind: add it"),
        ('kind = "intrusion"', "rule 1 (intrusion) names no zone"),
        ('kind = "line_crossing"', "rule 1 (line_crossing) names no line"),
        ('kind = "doorway"', "rule 1 (doorway) names no zone or line"),
        ('kind = "intrusion"\nzone = "moon"', "names the zone 'moon', which is not there: draw it as a [[zone]]"),
        ('kind = "intrusion"\nzone = "gate"', "names the zone 'gate', which is not there"),
        ('kind = "intrusion"\nline = "gate"', "rule 1 (intrusion) names a line: name a zone instead"),
        ('kind = "counting"\nzone = "lawn"', "rule 1 (counting) names a zone: name a line instead"),
        ('kind = "doorway"\nzone = "lawn"\nline = "gate"', "rule 1 (doorway) names a zone and a line"),
        ('kind = "fall"\nobjects = ["vehicle"]', "rule 1 (fall) cannot have the object vehicle: name person"),
        ('kind = "fall"\nobjects = []', "rule 1 (fall) is for no objects"),
        ('kind = "fall"\nobjects = ["dragon"]', "rule 1 (fall) names the unknown object 'dragon'"),
        ('kind = "abandoned_object"\nobjects = ["person"]', "cannot have the object person: leave objects out"),
        ('kind = "fall"\ntimetable = []', "rule 1 (fall) has an empty timetable, so it would never hold"),
        ('kind = "fall"\ntimetable = ["noon"]', "rule 1 (fall): 'noon' names no hours: write days and hours"),
        ('kind = "fall"\ndirection = "in"', "rule 1 (fall) cannot have a direction"),
        ('kind = "doorway"\nzone = "lawn"\ndirection = "left_to_right"', "cannot go left_to_right in a zone"),
        ('kind = "line_crossing"\nline = "gate"\ndirection = "in"', "cannot go in or out"),
        ('kind = "line_crossing"\nline = "gate"\ndwell_s = 3', "rule 1 (line_crossing) cannot have a dwell_s"),
        ('kind = "loitering"\ndwell_s = 0', "dwell_s = 0 is too short: give at least 1"),
        ('kind = "loitering"\ncount = 3', "rule 1 (loitering) cannot have a count"),
        ('kind = "loitering"\nreset = "daily"', "rule 1 (loitering) cannot have a reset"),
        ('kind = "loitering"\ndwell_s = -1', "rule 1: dwell_s = -1 is not allowed"),
        ('kind = "loitering"\nsensitivity = 1.5', "rule 1: sensitivity = 1.5 is not allowed"),
        ('kind = "loitering"\nmin_size = nan', "rule 1: min_size = nan is not allowed"),
        ('kind = "loitering"\nspeed = 3', "rule 1 cannot have 'speed': it knows kind, zone, line, objects"),
    ],
)
def test_a_wrong_rule_is_told_in_one_sentence(told: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_rules(rule(told))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1.2, 0], [1, 1]]", "'a' lies outside the picture at [1.2, 0]"),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1], [1, 0], [0, 1]]", "the zone 'a' crosses itself"),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1]]", "the zone 'a' has 2 points: draw at least three"),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0], [0.001, 0], [0, 0.001]]", "'a' has next to no area"),
        ("[[zone]]\nname = 'a'\npolygon = [[0, 0, 0], [1, 1], [0, 1]]", "zone 1: polygon.0"),
        ("[[zone]]\nname = 'a'\npolygon = [[0, nan], [1, 1], [0, 1]]", "zone 1: polygon.0.1 = nan is not allowed"),
        ("[[zone]]\npolygon = [[0, 0], [1, 1], [0, 1]]", "zone 1 has no name: add it"),
        ("[[zone]]\nname = ''\npolygon = [[0, 0], [1, 1], [0, 1]]", "zone 1: name = '' is not allowed"),
        ("[[line]]\nname = 'a'\npoints = [[0, 0]]", "the line 'a' has 1 points: draw at least two"),
        ("[[line]]\nname = 'a'\npoints = [[0, 0], [0, 0]]", "the line 'a' has the same point twice in a row"),
        ("[[line]]\nname = 'a'\npoints = [[0, 0], [-1, 0]]", "the line 'a' lies outside the picture at [-1, 0]"),
        (PLACES + PLACES, "the zone 'lawn' has the name of another zone or line"),
        (PLACES + "[[line]]\nname = 'lawn'\npoints = [[0, 0], [1, 0]]", "the line 'lawn' has the name of another"),
        ("zone = 3", "zone is not a list of tables: write [[zone]]"),
        ("zone = [3]", "zone 1 is not a table: write [[zone]]"),
        ("[[zones]]", "'zones' is no part of the rules: write [[zone]], [[line]] and [[rule]]"),
        ("[[rule]]\nkind = 'fall'\n" * 65, "there are 65 rules: keep to at most 64"),
        (f"[[line]]\nname = 'a'\npoints = {[[i / 2000, 0] for i in range(1001)]}", "have 1001 points"),
        ("[zone", "the rules are not TOML"),
    ],
)
def test_a_wrong_place_is_told_in_one_sentence(told: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_rules(told)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_one_wrong_rule_leaves_the_others() -> None:
    tables = tomllib.loads(rule('kind = "intrusion"\nzone = "lawn"\n[[rule]]\nkind = "arson"'))
    book, wrong = read_rules(tables)
    assert [one.kind for one in book.rules] == [EventKind.INTRUSION]
    assert [str(one)[:30] for one in wrong] == ["rule 2 is of the unknown kind "]


def test_a_wrong_zone_is_told_once_however_many_rules_name_it() -> None:
    told = "[[zone]]\nname = 'a'\npolygon = [[0, 0], [1, 1]]\n" + "[[rule]]\nkind = 'intrusion'\nzone = 'a'\n" * 3
    book, wrong = read_rules(tomllib.loads(told))
    assert book.rules == ()
    assert [one.what for one in wrong] == ["the zone 'a' has 2 points"]


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="no time zone"):
        decode_rules("", "Mars/Olympus")


@given(st.text())
def test_any_text_is_rules_or_bad_input(text: str) -> None:
    try:
        assert isinstance(decode_rules(text), RuleBook)
    except BadInput:
        return


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(list(TERMS)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["kind", "zone", "line", "name", "polygon", "points", "objects", "timetable", "dwell_s", "x"]
)
tables = st.lists(st.dictionaries(names, values, max_size=5) | values, max_size=4)


@given(st.dictionaries(st.sampled_from(["zone", "line", "rule", "other"]), tables | values))
def test_any_tables_are_rules_and_complaints(told: dict[str, object]) -> None:
    book, wrong = read_rules(told)
    assert isinstance(book, RuleBook)
    assert all("\n" not in str(one) for one in wrong)
