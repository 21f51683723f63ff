"""A desk that makes papers of a folder's register and cases, for tests."""

from __future__ import annotations

from pathlib import Path

from paperstand import FACTS, ZONE, head_in

from edgecam.core.clock import Clock
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.paper.paperdesk import PaperDesk, PaperSources
from edgecam.custody.paper.sign import Sign
from edgecam.custody.paper.standard import StandardFacts
from edgecam.custody.paper.standardstore import StandardStore
from edgecam.custody.register.register import Register


def desk_of(
    folder: Path, register: Register, cases: CaseStore, clock: Clock, facts: StandardFacts = FACTS
) -> PaperDesk:
    return PaperDesk(
        PaperSources(
            head=lambda language: head_in(language, facts.notice),
            sign=lambda: Sign(facts.notice, facts.hours, facts.retention),
            facts=lambda: facts,
            cases=cases,
            register=register,
            standards=StandardStore(folder / "standards", register, ZONE, clock),
            certificate=folder / "disposal.json",
            answer_days=facts.answer_days,
            language="ja",
            clock=clock,
        )
    )
