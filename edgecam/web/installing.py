"""Routes for who sets the camera up: the installer session, the unmasked view, and that the aim is right."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from edgecam.core.errors import EdgecamError, NotAllowed
from edgecam.custody.unmasked_line import Ending
from edgecam.masking.lifecycle import Role
from edgecam.masking.permit import LONGEST_S, Why
from edgecam.web.answers import NS_PER_MS, DoneAnswer, OpenedAnswer, OutlinesAnswer
from edgecam.web.guesses import Guesses, tried
from edgecam.web.installer import COOKIE, InstallerSession, InstallerSessions, InstallerToken, Place
from edgecam.web.parts import PageParts
from edgecam.web.sessions import Sessions, Token

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
Passphrase = Annotated[str, Field(min_length=1, max_length=1024)]


class _Secretive(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class OpenSession(_Secretive):
    """What the owner tells: who opens, for whom, what for, for how long."""

    opened_by: Name
    opened_for: Name
    why: Why
    minutes: int = Field(ge=1, le=LONGEST_S // 60)
    passphrase: Passphrase


class EnterCode(_Secretive):
    """What the installer types; spaces, dashes and lower case do not matter."""

    code: str = Field(min_length=1, max_length=40)


class ConfirmAim(_Secretive):
    """Who says that the view is right: the owner by the passphrase, or without one the installer by the session."""

    who: Name
    passphrase: Passphrase | None = None


def installing(parts: PageParts, sessions: Sessions, installers: InstallerSessions, guesses: Guesses) -> APIRouter:
    """The routes, over ``parts``; ``guesses`` keeps the account of the owner's passphrase."""
    router = APIRouter(prefix="/api")
    codes = Guesses(parts.clock)

    @router.post("/installer/open", response_model=OpenedAnswer)
    async def open_session(request: OpenSession) -> Response:
        installers.require_none()
        by, to = request.opened_by.strip(), request.opened_for.strip()
        purpose = f"an installer session for {to}"
        await tried(guesses, partial(parts.check_owner, request.passphrase, by, purpose))
        code, token = installers.open(by, to, request.why, request.minutes)
        return _with_cookie({"code": code, "left_s": request.minutes * 60}, token)

    @router.post("/installer/enter", response_model=DoneAnswer)
    async def enter(request: EnterCode) -> Response:
        session = _take_code(installers, codes, request.code)
        return _with_cookie({"done": True}, await _entered(parts, installers, session))

    @router.post("/installer/end", response_model=DoneAnswer)
    async def end(token: Token = None, installer_token: InstallerToken = None) -> Response:
        standing = installers.standing()
        mine = installers.place(installer_token) is not Place.NOBODY or sessions.left_s(token) > 0
        if standing is not None and not mine:
            raise NotAllowed("only the owner and the installer end this session", do="unlock the page as its owner")
        installers.end(Ending.CLOSED)
        await installers.settled()
        answer = JSONResponse({"done": True})
        answer.delete_cookie(COOKIE, path="/api", httponly=True, samesite="strict")
        return answer

    @router.get("/installer/outlines")
    async def outlines(installer_token: InstallerToken = None) -> OutlinesAnswer:
        installers.installers(installer_token)
        shown = await run_in_threadpool(parts.masks)
        return OutlinesAnswer(list(shown.outlines), list(shown.coming))

    @router.get("/unmasked.jpg", response_class=Response)
    async def unmasked_jpg(installer_token: InstallerToken = None) -> Response:
        session = installers.installers(installer_token)
        assert session.picture is not None
        try:
            newest = await run_in_threadpool(session.picture.current)
        except NotAllowed:  # the permit itself is over
            if installers.standing() is session:
                installers.end(Ending.EXPIRED)
            raise
        # It may have been ended while the picture was made.
        installers.installers(installer_token)
        session.count_look(parts.clock.mono_ns())
        moment = {"X-Captured-Ms": str(newest.wall_ns // NS_PER_MS)}
        return Response(newest.jpeg, media_type="image/jpeg", headers=moment)

    @router.post("/aim/confirm")
    async def confirm_aim(request: ConfirmAim, installer_token: InstallerToken = None) -> DoneAnswer:
        if request.passphrase is None:
            who, role = installers.installers(installer_token).opened_for, Role.INSTALLER
        else:
            who, role = request.who.strip(), Role.OWNER
            await tried(guesses, partial(parts.check_owner, request.passphrase, who, "confirming the aim"))
        await run_in_threadpool(parts.confirm_aim, who, role)
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


async def _entered(parts: PageParts, installers: InstallerSessions, session: InstallerSession) -> str:
    """The token of the installer who was let in; nobody is, unless the register line stands."""
    await installers.settled()
    try:
        sight = await run_in_threadpool(
            parts.open_unmasked,
            session.opened_by,
            session.opened_for,
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
        return installers.enter(session, sight)
    except NotAllowed:
        await run_in_threadpool(sight.close, Ending.CLOSED, 0)
        raise


def _with_cookie(told: dict[str, object], token: str) -> Response:
    answer = JSONResponse(told)
    # Not `secure`: the page is plain HTTP on loopback, where browsers would drop such a cookie.
    answer.set_cookie(COOKIE, token, path="/api", httponly=True, samesite="strict")
    return answer
