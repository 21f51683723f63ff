"""Routes by which the owner says who may use the page, and everybody changes their own passphrase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StrictBool
from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import Clock, Instant
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.term import Term
from edgecam.custody.accounts.accounts import (
    LONGEST_INSTALLER_DAYS,
    OWNER_NAME,
    Account,
    AccountRole,
    SignInWay,
    account_name,
    installer_term,
)
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.answers import NS_PER_MS, DoneAnswer
from edgecam.web.signedin import AsOwner, SignedIn
from edgecam.web.signin import Secret, Told, TypedName

Days = Annotated[float, Field(gt=0, le=LONGEST_INSTALLER_DAYS, strict=True)]


class NewAccount(Told):
    """``new_secret`` is derived of the new account's first passphrase; ``secret`` of that of the owner who asks.

    ``days`` is for installers, and then needed.
    """

    name: TypedName
    role: AccountRole
    new_secret: Secret
    days: Days | None = None
    secret: Secret


class ChangedAccount(Told):
    """What is to be different; ``days`` begins an installer's time anew. ``secret`` is of the owner who asks."""

    role: AccountRole | None = None
    days: Days | None = None
    disabled: StrictBool | None = None
    way: SignInWay | None = None
    new_secret: Secret | None = None
    secret: Secret


class RemovedAccount(Told):
    """``secret`` is of the owner who asks."""

    secret: Secret


class NewSecret(Told):
    """Another passphrase of one's own: what the old and the new one derive to."""

    secret: Secret
    new_secret: Secret


class NewWay(Told):
    """Another way to sign in oneself."""

    secret: Secret
    way: SignInWay


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """One account. ``until_ms`` is when an installer's ends, ``None`` for others; ``trouble`` is why it cannot be
    used now, empty when it can.
    """

    name: str
    role: str
    way: str
    passkeys: int
    disabled: bool
    made_by: str
    made_ms: int
    until_ms: int | None
    trouble: str

    @classmethod
    def of(cls, account: Account, now: Instant) -> AccountAnswer:
        until = account.until.until_wall_ns if account.until else None
        return cls(
            account.name,
            account.role.value,
            account.way.value,
            len(account.passkeys),
            account.disabled,
            account.made_by,
            account.made_wall_ns // NS_PER_MS,
            None if until is None else until // NS_PER_MS,
            account.trouble(now),
        )


def accounts(desk: AccountDesk, clock: Clock, forget_over: Callable[[], None]) -> APIRouter:
    """The routes; ``forget_over`` ends the sessions that a change ended."""
    router = APIRouter(prefix="/api")
    store = desk.store

    @router.get("/accounts")
    async def listed(_: AsOwner) -> list[AccountAnswer]:
        now = clock.now()
        return [AccountAnswer.of(account, now) for account in store.look().accounts]

    @router.post("/accounts")
    async def add(visitor: AsOwner, told: NewAccount) -> AccountAnswer:
        until = _term(told.role, told.days, clock)
        _check_free(told.name, desk)
        await desk.check(visitor, told.secret)
        made = await run_in_threadpool(store.add, visitor.name, told.name, told.role, told.new_secret, until)
        return AccountAnswer.of(made, clock.now())

    @router.patch("/accounts/{name}")
    async def change(visitor: AsOwner, name: str, told: ChangedAccount) -> AccountAnswer:
        account = store.look().of(name)
        await desk.check(visitor, told.secret)
        await run_in_threadpool(_change, desk, clock, visitor.name, account, told)
        forget_over()
        return AccountAnswer.of(store.look().of(name), clock.now())

    @router.delete("/accounts/{name}")
    async def remove(visitor: AsOwner, name: str, told: RemovedAccount) -> DoneAnswer:
        store.look().of(name)
        await desk.check(visitor, told.secret)
        await run_in_threadpool(store.remove, visitor.name, name)
        forget_over()
        return DoneAnswer()

    @router.put("/me/secret")
    async def own_secret(visitor: SignedIn, told: NewSecret) -> DoneAnswer:
        """Ends all sessions of the account, this one too."""
        _check_not_the_owners(visitor.name)
        await desk.check(visitor, told.secret)
        await run_in_threadpool(store.set_secret, visitor.name, visitor.name, told.new_secret)
        forget_over()
        return DoneAnswer()

    @router.put("/me/way")
    async def own_way(visitor: SignedIn, told: NewWay) -> DoneAnswer:
        """Ends all sessions of the account, this one too."""
        await desk.check(visitor, told.secret)
        await run_in_threadpool(store.set_way, visitor.name, visitor.name, told.way)
        forget_over()
        return DoneAnswer()

    return router


def _change(desk: AccountDesk, clock: Clock, by: str, account: Account, told: ChangedAccount) -> None:
    """Each thing that is different, one register line each."""
    store, role = desk.store, told.role or account.role
    if told.new_secret is not None:
        _check_not_the_owners(account.name)
    if told.role is not None or told.days is not None:
        until = _term(role, told.days, clock)
        store.set_role(by, account.name, role, until)
    if told.way is not None:
        store.set_way(by, account.name, told.way)
    if told.disabled is not None:
        store.set_disabled(by, account.name, told.disabled)
    if told.new_secret is not None:
        store.set_secret(by, account.name, told.new_secret)


def _term(role: AccountRole, days: float | None, clock: Clock) -> Term | None:
    if role is not AccountRole.INSTALLER:
        if days is not None:
            raise BadInput("only an installer's account has an end", do="leave the days away", field="days")
        return None
    if days is None:
        raise BadInput("an installer's account needs an end", do="say for how many days it lasts", field="days")
    return installer_term(days, clock.now())


def _check_free(typed: str, desk: AccountDesk) -> None:
    try:
        name = account_name(typed)
    except BadInput as refused:
        raise BadInput(refused.what, do=refused.do, field="name") from refused
    if name != typed:
        # The browser derived the secret for what was typed, so another form would never open.
        raise BadInput(f"this name is written {name} here", do=f"write {name}", field="name")
    if desk.store.look().named(name) is not None:
        raise BadInput(f"there is an account called {name} already", do="choose another name", field="name")


def _check_not_the_owners(name: str) -> None:
    """The passphrase of that account also locks the owner's key, and both must change together."""
    if name == OWNER_NAME:
        raise NotAllowed(
            "this passphrase also opens the footage, so it is changed on the camera itself",
            do="run `edgecam passphrase` there",
            safe="nothing was changed",
        )
