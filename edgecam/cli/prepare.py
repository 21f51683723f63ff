"""`edgecam prepare`: what a flashed card needs so that its camera records from its first start on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgecam.appliance.bootfolder import (
    BOOT_FILES,
    CAMERA_KEY,
    LOCKED_OWNER,
    OWNER_ACCOUNT,
    RECIPIENT,
    SETTINGS,
    SETUP_CODE,
    WIFI,
)
from edgecam.appliance.firstboot import label_lines
from edgecam.appliance.hostname import page_name
from edgecam.appliance.owneraccount import OwnerAccount
from edgecam.appliance.wifi import WifiNetwork
from edgecam.cli.options import ask_passphrase
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.keys.camera import CameraKey, create_camera_key
from edgecam.keys.owner import Recipients, create_owner, unlock_owner
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.settings import changed_toml, decode_settings
from edgecam.stage import new_code

WIFI_PASSPHRASE = "EDGECAM_WIFI_PASSPHRASE"


def prepare(
    folder: Annotated[Path, typer.Argument(help="The card's partition EDGECAM, or a folder to copy there.")],
    name: Annotated[str, typer.Option(help="What people call this camera.")] = "front",
    site: Annotated[str, typer.Option(help="The home or shop it belongs to.")] = "home",
    source: Annotated[str, typer.Option(help="Where its light comes from; see `edgecam run --help`.")] = "auto",
    policy: Annotated[
        str, typer.Option(help="How long footage lives: kumagaya, inzai, gwangju or daejeon.")
    ] = "kumagaya",
    language: Annotated[str, typer.Option(help="Of signs, forms and the page: ja, ko or en.")] = "en",
    wifi: Annotated[str, typer.Option(metavar="NAME", help="The network it joins; asks for its passphrase.")] = "",
    country: Annotated[str, typer.Option(help="Where it stands, for its radio: JP, KR and so on.")] = "",
    owner_key: Annotated[
        Path | None, typer.Option(help="An owner's locked key (owner.age) for one more camera; asks to unlock it.")
    ] = None,
    recipient: Annotated[
        str, typer.Option(metavar="AGE1…", help="An owner's public key alone: nobody can sign in to its page.")
    ] = "",
    updates: Annotated[
        str,
        typer.Option(metavar="URL", help="Where new versions come from; installed at night by itself."),
    ] = "",
    updates_by_hand: Annotated[
        bool, typer.Option("--updates-by-hand", help="None is installed by itself; its owner is told of one.")
    ] = False,
    wizard: Annotated[
        bool, typer.Option("--wizard", help="No owner: whoever has the set-up code becomes it, on the page.")
    ] = False,
) -> None:
    """Write what a new camera takes over at its first start; it wipes all of it there."""
    _check(folder, [owner_key is not None, bool(recipient), wizard])
    text = changed_toml(
        "",
        {
            "camera": {"name": name, "site": site, "source": source},
            "notice": {"language": language},
            "retention": {"policy": policy},
        }
        # Its owner is asked on the page.
        | ({"update": {"url": updates, "automatic": not (updates_by_hand or wizard)}} if updates else {}),
    )
    decode_settings(text, SETTINGS)
    if recipient:
        Recipients([recipient])
    network = _network(wifi, country) if wifi else None
    replace_durably(folder / SETTINGS, text.encode())
    if network is not None:
        replace_durably(folder / WIFI, network.to_toml().encode())
    if recipient:
        # Nobody signs in, so nothing hangs on the camera's name: it makes its key itself.
        return _keep_recipient(folder, recipient)
    key = create_camera_key(folder / CAMERA_KEY)
    typer.echo(f"camera      {key.camera_id}, {page_name(key.camera_id)} on its network")
    if wizard:
        code = new_code()
        replace_durably(folder / SETUP_CODE, f"{code}\n".encode())
        typer.echo("for its label, and kept nowhere else:")
        for line in label_lines(key.camera_id, code):
            typer.echo(f"  {line}")
        return None
    return _keep_recipient(folder, _keep_owner(folder, key, owner_key))


def _keep_recipient(folder: Path, owner: str) -> None:
    """Written last: it is what makes a camera somebody's."""
    replace_durably(folder / RECIPIENT, f"{owner}\n".encode())
    typer.echo(f"owner key   {owner}")
    typer.echo("masks       none: the whole picture is masked until its owner says on the page what to hide")


def _check(folder: Path, ways: list[bool]) -> None:
    """Raises: BadInput when something would be lost, or is contradictory."""
    if sum(ways) > 1:
        raise BadInput("a camera has one owner", do="give one of --owner-key, --recipient and --wizard")
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}", do="insert the card, or make the folder")
    if there := [name for name in BOOT_FILES if (folder / name).exists()]:
        raise BadInput(
            f"{folder} has {there[0]} already", do="take another folder for each camera", safe="nothing was changed"
        )


def _network(name: str, country: str) -> WifiNetwork:
    """Raises: BadInput, before anything is written."""
    passphrase = ask_passphrase(f"Passphrase of the network {name}", variable=WIFI_PASSPHRASE)
    if not passphrase:
        raise BadInput("an open network lets everybody in", do="write wifi.toml by hand, with open = true")
    return WifiNetwork(country, name, passphrase)


def _keep_owner(folder: Path, key: CameraKey, owner_key: Path | None) -> str:
    """Leave the locked key, and what the page knows of the passphrase; the owner's recipient."""
    if owner_key is None:
        typer.echo("The owner's passphrase opens the footage. It is kept nowhere: without it nobody sees anything.")
        passphrase = ask_passphrase("New owner passphrase", confirm=True)
        recipient, locked = create_owner(passphrase)
    else:
        passphrase = ask_passphrase("Owner passphrase")
        locked = _read(owner_key)
        recipient = unlock_owner(locked, passphrase).recipient()
    secret = sign_in_secret(passphrase, key.camera_id, OWNER_NAME)
    replace_durably(folder / LOCKED_OWNER, locked)
    replace_durably(folder / OWNER_ACCOUNT, OwnerAccount.of(key.camera_id, secret).encode())
    typer.echo(f"page        sign in as {OWNER_NAME}, with the owner's passphrase")
    typer.echo(f"            keep {LOCKED_OWNER} for --owner-key; the card's is wiped")
    return recipient


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as refused:
        raise BadInput(f"{path} cannot be read ({refused.strerror})", do="name the file owner.age") from refused
