"""What somebody does with cases: every rule of the policy is asked here, for page and command line alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.durable import erase_durably
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.term import Term
from edgecam.core.told import text as short_text
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import (
    NOBODY,
    AskerKind,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Party,
    Step,
    Use,
    Want,
)
from edgecam.custody.cases.casefile import MOST_LETTERS_LONG, long_text
from edgecam.custody.cases.caserules import LONGEST_PERMIT_H, Actor, CaseRules, require_purpose, require_want
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.cases.duedays import due_after
from edgecam.keys.sealing import SealingKind

_NS_PER_H = 3600 * NS_PER_S
_PARTY_FIELDS = ("name", "affiliation", "address", "contact", "representative", "recipient")

# Raises BadInput, saying what there is, when no footage lies in the range, held longer or not.
RequireFootage = Callable[[int, int], None]


class PermitKeys(Protocol):
    """What opens a permit's footage for who asked, where their own key does not."""

    def require(self, case: Case, who: Actor) -> None:
        """Called before ``who`` grants ``case``. Raises: NotAllowed while keys that it takes were not left."""
        ...

    def end(self, case_id: str) -> None:
        """Erase the keys of that case, if there are any. Raises: MediaFailing."""
        ...


class KeyFiles:
    """Permits whose keys nobody asks for: what lies at ``<folder>/<case>.keys`` is erased when they end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def require(self, case: Case, who: Actor) -> None:
        pass

    def end(self, case_id: str) -> None:
        erase_durably(self._folder / f"{case_id}.keys")


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants, as they wrote it: the fields of `Case` that they fill in.

    With ``emergency`` they look at once and owe a report.
    """

    kind: CaseKind
    want: Want
    asker: Party = NOBODY
    asker_kind: AskerKind = AskerKind.INSIDE
    use: Use = Use.WITHIN
    purpose: str = ""
    legal_basis: str = ""
    identity_check: str = ""
    from_wall_ns: int | None = None
    to_wall_ns: int | None = None
    remarks: str = ""
    emergency: bool = False


class CaseDesk:
    """Over ``store`` by ``rules``; threads may share it.

    Everything raises BadInput (with the ``field`` that is to blame) for what cannot be, NotAllowed for who may not,
    and what `CaseStore` raises; then nothing was changed.
    """

    def __init__(
        self,
        store: CaseStore,
        rules: CaseRules,
        clock: Clock,
        require_footage: RequireFootage,
        keys: PermitKeys | None = None,
    ) -> None:
        self.store, self.rules = store, rules
        self._clock, self._require_footage = clock, require_footage
        self.keys: PermitKeys = keys if keys is not None else KeyFiles(store.folder)

    def seen_by(self, who: Actor) -> list[Case]:
        """The cases that are ``who``'s to see, oldest first."""
        return [case for case in self.store.all() if self.rules.may_see(who, case)]

    def find(self, who: Actor, case_id: str) -> Case:
        """One of them. Raises: BadInput, also for one that is not theirs to see."""
        case = self.store.find(case_id)
        if not self.rules.may_see(who, case):
            raise BadInput(f"there is no case {case_id!r} of yours", do="look at the list")
        return case

    def may(self, who: Actor, case: Case) -> list[Step]:
        """What ``who`` can do with ``case`` as it is now."""
        return [step for step in case.steps if self.rules.may(who, step, case)]

    def ask(self, who: Actor, ask: Ask) -> Case:
        """Write down a request, an emergency or a complaint."""
        if who.role is AccountRole.INSTALLER:
            raise NotAllowed("an installer sees no footage", do="ask the owner", safe="nothing was written down")
        asked = _clean(ask, who)
        require_want(asked.kind, asked.want)
        self._require_asker(asked)
        self._require_ground(asked)
        self._require_span(asked)
        if asked.emergency:
            self._require_emergency(who, asked)
        now = self._clock.now()
        case = Case(
            case_id="",
            kind=asked.kind,
            want=asked.want,
            state=CaseState.EMERGENCY if asked.emergency else CaseState.ASKED,
            asked=now,
            asked_by=who.name,
            asked_by_id=who.account_id,
            asked_by_role=who.role,
            asker=asked.asker,
            asker_kind=asked.asker_kind,
            use=asked.use,
            purpose=asked.purpose,
            legal_basis=asked.legal_basis,
            identity_check=asked.identity_check,
            from_wall_ns=asked.from_wall_ns,
            to_wall_ns=asked.to_wall_ns,
            remarks=asked.remarks,
            due_wall_ns=self._due_wall_ns(asked, now),
            decision=self._emergency(now) if asked.emergency else None,
        )
        return self.store.ask(case)

    def grant(self, who: Actor, case_id: str, hours: float | None = None, reason: str = "") -> Case:
        """Allow what was asked for, for so many ``hours``, or as the policy has it."""
        case, reason = self._begun(who, case_id, Step.GRANT), _long("reason", reason)
        hours = self.rules.permit_h if hours is None else hours
        if not 0 < hours <= LONGEST_PERMIT_H:
            raise BadInput(f"a permit lasts up to {LONGEST_PERMIT_H:g} hours", do="choose fewer", field="hours")
        case.after(Step.GRANT)
        self.keys.require(case, who)
        now = self._clock.now()
        decision = Decision(True, who.name, now, reason, Term(now, round(hours * _NS_PER_H)))
        return self.store.step(case_id, Step.GRANT, who.name, decision=decision)

    def refuse(self, who: Actor, case_id: str, reason: str) -> Case:
        """Refuse it, with a reason that who asked will read."""
        self._begun(who, case_id, Step.REFUSE)
        decision = Decision(False, who.name, self._clock.now(), _needed("reason", reason))
        return self._ended(self.store.step(case_id, Step.REFUSE, who.name, decision=decision))

    def withdraw(self, who: Actor, case_id: str) -> Case:
        """Who asked wants it no more."""
        self._begun(who, case_id, Step.WITHDRAW)
        return self._ended(self.store.step(case_id, Step.WITHDRAW, who.name))

    def revoke(self, who: Actor, case_id: str, reason: str) -> Case:
        """Take a permit back before its time; what plays by it ends."""
        self._begun(who, case_id, Step.REVOKE)
        decision = Decision(False, who.name, self._clock.now(), _needed("reason", reason))
        return self._ended(self.store.step(case_id, Step.REVOKE, who.name, decision=decision))

    def report(self, who: Actor, case_id: str, text: str) -> Case:
        """Report an emergency."""
        self._begun(who, case_id, Step.REPORT)
        return self.store.step(case_id, Step.REPORT, who.name, report=_needed("text", text))

    def answer(self, who: Actor, case_id: str, text: str) -> Case:
        """Answer who complained, or who asked whether there is footage; that ends the case."""
        self._begun(who, case_id, Step.ANSWER)
        return self._ended(self.store.step(case_id, Step.ANSWER, who.name, answer=_needed("text", text)))

    def close(self, who: Actor, case_id: str, found: bool | None = None, remarks: str = "") -> Case:
        """It is over: whether there was such footage, and what else is to be remembered."""
        case = self._begun(who, case_id, Step.CLOSE)
        told = "\n".join(part for part in (case.remarks, _long("remarks", remarks)) if part)
        if len(told) > MOST_LETTERS_LONG:
            raise BadInput("the remarks are too long together", do="say it shorter", field="remarks")
        found = case.found if found is None else found
        return self._ended(self.store.step(case_id, Step.CLOSE, who.name, found=found, remarks=told))

    def _begun(self, who: Actor, case_id: str, step: Step) -> Case:
        case = self.find(who, case_id)
        self.rules.require(who, step, case)
        return case

    def _ended(self, case: Case) -> Case:
        self.keys.end(case.case_id)
        return case

    def _require_asker(self, ask: Ask) -> None:
        inside = ask.asker_kind is AskerKind.INSIDE
        if ask.kind is CaseKind.LOOK and not inside:
            raise BadInput("who asks to look has an account here", do="choose inside", field="asker_kind")
        if ask.kind is CaseKind.DISCLOSURE and inside:
            raise BadInput("footage is handed to somebody outside", do="say who they are", field="asker_kind")
        if ask.kind is CaseKind.DISCLOSURE and not ask.asker.name.strip():
            raise BadInput("it is not said who asks", do="give a name", field="asker.name")
        if ask.kind is CaseKind.DISCLOSURE and ask.asker_kind is AskerKind.PERSON and not ask.identity_check:
            raise BadInput(
                "it is not said how it was made sure that this is who they say",
                do="say it in one line, as: driving licence seen",
                field="identity_check",
            )

    def _require_ground(self, ask: Ask) -> None:
        if ask.kind is CaseKind.COMPLAINT:
            if not ask.remarks.strip():
                raise BadInput("the complaint has no text", do="write down what they said", field="remarks")
            return
        # Who asks for themselves needs no other ground than that.
        basis = ask.legal_basis or ("-" if ask.asker_kind is AskerKind.PERSON else "")
        require_purpose(self.rules, ask.use, ask.purpose, basis)

    def _require_span(self, ask: Ask) -> None:
        begin, end = ask.from_wall_ns, ask.to_wall_ns
        if begin is None and end is None and ask.kind is CaseKind.COMPLAINT:
            return
        if begin is None or end is None:
            field = "from_ms" if begin is None else "to_ms"
            raise BadInput("it is not said which footage", do="say from when to when", field=field)
        if end <= begin:
            raise BadInput("the end is not after the start", do="name a later end", field="to_ms")
        # Whether there is any is what who asks for the existence wants to be told.
        if ask.kind is not CaseKind.COMPLAINT and ask.want is not Want.EXISTENCE:
            self._require_footage(begin, end)

    def _require_emergency(self, who: Actor, ask: Ask) -> None:
        if ask.kind is not CaseKind.LOOK:
            raise BadInput("only a look can be an emergency", do="ask without it", field="emergency")
        if who.role is AccountRole.OWNER and self.rules.sealing is not SealingKind.TWO_PERSON:
            raise BadInput("an owner may look without asking", do="look", field="emergency")
        if not self.rules.emergency_is_possible:
            raise NotAllowed(_NO_EMERGENCY[self.rules.sealing], do="ask and wait for the decision", safe=_UNTOUCHED)
        if not ask.remarks.strip():
            raise BadInput("it is not said why it cannot wait", do="say it in one line", field="remarks")

    def _emergency(self, now: Instant) -> Decision:
        return Decision(True, "", now, "emergency", Term(now, round(self.rules.permit_h * _NS_PER_H)))

    def _due_wall_ns(self, ask: Ask, now: Instant) -> int | None:
        if not ask.emergency:
            return due_after(now, self.rules.answer_days, self.rules.zone)
        if now.trust is TimeTrust.UNSET:
            return None
        return now.wall_ns + round(self.rules.emergency_report_h * _NS_PER_H)


_UNTOUCHED = "no footage was touched"
_NO_EMERGENCY = {
    SealingKind.OWNER: "only the owner's key opens footage here, so there is no look in an emergency",
    SealingKind.SHARED: "the owner's policy has no look in an emergency",
    SealingKind.TWO_PERSON: "it takes two people to open footage here, also in an emergency",
}


def _clean(ask: Ask, who: Actor) -> Ask:
    party = {key: _short(f"asker.{key}", getattr(ask.asker, key)) for key in _PARTY_FIELDS}
    if ask.kind is CaseKind.LOOK:
        party["name"] = party["name"] or who.name
    return replace(
        ask,
        asker=Party(**party),
        purpose=_short("purpose", ask.purpose),
        legal_basis=_short("legal_basis", ask.legal_basis),
        identity_check=_short("identity_check", ask.identity_check),
        remarks=_long("remarks", ask.remarks),
    )


def _short(field: str, value: str) -> str:
    """One line that can be written anywhere. Raises: BadInput."""
    try:
        value = short_text(value.strip())
    except ValueError as broken:
        raise BadInput(f"{field} is too long or is no text", do="say it in 200 letters", field=field) from broken
    if any(not letter.isprintable() for letter in value):
        raise BadInput(f"{field} has letters that cannot be printed", do="write one line", field=field)
    return value


def _long(field: str, value: str) -> str:
    """Some lines that can be written anywhere. Raises: BadInput."""
    try:
        value = long_text(value.strip().replace("\r\n", "\n"))
    except ValueError as broken:
        raise BadInput(
            f"{field} is too long or is no text", do=f"say it in {MOST_LETTERS_LONG} letters", field=field
        ) from broken
    if any(not (letter.isprintable() or letter == "\n") for letter in value):
        raise BadInput(f"{field} has letters that cannot be printed", do="write plain lines", field=field)
    return value


def _needed(field: str, value: str) -> str:
    value = _long(field, value)
    if not value:
        raise BadInput(f"the {field} is missing", do="write some words", safe="nothing was changed", field=field)
    return value
