"""`edgecam accounts`: who may use the page on the camera, and the way back in for its owner."""

from __future__ import annotations

import getpass
import json
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.options import (
    KIT_SECRET,
    OPERATOR_PASSPHRASE,
    JsonOption,
    SettingsOption,
    ask_passphrase,
    open_places,
    unlock,
)
from edgecam.cli.plaintext import plain
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.term import Term
from edgecam.custody.accounts.accounts import OWNER_NAME, Account, AccountRole, account_name, installer_term
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.accounts.identities import Identities
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.keys.owner import MIN_PASSPHRASE_LENGTH, OwnerIdentity, new_identity
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.places import Places

NEW_PASSPHRASE = "EDGECAM_NEW_PASSPHRASE"

app = typer.Typer(help="List, add, change or remove those who may use the page.")
NameArgument = Annotated[str, typer.Argument(help="The account's name.")]
DaysOption = Annotated[
    float | None, typer.Option(help="For how many days an installer's account lasts, 30 at most.")
]


@app.callback(invoke_without_command=True)
def accounts(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List those who may use the page."""
    context.obj = settings
    if context.invoked_subcommand is None:
        _list(_store(settings), as_json)


@app.command("list")
def list_(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List those who may use the page."""
    _list(_store(settings or context.obj), as_json)


@app.command()
def add(
    context: typer.Context,
    name: NameArgument,
    role: Annotated[AccountRole, typer.Option(help="What they may do.")],
    days: DaysOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let one more person in; asks for their first passphrase."""
    store, name = _store(settings or context.obj), account_name(name)
    until = _term(role, days)
    if store.look().named(name) is not None:
        raise BadInput(f"there is an account called {name} already", do="choose another name")
    made = store.add(getpass.getuser(), name, role, _new_secret(store, name), until)
    _tell(as_json, made, f"{name} may sign in as {role.value} from now on.")


@app.command()
def remove(
    context: typer.Context, name: NameArgument, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Let somebody in no more, from this moment on."""
    store = _store(settings or context.obj)
    gone = store.look().of(account_name(name))
    store.remove(getpass.getuser(), gone.name)
    _tell(as_json, gone, f"{gone.name} is signed out and cannot sign in any more.")


@app.command()
def password(
    context: typer.Context, name: NameArgument, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Give an account another passphrase; whoever is signed in with it is signed out."""
    store = _store(settings or context.obj)
    account = store.look().of(account_name(name))
    if account.name == OWNER_NAME:
        raise NotAllowed(
            "this passphrase also opens the footage, and both change together",
            do="run `edgecam passphrase`",
            safe="nothing was changed",
        )
    store.set_secret(getpass.getuser(), account.name, _new_secret(store, account.name))
    more = (
        f" Their key is still under the one before: `edgecam accounts key {account.name} --kit`."
        if account.recipient
        else ""
    )
    told = f"The new passphrase of {account.name} counts from now on.{more}"
    _tell(as_json, store.look().of(account.name), told)


@app.command()
def key(
    context: typer.Context,
    name: NameArgument,
    from_kit: Annotated[
        bool, typer.Option("--kit", help="The same key again, out of their recovery kit, under their passphrase.")
    ] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Another key in place of the one they have.")] = False,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an operator's own key, under the passphrase with which they sign in; theirs to type."""
    _, places = open_places(settings or context.obj)
    store = account_store(places, load_camera_key(places.camera_key))
    account = store.look().of(account_name(name))
    if account.recipient and not (anew or from_kit):
        raise BadInput(
            f"{account.name} has a key already",
            do="add --kit to put it under another passphrase, or --anew: then what was sealed to it stays so",
            safe="nothing was changed",
        )
    made = _from_kit(account) if from_kit else new_identity()
    passphrase = ask_passphrase(f"Passphrase of {account.name}", variable=OPERATOR_PASSPHRASE)
    if not account.password.matches(sign_in_secret(passphrase, store.camera_id, account.name)):
        raise NotAllowed(
            f"this is not the passphrase with which {account.name} signs in",
            do="one passphrase is for both: let them type that one",
            safe="nothing was changed",
        )
    identities = Identities(places.identities, store)
    identities.keep(getpass.getuser(), account, made.locked(passphrase), made.recipient())
    said = "the same key is under it" if from_kit else f"print their way back: `edgecam kit --of {account.name}`"
    _tell(as_json, store.look().of(account.name), f"{account.name} opens footage with this passphrase; {said}.")


def _from_kit(account: Account) -> OwnerIdentity:
    """Raises: BadInput for what is no such secret, NotAllowed for somebody else's."""
    found = OwnerIdentity.from_secret(
        ask_passphrase(f"Secret key on the recovery kit of {account.name}", variable=KIT_SECRET)
    )
    if found.recipient() != account.recipient:
        raise NotAllowed(
            f"this is not the key of {account.name}",
            do="take the kit that names them",
            safe="nothing was changed",
        )
    return found


@app.command("reset-owner")
def reset_owner(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Make the owner's account (anew): the name is owner, the passphrase the one that opens the footage."""
    _, places = open_places(settings or context.obj)
    key = load_camera_key(places.camera_key)
    passphrase = ask_passphrase("Owner passphrase")
    # Whoever makes the owner's account shows that they are the owner.
    unlock(places, passphrase)
    store = account_store(places, key)
    make_owner_account(store, passphrase)
    _tell(
        as_json, store.look().of(OWNER_NAME), f"Sign in to the page as {OWNER_NAME}, with the owner's passphrase."
    )


def account_store(places: Places, key: CameraKey) -> AccountStore:
    """The accounts of the camera at ``places``."""
    clock = SystemClock()
    return AccountStore(places.accounts, key, Register(places.register, key.sign, key.public, clock), clock)


def make_owner_account(store: AccountStore, passphrase: str) -> None:
    """The owner's account, anew if there is one: its passphrase is the one that opens the footage."""
    store.reset_owner(getpass.getuser(), sign_in_secret(passphrase, store.camera_id, OWNER_NAME))


def _store(settings: Any) -> AccountStore:
    _, places = open_places(settings)
    return account_store(places, load_camera_key(places.camera_key))


def _new_secret(store: AccountStore, name: str) -> str:
    passphrase = ask_passphrase(f"New passphrase for {name}", confirm=True, variable=NEW_PASSPHRASE)
    if len(passphrase) < MIN_PASSPHRASE_LENGTH:
        raise BadInput(
            f"the passphrase has {len(passphrase)} characters",
            do=f"take at least {MIN_PASSPHRASE_LENGTH}; several words are easy to remember and hard to guess",
        )
    return sign_in_secret(passphrase, store.camera_id, name)


def _term(role: AccountRole, days: float | None) -> Term | None:
    if role is not AccountRole.INSTALLER and days is None:
        return None
    if role is not AccountRole.INSTALLER:
        raise BadInput("only an installer's account has an end", do="leave --days away")
    if days is None:
        raise BadInput("an installer's account needs an end", do="add --days, 30 at most")
    return installer_term(days, SystemClock().now())


def _list(store: AccountStore, as_json: bool) -> None:
    found = store.look().accounts
    now = SystemClock().now()
    if as_json:
        typer.echo(json.dumps([_told(account) for account in found], indent=1, ensure_ascii=False))
        return
    table = Table("name", "role", "signs in with", "key", "until", "made by", "trouble")
    for account in found:
        with_what = f"{account.way.value}, {len(account.passkeys)} passkeys" if account.passkeys else "passphrase"
        table.add_row(
            *map(plain, (account.name, account.role.value, with_what, "own" if account.recipient else "")),
            *map(plain, (_until(account), account.made_by)),
            plain(account.trouble(now)),
        )
    Console(highlight=False, width=120).print(table)


def _told(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role.value,
        "way": account.way.value,
        "passkeys": [{"label": one.label, "host": one.host} for one in account.passkeys],
        "disabled": account.disabled,
        "recipient": account.recipient or None,
        "made_by": account.made_by,
        "until": _until(account) or None,
        "trouble": account.trouble(SystemClock().now()),
    }


def _until(account: Account) -> str:
    if account.until is None or account.until.until_wall_ns is None:
        return ""
    return datetime.fromtimestamp(account.until.until_wall_ns / NS_PER_S).astimezone().isoformat(timespec="minutes")


def _tell(as_json: bool, account: Account, sentence: str) -> None:
    typer.echo(json.dumps(_told(account), indent=1, ensure_ascii=False) if as_json else sentence)
