"""Routes for holds: footage that is kept longer than the policy, for a reason that somebody answers for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from edgecam.core.errors import BadInput
from edgecam.custody.holds import HoldEndTime, HoldOrder, Standing
from edgecam.ringbuffer.holdrecord import HoldWhy
from edgecam.ringbuffer.retention import NS_PER_DAY
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.answers import NS_PER_MS, DoneAnswer
from edgecam.web.careparts import CareParts
from edgecam.web.signedin import AsOperator, AsOwner
from edgecam.web.span import LONGEST_LISTED_MS, span

_LATEST_MS = 253_402_300_799_999  # the last moment of the year 9999
_LONGEST_REVIEW_DAYS = 365

Text = Annotated[str, Field(max_length=200)]
HoldId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class PlaceHold(_Strict):
    """What to hold and why; ``until_ms`` is when it ends, without it when the original would."""

    from_ms: int = Field(ge=0, le=_LATEST_MS)
    to_ms: int = Field(ge=0, le=_LATEST_MS)
    reason: str = Field(min_length=1, max_length=200, pattern=r"\S")
    asked_by: Text = ""
    case: Text = ""
    note: Text = ""
    until_ms: int | None = Field(default=None, ge=0, le=_LATEST_MS)
    review_days: int = Field(default=30, ge=1, le=_LONGEST_REVIEW_DAYS)


class ReleaseHold(_Strict):
    """Why it ends before its time; ``secret`` is what the passphrase becomes, once more."""

    reason: str = Field(min_length=1, max_length=200, pattern=r"\S")
    secret: str = Field(min_length=1, max_length=128)


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """One hold that stands; ``ends_ms`` is by the camera's clock as it is now."""

    hold_id: str
    from_ms: int
    to_ms: int
    size_bytes: int
    reason: str
    decided_by: str
    asked_by: str
    case: str
    note: str
    original_ends_ms: int
    ends_ms: int
    review_due_ms: int
    review_is_due: bool

    @classmethod
    def of(cls, held: Standing) -> HoldAnswer:
        record = held.record
        why, term = record.why, record.term
        return cls(
            record.hold_id,
            record.from_wall_ns // NS_PER_MS,
            record.to_wall_ns // NS_PER_MS,
            held.size_bytes,
            why.reason,
            why.decided_by,
            why.asked_by,
            why.case,
            why.note,
            held.at_wall_ns(term.original_life_ns) // NS_PER_MS,
            held.at_wall_ns(term.life_ns) // NS_PER_MS,
            held.at_wall_ns(term.review_due_ns) // NS_PER_MS,
            held.review_is_due,
        )


def holds(parts: CareParts, accounts: AccountDesk) -> APIRouter:
    """The routes, over ``parts``; the register line of each act is written before it."""
    router = APIRouter(prefix="/api/holds")

    @router.get("")
    async def standing(visitor: AsOperator) -> list[HoldAnswer]:
        return [HoldAnswer.of(held) for held in await run_in_threadpool(parts.holds.standing)]

    @router.post("")
    async def place(visitor: AsOwner, request: PlaceHold) -> HoldAnswer:
        return HoldAnswer.of(await run_in_threadpool(parts.holds.place, _order(request, visitor.name)))

    @router.delete("/{hold_id}")
    async def release(visitor: AsOwner, hold_id: HoldId, request: ReleaseHold) -> DoneAnswer:
        await accounts.check(visitor, request.secret)
        await run_in_threadpool(parts.holds.release, hold_id, visitor.name, request.reason.strip())
        return DoneAnswer()

    return router


def _order(request: PlaceHold, who: str) -> HoldOrder:
    if request.to_ms <= request.from_ms:
        raise BadInput(
            "the end is not after the start", do="name a later end", safe="nothing is held", field="to_ms"
        )
    asked = span(request.from_ms, request.to_ms, LONGEST_LISTED_MS)
    why = HoldWhy(request.reason.strip(), who, request.asked_by.strip(), request.case.strip(), request.note.strip())
    end = None if request.until_ms is None else HoldEndTime(until_wall_ns=request.until_ms * NS_PER_MS)
    return HoldOrder(asked.from_wall_ns, asked.to_wall_ns, why, end, request.review_days * NS_PER_DAY)
