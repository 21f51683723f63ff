"""Routes for drawing masks: the draft, what it hides exactly, and its way into force."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.masking.lifecycle import Role
from edgecam.web.installer import InstallerSessions
from edgecam.web.installing import looked
from edgecam.web.maskdesk import CoverAnswer, DraftAnswer, MaskDesk, decoded
from edgecam.web.parts import PageParts
from edgecam.web.signedin import AsInstaller, AsOwner
from edgecam.web.signin import Secret

Tag = Field(pattern="^[0-9a-f]{32}$")


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Drawn(_Told):
    """A drawing, as `edgecam masks draw` takes it."""

    drawing: dict[str, Any]


class TaggedDrawing(Drawn):
    """A drawing that follows on what had the tag ``tag``."""

    tag: str = Tag


class Tagged(_Told):
    """What is done to what had the tag ``tag``."""

    tag: str = Tag


class Sworn(Tagged):
    """The same, by somebody who proves once more who they are."""

    secret: Secret


def drawing(parts: PageParts, desk: MaskDesk, installers: InstallerSessions) -> APIRouter:
    """The routes of who draws."""
    router = APIRouter(prefix="/api/masks")

    @router.get("/draft")
    async def draft(visitor: AsInstaller) -> DraftAnswer:
        return await run_in_threadpool(desk.look, visitor)

    @router.put("/draft")
    async def draw(visitor: AsInstaller, request: TaggedDrawing) -> DraftAnswer:
        return await run_in_threadpool(desk.draw, visitor, request.tag, request.drawing)

    @router.post("/preview")
    async def preview(visitor: AsInstaller, request: Drawn) -> CoverAnswer:
        return CoverAnswer.of(await run_in_threadpool(desk.laid_out, request.drawing))

    @router.post("/preview.jpg", response_class=Response)
    async def preview_jpg(visitor: AsInstaller, request: Drawn) -> Response:
        drawn = decoded(request.drawing)
        return await looked(installers, visitor, lambda picture: picture.burnt(drawn))

    return router


def deciding(parts: PageParts, desk: MaskDesk) -> APIRouter:
    """The routes on which a drawing comes into force, or does not."""
    router = APIRouter(prefix="/api/masks")
    acts = desk.acts

    @router.post("/propose")
    async def propose(visitor: AsInstaller, request: Tagged) -> DraftAnswer:
        deed = partial(acts.propose, visitor.name, Role(visitor.role))
        return await run_in_threadpool(desk.do, visitor, request.tag, deed)

    @router.post("/withdraw")
    async def withdraw(visitor: AsInstaller, request: Sworn) -> DraftAnswer:
        await parts.accounts.check(visitor, request.secret)
        deed = partial(acts.withdraw, visitor.name, Role(visitor.role))
        return await run_in_threadpool(desk.do, visitor, request.tag, deed)

    @router.post("/confirm")
    async def confirm(visitor: AsOwner, request: Sworn) -> DraftAnswer:
        # Nobody proves who they are for what is refused anyway.
        await run_in_threadpool(acts.check_confirm, visitor.name)
        await parts.accounts.check(visitor, request.secret)
        return await run_in_threadpool(desk.do, visitor, request.tag, partial(acts.confirm, visitor.name))

    @router.post("/lock")
    async def lock(visitor: AsOwner, request: Sworn) -> DraftAnswer:
        await run_in_threadpool(acts.check_lock, visitor.name)
        await parts.accounts.check(visitor, request.secret)
        return await run_in_threadpool(desk.do, visitor, request.tag, partial(acts.lock, visitor.name))

    return router
