"""`edgecam setup`: settings, keys, masks and the ring of a new camera; what is there already stays."""

from __future__ import annotations

import getpass
import math
import os
from pathlib import Path
from typing import Annotated

import typer

from edgecam.choices import camera_of, retention_of, source_of
from edgecam.cli.options import SettingsOption, ask_passphrase
from edgecam.cli.plan import make_plan, refusal
from edgecam.core.clock import SystemClock
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput
from edgecam.keys.camera import CameraKey, create_camera_key, load_camera_key
from edgecam.keys.owner import create_owner
from edgecam.masking.aimstore import AimStore
from edgecam.masking.drawing import Drawing, Mask
from edgecam.masking.maskstore import MaskStore
from edgecam.places import Places, find_places
from edgecam.ringbuffer.creation import create_ring, is_unfinished
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.plan import Plan, Verdict, data_size_of
from edgecam.settings import RingSettings, Settings, commented_toml, find_settings

_GIB = 2**30
# Of the free disk: a first try must not fill somebody's machine.
_SHARE_OF_FREE_DISK = 0.1
# Of the whole disk, and at least: what a camera's system, its register and its outbox are left.
_RESERVE_SHARE, _RESERVE_GIB = 0.1, 2.0
_MIN_RING_GIB = 0.25
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
    first = first.model_copy(update={"camera": camera})
    disk = os.statvfs(path.absolute().parent)
    free, whole = (blocks * disk.f_frsize / _GIB for blocks in (disk.f_bavail, disk.f_blocks))
    ring = RingSettings(size_gib=ring_gib(first, free, whole))
    text = commented_toml(first.model_copy(update={"ring": ring}))
    replace_durably(path, text.encode(), 0o644)
    typer.echo(f"settings    {path} written, every key explained")


def ring_gib(first: Settings, free: float, whole: float) -> float:
    """What the policy needs, if there is room; of a first try, no more than a small part of what is free.

    ``free`` and ``whole`` are the disk's gibibytes.
    """
    if _is_first_try(first):
        affordable = free * _SHARE_OF_FREE_DISK
    else:
        affordable = free - first.ring.hold_gib - max(_RESERVE_GIB, whole * _RESERVE_SHARE)
    return round(max(_MIN_RING_GIB, min(needed_gib(first), affordable)), 2)


def needed_gib(settings: Settings) -> float:
    """The ring in which the policy keeps its days at the quality of ``settings``, as far as a model can tell."""
    camera, retention = camera_of(settings), retention_of(settings)
    some = Plan(data_size_of(_GIB, retention), retention, camera)
    return math.ceil(some.size_for(some.present.rate) / _GIB)


def _is_first_try(settings: Settings) -> bool:
    """Whether the light is drawn, or that of a machine's own webcam which nobody asked for."""
    found = source_of(settings)
    asked_for = settings.camera.source != "auto" or found.startswith("picamera:")
    return found.startswith(("scene:", "file:")) or not asked_for


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
    typer.echo("            print the way back for the day the passphrase is lost: `edgecam kit -o kit.pdf`")


def _masks(places: Places, settings: Settings, key: CameraKey, nothing_to_hide: bool) -> None:
    if places.masks.exists():
        return
    if MaskStore(places.masks, key).history():
        typer.echo("masks       none in force, though there were: the whole picture is masked: `edgecam masks`")
        return
    source = source_of(settings)
    if nothing_to_hide:
        _put_in_force(places, key, Drawing())
        typer.echo("masks       none, because you said that nothing is to be hidden")
    elif source.startswith(("scene:", "file:")):
        _put_in_force(places, key, Drawing(masks=_EXAMPLE_MASKS))
        typer.echo(f"masks       {places.masks}: one example mask, drawn for the built-in street")
    else:
        typer.echo("masks       none yet: the whole picture is masked until you say what to hide: `edgecam masks`,")
        typer.echo("            or decide that nothing is: `edgecam setup --nothing-to-hide`")


def _put_in_force(places: Places, key: CameraKey, drawing: Drawing) -> None:
    store, aim = MaskStore(places.masks, key), AimStore(places.masks, key)
    with store.alone():
        by, now = getpass.getuser(), SystemClock().now()
        # What the camera sees first is what it was set up for.
        aim.confirm(by, now, store.begin(drawing, by, now).mask_hash)


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
    made = make_plan(settings, places)
    if made.pick() is None:
        typer.echo(f"            {refusal(settings, made)}; until then it records, and says so")
    elif made.present.verdict is not Verdict.KEPT:
        typer.echo("            keeps the policy's days by lowering the picture; `edgecam plan` shows more")
