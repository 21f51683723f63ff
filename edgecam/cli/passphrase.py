"""`edgecam passphrase`: another passphrase for the owner's secret, also when the old one is lost."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from edgecam.cli.accounts import NEW_PASSPHRASE, account_store, make_owner_account
from edgecam.cli.options import KIT_SECRET, SettingsOption, ask_passphrase, open_places, unlock
from edgecam.core.durable import replace_secret_durably
from edgecam.core.errors import BadInput, EdgecamError, NotAllowed
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import OwnerIdentity
from edgecam.keys.recipients import named_recipients, read_recipients
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.places import Places


def passphrase(
    kit: Annotated[
        bool, typer.Option("--kit", help="The old one is lost: take the recovery kit's secret key instead.")
    ] = False,
    settings: SettingsOption = None,
) -> None:
    """Change the owner's passphrase; the footage and the recovery kit stay as they are."""
    _, places = open_places(settings)
    key = load_camera_key(places.camera_key)
    owner = _from_kit(places) if kit else unlock(places)
    chosen = ask_passphrase("New owner passphrase", confirm=True, variable=NEW_PASSPHRASE)
    locked = owner.locked(chosen)
    register = Register(places.register, key.sign, key.public)
    detail = {"what": "passphrase", "by": "kit" if kit else "passphrase"}
    line = register.write(Act.KEY_CHANGE, who=getpass.getuser(), purpose="new passphrase", detail=detail)
    replace_secret_durably(places.locked_owner, locked)
    register.complete(line, {"what": "passphrase", "done": "True"})
    _sign_in_with(chosen, account_store(places, key), reset=kit)
    typer.echo("The new passphrase opens the footage from now on; the old one does not any more.")


def _sign_in_with(chosen: str, store: AccountStore, *, reset: bool) -> None:
    """Keep the owner's account in step; ``reset`` makes it as new: who lost a passphrase may have lost more."""
    try:
        if not reset and store.look().named(OWNER_NAME) is not None:
            store.set_secret(getpass.getuser(), OWNER_NAME, sign_in_secret(chosen, store.camera_id, OWNER_NAME))
        else:
            make_owner_account(store, chosen)
    except EdgecamError as refused:
        typer.echo(
            f"The page still knows the old passphrase ({refused.what}): `edgecam accounts reset-owner`", err=True
        )


def _from_kit(places: Places) -> OwnerIdentity:
    """Raises: BadInput for what is no such secret, NotAllowed for one that opens nothing here."""
    owner = OwnerIdentity.from_secret(_typed_secret())
    here = named_recipients(read_recipients(places.recipients))
    if owner.recipient() not in {one.recipient for one in here}:
        raise NotAllowed(
            "this secret key is of another camera: no footage here is sealed to it",
            do="take the kit that names this camera",
            safe="nothing was changed",
        )
    return owner


def _typed_secret() -> str:
    if (given := os.environ.get(KIT_SECRET)) is not None:
        return given
    if not sys.stdin.isatty():
        raise BadInput("the kit's secret key is needed and nobody is there to type it", do=f"set {KIT_SECRET}")
    return str(typer.prompt("Secret key on the recovery kit", hide_input=True, err=True))
