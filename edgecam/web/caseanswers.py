"""A case, and what is due, as the page is told; moments are Unix milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgecam.core.clock import Instant
from edgecam.custody.cases.calendar import Due, DueWhat
from edgecam.custody.cases.case import (
    AskerKind,
    Case,
    CaseKind,
    CaseState,
    Decision,
    HandOver,
    Party,
    Step,
    Use,
    Want,
)
from edgecam.custody.cases.caserules import CaseRules
from edgecam.custody.cases.duedays import is_past
from edgecam.keys.sealing import SealingKind
from edgecam.web.answers import NS_PER_MS


@dataclass(frozen=True, slots=True)
class PartyAnswer:
    """Who asks: one line each, empty where nobody told; ``recipient`` is the age key that a copy is sealed to."""

    name: str
    affiliation: str
    address: str
    contact: str
    representative: str
    recipient: str

    @classmethod
    def of(cls, party: Party) -> PartyAnswer:
        return cls(
            party.name, party.affiliation, party.address, party.contact, party.representative, party.recipient
        )


@dataclass(frozen=True, slots=True)
class DecisionAnswer:
    """``permit_until_ms`` is when a permit ends by the clock of its beginning, ``None`` without one; ``permitted``
    says whether it holds now. Nobody (``decided_by`` empty) decided an emergency.
    """

    granted: bool
    decided_by: str
    at_ms: int
    reason: str
    permit_until_ms: int | None
    permitted: bool

    @classmethod
    def of(cls, decision: Decision, permitted: bool) -> DecisionAnswer:
        until_ns = decision.permit.until_wall_ns if decision.permit is not None else None
        return cls(
            decision.granted,
            decision.decided_by,
            decision.at.wall_ns // NS_PER_MS,
            decision.reason,
            _ms(until_ns),
            permitted,
        )


@dataclass(frozen=True, slots=True)
class HandedFileAnswer:
    """A file that was handed over, with its SHA-256 in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class HandOverAnswer:
    """One thing that was given away."""

    at_ms: int
    by: str
    form: Want
    files: list[HandedFileAnswer]
    sealed_to: str
    obscured: bool
    watermark: str
    duplicate_id: str

    @classmethod
    def of(cls, one: HandOver) -> HandOverAnswer:
        return cls(
            one.at.wall_ns // NS_PER_MS,
            one.by,
            one.form,
            [HandedFileAnswer(name, digest.hex()) for name, digest in one.files],
            one.sealed_to,
            one.obscured,
            one.watermark,
            one.duplicate_id,
        )


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """All of one case, as `Case`. ``due_ms`` is the last moment to answer, or to report an emergency; ``overdue``
    that it has passed. ``mine``: who asks here wrote it down; ``may``: what they can do with it now.
    """

    case_id: str
    kind: CaseKind
    want: Want
    state: CaseState
    open: bool
    asked_ms: int
    asked_trust: int
    asked_by: str
    asker: PartyAnswer
    asker_kind: AskerKind
    use: Use
    purpose: str
    legal_basis: str
    identity_check: str
    from_ms: int | None
    to_ms: int | None
    remarks: str
    due_ms: int | None
    overdue: bool
    decision: DecisionAnswer | None
    report: str
    answer: str
    found: bool | None
    handed_over: list[HandOverAnswer]
    revision: int
    mine: bool
    may: list[Step]

    @classmethod
    def of(cls, case: Case, now: Instant, mine: bool, may: Sequence[Step]) -> CaseAnswer:
        permitted = case.permit is not None and case.permit.is_over(now) is False
        waits = case.state in (CaseState.ASKED, CaseState.EMERGENCY)
        return cls(
            case.case_id,
            case.kind,
            case.want,
            case.state,
            case.is_open,
            case.asked.wall_ns // NS_PER_MS,
            int(case.asked.trust),
            case.asked_by,
            PartyAnswer.of(case.asker),
            case.asker_kind,
            case.use,
            case.purpose,
            case.legal_basis,
            case.identity_check,
            _ms(case.from_wall_ns),
            _ms(case.to_wall_ns),
            case.remarks,
            _ms(case.due_wall_ns),
            waits and is_past(case.due_wall_ns, now),
            None if case.decision is None else DecisionAnswer.of(case.decision, permitted),
            case.report,
            case.answer,
            case.found,
            [HandOverAnswer.of(one) for one in case.handed_over],
            case.revision,
            mine,
            list(may),
        )


@dataclass(frozen=True, slots=True)
class CustodyAnswer:
    """The policy: what opens footage, the declared purposes, how long a permit lasts, whether an operator may look
    in an emergency and until when it has to be reported, and in how many civil days somebody is answered.
    """

    sealing: SealingKind
    purposes: list[str]
    permit_h: float
    emergency: bool
    emergency_report_h: float
    answer_days: int
    kept_years: int

    @classmethod
    def of(cls, rules: CaseRules) -> CustodyAnswer:
        return cls(
            rules.sealing,
            list(rules.purposes),
            rules.permit_h,
            rules.emergency_is_possible,
            rules.emergency_report_h,
            rules.answer_days,
            rules.kept_years,
        )


@dataclass(frozen=True, slots=True)
class DueAnswer:
    """``due_ms`` is the last moment for it, ``None`` where no clock can tell or it is due already; ``subject`` a
    name for people. ``case_id`` and ``hold_id`` are empty where it is of none.
    """

    what: DueWhat
    due_ms: int | None
    overdue: bool
    subject: str
    case_id: str
    hold_id: str

    @classmethod
    def of(cls, one: Due) -> DueAnswer:
        return cls(one.what, _ms(one.due_wall_ns), one.overdue, one.subject, one.case_id, one.hold_id)


def _ms(wall_ns: int | None) -> int | None:
    return None if wall_ns is None else wall_ns // NS_PER_MS
