"""Routes of the first run. Until the camera has an owner, the browser that showed the set-up code takes its steps;
from then on the owner does, signed in as ever.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.web.answers import DoneAnswer
from edgecam.web.claim import COOKIE, ClaimToken
from edgecam.web.firststeps import RULES, SetupStep, StepState
from edgecam.web.guard import cookie_is_secure
from edgecam.web.refusals import NotSignedIn, TooSoon
from edgecam.web.setupdoor import AsSetter, SetupAccess, SetupForm, may_take
from edgecam.web.setupforms import broker_forms, place_forms, update_forms
from edgecam.web.setupparts import Language, SetsUp, SetupShown, Updating
from edgecam.web.signedin import AsOwner, SignInToken


class EnterSetupCode(SetupForm):
    """The code as it was typed; ``take_over`` ends another browser's first run."""

    code: str = Field(min_length=1, max_length=40)
    take_over: bool = False


class ChooseLanguage(SetupForm):
    language: Language


class BecomeOwner(SetupForm):
    """``recipient`` is the public half of the identity that the browser made, ``locked`` the age file of the other
    (base64), ``secret`` what came of the passphrase for signing in.
    """

    recipient: str = Field(min_length=60, max_length=80, pattern="^age1[0-9a-z]+$")
    locked: str = Field(min_length=1, max_length=4096)
    secret: str = Field(min_length=43, max_length=43, pattern="^[A-Za-z0-9_-]+$")


@dataclass(frozen=True, slots=True)
class SetupAnswer:
    """How far the first run is. ``yours``: whether this browser may take steps now.

    Of a camera that nobody owns, a browser that has not shown the code learns that and the language alone.
    """

    owned: bool
    yours: bool
    language: Language
    finished: bool
    recording: bool = False
    source: str = ""
    drawn: bool = False
    clock: int = 0
    ring: str = ""
    steps: dict[SetupStep, StepState] | None = None
    problems: tuple[str, ...] = ()
    updating: Updating = ""


def setting_up(parts: SetsUp) -> APIRouter:
    """The routes, over ``parts``; the application keeps a `SetupAccess` as ``app.state.setup``."""
    router = APIRouter()
    for piece in (_beginning(parts), place_forms(parts), broker_forms(parts), update_forms(parts)):
        router.include_router(piece)
    return router


def _beginning(parts: SetsUp) -> APIRouter:
    """The claim, the language, the owner, and the notes of what was done."""
    router = APIRouter(prefix="/api/setup")

    @router.get("")
    async def state(request: Request, token: SignInToken = None, claimed: ClaimToken = None) -> SetupAnswer:
        access: SetupAccess = request.app.state.setup
        shown = await run_in_threadpool(parts.shown)
        yours = _is_owner(request, token) if shown.owned else access.claim.holds(claimed)
        if not yours:
            return SetupAnswer(shown.owned, False, shown.language, shown.finished)
        return _told(shown)

    @router.post("/claim", response_model=DoneAnswer)
    async def claim(request: Request, body: EnterSetupCode, claimed: ClaimToken = None) -> Response:
        access: SetupAccess = request.app.state.setup
        if (wait_s := access.codes.wait_s("code")) > 0:
            raise TooSoon(wait_s)
        # Counted before it is looked at: a hundred at once must not all be the first.
        access.codes.wrong("code")
        await run_in_threadpool(parts.check_code, body.code)
        access.codes.right("code")
        answer = JSONResponse({"done": True})
        token = access.claim.take(claimed, body.take_over)
        secure = cookie_is_secure(request)
        answer.set_cookie(COOKIE, token, path="/api/setup", httponly=True, samesite="strict", secure=secure)
        return answer

    @router.put("/language")
    async def language(body: ChooseLanguage, _: AsSetter) -> DoneAnswer:
        await run_in_threadpool(parts.speak, body.language)
        return DoneAnswer()

    @router.post("/owner")
    async def owner(request: Request, body: BecomeOwner, _: AsSetter) -> DoneAnswer:
        try:
            locked = base64.b64decode(body.locked, validate=True)
        except ValueError as broken:
            raise BadInput("the locked key is not base64", do="use the page itself", field="locked") from broken
        await run_in_threadpool(parts.make_owner, body.recipient, locked, body.secret)
        access: SetupAccess = request.app.state.setup
        access.claim.end()
        return DoneAnswer()

    @router.get("/owner-key", response_class=Response)
    async def owner_key(_: AsOwner) -> Response:
        locked = await run_in_threadpool(parts.locked_owner)
        return Response(locked, media_type="application/octet-stream")

    @router.post("/steps/{step}")
    async def note(step: SetupStep, visitor: AsSetter) -> DoneAnswer:
        await may_take(parts, step)
        if not RULES[step].noted or step is SetupStep.LANGUAGE:
            raise NotAllowed(f"the step {step.value} shows by itself that it was taken", do="take it")
        await run_in_threadpool(parts.note, step, visitor.name)
        return DoneAnswer()

    return router


def _is_owner(request: Request, token: str | None) -> bool:
    try:
        visitor = request.app.state.sign_ins.visitor(token, prolongs=False)
    except NotSignedIn:
        return False
    return visitor.role is AccountRole.OWNER


def _told(shown: SetupShown) -> SetupAnswer:
    return SetupAnswer(
        owned=shown.owned,
        yours=True,
        language=shown.language,
        finished=shown.finished,
        recording=shown.recording,
        source=shown.source,
        drawn=shown.drawn,
        clock=shown.clock,
        ring=shown.ring,
        steps=dict(shown.steps),
        problems=shown.problems,
        updating=shown.updating,
    )
