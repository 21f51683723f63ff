"""Who sees which footage now: every policy, every way in which a permit does not fit, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from casestand import PURPOSE, RULES, CaseStand
from page_camera import NOW_WALL_NS, ObedientClock

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, Party, Use, Want
from edgecam.custody.cases.casedesk import Ask
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.cases.permission import Leave, Permission
from edgecam.custody.register.register_line import Act
from edgecam.keys.sealing import SealingKind

pytestmark = [pytest.mark.row("G4"), pytest.mark.row("K6")]
OWNER, OPERATOR = Actor("owner", AccountRole.OWNER, "1" * 32), Actor("operator", AccountRole.OPERATOR, "2" * 32)
INSTALLER, ON_CAMERA = Actor("sato", AccountRole.INSTALLER, "3" * 32), Actor("root", AccountRole.OWNER)
HOUR_NS = 3600 * NS_PER_S
FROM_NS, TO_NS = NOW_WALL_NS - 2 * HOUR_NS, NOW_WALL_NS - HOUR_NS


class ChangingBoot(ObedientClock):
    """A clock whose boot a test may change."""

    boot_id = bytes(16)

    def now(self) -> Instant:
        return replace(super().now(), boot_id=self.boot_id)


@dataclass
class Stand:
    """A policy, its cases, and who may by them."""

    cases: CaseStand
    clock: ChangingBoot

    @property
    def permission(self) -> Permission:
        return Permission(self.cases.another_store(), self.cases.rules, self.clock)

    def approve(self, who: Actor, act: Act = Act.VIEW, **named: Any) -> Leave:
        span = {"from_wall_ns": FROM_NS, "to_wall_ns": TO_NS} | named
        return self.permission.approve(who, act, **span)

    def refusal(self, who: Actor, act: Act = Act.VIEW, **named: Any) -> NotAllowed:
        with pytest.raises(NotAllowed) as refused:
            self.approve(who, act, **named)
        assert refused.value.do
        assert refused.value.safe == "no footage was touched"
        return refused.value

    def granted(self, who: Actor = OPERATOR, by: Actor = OWNER, want: Want = Want.VIEW, **fields: Any) -> Case:
        desk = self.cases.desk()
        ask = Ask(CaseKind.LOOK, want, purpose=PURPOSE, from_wall_ns=FROM_NS, to_wall_ns=TO_NS)
        return desk.grant(by, desk.ask(who, replace(ask, **fields)).case_id, 1.0)


@pytest.fixture
def stand(tmp_path: Path, request: pytest.FixtureRequest) -> Stand:
    clock, sealing = ChangingBoot(), getattr(request, "param", SealingKind.SHARED)
    cases = CaseStand(tmp_path, clock, 0, NOW_WALL_NS, replace(RULES, sealing=sealing))
    return Stand(cases, clock)


def by(*kinds: SealingKind) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stand", kinds, indirect=True)


@by(*SealingKind)
def test_an_installer_sees_no_footage(stand: Stand) -> None:
    assert stand.refusal(INSTALLER).what == "an installer sees no footage"


@by(SealingKind.OWNER, SealingKind.SHARED)
def test_an_owner_looks_alone_for_a_declared_purpose(stand: Stand) -> None:
    for act in (Act.SEARCH, Act.VIEW, Act.COPY):
        assert stand.approve(OWNER, act, purpose=PURPOSE) == Leave(PURPOSE, {"use": "within"}, Leave().require)
    assert stand.approve(OWNER).purpose == "to prevent theft at the gate; to find out about accidents"
    stand.approve(OWNER).require()
    with pytest.raises(BadInput, match="none of the purposes") as refused:
        stand.approve(OWNER, purpose="curiosity")
    assert refused.value.field == "purpose"


@by(SealingKind.OWNER, SealingKind.SHARED)
def test_an_operator_sees_what_was_allowed_and_nothing_else(stand: Stand) -> None:
    assert stand.refusal(OPERATOR).what == "an operator sees footage only once the owner allows it"
    case = stand.granted()
    leave = stand.approve(OPERATOR)
    assert leave.purpose == PURPOSE
    assert leave.detail == {"case": case.case_id, "use": "within"}
    leave.require()
    stand.approve(OPERATOR, Act.SEARCH, from_wall_ns=FROM_NS + 5)
    assert "permits to view, and this is a copy" in stand.refusal(OPERATOR, Act.COPY).what
    for span in ({"from_wall_ns": FROM_NS - 1}, {"to_wall_ns": TO_NS + 1}):
        assert (
            "permits footage from 2026-11-21 08:00:00.000 UTC to" in stand.refusal(OPERATOR, Act.VIEW, **span).what
        )
    elsewhere = {"from_wall_ns": TO_NS, "to_wall_ns": NOW_WALL_NS}
    assert (
        stand.refusal(OPERATOR, Act.VIEW, **elsewhere).what
        == "an operator sees footage only once the owner allows it"
    )
    assert stand.refusal(Actor("operator", AccountRole.OPERATOR, "9" * 32)).do.startswith("ask for it")


@by(SealingKind.TWO_PERSON)
def test_by_two_people_nobody_looks_alone(stand: Stand) -> None:
    assert "an operator has not allowed it" in stand.refusal(OWNER).what
    assert "the owner has not allowed it" in stand.refusal(OPERATOR).what
    assert "an operator has not allowed it" in stand.refusal(ON_CAMERA, Act.COPY).what
    assert "case" not in stand.approve(ON_CAMERA, Act.COPY, both=True).detail
    assert "the owner has not allowed it" in stand.refusal(OPERATOR, both=True).what
    case = stand.granted(OWNER, OPERATOR, Want.COPY)
    assert stand.approve(OWNER, Act.COPY).detail["case"] == case.case_id
    # Who has a shell on the camera is its owner.
    assert stand.approve(ON_CAMERA, Act.COPY, case_id=case.case_id).detail["case"] == case.case_id
    assert "somebody else's" in stand.refusal(OPERATOR, case_id=case.case_id).what
    stand.granted(OPERATOR, OWNER)
    stand.approve(OPERATOR)


@by(*SealingKind)
def test_what_is_not_decided_refused_or_taken_back_permits_nothing(stand: Stand) -> None:
    desk = stand.cases.desk()
    ask = Ask(CaseKind.LOOK, Want.VIEW, purpose=PURPOSE, from_wall_ns=FROM_NS, to_wall_ns=TO_NS)
    case = desk.ask(OPERATOR, ask)
    assert stand.refusal(OPERATOR).what == f"case {case.case_id} was not decided yet"
    desk.refuse(OWNER, case.case_id, "no")
    assert "permits nothing: it is refused" in stand.refusal(OPERATOR).what
    granted = stand.granted()
    leave = stand.approve(OPERATOR)
    desk.revoke(OWNER, granted.case_id, "the wrong day")
    with pytest.raises(NotAllowed, match="permits nothing: it is revoked"):
        leave.require()
    assert "revoked" in stand.refusal(OPERATOR).what


def test_a_permit_ends_by_itself_also_while_somebody_looks(stand: Stand) -> None:
    case = stand.granted()
    leave = stand.approve(OPERATOR)
    stand.clock.sleep(3599)
    leave.require()
    stand.clock.sleep(1)
    with pytest.raises(NotAllowed, match=f"the permit of case {case.case_id} is over"):
        leave.require()
    assert "is over" in stand.refusal(OPERATOR).what
    assert stand.granted().case_id in stand.approve(OPERATOR).detail["case"]


def test_a_clock_that_cannot_tell_permits_nothing(stand: Stand) -> None:
    stand.granted()
    stand.clock.boot_id = b"another boot....".ljust(16)
    stand.clock.sleep(-10_000)
    assert "the camera's clock is not right" in stand.refusal(OPERATOR).what


def test_what_goes_on_with_a_case_does_not_end_what_plays(stand: Stand) -> None:
    desk = stand.cases.desk()
    ask = Ask(
        CaseKind.LOOK,
        Want.VIEW,
        purpose=PURPOSE,
        from_wall_ns=FROM_NS,
        to_wall_ns=TO_NS,
        emergency=True,
        remarks="!",
    )
    case = desk.ask(OPERATOR, ask)
    leave = stand.approve(OPERATOR)
    desk.report(OPERATOR, case.case_id, "it was nothing")
    leave.require()
    desk.close(OPERATOR, case.case_id)
    with pytest.raises(NotAllowed, match="it is closed"):
        leave.require()


def test_an_emergency_counts_only_while_the_policy_has_it(stand: Stand) -> None:
    ask = Ask(
        CaseKind.LOOK,
        Want.VIEW,
        purpose=PURPOSE,
        from_wall_ns=FROM_NS,
        to_wall_ns=TO_NS,
        emergency=True,
        remarks="!",
    )
    stand.cases.desk().ask(OPERATOR, ask)
    stand.approve(OPERATOR)
    stand.cases.rules = replace(stand.cases.rules, emergency=False)
    assert "was an emergency" in stand.refusal(OPERATOR).what


@by(SealingKind.OWNER)
def test_an_owner_may_name_a_case_and_then_it_has_to_permit_it(stand: Stand) -> None:
    fields = {
        "kind": CaseKind.DISCLOSURE,
        "asker": Party("熊谷警察署", "刑事第一課"),
        "asker_kind": AskerKind.POLICE,
        "use": Use.PROVISION,
        "purpose": "a robbery",
        "legal_basis": "刑訴法197条2項",
    }
    case = stand.granted(OPERATOR, OWNER, Want.COPY, **fields)
    for who in (OWNER, ON_CAMERA):
        leave = stand.approve(who, Act.COPY, case_id=case.case_id)
        assert leave.purpose == "a robbery"
        assert leave.detail == {
            "case": case.case_id,
            "affiliation": "刑事第一課",
            "use": "provision",
            "legal_basis": "刑訴法197条2項",
        }
    assert "permits footage from" in stand.refusal(OWNER, from_wall_ns=0, case_id=case.case_id).what
    with pytest.raises(BadInput, match="no case"):
        stand.approve(OWNER, case_id="20200101-000000")
