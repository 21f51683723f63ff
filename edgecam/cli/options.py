"""Options that several commands share, and how they ask for a passphrase."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import account_name
from edgecam.custody.accounts.accountstore import read_accounts
from edgecam.custody.accounts.identities import locked_identity
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import OwnerIdentity, unlock_owner
from edgecam.keys.sealing import Together
from edgecam.places import Places, find_places
from edgecam.settings import Settings, find_settings

SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="The settings file; default ./edgecam.toml.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
OperatorOption = Annotated[
    str, typer.Option(metavar="NAME", help="An operator whose key is needed too; asks for their passphrase.")
]
PASSPHRASE, OPERATOR_PASSPHRASE = "EDGECAM_PASSPHRASE", "EDGECAM_OPERATOR_PASSPHRASE"
KIT_SECRET = "EDGECAM_KIT"


def open_places(given: Path | None) -> tuple[Settings, Places]:
    """The settings and places a command works on. Raises: BadInput."""
    return find_places(find_settings(given))


def ask_passphrase(prompt: str, confirm: bool = False, variable: str = PASSPHRASE) -> str:
    """From the environment's ``variable``, else typed without an echo. Raises: BadInput where nobody can type."""
    if (given := os.environ.get(variable)) is not None:
        return given
    if not sys.stdin.isatty():
        raise BadInput("a passphrase is needed and nobody is there to type it", do=f"set {variable}")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))


def unlock(places: Places, passphrase: str | None = None) -> OwnerIdentity:
    """The owner's identity, for as long as this command runs; asks for the passphrase unless it is given.

    Raises: BadInput, NotAllowed, DataLoss.
    """
    try:
        locked = places.locked_owner.read_bytes()
    except OSError as missing:
        raise BadInput(
            f"the owner's key {places.locked_owner} cannot be read", do="run `edgecam setup`"
        ) from missing
    return unlock_owner(locked, ask_passphrase("Owner passphrase") if passphrase is None else passphrase)


def unlock_operator(places: Places, name: str) -> OwnerIdentity:
    """The key of the operator ``name``, for as long as this command runs; asks for their passphrase.

    Raises: BadInput, NotAllowed, DataLoss; Unavailable where there are no accounts.
    """
    account = read_accounts(places.accounts, load_camera_key(places.camera_key).public).of(account_name(name))
    locked = locked_identity(places.identities, account)
    if locked is None:
        raise NotAllowed(f"{account.name} has no key of their own", do=f"use `edgecam accounts key {account.name}`")
    passphrase = ask_passphrase(f"Passphrase of {account.name}", variable=OPERATOR_PASSPHRASE)
    return unlock_owner(locked, passphrase, f"the key of {account.name}")


def unlock_with(places: Places, operator: str) -> Together:
    """The owner's key, and that of ``operator`` unless it is empty. Raises: as `unlock`, `unlock_operator`."""
    owner = unlock(places)
    return Together(owner, unlock_operator(places, operator)) if operator else Together(owner)


def parse_moment(text: str, zone: ZoneInfo | None) -> int:
    """Nanoseconds since 1970 for an ISO date and time, a time of today, or minutes ago (``-15m``, ``now``).

    Without an offset the time is taken in ``zone``, or as the C library has it. Raises: BadInput.
    """
    now = datetime.fromtimestamp(SystemClock().now().wall_ns / NS_PER_S, zone)
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    try:
        if text == "now":
            return int(now.timestamp() * NS_PER_S)
        if text.startswith("-") and text[-1] in units:
            return int((now - timedelta(seconds=float(text[1:-1]) * units[text[-1]])).timestamp() * NS_PER_S)
        if len(text) <= 8 and ":" in text:
            text = f"{now.date().isoformat()}T{text}"
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as broken:
        raise BadInput(
            f"{text!r} is not a time", do="write 2026-11-21T14:00:00, 14:00 (today), -15m, -2h or now"
        ) from broken
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * NS_PER_S)


def local_zone() -> ZoneInfo | None:
    """The machine's zone by name where it has one; ``None`` means UTC offsets as the C library knows them."""
    try:
        target = os.readlink("/etc/localtime")
        return ZoneInfo(target.partition("zoneinfo/")[2])
    except (OSError, ValueError, KeyError):
        return None
