"""Who may look at which footage now, and on what ground: asked before every register line of a look or a copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edgecam.core.clock import Clock, Instant
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import Case, CaseKind, CaseState, Use, Want
from edgecam.custody.cases.casefields import basis_of
from edgecam.custody.cases.caserules import Actor, CaseRules
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.evidence.account import Period
from edgecam.custody.register.register_line import Act
from edgecam.keys.sealing import SealingKind

# To copy something it has to be seen, and to see something it has to be found.
_ALLOWS = {
    Want.COPY: {Act.SEARCH, Act.VIEW, Act.COPY},
    Want.VIEW: {Act.SEARCH, Act.VIEW},
    Want.ERASE: {Act.SEARCH, Act.VIEW},
    Want.EXISTENCE: {Act.SEARCH},
    Want.NOTHING: set(),
}
_EMERGENCY = frozenset({CaseState.EMERGENCY, CaseState.REPORTED})
_ANOTHER = "ask for it on the page, or with `edgecam request ask`"
UNTOUCHED = "no footage was touched"


def _for_good() -> None:
    """What nobody can take back stands."""


@dataclass(frozen=True, slots=True)
class Leave:
    """That somebody may, and on what ground: ``purpose`` (empty where none is declared) and ``detail`` (the keys of
    the forms) go into the register line. ``require()`` raises NotAllowed once they may no more.
    """

    purpose: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    require: Callable[[], None] = _for_good


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody wants to do with footage just now."""

    who: Actor
    act: Act
    from_wall_ns: int
    to_wall_ns: int


class Permission:
    """By ``rules``, and by what was granted in ``store``; threads may share it."""

    def __init__(self, store: CaseStore, rules: CaseRules, clock: Clock) -> None:
        self._store, self._rules, self._clock = store, rules, clock

    def approve(
        self,
        who: Actor,
        act: Act,
        from_wall_ns: int,
        to_wall_ns: int,
        purpose: str = "",
        case_id: str = "",
        *,
        both: bool = False,
    ) -> Leave:
        """Whether ``who`` may do ``act`` with that footage; by the case ``case_id`` where one is named.

        ``purpose`` is a declared one that an owner may choose; ``both`` that an operator is there and gave their
        passphrase, which allows it as a decision does. Raises: NotAllowed, in a sentence that says what to
        do; BadInput for a purpose that is not declared or a case that is not there; what `CaseStore` raises.
        """
        if who.role is AccountRole.INSTALLER:
            raise NotAllowed("an installer sees no footage", do="ask the owner", safe=UNTOUCHED)
        wish = _Wish(who, act, from_wall_ns, to_wall_ns)
        alone = who.role is AccountRole.OWNER and (both or self._rules.sealing is not SealingKind.TWO_PERSON)
        if case_id:
            return self._by_case(self._named(case_id, wish, alone), wish)
        if alone:
            return self._by_purpose(purpose)
        return self._by_case(self._permitting(wish), wish)

    def _by_purpose(self, purpose: str) -> Leave:
        declared = self._rules.purposes
        if purpose and declared and purpose not in declared:
            raise BadInput(
                "this is none of the purposes for which the camera was put up",
                do=f"choose one of them ({'; '.join(declared)}), or write down a request with its ground in law",
                safe=UNTOUCHED,
                field="purpose",
            )
        # Whoever names none has all of the declared ones.
        return Leave(purpose or "; ".join(declared), {"use": Use.WITHIN.value} if declared else {})

    def _by_case(self, case: Case, wish: _Wish) -> Leave:
        newest = [case]

        def require() -> None:
            if not self._store.stands(newest[0]):
                newest[0] = self._store.find(case.case_id)
            self._require(newest[0], wish)

        return Leave(case.purpose, {"case": case.case_id} | basis_of(case), require)

    def _named(self, case_id: str, wish: _Wish, alone: bool) -> Case:
        case = self._store.find(case_id)
        if not alone and not _is_theirs(wish.who, case):
            raise NotAllowed(f"the permit of case {case_id} is somebody else's", do=_ANOTHER, safe=UNTOUCHED)
        self._require(case, wish)
        return case

    def _permitting(self, wish: _Wish) -> Case:
        """The newest case that permits it. Raises: NotAllowed, telling what is wrong with the nearest one."""
        refusals: list[NotAllowed] = []
        mine = [case for case in self._store.all() if _is_theirs(wish.who, case)]
        for case in sorted(mine, key=lambda one: (_overlaps(one, wish), one.case_id), reverse=True):
            try:
                self._require(case, wish)
            except NotAllowed as refused:
                if _overlaps(case, wish):
                    refusals.append(refused)
            else:
                return case
        raise refusals[0] if refusals else self._nothing(wish.who)

    def _nothing(self, who: Actor) -> NotAllowed:
        if self._rules.sealing is SealingKind.TWO_PERSON:
            other = "an operator" if who.role is AccountRole.OWNER else "the owner"
            return NotAllowed(
                f"it takes two people to look at footage here, and {other} has not allowed it",
                do=_ANOTHER,
                safe=UNTOUCHED,
            )
        return NotAllowed("an operator sees footage only once the owner allows it", do=_ANOTHER, safe=UNTOUCHED)

    def _require(self, case: Case, wish: _Wish) -> None:
        if why_not := _why_not(case, wish, self._clock.now(), self._rules):
            what, do = why_not
            raise NotAllowed(what, do=do, safe=UNTOUCHED)


def _why_not(case: Case, wish: _Wish, now: Instant, rules: CaseRules) -> tuple[str, str] | None:
    """Why ``case`` does not permit it, and what to do; ``None`` when it does."""
    name, begin, end = f"case {case.case_id}", case.from_wall_ns, case.to_wall_ns
    if case.state is CaseState.ASKED and case.kind is not CaseKind.COMPLAINT:
        return f"{name} was not decided yet", "wait for the decision"
    if case.permit is None or begin is None or end is None:
        return f"{name} permits nothing: it is {case.state.value}", _ANOTHER
    if case.state in _EMERGENCY and not rules.emergency_is_possible:
        return f"{name} was an emergency, and the owner's policy has none any more", _ANOTHER
    over = case.permit.is_over(now)
    if over is None:
        return (
            f"the camera's clock is not right, so nobody knows whether the permit of {name} holds",
            "wait for it",
        )
    if over:
        return f"the permit of {name} is over", _ANOTHER
    if wish.act not in _ALLOWS[case.want]:
        return f"{name} permits to {case.want.value}, and this is a {wish.act.value}", _ANOTHER
    if not begin <= wish.from_wall_ns <= wish.to_wall_ns <= end:
        return f"{name} permits footage from {Period(begin, end)} alone", "stay within that, or ask for more"
    return None


def _is_theirs(who: Actor, case: Case) -> bool:
    """Whether ``who`` may look by that case; without an account it is an owner, on the camera itself."""
    if who.is_asker_of(case):
        return True
    if who.role is not AccountRole.OWNER:
        return False
    # What is given to somebody outside was written down by one person and allowed by another.
    on_camera = not who.account_id and case.asked_by_role is AccountRole.OWNER
    return on_camera or case.kind is CaseKind.DISCLOSURE


def _overlaps(case: Case, wish: _Wish) -> bool:
    if case.from_wall_ns is None or case.to_wall_ns is None:
        return False
    return case.from_wall_ns < wish.to_wall_ns and wish.from_wall_ns < case.to_wall_ns
