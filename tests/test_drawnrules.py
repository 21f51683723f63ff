"""Rules that were drawn on the page stand in place of the settings', and whatever lies there there are rules."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fakes.masksets import CAMERA
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgecam.analysis.rulebook import decode_rules, read_rules
from edgecam.core.errors import BadInput
from edgecam.custody.register.mask_line import ELSEWHERE
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, decode_line
from edgecam.drawnrules import DrawnRules
from edgecam.settings import Settings

pytestmark = pytest.mark.row("A3")

LAWN = {"name": '芝生 "a"', "polygon": [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]}
GATE = {"name": "gate", "points": [[0.1, 0.5], [0.9, 0.5123456789012345]]}
NIGHT = {"kind": "intrusion", "zone": LAWN["name"], "objects": ["person"], "timetable": ["daily 22:00-06:00"]}
COUNT = {"kind": "counting", "line": "gate", "reset": "daily", "silenced": True, "sensitivity": 0.75}
TABLES: dict[str, list[dict[str, Any]]] = {"zone": [LAWN], "line": [GATE], "rule": [NIGHT, COUNT]}
OF_SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    "zone": (),
    "line": (GATE,),
    "rule": ({"kind": "doorway", "line": "gate"},),
}


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "register.jsonl", CAMERA.sign, CAMERA.public)


@pytest.fixture
def drawn(tmp_path: Path) -> DrawnRules:
    return DrawnRules(tmp_path / "rules.toml", OF_SETTINGS)


def plain(tables: Any) -> Any:
    return json.loads(json.dumps(tables))


def test_without_a_file_the_settings_hold(drawn: DrawnRules) -> None:
    assert (drawn.read().tables, drawn.read().fault) == (OF_SETTINGS, None)
    assert drawn.follow() is None, "nothing was drawn since"


def test_what_was_drawn_comes_back_and_may_be_analysed_with(
    drawn: DrawnRules, register: Register, tmp_path: Path
) -> None:
    drawn.write(TABLES, register, "sato")
    assert plain(drawn.read().tables) == TABLES
    assert drawn.read().fault is None
    book = decode_rules((tmp_path / "rules.toml").read_text("utf-8"), "Asia/Tokyo")
    assert [(rule.kind, rule.place) for rule in book.rules] == [("intrusion", LAWN["name"]), ("counting", "gate")]
    lines = [decode_line(line) for line in register.path.read_bytes().splitlines(keepends=True)]
    assert [(line.act, line.who, line.completes) for line in lines] == [
        (Act.SETTING_CHANGE, "sato", None),
        (Act.SETTING_CHANGE, "sato", 1),
    ]
    assert json.loads(lines[0].detail["before"]) == plain(OF_SETTINGS)
    assert json.loads(lines[0].detail["after"]) == TABLES
    assert verify_register(register.path, CAMERA.public).genuine


def test_who_follows_is_told_once_of_each_change(drawn: DrawnRules, register: Register, tmp_path: Path) -> None:
    follower = DrawnRules(tmp_path / "rules.toml", OF_SETTINGS)
    assert follower.follow() is None
    drawn.write(TABLES, register, "sato")
    found = follower.follow()
    assert found is not None
    assert plain(found.tables) == TABLES
    assert follower.follow() is None
    (tmp_path / "rules.toml").unlink()
    back = follower.follow()
    assert back is not None
    assert back.tables == OF_SETTINGS
    assert follower.follow() is None


def test_settings_that_were_changed_afterwards_are_a_fault(
    drawn: DrawnRules, register: Register, tmp_path: Path
) -> None:
    drawn.write(TABLES, register, "sato")
    other = DrawnRules(tmp_path / "rules.toml", {**OF_SETTINGS, "rule": ()}).read()
    assert other.fault is not None
    assert (other.fault.code, "those drawn on the page hold" in other.fault.sentence) == ("rule", True)
    assert plain(other.tables) == TABLES
    by_hand = tmp_path / "rules.toml"
    by_hand.write_text(by_hand.read_text("utf-8").split("\n", 1)[1], "utf-8")
    assert DrawnRules(by_hand, {**OF_SETTINGS, "rule": ()}).read().fault is None, "somebody wrote it knowingly"


def test_tables_too_large_for_the_register_are_refused_and_large_ones_told_once(
    drawn: DrawnRules, register: Register
) -> None:
    def zones(letter: str, count: int, points: int) -> dict[str, list[dict[str, Any]]]:
        row = [[0.1234567890123456, number / points] for number in range(points)]
        return {
            "zone": [{"name": letter * 70 + str(n), "polygon": row} for n in range(count)],
            "line": [],
            "rule": [],
        }

    drawn.write(zones("a", 40, 24), register, "sato")
    drawn.write(zones("b", 40, 24), register, "sato")
    lines = [decode_line(line) for line in register.path.read_bytes().splitlines(keepends=True)]
    assert lines[2].detail["before"] == ELSEWHERE
    with pytest.raises(BadInput, match="too large"):
        drawn.write(zones("c", 64, 60), register, "sato")
    assert plain(drawn.read().tables) == zones("b", 40, 24)


rows = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3), max_size=3)
toml = st.fixed_dictionaries({}, optional={kind: rows for kind in ("zone", "line", "rule", "moon")}).map(
    lambda told: "\n".join(
        f"[[{kind}]]\n" + "\n".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in row.items())
        for kind, tables in told.items()
        for row in tables
    ).encode()
)


@given(st.binary(max_size=300) | toml)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_gives_tables_and_says_what_is_wrong(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.toml"
    path.write_bytes(data)
    found = DrawnRules(path, OF_SETTINGS).read()
    assert (found.tables == OF_SETTINGS) or found.fault is None
    read_rules(found.tables)  # whoever reads them never breaks


def test_a_folder_in_its_place_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").mkdir()
    found = DrawnRules(tmp_path / "rules.toml", OF_SETTINGS).read()
    assert (found.tables, found.fault is not None) == (OF_SETTINGS, True)


def test_every_shape_of_the_settings_is_written_as_it_was_read() -> None:
    told = Settings.model_validate({"zone": [LAWN], "line": [GATE], "rule": [NIGHT, COUNT]}).rules
    assert plain(told) == TABLES
    assert set(tomllib.loads('[[zone]]\nname = "x"')) == {"zone"}
