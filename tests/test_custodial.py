"""The hub's custody over a real camera's folder: what there is to ask for, what nags, what is due."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from casestand import PURPOSE
from custodystand import Camera, make_camera, moment, record
from page_camera import ObedientClock

from edgecam.casework import FootageThere, case_rules_of
from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import BadInput
from edgecam.custodial import Custodial
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.calendar import DueWhat
from edgecam.custody.cases.case import CaseKind, Want
from edgecam.custody.cases.casedesk import Ask
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.holds import HoldOrder
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.duecalendar import calendar_of
from edgecam.holding import holds_of
from edgecam.keys.camera import load_camera_key
from edgecam.keys.sealing import SealingKind
from edgecam.places import Places
from edgecam.ringbuffer.holdrecord import HoldWhy
from edgecam.ringbuffer.medium import FileMedium
from edgecam.settings import CustodySettings, NoticeSettings, Settings
from edgecam.web.signedin import Visitor

pytestmark = pytest.mark.row("G4")
OPERATOR, OWNER = Actor("operator", AccountRole.OPERATOR, "2" * 32), Actor("owner", AccountRole.OWNER, "1" * 32)
SETTINGS = Settings(notice=NoticeSettings(purpose=PURPOSE), custody=CustodySettings(sealing="shared"))


class AfterIt(ObedientClock):
    """An hour after the footage begins, in its boot."""

    def now(self) -> Instant:
        begun = moment(3600)
        return replace(begun, wall_ns=begun.wall_ns + self.mono_ns(), mono_ns=begun.mono_ns + self.mono_ns())


@pytest.fixture
def clock() -> AfterIt:
    return AfterIt()


@pytest.fixture
def places(tmp_path: Path, recorded_street: Camera) -> Places:
    return Places(tmp_path / "edgecam.toml", tmp_path, tmp_path, recorded_street.ring, tmp_path / "masks.json")


@pytest.fixture
def recorded_street(tmp_path: Path) -> Camera:
    camera = make_camera(tmp_path)
    camera.run(record(frames=25, keyframe_every=10), moment(0))
    return camera


@pytest.fixture
def custodial(places: Places, clock: AfterIt) -> Custodial:
    return made(places, clock)


def made(places: Places, clock: AfterIt, settings: Settings = SETTINGS) -> Custodial:
    key = load_camera_key(places.state_dir / "camera.pem")
    register = Register(places.register, key.sign, key.public, clock)
    holds = holds_of(settings, places, key, register, clock)
    return Custodial(
        settings,
        places,
        key,
        register,
        clock,
        holds,
        lambda cases: calendar_of(settings, places, key, register, cases, holds, clock),
    )


def look(seconds: float = 0, **fields: Any) -> Ask:
    begin = moment(seconds).wall_ns
    ask = Ask(CaseKind.LOOK, Want.VIEW, purpose=PURPOSE, from_wall_ns=begin, to_wall_ns=begin + NS_PER_S)
    return replace(ask, **fields)


def test_the_settings_say_the_policy() -> None:
    rules = case_rules_of(SETTINGS)
    assert (rules.sealing, rules.purposes, rules.zone) == (SealingKind.SHARED, (PURPOSE,), "Asia/Tokyo")
    own = Settings(custody=CustodySettings(purposes=("a", "b")), notice=NoticeSettings(purpose="c"))
    assert case_rules_of(own).purposes == ("a", "b")
    assert case_rules_of(Settings()).purposes == ()


def test_only_footage_that_is_there_is_asked_for_and_it_is_said_what_there_is(custodial: Custodial) -> None:
    desk = custodial.parts().desk
    desk.ask(OPERATOR, look())
    with pytest.raises(BadInput, match="no footage in that range") as refused:
        desk.ask(OPERATOR, look(-3600))
    assert refused.value.field == "from_ms"
    assert "there is 2026-03-01 08:00:00.000 UTC to 2026-03-01 08:00:01" in refused.value.do


def test_footage_that_only_a_hold_has_is_there_too(places: Places, clock: AfterIt) -> None:
    key = load_camera_key(places.state_dir / "camera.pem")
    holds = holds_of(SETTINGS, places, key, Register(places.register, key.sign, key.public, clock), clock)
    there = FootageThere(SETTINGS, places, holds, clock)
    begin = moment(0).wall_ns
    medium = FileMedium.open(places.ring, writable=False)
    try:
        holds.place(medium, HoldOrder(begin, begin + NS_PER_S, HoldWhy("police", "owner", "", "", "")))
    finally:
        medium.close()
    there.require(begin, begin + 1)


def test_a_visitor_looks_by_what_was_granted(custodial: Custodial) -> None:
    visitor = Visitor("operator", AccountRole.OPERATOR, "s", OPERATOR.account_id)
    desk, begin = custodial.parts().desk, moment(0).wall_ns
    case = desk.grant(OWNER, desk.ask(OPERATOR, look()).case_id)
    leave = custodial.approve(visitor, Act.VIEW, begin, begin + NS_PER_S)
    assert (leave.purpose, leave.detail["case"]) == (PURPOSE, case.case_id)


def test_a_report_that_is_owed_nags_from_the_beginning_until_it_is_written(
    custodial: Custodial, clock: AfterIt
) -> None:
    assert custodial.faults == []
    desk = custodial.parts().desk
    case = desk.ask(OPERATOR, look(emergency=True, remarks="somebody fell"))
    clock.sleep(11)
    (fault,) = custodial.faults
    assert fault.code == "report_due"
    assert f"operator, case {case.case_id} by 2026-03-0" in fault.sentence
    assert "which is past" not in fault.sentence
    clock.sleep(25 * 3600)
    assert "which is past" in custodial.faults[0].sentence
    assert DueWhat.REPORT in [one.what for one in custodial.parts().calendar()]
    desk.report(OPERATOR, case.case_id, "it was the postman")
    clock.sleep(11)
    assert custodial.faults == []


@pytest.mark.row("G3")
def test_a_case_changed_behind_the_registers_back_is_a_fault_that_names_it(
    custodial: Custodial, places: Places, clock: AfterIt
) -> None:
    case = custodial.parts().desk.ask(OPERATOR, look())
    (places.cases / f"{case.case_id}.json").write_bytes(b"{}")
    (fault,) = custodial.faults
    assert (fault.code, case.case_id in fault.sentence) == ("cases", True)


@pytest.mark.row("R7")
def test_what_a_power_cut_left_is_told_at_the_next_start(
    custodial: Custodial, places: Places, clock: AfterIt
) -> None:
    case = custodial.parts().desk.ask(OPERATOR, look())
    data = places.register.read_bytes().splitlines(keepends=True)
    (places.cases / f"{case.case_id}.json").unlink()
    places.register.write_bytes(data[0])
    again = made(places, clock)
    again.settle()
    (fault,) = again.faults
    assert fault.code == "case_not_carried_out"
    assert case.case_id in fault.sentence
    assert made(places, clock).faults == []


@pytest.mark.row("R5")
def test_a_case_is_kept_five_years_from_the_next_first_of_april(custodial: Custodial, clock: AfterIt) -> None:
    desk = custodial.parts().desk
    case, still_open = desk.ask(OPERATOR, look()), desk.ask(OPERATOR, look())
    desk.withdraw(OPERATOR, case.case_id)
    years_s = 5 * 365 * 86_400
    custodial.tend()
    clock.sleep(years_s)
    custodial.tend()
    assert len(custodial.store.all()) == 2
    clock.sleep(40 * 86_400)
    custodial.tend()
    assert [one.case_id for one in custodial.store.all()] == [still_open.case_id]
    assert custodial.store.troubles() == []


def test_certificates_and_books_stand_in_the_calendar(places: Places, clock: AfterIt) -> None:
    custodial = made(places, clock)
    custodial.parts().desk.ask(OPERATOR, look())
    places.register.rename(places.register.with_stem("register-2025"))
    found = {one.what: one for one in custodial.parts().calendar()}
    assert found[DueWhat.BOOK_ERASURE].subject == "register-2025.jsonl"
    # What is of the year that begins in April 2025 is kept until the end of March 2031, in Tokyo.
    end_ns = found[DueWhat.BOOK_ERASURE].due_wall_ns
    assert end_ns is not None
    assert (end_ns + 1) // NS_PER_S == 1_932_735_600
    assert DueWhat.PAGE_CERTIFICATE not in found
