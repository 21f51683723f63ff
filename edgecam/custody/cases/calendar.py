"""The owner's calendar: what is due and when, out of cases, holds, certificates and whatever else tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from edgecam.core.clock import Clock, Instant
from edgecam.core.errors import EdgecamError
from edgecam.custody.cases.case import Case, CaseKind, CaseState
from edgecam.custody.cases.duedays import is_past
from edgecam.custody.holds import Standing

MOST_WEAR_PERCENT = 90.0


class DueWhat(StrEnum):
    """What is due; ``unknown`` is what cannot be known now. Stable names."""

    ANSWER = "answer"
    REPORT = "report"
    PERMIT_END = "permit_end"
    HOLD_REVIEW = "hold_review"
    HOLD_END = "hold_end"
    PAGE_CERTIFICATE = "page_certificate"
    PAGE_AUTHORITY = "page_authority"
    BROKER_CERTIFICATE = "broker_certificate"
    CARD = "card"
    BOOK_ERASURE = "book_erasure"
    DUPLICATE_ERASURE = "duplicate_erasure"
    STANDARD = "standard"
    UNKNOWN = "unknown"


# What ends or begins by itself: it is told, and nobody is late with it.
_BY_ITSELF = {
    DueWhat.PERMIT_END,
    DueWhat.HOLD_END,
    DueWhat.BOOK_ERASURE,
    DueWhat.DUPLICATE_ERASURE,
    DueWhat.STANDARD,
}


@dataclass(frozen=True, slots=True)
class Due:
    """``due_wall_ns`` is the last moment for it, ``None`` where no clock can tell or it is due already.

    ``case_id`` or ``hold_id`` says of what, where it is of one; ``subject`` is a name for people.
    """

    what: DueWhat
    due_wall_ns: int | None
    subject: str = ""
    case_id: str = ""
    hold_id: str = ""
    overdue: bool = False


# Tells what is due of one sort at that moment; raises any `EdgecamError` when it cannot.
Source = Callable[[Instant], Iterable[Due]]


class Calendar:
    """What every one of ``sources`` tells, the soonest first; what is due without a date comes before all."""

    def __init__(self, clock: Clock, sources: Sequence[Source]) -> None:
        self._clock, self._sources = clock, sources

    def due(self) -> list[Due]:
        """One that cannot be read hides none of the others: it is told as unknown, with the reason."""
        now = self._clock.now()
        found: list[Due] = []
        for source in self._sources:
            try:
                found += source(now)
            except EdgecamError as refused:
                found.append(Due(DueWhat.UNKNOWN, None, subject=str(refused), overdue=True))
        return sorted(found, key=lambda due: (due.due_wall_ns or 0, due.what, due.case_id, due.hold_id))


def due(what: DueWhat, due_wall_ns: int | None, now: Instant, **told: str) -> Due:
    """A `Due` that knows whether it is late at ``now``."""
    late = what not in _BY_ITSELF and is_past(due_wall_ns, now)
    return Due(what, due_wall_ns, overdue=late, **told)


def of_cases(cases: Iterable[Case], now: Instant) -> list[Due]:
    """Answers and reports that somebody waits for, and permits that end."""
    found = []
    for case in cases:
        told = {"case_id": case.case_id, "subject": case.asker.name}
        if case.state is CaseState.EMERGENCY:
            found.append(due(DueWhat.REPORT, case.due_wall_ns, now, **told))
        elif _waits_for_answer(case):
            found.append(due(DueWhat.ANSWER, case.due_wall_ns, now, **told))
        if case.permit is not None and case.permit.is_over(now) is not True:
            found.append(due(DueWhat.PERMIT_END, case.permit.until_wall_ns, now, **told))
    return found


def of_holds(standing: Iterable[Standing], now: Instant) -> list[Due]:
    """Reviews, and ends of holds, by the clock as it is now."""
    found = []
    for held in standing:
        told = {"hold_id": held.record.hold_id, "subject": held.record.why.reason}
        term = held.record.term
        if term.review_due_ns < term.life_ns:
            at_ns = held.at_wall_ns(term.review_due_ns)
            found.append(Due(DueWhat.HOLD_REVIEW, at_ns, overdue=held.review_is_due, **told))
        found.append(due(DueWhat.HOLD_END, held.at_wall_ns(term.life_ns), now, **told))
    return found


def of_card(wear_percent: float | None) -> list[Due]:
    """The medium, when it has spent most of its life."""
    if wear_percent is None or wear_percent < MOST_WEAR_PERCENT:
        return []
    return [Due(DueWhat.CARD, None, subject=f"{wear_percent:.0f} %", overdue=wear_percent >= 100)]


def _waits_for_answer(case: Case) -> bool:
    if case.state is CaseState.ASKED:
        return True
    return case.state is CaseState.GRANTED and case.kind is CaseKind.DISCLOSURE and not case.handed_over
