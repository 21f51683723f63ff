"""`edgecam request`, `approve`, `refuse`, `revoke`, `report`, `complaint` and `calendar`, on a camera's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from custodystand import Camera, make_camera, record
from typer.testing import CliRunner

from edgecam.__main__ import app
from edgecam.cli.export import _allowed
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput, EdgecamError, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import CaseKind, Want
from edgecam.custody.cases.casedesk import Ask, CaseDesk
from edgecam.custody.cases.caserules import Actor, CaseRules
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.cases.permission import Permission
from edgecam.custody.evidence.export import Purpose
from edgecam.custody.register.formfields import FormFields
from edgecam.keys.sealing import SealingKind

pytestmark = pytest.mark.row("G4")
PURPOSE = "to prevent theft"
OPERATOR = Actor("operator", AccountRole.OPERATOR, "2" * 32)
SETTINGS = f"""
[paths]
state_dir = "."
[ring]
path = "ring"
[retention]
policy = "own"
days = 366
[notice]
purpose = "{PURPOSE}"
[custody]
sealing = "shared"
"""


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """One that recorded for a moment, just now."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDGECAM_SETTINGS", raising=False)
    (tmp_path / "edgecam.toml").write_text(SETTINGS)
    made = make_camera(tmp_path)
    (tmp_path / "camera.pem").rename(tmp_path / "camera.key")
    made.run(record(frames=25, keyframe_every=10), SystemClock().now())
    return made


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return str(done.output)


def told(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def refused(*arguments: str) -> EdgecamError:
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, EdgecamError), (done.output, done.exception)
    return done.exception


def desk(camera: Camera, sealing: SealingKind = SealingKind.SHARED) -> CaseDesk:
    """What the page does beside the commands."""
    clock = SystemClock()
    store = CaseStore(camera.folder / "cases", camera.register(), camera.key, clock)
    return CaseDesk(store, CaseRules(sealing, (PURPOSE,)), clock, lambda begin, end: None)


def look() -> Ask:
    now_ns = SystemClock().now().wall_ns
    return Ask(CaseKind.LOOK, Want.COPY, purpose=PURPOSE, from_wall_ns=now_ns - 10 * NS_PER_S, to_wall_ns=now_ns)


POLICE = (
    "request", "ask", "--want", "copy", "--for", "police", "--name", "Kita police", "--purpose", "a robbery",
    "--legal-basis", "Code of Criminal Procedure 197(2)", "--from", "-1m",
)  # fmt: skip


def test_a_request_is_written_down_approved_shown_and_closed(camera: Camera) -> None:
    case = told(*POLICE)
    assert (case["state"], case["asker"]["name"], case["use"]) == ("asked", "Kita police", "provision")
    name = case["case"]
    assert [one["case"] for one in told("request", "list")["cases"]] == [name]
    assert "Kita police" in run("request", "list")
    granted = told("approve", name, "--hours", "2", "--reason", "a crime")
    assert granted["decision"]["permitted"] is True
    assert "legal_basis" in run("request", "show", name)
    assert [one["what"] for one in told("calendar")] == ["permit_end", "answer"]
    assert "overdue" not in run("calendar")
    assert told("request", "close", name, "--not-found")["found"] is False
    assert told("request", "list") == {"cases": [], "troubles": []}
    assert [one["case"] for one in told("request", "list", "--all")["cases"]] == [name]
    assert run("calendar") == "Nothing is due.\n"


def test_what_an_operator_asked_is_refused_or_taken_back(camera: Camera) -> None:
    first, second = (desk(camera).ask(OPERATOR, look()).case_id for _ in range(2))
    assert run("refuse", first, "--reason", "there is no need") == f"case {first} is refused.\n"
    assert "operator may copy until" in run("approve", second)
    assert "taken back" in run("revoke", second, "--reason", "the wrong day")
    assert isinstance(refused("approve", first), NotAllowed)


def test_an_emergency_is_reported(camera: Camera) -> None:
    ask = look()
    case = desk(camera).ask(
        OPERATOR,
        Ask(ask.kind, Want.VIEW, purpose=PURPOSE, from_wall_ns=ask.from_wall_ns, to_wall_ns=ask.to_wall_ns,
            emergency=True, remarks="somebody fell"),
    )  # fmt: skip
    assert next(one["what"] for one in told("calendar")) in ("report", "permit_end")
    assert told("report", case.case_id, "--text", "it was the postman")["state"] == "reported"


@pytest.mark.row("G10")
def test_complaints_are_written_down_and_answered(camera: Camera) -> None:
    name = told("complaint", "add", "--text", "it films my door", "--name", "a neighbour")["case"]
    assert "a neighbour" in run("complaint", "list")
    assert told("complaint", "answer", name, "--text", "a mask covers it")["state"] == "closed"
    assert told("complaint", "list")["cases"][0]["answer"] == "a mask covers it"
    assert told("request", "list", "--all")["cases"] == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("request", "ask", "--want", "view", "--purpose", "curiosity", "--from", "-1m"), "purpose"),
        (("request", "ask", "--want", "view", "--purpose", "x", "--outside", "--from", "-1m"), "legal_basis"),
        (("request", "ask", "--want", "view", "--purpose", PURPOSE, "--from", "-3h", "--to", "-2h"), "from_ms"),
        (("request", "ask", "--want", "view", "--purpose", PURPOSE, "--from", "-1m", "--to", "-2m"), "to_ms"),
        (("complaint", "add", "--text", " "), "remarks"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    camera: Camera, arguments: tuple[str, ...], field: str
) -> None:
    error = refused(*arguments)
    assert isinstance(error, BadInput)
    assert error.field == field
    assert not (camera.folder / "register.jsonl").exists()


def test_a_case_that_is_not_there_is_refused_everywhere(camera: Camera) -> None:
    for command in (("approve",), ("request", "show"), ("request", "withdraw"), ("request", "close")):
        assert "there is no case" in str(refused(*command, "20200101-000000"))


@pytest.mark.row("G3")
def test_a_case_that_was_changed_is_named_in_the_list(camera: Camera) -> None:
    name = told(*POLICE)["case"]
    (camera.folder / "cases" / f"{name}.json").unlink()
    assert told("request", "list")["troubles"] == [f"case {name} was taken away behind the register's back"]
    assert "behind the register's back" in str(refused("approve", name))


def permission(camera: Camera, sealing: SealingKind) -> Permission:
    store = CaseStore(camera.folder / "cases", camera.register(), camera.key, SystemClock())
    return Permission(store, CaseRules(sealing, (PURPOSE,)), SystemClock())


@pytest.mark.row("K6")
def test_a_copy_on_the_command_line_asks_the_policy(camera: Camera) -> None:
    ask = look()
    assert ask.from_wall_ns is not None
    assert ask.to_wall_ns is not None
    span = ask.from_wall_ns, ask.to_wall_ns
    alone, two = permission(camera, SealingKind.OWNER), permission(camera, SealingKind.TWO_PERSON)
    asked = Purpose("root", "")
    assert _allowed(alone, span, asked, "") == Purpose("root", PURPOSE, FormFields(use="within"))
    with pytest.raises(BadInput, match="none of the purposes"):
        _allowed(alone, span, Purpose("root", "curiosity"), "")
    with pytest.raises(BadInput, match="a ground in law"):
        _allowed(alone, span, Purpose("root", "x", FormFields(use="outside")), "")
    grounded = FormFields(use="outside", legal_basis="a law")
    assert _allowed(alone, span, Purpose("root", "x", grounded), "").told == grounded
    with pytest.raises(NotAllowed, match="it takes two people"):
        _allowed(two, span, asked, "")
    owner = Actor("owner", AccountRole.OWNER, "1" * 32)
    page = desk(camera, SealingKind.TWO_PERSON)
    case = page.grant(OPERATOR, page.ask(owner, ask).case_id)
    copied = _allowed(two, span, asked, case.case_id)
    assert (copied.purpose, copied.told.case) == (PURPOSE, case.case_id)
    with pytest.raises(NotAllowed, match="permits footage from"):
        _allowed(two, (0, span[1]), asked, case.case_id)
