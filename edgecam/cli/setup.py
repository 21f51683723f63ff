"""`edgecam setup`: settings, keys, masks and the ring of a new camera; what is there already stays."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from edgecam.album import make_album
from edgecam.choices import source_of
from edgecam.cli.accounts import account_store, make_owner_account
from edgecam.cli.options import SettingsOption, ask_passphrase
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, MediaFailing, Unavailable
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import create_owner
from edgecam.masking.drawing import Drawing, Mask
from edgecam.masking.maskstore import MaskStore
from edgecam.newcamera import (
    camera_key,
    keep_owner,
    make_ring,
    make_state_dir,
    put_in_force,
    write_first_settings,
)
from edgecam.places import Places, find_places
from edgecam.ringbuffer.plan import Verdict
from edgecam.ringplan import make_plan, refusal
from edgecam.settings import Settings, find_settings

# What the drawn street wants hidden.
_NEIGHBOURS_HOUSE = (
    (0.58, 0.25),
    (0.65, 0.09),
    (0.695, 0.08),
    (0.7, 0.02),
    (0.74, 0.02),
    (0.745, 0.08),
    (1.0, 0.08),
    (1.0, 0.58),
    (0.6, 0.58),
    (0.6, 0.26),
)
_EXAMPLE_MASKS = (
    Mask(
        name="the neighbour's house",
        reason="neighbour",
        polygon=_NEIGHBOURS_HOUSE,
    ),
)


def setup(
    settings: SettingsOption = None,
    source: Annotated[str, typer.Option(help="Where the light comes from; see `edgecam run --help`.")] = "auto",
    nothing_to_hide: Annotated[
        bool, typer.Option("--nothing-to-hide", help="Your decision that no part of this view needs a mask.")
    ] = False,
) -> None:
    """Make a new camera: settings file, owner key under a passphrase, camera key, masks, ring."""
    path = find_settings(settings)
    if not path.exists():
        write_first_settings(path, source)
        typer.echo(f"settings    {path} written, every key explained")
    chosen, places = find_places(path)
    make_state_dir(places)
    key = camera_key(places)
    _owner_key(places, key)
    _masks(places, chosen, key, nothing_to_hide)
    _ring(places, chosen, key)
    _album(places, chosen, key)
    typer.echo(f"camera      {key.camera_id}, ready: start it with `edgecam run`")


def _owner_key(places: Places, key: CameraKey) -> None:
    if places.recipients.exists():
        if not places.accounts.exists():
            typer.echo("page        nobody can sign in yet: run `edgecam accounts reset-owner`")
        return
    typer.echo("The owner's passphrase opens the footage. It is kept nowhere: without it nobody sees anything.")
    passphrase = ask_passphrase("New owner passphrase", confirm=True)
    recipient, locked = create_owner(passphrase)
    keep_owner(places, recipient, locked)
    make_owner_account(account_store(places, key), passphrase)
    typer.echo(f"owner key   {recipient}")
    typer.echo("            print the way back for the day the passphrase is lost: `edgecam kit -o kit.pdf`")
    typer.echo(f"page        sign in as {OWNER_NAME}, with the same passphrase")


def _masks(places: Places, settings: Settings, key: CameraKey, nothing_to_hide: bool) -> None:
    if places.masks.exists():
        return
    if MaskStore(places.masks, key).history():
        typer.echo("masks       none in force, though there were: the whole picture is masked: `edgecam masks`")
        return
    source = source_of(settings)
    by, now = getpass.getuser(), SystemClock().now()
    if nothing_to_hide:
        put_in_force(places, key, Drawing(), by, now)
        typer.echo("masks       none, because you said that nothing is to be hidden")
    elif source.startswith(("scene:", "file:")):
        put_in_force(places, key, Drawing(masks=_EXAMPLE_MASKS), by, now)
        typer.echo(f"masks       {places.masks}: one example mask, drawn for the built-in street")
    else:
        typer.echo("masks       none yet: the whole picture is masked until you say what to hide: `edgecam masks`,")
        typer.echo("            or decide that nothing is: `edgecam setup --nothing-to-hide`")


def _ring(places: Places, settings: Settings, key: CameraKey) -> None:
    if not make_ring(places, settings, key, SystemClock().now()):
        return
    typer.echo(f"ring        {places.ring}: {settings.ring.size_gib:g} GiB reserved")
    made = make_plan(settings, places)
    if made.pick() is None:
        typer.echo(f"            {refusal(settings, made)}; until then it records, and says so")
    elif made.present.verdict is not Verdict.KEPT:
        typer.echo("            keeps the policy's days by lowering the picture; `edgecam plan` shows more")


def _album(places: Places, settings: Settings, key: CameraKey) -> None:
    try:
        made = make_album(places, settings, key, SystemClock().now())
    except (BadInput, MediaFailing, Unavailable) as refused:
        typer.echo(f"album       none: {refused}")
        return
    if made:
        size_mib = places.album.stat().st_size >> 20
        typer.echo(f"album       {places.album}: {size_mib} MiB for pictures of events and the digest")
