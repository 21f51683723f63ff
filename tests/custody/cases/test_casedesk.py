"""Who may ask, decide, report and answer, by every policy; and what is said of what cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from casestand import PURPOSE, RULES, CaseStand
from page_camera import NOW_WALL_NS, ObedientClock

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, CaseState, Party, Step, Use, Want
from edgecam.custody.cases.casedesk import Ask, CaseDesk
from edgecam.custody.cases.caserules import Actor
from edgecam.keys.sealing import SealingKind

pytestmark = pytest.mark.row("G4")
OWNER, OPERATOR = Actor("owner", AccountRole.OWNER, "1" * 32), Actor("operator", AccountRole.OPERATOR, "2" * 32)
OTHER, INSTALLER = Actor("kim", AccountRole.OPERATOR, "4" * 32), Actor("sato", AccountRole.INSTALLER, "3" * 32)
ON_CAMERA = Actor("root", AccountRole.OWNER)
HOUR_NS = 3600 * NS_PER_S
LOOK = Ask(CaseKind.LOOK, Want.VIEW, purpose=PURPOSE, from_wall_ns=NOW_WALL_NS - HOUR_NS, to_wall_ns=NOW_WALL_NS)
POLICE = replace(
    LOOK,
    kind=CaseKind.DISCLOSURE,
    want=Want.COPY,
    asker=Party("熊谷警察署"),
    asker_kind=AskerKind.POLICE,
    use=Use.PROVISION,
    purpose="a robbery",
    legal_basis="刑事訴訟法第197条第2項",
)
COMPLAINT = Ask(
    CaseKind.COMPLAINT, Want.NOTHING, Party("a neighbour"), AskerKind.PERSON, remarks="it films my door"
)
EMERGENCY = replace(LOOK, emergency=True, remarks="somebody fell at the gate")


@pytest.fixture
def clock() -> ObedientClock:
    return ObedientClock()


def desk_at(folder: Path, clock: ObedientClock, **rules: Any) -> CaseDesk:
    return CaseStand(folder, clock, NOW_WALL_NS - 10**15, NOW_WALL_NS, replace(RULES, **rules)).desk()


@pytest.fixture
def desk(tmp_path: Path, clock: ObedientClock) -> CaseDesk:
    return desk_at(tmp_path, clock)


@pytest.fixture
def two(tmp_path: Path, clock: ObedientClock) -> CaseDesk:
    return desk_at(tmp_path, clock, sealing=SealingKind.TWO_PERSON)


def test_an_operator_asks_and_the_owner_allows_for_a_time(desk: CaseDesk, clock: ObedientClock) -> None:
    case = desk.ask(OPERATOR, LOOK)
    assert (case.state, case.asked_by, case.asker.name) == (CaseState.ASKED, "operator", "operator")
    granted = desk.grant(OWNER, case.case_id, 2.5, "go on")
    assert granted.permit is not None
    assert granted.permit.for_ns == 2.5 * HOUR_NS
    assert granted.decision is not None
    assert (granted.decision.decided_by, granted.decision.reason) == ("owner", "go on")
    assert desk.grant(OWNER, desk.ask(OPERATOR, LOOK).case_id).permit is not None
    for hours in (0, -1, 720.5):
        with pytest.raises(BadInput) as refused:
            desk.grant(OWNER, desk.ask(OPERATOR, LOOK).case_id, hours)
        assert refused.value.field == "hours"


def test_nobody_decides_what_they_asked_for(desk: CaseDesk, two: CaseDesk) -> None:
    for one, who in ((desk, OPERATOR), (desk, OWNER), (two, OWNER), (two, OPERATOR), (two, ON_CAMERA)):
        case = one.ask(who, LOOK)
        with pytest.raises(NotAllowed, match="nobody decides what they asked for"):
            one.grant(who, case.case_id)
        with pytest.raises(NotAllowed, match="nobody decides what they asked for"):
            one.refuse(who, case.case_id, "no")
        assert one.find(who, case.case_id).state is CaseState.ASKED


def test_by_two_people_each_asks_the_other(two: CaseDesk) -> None:
    of_owner, of_operator = two.ask(OWNER, LOOK).case_id, two.ask(OPERATOR, LOOK).case_id
    with pytest.raises(NotAllowed, match="it takes two people"):
        two.grant(ON_CAMERA, of_owner)
    with pytest.raises(NotAllowed, match="only the owner decides"):
        two.rules.require(OTHER, Step.GRANT, two.store.find(of_operator))
    assert two.grant(OPERATOR, of_owner).state is CaseState.GRANTED
    assert two.grant(ON_CAMERA, of_operator).state is CaseState.GRANTED
    # What is given away is written down by one and allowed by the other.
    police = two.ask(OWNER, POLICE).case_id
    with pytest.raises(NotAllowed, match="nobody decides"):
        two.grant(OWNER, police)
    assert two.grant(OPERATOR, police).state is CaseState.GRANTED


def test_an_owner_alone_writes_a_disclosure_down_and_decides_it(desk: CaseDesk) -> None:
    case = desk.ask(OWNER, POLICE)
    assert case.due_wall_ns is not None
    refused = desk.refuse(OWNER, case.case_id, "there is a faster way")
    assert refused.decision is not None
    assert refused.decision.reason == "there is a faster way"
    with pytest.raises(NotAllowed, match="only the owner decides"):
        desk.rules.require(OTHER, Step.GRANT, desk.ask(OPERATOR, POLICE))


def test_an_installer_has_nothing_to_do_with_it(desk: CaseDesk) -> None:
    case = desk.ask(OPERATOR, LOOK)
    with pytest.raises(NotAllowed, match="an installer sees no footage"):
        desk.ask(INSTALLER, LOOK)
    with pytest.raises(BadInput, match="no case"):
        desk.withdraw(INSTALLER, case.case_id)
    assert desk.seen_by(INSTALLER) == []


def test_operators_see_their_own_complaints_and_what_they_decide(desk: CaseDesk, two: CaseDesk) -> None:
    own, others = desk.ask(OPERATOR, LOOK), desk.ask(OTHER, LOOK)
    complaint, of_owner = desk.ask(OWNER, COMPLAINT), desk.ask(OWNER, LOOK)
    assert desk.seen_by(OPERATOR) == [own, complaint]
    assert two.seen_by(OPERATOR) == [own, complaint, of_owner]
    assert desk.seen_by(OWNER) == [own, others, complaint, of_owner]
    with pytest.raises(BadInput, match="of yours"):
        desk.find(OPERATOR, others.case_id)


def test_a_name_that_somebody_else_had_before_opens_nothing(desk: CaseDesk) -> None:
    case = desk.ask(OPERATOR, LOOK)
    again = replace(OPERATOR, account_id="9" * 32)
    assert desk.seen_by(again) == []
    assert not replace(OPERATOR, account_id="").is_asker_of(case)


@pytest.mark.parametrize(
    ("field", "ask"),
    [
        ("purpose", replace(LOOK, purpose="curiosity")),
        ("purpose", replace(LOOK, purpose="", use=Use.OUTSIDE)),
        ("legal_basis", replace(LOOK, purpose="curiosity", use=Use.OUTSIDE)),
        ("legal_basis", replace(POLICE, legal_basis=" ")),
        ("to_ms", replace(LOOK, to_wall_ns=LOOK.from_wall_ns)),
        ("to_ms", replace(LOOK, to_wall_ns=None)),
        ("from_ms", replace(LOOK, from_wall_ns=None, to_wall_ns=None)),
        ("from_ms", replace(LOOK, from_wall_ns=NOW_WALL_NS + HOUR_NS, to_wall_ns=NOW_WALL_NS + 2 * HOUR_NS)),
        ("want", replace(LOOK, want=Want.ERASE)),
        ("want", replace(COMPLAINT, want=Want.COPY)),
        ("asker_kind", replace(LOOK, asker_kind=AskerKind.POLICE)),
        ("asker_kind", replace(POLICE, asker_kind=AskerKind.INSIDE)),
        ("asker.name", replace(POLICE, asker=Party(" "))),
        ("asker.address", replace(POLICE, asker=Party("police", address="x" * 201))),
        ("asker.contact", replace(POLICE, asker=Party("police", contact="\x1b[2J"))),
        ("identity_check", replace(POLICE, asker_kind=AskerKind.PERSON, legal_basis="")),
        ("remarks", replace(COMPLAINT, remarks=" \n ")),
        ("remarks", replace(COMPLAINT, remarks="x" * 2001)),
        ("remarks", replace(COMPLAINT, remarks="\ud800")),
        ("remarks", replace(EMERGENCY, remarks="")),
        ("emergency", replace(POLICE, emergency=True)),
    ],
)
def test_what_cannot_be_asked_names_its_field_and_is_not_registered(
    desk: CaseDesk, tmp_path: Path, field: str, ask: Ask
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.ask(OPERATOR, ask)
    assert refused.value.field == field
    assert refused.value.do
    assert not (tmp_path / "register.jsonl").exists()


def test_who_asks_whether_there_is_any_is_answered_also_where_there_is_none(desk: CaseDesk) -> None:
    later = replace(
        POLICE,
        want=Want.EXISTENCE,
        from_wall_ns=NOW_WALL_NS + HOUR_NS,
        to_wall_ns=NOW_WALL_NS + 2 * HOUR_NS,
        asker_kind=AskerKind.PERSON,
        identity_check="driving licence seen",
        legal_basis="",
    )
    case = desk.ask(OPERATOR, later)
    with pytest.raises(NotAllowed, match="answered by the owner"):
        desk.answer(OPERATOR, case.case_id, "none")
    answered = desk.answer(OWNER, case.case_id, "there is none of that time")
    assert (answered.state, answered.answer) == (CaseState.CLOSED, "there is none of that time")


@pytest.mark.row("G8")
def test_an_answer_is_due_in_ten_civil_days(desk: CaseDesk, tmp_path: Path) -> None:
    due_ns = desk.ask(OPERATOR, POLICE).due_wall_ns
    assert due_ns is not None
    # 2026-11-21 19:00 in Seoul; the first of December is the last day there.
    assert (due_ns + 1) // NS_PER_S == 1_796_137_200

    class NeverSet(ObedientClock):
        def now(self) -> Instant:
            return replace(super().now(), trust=TimeTrust.UNSET)

    (tmp_path / "unset").mkdir()
    unset = desk_at(tmp_path / "unset", NeverSet())
    assert unset.ask(OPERATOR, POLICE).due_wall_ns is None


def test_an_emergency_is_open_at_once_and_owes_a_report(desk: CaseDesk, clock: ObedientClock) -> None:
    case = desk.ask(OPERATOR, EMERGENCY)
    assert case.state is CaseState.EMERGENCY
    assert case.permit is not None
    assert case.due_wall_ns == NOW_WALL_NS + 24 * HOUR_NS
    with pytest.raises(NotAllowed, match="only who asked, or the owner"):
        desk.rules.require(OTHER, Step.REPORT, case)
    with pytest.raises(BadInput) as refused:
        desk.report(OPERATOR, case.case_id, "  ")
    assert refused.value.field == "text"
    with pytest.raises(NotAllowed, match="cannot be closed"):
        desk.close(OWNER, case.case_id)
    assert desk.report(OPERATOR, case.case_id, "it was the postman").state is CaseState.REPORTED
    closed = desk.close(OPERATOR, case.case_id, True, "he is well")
    assert (closed.state, closed.found) == (CaseState.CLOSED, True)
    assert closed.remarks == "somebody fell at the gate\nhe is well"
    assert closed.permit is None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"sealing": SealingKind.OWNER}, "only the owner's key opens footage"),
        ({"sealing": SealingKind.TWO_PERSON}, "it takes two people to open footage"),
        ({"emergency": False}, "the owner's policy has no look"),
    ],
)
def test_where_there_is_no_emergency_it_is_said_why(
    tmp_path: Path, clock: ObedientClock, rules: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotAllowed, match=said):
        desk_at(tmp_path, clock, **rules).ask(OPERATOR, EMERGENCY)


def test_a_permit_is_taken_back_by_who_gave_it_and_its_keys_go(desk: CaseDesk, tmp_path: Path) -> None:
    case = desk.grant(OWNER, desk.ask(OPERATOR, LOOK).case_id)
    keys = tmp_path / "cases" / f"{case.case_id}.keys"
    keys.write_bytes(b"what opens it")
    with pytest.raises(BadInput) as refused:
        desk.revoke(OWNER, case.case_id, "")
    assert refused.value.field == "reason"
    revoked = desk.revoke(OWNER, case.case_id, "the wrong day")
    assert (revoked.state, revoked.permit) == (CaseState.REVOKED, None)
    assert not keys.exists()


class NoKeys:
    """Keys that were never left."""

    def require(self, case: Case, who: Actor) -> None:
        raise NotAllowed(f"no keys were left by {who.name}")

    def end(self, case_id: str) -> None:
        raise AssertionError("nothing was granted")


def test_no_grant_without_the_keys_that_it_takes(desk: CaseDesk) -> None:
    case = desk.ask(OPERATOR, LOOK)
    desk.keys = NoKeys()
    with pytest.raises(NotAllowed, match="no keys were left by owner"):
        desk.grant(OWNER, case.case_id)
    assert desk.find(OWNER, case.case_id).state is CaseState.ASKED


@pytest.mark.row("G10")
def test_a_complaint_is_written_down_and_answered(desk: CaseDesk) -> None:
    case = desk.ask(OPERATOR, COMPLAINT)
    assert desk.may(OPERATOR, case) == [Step.WITHDRAW, Step.ANSWER]
    with pytest.raises(NotAllowed, match="a complaint, is asked: it cannot be allowed"):
        desk.grant(OWNER, case.case_id)
    assert desk.answer(OPERATOR, case.case_id, "the mask covers it now").state is CaseState.CLOSED
