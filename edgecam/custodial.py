"""The camera's side of custody: cases by the owner's policy, who may look, what is due, and what nags."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edgecam.casework import FootageThere, case_rules_of, is_over
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError
from edgecam.core.status import Fault
from edgecam.custody.cases.calendar import Calendar
from edgecam.custody.cases.case import Case, CaseState
from edgecam.custody.cases.casedesk import CaseDesk, PermitKeys
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.cases.duedays import is_past
from edgecam.custody.cases.permission import Leave, Permission
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.holds import Holds
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey
from edgecam.papering import paper_desk
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.web.cases import actor
from edgecam.web.custodyparts import CustodyParts
from edgecam.web.disclosureparts import DisclosureDesk
from edgecam.web.signedin import Visitor

_LOOK_EVERY_NS = 10 * NS_PER_S
_TEND_EVERY_NS = 3600 * NS_PER_S
_MOST_NAMED = 3
_WHO = "edgecam"


class Custodial:
    """Composes custody for the hub; ``faults`` is what nags. Any thread may call it."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key: CameraKey,
        register: Register,
        clock: Clock,
        holds: Holds,
        calendar: Callable[[CaseStore], Calendar],
    ) -> None:
        self.rules = case_rules_of(settings)
        self.store = CaseStore(places.cases, register, key, clock)
        self.permission = Permission(self.store, self.rules, clock)
        self._papers = paper_desk(settings, places, key, register, self.store, clock)
        self._footage = FootageThere(settings, places, holds, clock)
        self._calendar, self._clock = calendar(self.store), clock
        self._looking = threading.Lock()
        self._looked_ns: int | None = None
        self._seen: list[Fault] = []
        self._undone: list[Fault] = []
        self._untended: list[Fault] = []
        self._tended_ns: int | None = None

    def parts(self, keys: PermitKeys | None = None, disclosures: DisclosureDesk | None = None) -> CustodyParts:
        """What the page's screen "custody" is made of; ``keys`` asks for and ends those of permits."""
        desk = CaseDesk(self.store, self.rules, self._clock, self._footage.require, keys)
        return CustodyParts(desk, self._calendar.due, self._papers, disclosures)

    def approve(
        self,
        visitor: Visitor,
        act: Act,
        from_wall_ns: int,
        to_wall_ns: int,
        purpose: str = "",
        case_id: str = "",
    ) -> Leave:
        """`Permission.approve`, of a visitor of the page."""
        return self.permission.approve(actor(visitor), act, from_wall_ns, to_wall_ns, purpose, case_id)

    def settle(self) -> None:
        """At the start: what an earlier process began with a case is registered as done, or as not carried out."""
        try:
            self._undone = [Fault("case_not_carried_out", f"{undone}.") for undone in self.store.settle()]
        except EdgecamError as refused:
            self._undone = [Fault("cases", str(refused))]

    def tend(self) -> None:
        """Once an hour: erase the cases whose time is over, each registered; what fails is tried again."""
        now = self._clock.now()
        if self._tended_ns is not None and now.mono_ns - self._tended_ns < _TEND_EVERY_NS:
            return
        self._tended_ns = now.mono_ns
        try:
            for case in self.store.all():
                if is_over(case, self.rules, now):
                    self.store.forget(case.case_id, _WHO)
        except EdgecamError as refused:
            self._untended = [Fault("cases", f"a case whose time is over may still be there: {refused}")]
        else:
            self._untended = []

    @property
    def faults(self) -> list[Fault]:
        """What nags: reports that are owed, cases that are not believed; looked at every ten seconds."""
        now_ns = self._clock.mono_ns()
        with self._looking:
            if self._looked_ns is None or now_ns - self._looked_ns >= _LOOK_EVERY_NS:
                self._looked_ns, self._seen = now_ns, self._look()
            return [*self._undone, *self._untended, *self._seen]

    def _look(self) -> list[Fault]:
        try:
            owed = [case for case in self.store.all() if case.state is CaseState.EMERGENCY]
            troubles = self.store.troubles()
        except EdgecamError as refused:
            return [Fault("cases", str(refused))]
        found = [Fault("report_due", self._nag(owed))] if owed else []
        return found + ([Fault("cases", f"{'; '.join(troubles[:_MOST_NAMED])}.")] if troubles else [])

    def _nag(self, owed: list[Case]) -> str:
        told = [self._owed(case) for case in owed[:_MOST_NAMED]]
        rest = f"; {len(owed) - _MOST_NAMED} more" if len(owed) > _MOST_NAMED else ""
        return f"A look in an emergency has to be reported: {'; '.join(told)}{rest}."

    def _owed(self, case: Case) -> str:
        due_ns = case.due_wall_ns
        late = ", which is past" if is_past(due_ns, self._clock.now()) else ""
        until = "" if due_ns is None else f" by {wall_time(due_ns)[:16]} UTC{late}"
        return f"{case.asked_by}, case {case.case_id}{until}"
