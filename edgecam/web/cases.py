"""Routes for cases: who asks to look, to be given footage, or complains; who decides; what is due."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field, StrictBool
from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import Clock
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, Party, Use, Want
from edgecam.custody.cases.casedesk import Ask
from edgecam.custody.cases.caserules import LONGEST_PERMIT_H, Actor
from edgecam.web.answers import NS_PER_MS
from edgecam.web.caseanswers import CaseAnswer, CustodyAnswer, DueAnswer
from edgecam.web.custodyparts import CustodyParts
from edgecam.web.signedin import AsOperator, OperatorWatching, Visitor
from edgecam.web.signin import Told
from edgecam.web.span import LATEST_MS

Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=2000)]
Needed = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
When = Annotated[int, Field(ge=0, le=LATEST_MS)]
CaseId = Annotated[str, Path(pattern=r"^[0-9]{8}-[0-9]{6}[a-z]?$")]


class AskerTold(Told):
    """Who asks: one line each. Somebody who asks to look for themselves may leave it out."""

    name: Short = ""
    affiliation: Short = ""
    address: Short = ""
    contact: Short = ""
    representative: Short = ""
    recipient: Short = ""


class AskCase(Told):
    """What somebody wants. With ``emergency`` an operator looks at once, says why in ``remarks``, owes a report."""

    kind: CaseKind
    want: Want
    asker: AskerTold = AskerTold()
    asker_kind: AskerKind = AskerKind.INSIDE
    use: Use = Use.WITHIN
    purpose: Short = ""
    legal_basis: Short = ""
    identity_check: Short = ""
    from_ms: When | None = None
    to_ms: When | None = None
    remarks: Long = ""
    emergency: StrictBool = False


class GrantCase(Told):
    """``hours`` is for how long, without it as long as the policy says."""

    hours: Annotated[float, Field(gt=0, le=LONGEST_PERMIT_H)] | None = None
    reason: Long = ""


class ReasonTold(Told):
    """Why."""

    reason: Needed


class TextTold(Told):
    """What is reported or answered."""

    text: Needed


class CloseCase(Told):
    """Whether there was such footage, ``None`` where nobody looked; and what else is to be remembered."""

    found: StrictBool | None = None
    remarks: Long = ""


def cases(parts: CustodyParts, clock: Clock) -> APIRouter:
    """The routes, over ``parts``; each step is registered before it is done."""
    router = APIRouter()
    router.include_router(_asking(parts, clock))
    router.include_router(_deciding(parts, clock))
    router.include_router(_ending(parts, clock))
    return router


def _asking(parts: CustodyParts, clock: Clock) -> APIRouter:
    router, desk = APIRouter(prefix="/api"), parts.desk

    @router.get("/custody")
    async def custody(_: OperatorWatching) -> CustodyAnswer:
        return CustodyAnswer.of(desk.rules)

    @router.get("/calendar")
    async def calendar(visitor: OperatorWatching) -> list[DueAnswer]:
        def found() -> list[DueAnswer]:
            seen = {case.case_id for case in desk.seen_by(actor(visitor))}
            due = parts.calendar()
            return [DueAnswer.of(one) for one in due if not one.case_id or one.case_id in seen]

        return await run_in_threadpool(found)

    @router.get("/cases")
    async def listed(
        visitor: OperatorWatching,
        is_open: Annotated[bool | None, Query(alias="open")] = None,
        kind: CaseKind | None = None,
    ) -> list[CaseAnswer]:
        """The newest first; with ``open`` only those that are open, or that are not."""
        seen = await run_in_threadpool(desk.seen_by, actor(visitor))
        return [
            _told(parts, clock, visitor, case)
            for case in reversed(seen)
            if is_open in (None, case.is_open) and kind in (None, case.kind)
        ]

    @router.get("/cases/{case_id}")
    async def one(visitor: OperatorWatching, case_id: CaseId) -> CaseAnswer:
        case = await run_in_threadpool(desk.find, actor(visitor), case_id)
        return _told(parts, clock, visitor, case)

    @router.post("/cases")
    async def ask(visitor: AsOperator, asked: AskCase) -> CaseAnswer:
        case = await run_in_threadpool(desk.ask, actor(visitor), _ask(asked))
        return _told(parts, clock, visitor, case)

    return router


def _deciding(parts: CustodyParts, clock: Clock) -> APIRouter:
    router, desk = APIRouter(prefix="/api/cases/{case_id}"), parts.desk

    @router.post("/grant")
    async def grant(visitor: AsOperator, case_id: CaseId, by: GrantCase) -> CaseAnswer:
        case = await run_in_threadpool(desk.grant, actor(visitor), case_id, by.hours, by.reason)
        return _told(parts, clock, visitor, case)

    @router.post("/refuse")
    async def refuse(visitor: AsOperator, case_id: CaseId, by: ReasonTold) -> CaseAnswer:
        case = await run_in_threadpool(desk.refuse, actor(visitor), case_id, by.reason)
        return _told(parts, clock, visitor, case)

    @router.post("/revoke")
    async def revoke(visitor: AsOperator, case_id: CaseId, by: ReasonTold) -> CaseAnswer:
        case = await run_in_threadpool(desk.revoke, actor(visitor), case_id, by.reason)
        return _told(parts, clock, visitor, case)

    return router


def _ending(parts: CustodyParts, clock: Clock) -> APIRouter:
    router, desk = APIRouter(prefix="/api/cases/{case_id}"), parts.desk

    @router.post("/withdraw")
    async def withdraw(visitor: AsOperator, case_id: CaseId) -> CaseAnswer:
        case = await run_in_threadpool(desk.withdraw, actor(visitor), case_id)
        return _told(parts, clock, visitor, case)

    @router.post("/report")
    async def report(visitor: AsOperator, case_id: CaseId, by: TextTold) -> CaseAnswer:
        case = await run_in_threadpool(desk.report, actor(visitor), case_id, by.text)
        return _told(parts, clock, visitor, case)

    @router.post("/answer")
    async def answer(visitor: AsOperator, case_id: CaseId, by: TextTold) -> CaseAnswer:
        case = await run_in_threadpool(desk.answer, actor(visitor), case_id, by.text)
        return _told(parts, clock, visitor, case)

    @router.post("/close")
    async def close(visitor: AsOperator, case_id: CaseId, by: CloseCase) -> CaseAnswer:
        case = await run_in_threadpool(desk.close, actor(visitor), case_id, by.found, by.remarks)
        return _told(parts, clock, visitor, case)

    return router


def _told(parts: CustodyParts, clock: Clock, visitor: Visitor, case: Case) -> CaseAnswer:
    who = actor(visitor)
    return CaseAnswer.of(case, clock.now(), who.is_asker_of(case), parts.desk.may(who, case))


def actor(visitor: Visitor) -> Actor:
    """The visitor, as the policy knows people."""
    return Actor(visitor.name, visitor.role, visitor.account_id)


def _ask(asked: AskCase) -> Ask:
    return Ask(
        kind=asked.kind,
        want=asked.want,
        asker=Party(**asked.asker.model_dump()),
        asker_kind=asked.asker_kind,
        use=asked.use,
        purpose=asked.purpose,
        legal_basis=asked.legal_basis,
        identity_check=asked.identity_check,
        from_wall_ns=None if asked.from_ms is None else asked.from_ms * NS_PER_MS,
        to_wall_ns=None if asked.to_ms is None else asked.to_ms * NS_PER_MS,
        remarks=asked.remarks,
        emergency=asked.emergency,
    )
