"""A case: somebody asks to look, to be given footage, or complains; who decided what, until when, and how it ended.

The fields are those of the guidelines' own forms (Inzai 1 and 2, Gwangju 1 and 2, Kumamoto 1 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from edgecam.core.clock import Instant
from edgecam.core.errors import NotAllowed
from edgecam.core.term import Term
from edgecam.custody.accounts.accounts import AccountRole


class CaseKind(StrEnum):
    """What somebody wants. Stable names."""

    LOOK = "look"
    DISCLOSURE = "disclosure"
    COMPLAINT = "complaint"


class Want(StrEnum):
    """What is to be done with the footage; ``existence``: to be told whether there is any. Stable names."""

    VIEW = "view"
    COPY = "copy"
    ERASE = "erase"
    EXISTENCE = "existence"
    NOTHING = "nothing"


class AskerKind(StrEnum):
    """Who asks; ``inside`` has an account here. Stable names."""

    INSIDE = "inside"
    POLICE = "police"
    COURT = "court"
    PERSON = "person"
    INSURER = "insurer"
    OTHER = "other"


class Use(StrEnum):
    """Inzai's 検索目的: within the declared purpose, outside of it, or for somebody outside. Stable names."""

    WITHIN = "within"
    OUTSIDE = "outside"
    PROVISION = "provision"


class CaseState(StrEnum):
    """How far it has come. Stable names."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EMERGENCY = "emergency"
    REPORTED = "reported"
    REVOKED = "revoked"
    CLOSED = "closed"


class Step(StrEnum):
    """What is done with a case; the names stand in register lines."""

    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPORT = "report"
    REVOKE = "revoke"
    HAND_OVER = "hand_over"
    ANSWER = "answer"
    CLOSE = "close"


# From a state by a step to a state; what is not here is refused.
STEPS: dict[tuple[CaseState, Step], CaseState] = {
    (CaseState.ASKED, Step.GRANT): CaseState.GRANTED,
    (CaseState.ASKED, Step.REFUSE): CaseState.REFUSED,
    (CaseState.ASKED, Step.WITHDRAW): CaseState.WITHDRAWN,
    (CaseState.ASKED, Step.ANSWER): CaseState.CLOSED,
    (CaseState.GRANTED, Step.HAND_OVER): CaseState.GRANTED,
    (CaseState.GRANTED, Step.REVOKE): CaseState.REVOKED,
    (CaseState.GRANTED, Step.CLOSE): CaseState.CLOSED,
    (CaseState.EMERGENCY, Step.REPORT): CaseState.REPORTED,
    (CaseState.REPORTED, Step.CLOSE): CaseState.CLOSED,
}
# What can be done with a case of a kind at all.
KIND_STEPS: dict[CaseKind, frozenset[Step]] = {
    CaseKind.LOOK: frozenset({Step.GRANT, Step.REFUSE, Step.WITHDRAW, Step.REPORT, Step.REVOKE, Step.CLOSE}),
    CaseKind.DISCLOSURE: frozenset(Step) - {Step.REPORT},
    CaseKind.COMPLAINT: frozenset({Step.ANSWER, Step.WITHDRAW}),
}
OPEN_STATES = frozenset({CaseState.ASKED, CaseState.GRANTED, CaseState.EMERGENCY, CaseState.REPORTED})
_PERMITTING = OPEN_STATES - {CaseState.ASKED}


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, decides or receives: one line each, empty where nobody told.

    ``affiliation`` is where they belong and as what, ``representative`` a body's; ``recipient`` the age key that a
    copy is sealed to.
    """

    name: str
    affiliation: str = ""
    address: str = ""
    contact: str = ""
    representative: str = ""
    recipient: str = ""


NOBODY = Party("")


@dataclass(frozen=True, slots=True)
class Decision:
    """``reason`` is never empty for a refusal; ``permit`` is how long footage may be looked at, if it may.

    Nobody (``decided_by`` empty) decided an emergency.
    """

    granted: bool
    decided_by: str
    at: Instant
    reason: str
    permit: Term | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """One thing that was given away: files by name and SHA-256, how, and the duplicate that is kept of it."""

    at: Instant
    by: str
    form: Want
    files: tuple[tuple[str, bytes], ...] = ()
    sealed_to: str = ""
    obscured: bool = False
    watermark: str = ""
    duplicate_id: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """All of one case. ``from_wall_ns``/``to_wall_ns`` are both ``None`` where it is about no footage.

    ``asked_by`` is the account that wrote it down, ``asked_by_id`` its id, which is nobody else's ever (empty on
    the command line), ``asked_by_role`` what it was then; ``identity_check`` how it was made sure who asks.
    ``due_wall_ns`` is the last moment to answer (of an emergency: to report), ``None`` where nobody waits.
    ``found`` is whether there was such footage, ``None`` before it was searched. ``revision`` counts from 0.
    """

    case_id: str
    kind: CaseKind
    want: Want
    state: CaseState
    asked: Instant
    asked_by: str
    asker: Party
    asker_kind: AskerKind
    use: Use
    purpose: str
    legal_basis: str = ""
    identity_check: str = ""
    from_wall_ns: int | None = None
    to_wall_ns: int | None = None
    remarks: str = ""
    due_wall_ns: int | None = None
    decision: Decision | None = None
    report: str = ""
    answer: str = ""
    found: bool | None = None
    handed_over: tuple[HandOver, ...] = ()
    revision: int = 0
    asked_by_id: str = ""
    asked_by_role: AccountRole = AccountRole.OWNER

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def permit(self) -> Term | None:
        """How long its footage may be looked at; ``None`` where that is not allowed, or not any more."""
        return self.decision.permit if self.decision is not None and self.state in _PERMITTING else None

    @property
    def steps(self) -> list[Step]:
        """What can be done with it now."""
        return [step for step in Step if step in KIND_STEPS[self.kind] and (self.state, step) in STEPS]

    def after(self, step: Step, **fields: Any) -> Case:
        """This after ``step``, with other ``fields``. Raises: NotAllowed when it cannot be done with it now."""
        state = STEPS.get((self.state, step)) if step in KIND_STEPS[self.kind] else None
        if state is None:
            raise NotAllowed(
                f"case {self.case_id}, a {self.kind.value}, is {self.state.value}: it cannot be {_DONE[step]}",
                do="see `edgecam request list`",
                safe="nothing was changed",
            )
        return replace(self, state=state, revision=self.revision + 1, **fields)


_DONE = {
    Step.GRANT: "allowed",
    Step.REFUSE: "refused",
    Step.WITHDRAW: "withdrawn",
    Step.REPORT: "reported",
    Step.REVOKE: "taken back",
    Step.HAND_OVER: "handed over",
    Step.ANSWER: "answered",
    Step.CLOSE: "closed",
}
