"""What is due and when: answers, reports, permits, holds, the card; the soonest first, and nothing hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from carestand import PageHolds
from casestand import CaseStand
from page_camera import FOOTAGE_START_NS, NOW_WALL_NS, ObedientClock
from test_casedesk import COMPLAINT, EMERGENCY, LOOK, OPERATOR, OWNER, POLICE

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import MediaFailing
from edgecam.custody.cases.calendar import Calendar, Due, DueWhat, of_card, of_cases, of_holds
from edgecam.custody.cases.case import Step
from edgecam.custody.holds import HoldOrder
from edgecam.ringbuffer.holdrecord import HoldWhy
from edgecam.ringbuffer.retention import NS_PER_DAY

pytestmark = pytest.mark.row("G10")
HOUR_NS = 3600 * NS_PER_S


@pytest.fixture
def clock() -> ObedientClock:
    return ObedientClock()


@pytest.fixture
def stand(tmp_path: Path, clock: ObedientClock) -> CaseStand:
    return CaseStand(tmp_path, clock, 0, NOW_WALL_NS)


def whats(found: Iterable[Due]) -> list[DueWhat]:
    return [one.what for one in found]


def test_somebody_waits_until_it_is_answered_or_handed_over(stand: CaseStand, clock: ObedientClock) -> None:
    desk, now = stand.desk(), clock.now()
    police, look = desk.ask(OPERATOR, POLICE), desk.ask(OPERATOR, LOOK)
    complaint = desk.ask(OPERATOR, COMPLAINT)
    found = of_cases(stand.store.all(), now)
    assert [(one.what, one.case_id, one.subject) for one in found] == [
        (DueWhat.ANSWER, police.case_id, "熊谷警察署"),
        (DueWhat.ANSWER, look.case_id, "operator"),
        (DueWhat.ANSWER, complaint.case_id, "a neighbour"),
    ]
    desk.answer(OWNER, complaint.case_id, "yes")
    desk.refuse(OWNER, look.case_id, "no")
    desk.grant(OWNER, police.case_id, 1)
    # A decision is no copy yet.
    assert whats(of_cases(stand.store.all(), now)) == [DueWhat.ANSWER, DueWhat.PERMIT_END]
    desk.close(OWNER, police.case_id, found=False)
    assert of_cases(stand.store.all(), now) == []


def test_an_emergency_is_overdue_after_its_time_and_a_permit_never(stand: CaseStand, clock: ObedientClock) -> None:
    desk = stand.desk()
    case = desk.ask(OPERATOR, EMERGENCY)
    report, ends = of_cases(stand.store.all(), clock.now())
    assert (report.what, report.overdue, report.due_wall_ns) == (DueWhat.REPORT, False, NOW_WALL_NS + 24 * HOUR_NS)
    assert (ends.what, ends.due_wall_ns) == (DueWhat.PERMIT_END, NOW_WALL_NS + 24 * HOUR_NS)
    clock.sleep(24 * 3600 + 1)
    (late,) = of_cases(stand.store.all(), clock.now())
    assert (late.what, late.overdue) == (DueWhat.REPORT, True)
    unset = replace(clock.now(), trust=TimeTrust.UNSET)
    assert not of_cases(stand.store.all(), unset)[0].overdue
    desk.report(OPERATOR, case.case_id, "nothing")
    assert of_cases(stand.store.all(), clock.now()) == []


def test_holds_are_reviewed_and_end(clock: ObedientClock) -> None:
    holds = PageHolds(clock)
    why = HoldWhy("police", "owner", "", "", "")
    order = HoldOrder(FOOTAGE_START_NS, FOOTAGE_START_NS + NS_PER_S, why, None, 3 * NS_PER_DAY)
    holds.place(order)
    review, ends = of_holds(holds.standing(), clock.now())
    assert (review.what, review.hold_id, review.overdue) == (DueWhat.HOLD_REVIEW, "h1", False)
    assert (review.due_wall_ns, ends.due_wall_ns) == (NOW_WALL_NS + 3 * NS_PER_DAY, NOW_WALL_NS + 14 * NS_PER_DAY)
    clock.sleep(4 * 86_400)
    assert of_holds(holds.standing(), clock.now())[0].overdue


@pytest.mark.parametrize(("wear", "found"), [(None, 0), (12.0, 0), (89.9, 0), (90.0, 1), (130.0, 1)])
def test_the_card_is_due_when_most_of_its_life_is_spent(wear: float | None, found: int) -> None:
    assert len(of_card(wear)) == found
    assert all(one.due_wall_ns is None for one in of_card(wear))


def test_the_soonest_comes_first_and_what_cannot_be_read_hides_nothing(clock: ObedientClock) -> None:
    def later(_: Instant) -> list[Due]:
        return [Due(DueWhat.STANDARD, NOW_WALL_NS + 5), Due(DueWhat.ANSWER, NOW_WALL_NS + 1)]

    def broken(_: Instant) -> list[Due]:
        raise MediaFailing("the card refuses")

    found = Calendar(clock, [later, broken, lambda now: of_card(95.0)]).due()
    assert whats(found) == [DueWhat.CARD, DueWhat.UNKNOWN, DueWhat.ANSWER, DueWhat.STANDARD]
    assert (found[1].subject, found[1].overdue) == ("the card refuses", True)


def test_a_step_that_is_done_is_due_no_more(stand: CaseStand, clock: ObedientClock) -> None:
    case = stand.desk().ask(OPERATOR, LOOK)
    stand.store.step(case.case_id, Step.WITHDRAW, "operator")
    assert of_cases(stand.store.all(), clock.now()) == []
