"""Routes for who sets the camera up: the installer session, the unmasked view, and that the aim is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import EdgecamError, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.register.unmasked_line import Ending
from edgecam.masking.lifecycle import Role
from edgecam.masking.permit import LONGEST_S, Why
from edgecam.web.answers import NS_PER_MS, DoneAnswer, OpenedAnswer, OutlinesAnswer
from edgecam.web.guesses import Guesses
from edgecam.web.installer import InstallerSession, InstallerSessions, Place
from edgecam.web.installerview import InstallerView
from edgecam.web.live import LiveJpeg
from edgecam.web.parts import PageParts
from edgecam.web.signedin import AsInstaller, AsOwner, SignedIn, Visitor
from edgecam.web.signin import Secret

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]


class _Secretive(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class OpenSession(_Secretive):
    """What the owner tells: for whom, what for, for how long; and again who they are."""

    opened_for: Name
    why: Why
    minutes: int = Field(ge=1, le=LONGEST_S // 60, strict=True)
    secret: Secret


class EnterCode(_Secretive):
    """What the installer types; spaces, dashes and lower case do not matter."""

    code: str = Field(min_length=1, max_length=40)


class ConfirmAim(_Secretive):
    """That the view is right: the owner says who they are again, an installer need not inside a session."""

    secret: Secret | None = None


def installing(parts: PageParts, installers: InstallerSessions) -> APIRouter:
    """The routes, over ``parts``."""
    router = APIRouter(prefix="/api")
    codes = Guesses(parts.clock)

    @router.post("/installer/open")
    async def open_session(visitor: AsOwner, request: OpenSession) -> OpenedAnswer:
        installers.require_none()
        await parts.accounts.check(visitor, request.secret)
        code = installers.open(
            visitor.session_id, visitor.name, request.opened_for.strip(), request.why, request.minutes
        )
        return OpenedAnswer(code, request.minutes * 60)

    @router.post("/installer/enter")
    async def enter(visitor: AsInstaller, request: EnterCode) -> DoneAnswer:
        session = _take_code(installers, codes, request.code)
        await _enter(parts, installers, session, visitor)
        return DoneAnswer()

    @router.post("/installer/end")
    async def end(visitor: SignedIn) -> DoneAnswer:
        standing = installers.standing()
        mine = installers.place(visitor.session_id) is not Place.NOBODY or visitor.role is AccountRole.OWNER
        if standing is not None and not mine:
            raise NotAllowed("only the owner and the installer end this session", do="ask the owner")
        installers.end(Ending.CLOSED)
        await installers.settled()
        return DoneAnswer()

    @router.get("/installer/outlines")
    async def outlines(visitor: AsInstaller) -> OutlinesAnswer:
        installers.installers(visitor.session_id)
        shown = await run_in_threadpool(parts.masks)
        return OutlinesAnswer(list(shown.outlines), list(shown.coming))

    @router.get("/unmasked.jpg", response_class=Response)
    async def unmasked_jpg(visitor: AsInstaller) -> Response:
        return await looked(installers, visitor, InstallerView.current)

    @router.post("/aim/confirm")
    async def confirm_aim(visitor: AsInstaller, request: ConfirmAim) -> DoneAnswer:
        if request.secret is None or visitor.role is AccountRole.INSTALLER:
            # The owner looked at the unmasked picture, or let this person do so.
            installers.installers(visitor.session_id)
        else:
            await parts.accounts.check(visitor, request.secret)
        await run_in_threadpool(parts.confirm_aim, visitor.name, Role(visitor.role.value))
        return DoneAnswer()

    return router


def _take_code(installers: InstallerSessions, codes: Guesses, code: str) -> InstallerSession:
    codes.begin()
    if installers.standing() is None:
        codes.undecided()
        raise NotAllowed("no installer session stands", do="ask the owner to open one")
    try:
        session = installers.take_code(code)
    except NotAllowed:
        codes.wrong()
        raise
    codes.right()
    return session


async def _enter(
    parts: PageParts, installers: InstallerSessions, session: InstallerSession, visitor: Visitor
) -> None:
    """Let ``visitor`` look; nobody does, unless the register line stands."""
    await installers.settled()
    try:
        sight = await run_in_threadpool(
            parts.open_unmasked,
            session.opened_by,
            f"{session.opened_for}, signed in as {visitor.name}",
            session.why,
            session.opened_mono_ns,
            session.until_mono_ns,
        )
    except EdgecamError:
        # Its code is spent, so nobody could ever enter.
        if installers.standing() is session:
            installers.end(Ending.CLOSED)
        raise
    try:
        installers.enter(session, visitor.session_id, sight)
    except NotAllowed:
        await run_in_threadpool(sight.close, Ending.CLOSED, 0)
        raise


async def looked(
    installers: InstallerSessions, visitor: Visitor, taken: Callable[[InstallerView], LiveJpeg]
) -> Response:
    """What ``taken`` shows ``visitor``, counted as a look. Raises: NotAllowed when the session is over."""
    session = installers.installers(visitor.session_id)
    assert session.picture is not None
    try:
        newest = await run_in_threadpool(taken, session.picture)
    except NotAllowed:  # the permit itself is over
        if installers.standing() is session:
            installers.end(Ending.EXPIRED)
        raise
    # It may have been ended while the picture was made.
    installers.installers(visitor.session_id)
    installers.count_look(session)
    moment = {"X-Captured-Ms": str(newest.wall_ns // NS_PER_MS)}
    return Response(newest.jpeg, media_type="image/jpeg", headers=moment)
