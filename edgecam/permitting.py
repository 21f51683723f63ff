"""The camera's side of permits that are keys: the parts of their routes, and their end on time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError
from edgecam.core.status import Fault
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.accounts.identities import Identities
from edgecam.custody.cases.caserules import CaseRules
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.cases.permitkeys import PermitKeys, Permits
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey
from edgecam.keys.recipients import named_recipients, read_recipients
from edgecam.keys.sealing import SealingKind
from edgecam.places import Places
from edgecam.web.permitparts import PermitParts, Source
from edgecam.web.permits import epochs_of_case
from edgecam.web.sealedparts import SealedFootage

_EVERY_NS = 10 * NS_PER_S
_WHO = "edgecam"


class Permitting:
    """Composes permits for one camera; `tend` is for the hub's loop, `permits` for the page's threads."""

    def __init__(
        self, places: Places, key: CameraKey, register: Register, cases: CaseStore, rules: CaseRules, clock: Clock
    ) -> None:
        self._places, self._register, self._rules, self._clock = places, register, rules, clock
        keys, shared = PermitKeys(places.cases, key), rules.sealing is SealingKind.SHARED
        self.permits = Permits(keys, cases.find, clock, shared=shared)
        self._sources: Mapping[Source, SealedFootage] = {}
        self._tended_ns: int | None = None
        self.faults: list[Fault] = []

    def parts(
        self, accounts: AccountStore, locked_owner: Callable[[], bytes], sources: dict[Source, SealedFootage]
    ) -> PermitParts:
        """What the page needs."""
        self._sources = sources
        return PermitParts(
            identities=Identities(self._places.identities, accounts),
            permits=self.permits,
            rules=self._rules,
            register=self._register,
            locked_owner=locked_owner,
            owners=lambda: [one.recipient for one in named_recipients(read_recipients(self._places.recipients))],
            sources=sources,
        )

    def tend(self) -> None:
        """Erase the keys of cases that are over and of footage that is gone, registered; every ten seconds."""
        now_ns = self._clock.mono_ns()
        if self._tended_ns is not None and now_ns - self._tended_ns < _EVERY_NS:
            return
        self._tended_ns = now_ns
        try:
            for case_id in self.permits.tend():
                self._tell(case_id, "a permit ended")
            for case_id in self.permits.keys.case_ids() if self._sources else ():
                there = epochs_of_case(self._sources, self.permits.find(case_id))
                if self.permits.keys.keep_only(case_id, there):
                    self._tell(case_id, "the footage was erased")
        except EdgecamError as refused:
            self.faults = [Fault("permit_keys", f"keys of a permit that is over may still be there: {refused}")]
        else:
            self.faults = []

    def _tell(self, case_id: str, why: str) -> None:
        detail = {"what": "keys erased", "case": case_id}
        self._register.write(Act.KEY_CHANGE, who=_WHO, purpose=why, detail=detail)
