"""What the owner's policy says of cases: for which purposes, with whose approval, for how long."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, Step, Use, Want
from edgecam.keys.sealing import SealingKind

LONGEST_PERMIT_H = 720.0
_WANTED = {
    CaseKind.LOOK: {Want.VIEW, Want.COPY, Want.EXISTENCE},
    CaseKind.DISCLOSURE: set(Want) - {Want.NOTHING},
    CaseKind.COMPLAINT: {Want.NOTHING},
}
_DECIDING = {Step.GRANT, Step.REFUSE}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an account's name, role and id. On the command line: the user, as owner, no id."""

    name: str
    role: AccountRole
    account_id: str = ""

    def is_asker_of(self, case: Case) -> bool:
        """Whether they wrote that case down. A name alone is nobody's for ever; an id is."""
        return self.account_id == case.asked_by_id and (bool(self.account_id) or self.name == case.asked_by)


@dataclass(frozen=True, slots=True)
class CaseRules:
    """``[custody]`` of the settings; ``purposes`` are the declared ones, ``zone`` where civil days are counted."""

    sealing: SealingKind = SealingKind.OWNER
    purposes: tuple[str, ...] = ()
    permit_h: float = 24.0
    emergency: bool = True
    emergency_report_h: float = 24.0
    answer_days: int = 10
    kept_years: int = 5
    zone: str = "Asia/Tokyo"

    @property
    def emergency_is_possible(self) -> bool:
        """Whether operators' own keys open footage, so that they could see at once."""
        return self.emergency and self.sealing is SealingKind.SHARED

    def may(self, who: Actor, step: Step, case: Case) -> bool:
        """Whether ``who`` is one to do ``step`` with ``case``, whatever its state."""
        return not self._why_not(who, step, case)

    def require(self, who: Actor, step: Step, case: Case) -> None:
        """Raises: NotAllowed, in a sentence that says who may, when `may` is false."""
        if why_not := self._why_not(who, step, case):
            what, do = why_not
            raise NotAllowed(what, do=do, safe="nothing was changed")

    def may_see(self, who: Actor, case: Case) -> bool:
        """Owners see all; operators their own, complaints, and what they are to decide."""
        if who.role is AccountRole.OWNER:
            return True
        if who.role is not AccountRole.OPERATOR:
            return False
        own = who.is_asker_of(case) or case.kind is CaseKind.COMPLAINT
        return own or (self.sealing is SealingKind.TWO_PERSON and not self._why_not(who, Step.GRANT, case))

    def _why_not(self, who: Actor, step: Step, case: Case) -> tuple[str, str] | None:
        if who.role is AccountRole.INSTALLER:
            return "an installer has nothing to do with cases", "ask the owner"
        asker, owner = who.is_asker_of(case), who.role is AccountRole.OWNER
        if step in _DECIDING:
            return self._why_not_decide(who, case)
        if step in (Step.WITHDRAW, Step.REPORT, Step.CLOSE, Step.HAND_OVER) and not (asker or owner):
            return f"only who asked, or the owner, can do that with case {case.case_id}", "ask the owner"
        if step is Step.REVOKE and not (asker or owner or _decided(who, case)):
            return "a permit is taken back by the owner or by who gave it", "ask the owner"
        if step is Step.ANSWER and not owner and case.kind is not CaseKind.COMPLAINT:
            return "who asks for footage is answered by the owner", "ask the owner"
        return None

    def _why_not_decide(self, who: Actor, case: Case) -> tuple[str, str] | None:
        two = self.sealing is SealingKind.TWO_PERSON
        if who.is_asker_of(case) and (case.asker_kind is AskerKind.INSIDE or two):
            return (
                "nobody decides what they asked for themselves",
                "ask an operator to decide, because it takes two" if two else "ask the owner to decide",
            )
        # Without an id on either side it is somebody on the camera itself, who is the owner.
        by_owner = case.asked_by_role is AccountRole.OWNER
        if two and by_owner and who.role is AccountRole.OWNER:
            return "it takes two people: what an owner asked for is decided by an operator", "ask an operator"
        if who.role is AccountRole.OPERATOR and not (two and by_owner):
            return "only the owner decides that", "ask the owner"
        return None


def require_purpose(rules: CaseRules, use: Use, purpose: str, legal_basis: str) -> None:
    """Raises: BadInput, naming the field, for a purpose that is not declared and has no ground in law either."""
    declared = purpose in rules.purposes
    if use is Use.WITHIN and not declared:
        there = "; ".join(rules.purposes) or "none is declared"
        raise BadInput(
            "this is none of the purposes for which the camera was put up",
            do=f"choose one of them ({there}), or say that it is outside of them and name the ground in law",
            safe="nothing was written down",
            field="purpose",
        )
    if not purpose.strip():
        raise BadInput("the purpose is missing", do="say what the footage is wanted for", field="purpose")
    if use is not Use.WITHIN and not legal_basis.strip():
        raise BadInput(
            "outside of the declared purposes it takes a ground in law",
            do="name the law and its article, or choose a declared purpose",
            safe="nothing was written down",
            field="legal_basis",
        )


def require_want(kind: CaseKind, want: Want) -> None:
    """Raises: BadInput for something that such a case cannot want."""
    if want not in _WANTED[kind]:
        there = ", ".join(sorted(one.value for one in _WANTED[kind]))
        raise BadInput(f"a {kind.value} cannot want {want.value!r}", do=f"choose {there}", field="want")


def _decided(who: Actor, case: Case) -> bool:
    return case.decision is not None and case.decision.decided_by == who.name
