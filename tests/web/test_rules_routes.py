"""Zones, lines and rules are changed by routes: judged as the settings are, registered, and never overwritten."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from drawingstand import LAWN, NIGHT, SETTINGS_RULES
from page_camera import PageCamera

from edgecam.analysis.rule import TERMS
from edgecam.analysis.rulebook import read_rules
from edgecam.custody.register.register_line import Act

pytestmark = [pytest.mark.row("W2"), pytest.mark.row("A3")]

GATE = {"name": "gate", "points": [[0.1, 0.5], [0.9, 0.5]]}
COUNT = {"kind": "counting", "line": "gate", "reset": "daily"}


def look(client: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/api/rules").json()
    return told


def put(client: httpx.Client, tag: str = "", **tables: list[dict[str, Any]]) -> httpx.Response:
    return client.put("/api/rules", json={"tag": tag or look(client)["tag"], **tables})


def test_everybody_sees_what_holds_and_what_rules_may_say(other: httpx.Client) -> None:
    told = look(other)
    assert {kind: told[kind] for kind in SETTINGS_RULES} == SETTINGS_RULES
    assert (told["timezone"], told["wrong"]) == ("Asia/Tokyo", [])
    kinds = {kind["kind"]: kind for kind in told["kinds"]}
    assert set(kinds) == {kind.value for kind in TERMS}
    assert (kinds["counting"]["line"], kinds["counting"]["zone"], kinds["counting"]["reset"]) == (True, False, True)
    assert (kinds["loitering"]["dwell_s"], kinds["loitering"]["everywhere"]) == (10.0, True)
    assert (kinds["doorway"]["directions"], kinds["fall"]["objects"]) == (
        ["left_to_right", "right_to_left"],
        ["person"],
    )


def test_an_installer_changes_them_and_an_operator_does_not(
    phone: httpx.Client, other: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    assert (put(other).status_code, stranger.get("/api/rules").status_code) == (403, 401)
    changed = put(phone, zone=[LAWN], line=[GATE], rule=[{**NIGHT, "dwell_s": None}, COUNT])
    assert changed.status_code == 200, changed.text
    assert changed.json()["rule"] == [NIGHT, COUNT], "nothing is written where nothing is said"
    book, wrong = read_rules(camera.drawn.rules.read().tables)
    assert ([rule.kind.value for rule in book.rules], wrong) == (["intrusion", "counting"], ())
    (before, after) = camera.drawn.lines()
    assert (before.act, before.who, after.completes) == (Act.SETTING_CHANGE, "sato", before.sequence)
    assert json.loads(before.detail["before"]) == SETTINGS_RULES


def test_two_people_do_not_overwrite_each_other(client: httpx.Client, phone: httpx.Client) -> None:
    tag = look(client)["tag"]
    assert put(phone, tag, zone=[LAWN]).status_code == 200
    overtaken = put(client, tag, line=[GATE])
    assert (overtaken.status_code, overtaken.json()["kind"]) == (409, "NotAllowed")
    assert look(client)["zone"] == [LAWN]
    assert put(client, line=[GATE]).status_code == 200


@pytest.mark.parametrize(
    ("tables", "field"),
    [
        ({"zone": [LAWN, {**LAWN, "name": "bow", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}, "zone.1.polygon"),
        ({"zone": [{**LAWN, "name": "out", "polygon": [[0, 0], [1.5, 0], [0, 1]]}]}, "zone.0.polygon"),
        ({"zone": [LAWN], "line": [{**GATE, "name": "lawn"}]}, "line.0.name"),
        ({"line": [{**GATE, "points": [[0.1, 0.5]]}]}, "line.0.points"),
        ({"line": [GATE], "rule": [COUNT, {"kind": "intrusion"}]}, "rule.1.zone"),
        ({"line": [GATE], "rule": [{**COUNT, "kind": "arson"}]}, "rule.0.kind"),
        ({"rule": [{"kind": "loitering", "dwell_s": 0.1}]}, "rule.0.dwell_s"),
        ({"rule": [{"kind": "loitering", "dwell_s": 1e9}]}, "rule.0.dwell_s"),
        ({"rule": [{"kind": "loitering", "timetable": ["moonday"]}]}, "rule.0.timetable"),
        ({"rule": [{"kind": "fall", "objects": ["vehicle"]}]}, "rule.0.objects"),
        ({"rule": [{"kind": "fall", "colour": "red"}]}, "rule.0.colour"),
        ({"rule": [{"kind": "fall"}] * 65}, "rule"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field_and_nothing_changes(
    client: httpx.Client, camera: PageCamera, tables: dict[str, Any], field: str
) -> None:
    refused = put(client, **tables)
    assert (refused.status_code, refused.json()["kind"], refused.json()["field"]) == (400, "BadInput", field)
    assert (camera.drawn.lines(), look(client)["zone"]) == ([], [LAWN])


def test_tables_of_the_settings_that_are_wrong_are_told(client: httpx.Client, camera: PageCamera) -> None:
    (camera.folder / "rules.toml").write_text('[[rule]]\nkind = "intrusion"\nzone = "moon"\n')
    told = look(client)
    assert told["rule"] == [{"kind": "intrusion", "zone": "moon"}]
    assert "'moon', which is not there" in told["wrong"][0]
