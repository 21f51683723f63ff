"""Routes for updates: how they are, and what the owner orders about them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from edgecam.web.answers import NS_PER_MS, DoneAnswer
from edgecam.web.signedin import AsOwner, Watching
from edgecam.web.updateparts import Order, RefusedVersion, UpdateParts, UpdatesShown


class OrderUpdate(BaseModel):
    """One word: never a path, an address or a version."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    order: Order


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """As `RefusedVersion`; ``at_ms`` is ``None`` where nobody knows."""

    version: str
    why: str
    at_ms: int | None

    @classmethod
    def of(cls, refused: RefusedVersion | None) -> RefusedAnswer | None:
        return None if refused is None else cls(refused.version, refused.why, _ms(refused.at_wall_ns))


@dataclass(frozen=True, slots=True)
class UpdatesAnswer:
    """As `UpdatesShown`; a moment that there is none of is ``None``."""

    version: str
    takes: bool
    has_source: bool
    automatic: bool
    notices: bool
    waiting: str
    looked_ms: int | None
    problem: str
    installs_ms: int | None
    deferred_until_ms: int | None
    last_ms: int | None
    refused: RefusedAnswer | None
    failed: RefusedAnswer | None
    ordered: str
    installing: bool

    @classmethod
    def of(cls, shown: UpdatesShown) -> UpdatesAnswer:
        return cls(
            version=shown.version,
            takes=shown.takes,
            has_source=shown.has_source,
            automatic=shown.automatic,
            notices=shown.notices,
            waiting=shown.waiting,
            looked_ms=_ms(shown.looked_wall_ns),
            problem=shown.problem,
            installs_ms=_ms(shown.installs_wall_ns),
            deferred_until_ms=_ms(shown.deferred_until_wall_ns),
            last_ms=_ms(shown.last_wall_ns),
            refused=RefusedAnswer.of(shown.refused),
            failed=RefusedAnswer.of(shown.failed),
            ordered=shown.ordered,
            installing=shown.installing,
        )


def updates(parts: UpdateParts) -> APIRouter:
    """The routes, over ``parts``; the register line of each order is written before it is left."""
    router = APIRouter(prefix="/api/updates")

    @router.get("")
    async def standing(visitor: Watching) -> UpdatesAnswer:
        return UpdatesAnswer.of(await run_in_threadpool(parts.shown))

    @router.post("/order")
    async def order(visitor: AsOwner, request: OrderUpdate) -> DoneAnswer:
        await run_in_threadpool(parts.order, request.order, visitor.name)
        return DoneAnswer()

    return router


def _ms(wall_ns: int) -> int | None:
    return wall_ns // NS_PER_MS if wall_ns else None
