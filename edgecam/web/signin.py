"""Routes of signing in and out, and of what one's own and everybody's sessions are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from edgecam.core.errors import DataLoss, EdgecamError, NotAllowed, Unavailable
from edgecam.custody.accounts.accounts import Account, AccountRole, SignInWay
from edgecam.keys.signinsecret import SECRET_LENGTH
from edgecam.web.accountdesk import AccountDesk, Caller
from edgecam.web.answers import NS_PER_MS, DoneAnswer
from edgecam.web.device import device_of
from edgecam.web.guard import cookie_is_secure
from edgecam.web.knowndevice import COOKIE as DEVICE_COOKIE
from edgecam.web.knowndevice import LIFE_S, PATH, DeviceToken, device_token
from edgecam.web.passkeydesk import PasskeyDesk
from edgecam.web.signedin import COOKIE, SignedIn, SignInToken, Watching
from edgecam.web.signins import SignIn, SignIns
from edgecam.web.turns import Turns

LANGUAGES = ("ja", "ko", "en")

TypedName = Annotated[str, Field(min_length=1, max_length=80)]
Secret = Annotated[str, Field(pattern=f"^[A-Za-z0-9_-]{{{SECRET_LENGTH}}}$")]


class Told(BaseModel):
    """What a form sends; what is wrong in it is never repeated, because some of it is secret."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignInRequest(Told):
    """A name, and the sign-in secret that the browser derived of the passphrase."""

    name: TypedName
    secret: Secret


class PasskeyRequest(Told):
    """What ``navigator.credentials.get`` gave, as its ``toJSON`` tells it."""

    credential: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WelcomeAnswer:
    """What anybody is told. ``accounts``: whether somebody can sign in (``ready``), nobody yet has an account
    (``none``), or their list is ``broken``; ``what`` and ``do`` then say so.
    """

    camera_id: str
    camera_name: str
    state: Literal["new", "ready"]
    languages: tuple[str, ...]
    accounts: Literal["ready", "none", "broken"] = "ready"
    what: str = ""
    do: str = ""


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """Who signed in. ``passkey`` is not ``None`` where a passkey is needed too, and then nobody is signed in yet:
    give it to ``navigator.credentials.get``, and what that gives to ``/api/passkeys/sign-in``.
    """

    name: str
    role: str
    passkey: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MeAnswer:
    """Who asks. ``left_s`` is how long they stay signed in without doing anything; ``until_ms`` is when the account
    itself ends, ``None`` for never.
    """

    name: str
    role: str
    left_s: int
    signed_in_ms: int
    session_id: str
    way: str
    passkeys: int
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """One browser that is signed in; ``mine`` is the one that asks. ``browser`` and ``system`` may be empty."""

    session_id: str
    name: str
    role: str
    browser: str
    system: str
    address: str
    since_ms: int
    used_ms: int
    left_s: int
    mine: bool


@dataclass(frozen=True, slots=True)
class Welcoming:
    """What is told to strangers; ``is_new()`` says whether the camera has no owner yet."""

    camera_name: str
    is_new: Callable[[], bool] = lambda: False


class Reception:
    """Lets people in: begins their session and sets its cookies."""

    def __init__(self, desk: AccountDesk, sign_ins: SignIns) -> None:
        self.desk, self._sign_ins = desk, sign_ins
        self.turns = Turns()

    def let_in(self, request: Request, account: Account, token: str | None) -> Response:
        """The answer that signs ``account`` in; the session of ``token``, which this browser had, ends."""
        self.end(token)
        opened = self._sign_ins.begin(
            account, device_of(request.headers.get("user-agent", "")), caller(request).address
        )
        answer = JSONResponse({"name": account.name, "role": account.role.value, "passkey": None})
        secure = cookie_is_secure(request)
        answer.set_cookie(COOKIE, opened, path="/", httponly=True, samesite="strict", secure=secure)
        # The account as it is kept now: it may just have been kept at another strength.
        kept = self.desk.store.look().by_id(account.account_id) or account
        answer.set_cookie(
            DEVICE_COOKIE,
            device_token(kept),
            max_age=LIFE_S,
            path=PATH,
            httponly=True,
            samesite="strict",
            secure=secure,
        )
        return answer

    def end(self, token: str | None) -> None:
        """End the session of ``token``, if it is one."""
        try:
            self._sign_ins.end(self._sign_ins.visitor(token, prolongs=False).session_id)
        except EdgecamError:
            return


def caller(request: Request, device: str | None = None) -> Caller:
    """Where ``request`` comes from."""
    return Caller(request.client.host if request.client else "", device)


def signing_in(welcoming: Welcoming, reception: Reception, sign_ins: SignIns, passkeys: PasskeyDesk) -> APIRouter:
    """The routes of coming and going; only ``sign-out`` is closed to strangers."""
    router = APIRouter(prefix="/api")
    desk = reception.desk

    @router.get("/welcome")
    async def welcome() -> WelcomeAnswer:
        state: Literal["new", "ready"] = "new" if welcoming.is_new() else "ready"
        known: tuple[Literal["ready", "none", "broken"], str, str] = ("ready", "", "")
        try:
            desk.store.look()
        except Unavailable as refused:
            known = ("none", refused.what, refused.do)
        except DataLoss as refused:
            known = ("broken", refused.what, refused.do)
        return WelcomeAnswer(desk.store.camera_id, welcoming.camera_name, state, LANGUAGES, *known)

    @router.post("/sign-in", response_model=SignInAnswer)
    async def sign_in(
        request: Request, told: SignInRequest, token: SignInToken = None, device: DeviceToken = None
    ) -> Response:
        knocking = caller(request, device)
        desk.check_wait(told.name, knocking)
        async with reception.turns.of(knocking.network):
            account = await run_in_threadpool(desk.check_secret, told.name, told.secret, knocking)
        if account.way is SignInWay.EITHER:
            return reception.let_in(request, account, token)
        if account.way is SignInWay.PASSKEY:
            raise NotAllowed(
                "this account signs in with its passkey alone", do="use the passkey", safe="nobody was let in"
            )
        options = await run_in_threadpool(passkeys.ask, request.headers["host"], knocking.network, account)
        return JSONResponse({"name": account.name, "role": account.role.value, "passkey": options})

    @router.post("/sign-out")
    async def sign_out(visitor: SignedIn) -> Response:
        sign_ins.end(visitor.session_id)
        answer = JSONResponse({"done": True})
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    return router


def signed_in(desk: AccountDesk, sign_ins: SignIns) -> APIRouter:
    """The routes of one's own and everybody's sessions."""
    router = APIRouter(prefix="/api")

    @router.get("/me")
    async def me(visitor: Watching) -> MeAnswer:
        mine = sign_ins.session(visitor)
        account = desk.store.look().by_id(visitor.account_id) or mine.account
        until = account.until.until_wall_ns if account.until else None
        return MeAnswer(
            name=visitor.name,
            role=visitor.role.value,
            left_s=sign_ins.left_s(mine),
            signed_in_ms=mine.since_wall_ns // NS_PER_MS,
            session_id=visitor.session_id,
            way=account.way.value,
            passkeys=len(account.passkeys),
            until_ms=None if until is None else until // NS_PER_MS,
        )

    @router.post("/me/stay")
    async def stay(visitor: SignedIn) -> DoneAnswer:
        """Somebody is there: what a page asks by itself is no sign of life."""
        return DoneAnswer()

    @router.get("/sign-ins")
    async def listed(visitor: SignedIn) -> list[SessionAnswer]:
        of = None if visitor.role is AccountRole.OWNER else visitor.account_id
        return [_session(one, sign_ins, visitor.session_id) for one in sign_ins.listed(of)]

    @router.delete("/sign-ins/{session_id}")
    async def end_one(visitor: SignedIn, session_id: str) -> DoneAnswer:
        of = None if visitor.role is AccountRole.OWNER else visitor.account_id
        if session_id not in {one.session_id for one in sign_ins.listed(of)}:
            raise NotAllowed("there is no such session of yours", do="look at the list again")
        sign_ins.end(session_id)
        return DoneAnswer()

    return router


def _session(one: SignIn, sign_ins: SignIns, mine: str) -> SessionAnswer:
    return SessionAnswer(
        session_id=one.session_id,
        name=one.account.name,
        role=one.account.role.value,
        browser=one.device.browser,
        system=one.device.system,
        address=one.address,
        since_ms=one.since_wall_ns // NS_PER_MS,
        used_ms=one.used_wall_ns // NS_PER_MS,
        left_s=sign_ins.left_s(one),
        mine=one.session_id == mine,
    )
