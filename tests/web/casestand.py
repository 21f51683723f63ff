"""Cases for the page in tests: a real store in a folder, under a policy that a test may choose."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from accountstand import camera_key
from givingstand import PageDisclosures
from paperdeskstand import desk_of

from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput
from edgecam.custody.cases.calendar import Calendar, of_cases
from edgecam.custody.cases.casedesk import CaseDesk
from edgecam.custody.cases.caserules import CaseRules
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.register.register import Register
from edgecam.keys.sealing import SealingKind
from edgecam.web.custodyparts import CustodyParts

PURPOSE = "to prevent theft at the gate"
RULES = CaseRules(SealingKind.SHARED, (PURPOSE, "to find out about accidents"), zone="Asia/Seoul")


@dataclass
class CaseStand:
    """``begin_wall_ns`` to ``end_wall_ns`` is the footage there is."""

    folder: Path
    clock: Clock
    begin_wall_ns: int
    end_wall_ns: int
    rules: CaseRules = RULES
    store: CaseStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = self.another_store()

    def another_store(self) -> CaseStore:
        """The same cases, as another process has them."""
        key = camera_key()
        register = Register(self.folder / "register.jsonl", key.sign, key.public, self.clock)
        return CaseStore(self.folder / "cases", register, key, self.clock)

    def desk(self) -> CaseDesk:
        return CaseDesk(self.store, self.rules, self.clock, self._require_footage)

    def parts(self) -> CustodyParts:
        calendar = Calendar(self.clock, [lambda now: of_cases(self.store.all(), now)])
        key = camera_key()
        register = Register(self.folder / "register.jsonl", key.sign, key.public, self.clock)
        papers = desk_of(self.folder, register, self.store, self.clock)
        return CustodyParts(self.desk(), calendar.due, papers, PageDisclosures(self.store))

    def _require_footage(self, from_wall_ns: int, to_wall_ns: int) -> None:
        if to_wall_ns <= self.begin_wall_ns or from_wall_ns >= self.end_wall_ns:
            raise BadInput(
                "there is no footage in that range",
                do=f"there is {self.begin_wall_ns} to {self.end_wall_ns}",
                safe="nothing was written down",
                field="from_ms",
            )
