"""Cases on the page: asked, decided, reported and answered by who may; what is said of a form that cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from accountstand import signed_in
from casestand import PURPOSE
from page_camera import NOW_WALL_NS, PageCamera
from servedpage import page_client, serving

from edgecam.custody.register.register_line import Act, decode_line
from edgecam.keys.sealing import SealingKind

pytestmark = [pytest.mark.row("G4"), pytest.mark.row("W4")]

NOW_MS = NOW_WALL_NS // 1_000_000
HOUR_MS = 3_600_000
LOOK: dict[str, Any] = {
    "kind": "look",
    "want": "view",
    "purpose": PURPOSE,
    "from_ms": NOW_MS - 2 * HOUR_MS,
    "to_ms": NOW_MS - HOUR_MS,
}
POLICE: dict[str, Any] = LOOK | {
    "kind": "disclosure",
    "want": "copy",
    "asker": {"name": "熊谷警察署", "affiliation": "刑事第一課"},
    "asker_kind": "police",
    "use": "provision",
    "purpose": "강도 사건",
    "legal_basis": "刑事訴訟法第197条第2項",
}
COMPLAINT: dict[str, Any] = {
    "kind": "complaint",
    "want": "nothing",
    "asker_kind": "person",
    "asker": {"name": "a neighbour"},
    "remarks": "it films my door",
}


def asked(client: httpx.Client, told: dict[str, Any] = LOOK) -> dict[str, Any]:
    answer = client.post("/api/cases", json=told)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def step(client: httpx.Client, case: dict[str, Any], name: str, **told: Any) -> httpx.Response:
    return client.post(f"/api/cases/{case['case_id']}/{name}", json=told)


def test_the_policy_is_told(client: httpx.Client, phone: httpx.Client) -> None:
    assert client.get("/api/custody").json() == {
        "sealing": "shared",
        "purposes": [PURPOSE, "to find out about accidents"],
        "permit_h": 24.0,
        "emergency": True,
        "emergency_report_h": 24.0,
        "answer_days": 10,
        "kept_years": 5,
    }
    assert phone.get("/api/custody").status_code == 403


def test_an_operator_asks_the_owner_allows_and_it_is_closed(
    client: httpx.Client, other: httpx.Client, camera: PageCamera
) -> None:
    case = asked(other)
    assert (case["state"], case["asked_by"], case["mine"], case["may"]) == ("asked", "operator", True, ["withdraw"])
    assert case["asker"]["name"] == "operator"
    assert (case["from_ms"], case["to_ms"]) == (LOOK["from_ms"], LOOK["to_ms"])
    (seen,) = client.get("/api/cases", params={"open": "true"}).json()
    assert (seen["mine"], seen["may"]) == (False, ["grant", "refuse", "withdraw"])
    granted = step(client, case, "grant", hours=2).json()
    assert granted["state"] == "granted"
    assert granted["decision"] == {
        "granted": True,
        "decided_by": "owner",
        "at_ms": NOW_MS,
        "reason": "",
        "permit_until_ms": NOW_MS + 2 * HOUR_MS,
        "permitted": True,
    }
    camera.clock.sleep(7200)
    again = signed_in(other, "operator").get(f"/api/cases/{case['case_id']}").json()
    assert again["decision"]["permitted"] is False
    closed = step(other, case, "close", found=True, remarks="seen").json()
    assert (closed["state"], closed["open"], closed["found"], closed["may"]) == ("closed", False, True, [])
    assert signed_in(client).get("/api/cases", params={"open": "true"}).json() == []
    data = (camera.folder / "register.jsonl").read_bytes()
    lines = [decode_line(line) for line in data.splitlines(keepends=True)]
    begun = [(line.act, line.who, line.detail["step"]) for line in lines if line.completes is None]
    assert begun == [
        (Act.REQUEST, "operator", "ask"),
        (Act.DECISION, "owner", "grant"),
        (Act.REQUEST, "operator", "close"),
    ]


@pytest.mark.row("G8")
def test_a_disclosure_is_written_down_refused_and_listed_by_kind(client: httpx.Client, other: httpx.Client) -> None:
    case = asked(other, POLICE)
    # 2026-11-21 19:00 in Seoul: the first of December there is the last day.
    assert case["due_ms"] == 1_796_137_199_999
    assert step(other, case, "grant").status_code == 403
    refused = step(client, case, "refuse", reason="ask the city's camera").json()
    assert (refused["state"], refused["decision"]["reason"]) == ("refused", "ask the city's camera")
    asked(client, COMPLAINT)
    assert [one["kind"] for one in client.get("/api/cases").json()] == ["complaint", "disclosure"]
    assert [one["kind"] for one in client.get("/api/cases", params={"kind": "disclosure"}).json()] == ["disclosure"]


@pytest.mark.row("G10")
def test_a_complaint_is_answered_and_until_then_due(client: httpx.Client, other: httpx.Client) -> None:
    case = asked(other, COMPLAINT)
    (due,) = client.get("/api/calendar").json()
    assert due == {
        "what": "answer",
        "due_ms": case["due_ms"],
        "overdue": False,
        "subject": "a neighbour",
        "case_id": case["case_id"],
        "hold_id": "",
    }
    assert step(other, case, "answer", text="a mask covers it now").json()["state"] == "closed"
    assert client.get("/api/calendar").json() == []


def test_an_emergency_is_open_at_once_and_its_report_is_due(client: httpx.Client, other: httpx.Client) -> None:
    case = asked(other, LOOK | {"emergency": True, "remarks": "somebody fell"})
    assert (case["state"], case["decision"]["permitted"]) == ("emergency", True)
    found = {one["what"]: one for one in client.get("/api/calendar").json()}
    assert found["report"]["due_ms"] == NOW_MS + 24 * HOUR_MS
    assert set(found) == {"report", "permit_end"}
    assert step(other, case, "report", text=" ").json()["field"] == "text"
    assert step(other, case, "report", text="he is well").json()["state"] == "reported"


def test_what_is_late_is_told_so(client: httpx.Client, other: httpx.Client, camera: PageCamera) -> None:
    case = asked(other, POLICE)
    camera.clock.sleep(11 * 86_400)
    signed_in(client)
    assert client.get(f"/api/cases/{case['case_id']}").json()["overdue"] is True
    assert client.get("/api/calendar").json()[0]["overdue"] is True


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("from_ms", LOOK | {"from_ms": NOW_MS + HOUR_MS, "to_ms": NOW_MS + 2 * HOUR_MS}),
        ("to_ms", LOOK | {"to_ms": LOOK["from_ms"]}),
        ("purpose", LOOK | {"purpose": "curiosity"}),
        ("legal_basis", LOOK | {"purpose": "curiosity", "use": "outside"}),
        ("remarks", COMPLAINT | {"remarks": " "}),
        ("asker.name", POLICE | {"asker": {"name": ""}}),
        ("kind", LOOK | {"kind": "party"}),
        ("asker.shoe_size", POLICE | {"asker": {"name": "x", "shoe_size": "44"}}),
        ("remarks", LOOK | {"emergency": True}),
        ("emergency", LOOK | {"emergency": "yes", "remarks": "somebody fell"}),
    ],
)
def test_bad_input_names_the_field(other: httpx.Client, field: str, told: dict[str, Any]) -> None:
    answer = other.post("/api/cases", json=told)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.json()["do"]
    assert other.get("/api/cases").json() == []


def test_no_footage_is_said_with_what_there_is(other: httpx.Client) -> None:
    told = LOOK | {"from_ms": NOW_MS + HOUR_MS, "to_ms": NOW_MS + 2 * HOUR_MS}
    answer = other.post("/api/cases", json=told).json()
    assert answer["what"] == "there is no footage in that range"
    assert answer["do"].startswith("there is ")


def test_who_may_not_is_told_who_may(
    client: httpx.Client, other: httpx.Client, phone: httpx.Client, stranger: httpx.Client
) -> None:
    case = asked(other)
    assert step(other, case, "grant").json()["what"] == "nobody decides what they asked for themselves"
    own = asked(client, POLICE)
    assert step(other, own, "revoke", reason="x").status_code == 400  # it is not theirs to see
    assert step(client, case, "grant", hours=0).json()["field"] == "hours"
    assert step(client, case, "report", text="x").status_code == 403
    assert [step(one, case, "grant").status_code for one in (phone, stranger)] == [403, 401]
    assert client.get("/api/cases/20200101-000000").status_code == 400


def test_by_two_people_an_operator_decides_for_the_owner() -> None:
    camera = PageCamera()
    camera.cases.rules = replace(camera.cases.rules, sealing=SealingKind.TWO_PERSON)
    with serving(camera) as server, page_client(server) as client, page_client(server) as other:
        case = asked(signed_in(client))
        assert step(client, case, "grant").json()["what"] == "nobody decides what they asked for themselves"
        (seen,) = signed_in(other, "operator").get("/api/cases").json()
        assert seen["may"] == ["grant", "refuse"]
        assert step(other, case, "grant").json()["decision"]["decided_by"] == "operator"
        assert step(other, case, "revoke", reason="enough").json()["state"] == "revoked"


@pytest.mark.row("G3")
def test_a_case_changed_behind_the_registers_back_is_refused_by_name(
    client: httpx.Client, other: httpx.Client, camera: PageCamera
) -> None:
    case = asked(other)
    path = camera.folder / "cases" / f"{case['case_id']}.json"
    asked_before = path.read_bytes()
    step(client, case, "refuse", reason="no")
    path.write_bytes(asked_before)
    answer = step(client, case, "grant")
    assert answer.status_code == 410
    assert answer.json()["what"] == f"case {case['case_id']} was changed behind the register's back"


def test_nothing_is_asked_when_it_cannot_be_registered(other: httpx.Client, camera: PageCamera) -> None:
    (camera.folder / "register.jsonl").mkdir()
    answer = other.post("/api/cases", json=LOOK)
    assert answer.status_code == 507
    assert not list((camera.folder / "cases").glob("*.json"))
