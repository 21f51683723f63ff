"""Routes of passkeys: made by who is signed in, and signing in with one."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import Account, SignInWay
from edgecam.web.answers import NS_PER_MS, DoneAnswer
from edgecam.web.passkeydesk import PasskeyDesk
from edgecam.web.signedin import SignedIn, SignInToken, Visitor
from edgecam.web.signin import PasskeyRequest, Reception, Secret, SignInAnswer, Told, caller

Label = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]


class Proof(Told):
    """Whoever is signed in types the passphrase again; this came of it."""

    secret: Secret


class NewPasskey(Told):
    """What ``navigator.credentials.create`` gave, as its ``toJSON`` tells it, and what its owner calls it."""

    label: Label
    credential: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """One passkey; ``host`` is the name of the page at which it can be used."""

    passkey_id: str
    label: str
    host: str
    made_ms: int


@dataclass(frozen=True, slots=True)
class AskingAnswer:
    """What ``navigator.credentials.create`` or ``get`` takes, as ``parse…OptionsFromJSON`` reads it."""

    options: dict[str, Any]


def passkeys(desk: PasskeyDesk, reception: Reception, forget_over: Callable[[], None]) -> APIRouter:
    """The routes; ``ask`` and ``sign-in`` are open to strangers. ``forget_over`` ends what a change ended."""
    router = APIRouter(prefix="/api/passkeys")
    store = reception.desk.store

    def account_of(visitor: Visitor) -> Account:
        account = store.look().by_id(visitor.account_id)
        if account is None:
            raise NotAllowed("this account is gone")
        return account

    @router.get("")
    async def listed(visitor: SignedIn) -> list[PasskeyAnswer]:
        return [
            PasskeyAnswer(_told(one.credential_id), one.label, one.host, one.made_wall_ns // NS_PER_MS)
            for one in account_of(visitor).passkeys
        ]

    @router.post("/begin")
    async def begin(request: Request, visitor: SignedIn, proof: Proof) -> AskingAnswer:
        await reception.desk.check(visitor, proof.secret)
        place = caller(request).network
        return AskingAnswer(await run_in_threadpool(desk.make, request.headers["host"], place, account_of(visitor)))

    @router.post("")
    async def add(request: Request, visitor: SignedIn, told: NewPasskey) -> PasskeyAnswer:
        origin, account = request.headers["origin"], account_of(visitor)
        made = await run_in_threadpool(desk.made, told.credential, origin, account, told.label.strip())
        await run_in_threadpool(store.add_passkey, visitor.name, visitor.name, made)
        return PasskeyAnswer(_told(made.credential_id), made.label, made.host, made.made_wall_ns // NS_PER_MS)

    @router.delete("/{passkey_id}")
    async def remove(visitor: SignedIn, passkey_id: str, proof: Proof) -> DoneAnswer:
        """Ends all sessions of the account, this one too."""
        await reception.desk.check(visitor, proof.secret)
        await run_in_threadpool(store.remove_passkey, visitor.name, visitor.name, _read(passkey_id))
        forget_over()
        return DoneAnswer()

    @router.post("/ask")
    async def ask(request: Request) -> AskingAnswer:
        """Before signing in with a passkey alone."""
        knocking = caller(request)
        reception.desk.check_place(knocking)
        store.look()
        return AskingAnswer(await run_in_threadpool(desk.ask, request.headers["host"], knocking.network, None))

    @router.post("/sign-in", response_model=SignInAnswer)
    async def sign_in(request: Request, told: PasskeyRequest, token: SignInToken = None) -> Response:
        knocking, origin = caller(request), request.headers["origin"]
        reception.desk.check_place(knocking)
        accounts = store.look()
        try:
            account, passkey, count, is_second = await run_in_threadpool(
                desk.shown, told.credential, origin, accounts.holding
            )
        except (BadInput, NotAllowed):
            reception.desk.wrong_passkey(knocking)
            raise
        reception.desk.check_usable(account)
        if account.way is SignInWay.BOTH and not is_second:
            raise NotAllowed(
                "this account needs the passphrase and the passkey",
                do="type name and passphrase first",
                safe="nobody was let in",
            )
        if count != passkey.sign_count:
            await run_in_threadpool(store.keep_count, account, passkey.credential_id, count)
        return reception.let_in(request, account, token)

    return router


def _told(credential_id: bytes) -> str:
    return urlsafe_b64encode(credential_id).decode().rstrip("=")


def _read(passkey_id: str) -> bytes:
    try:
        return urlsafe_b64decode(passkey_id + "=" * (-len(passkey_id) % 4))
    except ValueError as broken:
        raise BadInput("there is no such passkey", do="look at the list again") from broken
