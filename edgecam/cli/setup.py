"""`edgecam setup`: settings, keys, masks and the ring of a new camera; what is there already stays."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Annotated

import typer

from edgecam.choices import retention_of, source_of
from edgecam.cli.options import SettingsOption, ask_passphrase
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput
from edgecam.keys.camera import CameraKey, create_camera_key, load_camera_key
from edgecam.keys.owner import create_owner
from edgecam.masking.maskset import Mask, encode_mask_set
from edgecam.places import Places, find_places
from edgecam.ringbuffer.creation import create_ring, is_unfinished
from edgecam.ringbuffer.medium import FileMedium
from edgecam.settings import RingSettings, Settings, commented_toml, find_settings

_GIB = 2**30
# Of the free disk: a first try must not fill somebody's machine.
_SHARE_OF_FREE_DISK = 0.1
_MIN_RING_GIB = 0.25
# Headers, padding and the epoch that is being written.
_OVERHEAD = 1.03
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
        _write_settings(path, source)
    chosen, places = find_places(path)
    _make_state_dir(places)
    key = _camera_key(places)
    _owner_key(places)
    _masks(places, chosen, key, nothing_to_hide)
    _ring(places, chosen, key)
    typer.echo(f"camera      {key.camera_id}, ready: start it with `edgecam run`")


def _write_settings(path: Path, source: str) -> None:
    first = Settings()
    camera = first.camera.model_copy(update={"source": source})
    ring = RingSettings(size_gib=_affordable_gib(first, path.absolute().parent))
    text = commented_toml(first.model_copy(update={"camera": camera, "ring": ring}))
    replace_durably(path, text.encode(), 0o644)
    typer.echo(f"settings    {path} written, every key explained")


def needed_gib(settings: Settings) -> float:
    """The ring that keeps the policy's days even if the picture is always at its highest bit rate."""
    seconds = retention_of(settings).longest_ns / NS_PER_S
    return seconds * settings.encoder.bit_rate_kbps * 125 * _OVERHEAD / _GIB


def _affordable_gib(settings: Settings, folder: Path) -> float:
    disk = os.statvfs(folder)
    free_gib = disk.f_bavail * disk.f_frsize / _GIB
    return round(max(_MIN_RING_GIB, min(needed_gib(settings), free_gib * _SHARE_OF_FREE_DISK)), 2)


def _make_state_dir(places: Places) -> None:
    try:
        places.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refused:
        raise BadInput(
            f"{places.state_dir} cannot be made ({refused.strerror})", do="name another folder as paths.state_dir"
        ) from refused


def _camera_key(places: Places) -> CameraKey:
    if places.camera_key.exists():
        return load_camera_key(places.camera_key)
    return create_camera_key(places.camera_key)


def _owner_key(places: Places) -> None:
    if places.recipients.exists():
        return
    typer.echo("The owner's passphrase opens the footage. It is kept nowhere: without it nobody sees anything.")
    recipient, locked = create_owner(ask_passphrase("New owner passphrase", confirm=True))
    replace_durably(places.locked_owner, locked)
    replace_durably(places.recipients, f"{recipient}\n".encode())
    typer.echo(f"owner key   {recipient}")


def _masks(places: Places, settings: Settings, key: CameraKey, nothing_to_hide: bool) -> None:
    if places.masks.exists():
        return
    source = source_of(settings)
    if nothing_to_hide:
        replace_durably(places.masks, encode_mask_set(key.camera_id, ()))
        typer.echo("masks       none, because you said that nothing is to be hidden")
    elif source.startswith(("scene:", "file:")):
        replace_durably(places.masks, encode_mask_set(key.camera_id, _EXAMPLE_MASKS))
        typer.echo(f"masks       {places.masks}: one example mask, drawn for the built-in street")
    else:
        typer.echo(f"masks       none yet: the whole picture stays masked until {places.masks} says what to hide,")
        typer.echo("            or until you decide that nothing is: `edgecam setup --nothing-to-hide`")


def _ring(places: Places, settings: Settings, key: CameraKey) -> None:
    size_gib = settings.ring.size_gib
    if places.ring.exists():
        medium = FileMedium.open(places.ring, writable=True)
    else:
        medium = FileMedium.create(places.ring, int(size_gib * _GIB))
    try:
        # Only a medium on which nothing was ever recorded becomes a ring.
        if not is_unfinished(medium):
            return
        create_ring(
            medium,
            camera_public=key.public,
            sign=key.sign,
            retention=retention_of(settings),
            now=SystemClock().now(),
        )
    finally:
        medium.close()
    typer.echo(f"ring        {places.ring}: {size_gib:g} GiB reserved")
    if (wanted := needed_gib(settings)) > size_gib:
        owed_days = retention_of(settings).longest_ns / NS_PER_S / 86_400
        typer.echo(
            f"            holds about {owed_days * size_gib / wanted:.1f} days if the picture always moves, "
            f"and the policy owes {owed_days:.1f}: set ring.size_gib = {math.ceil(wanted)}, remove it, set up again"
        )
