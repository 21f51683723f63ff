"""`edgecam verify`: whether an exported file is exactly what its camera recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgecam.cli.options import SettingsOption
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.custody.account import Period
from edgecam.custody.verify import verify_export
from edgecam.keys.camera import PUBLIC_KEY_SIZE, load_camera_key
from edgecam.places import find_places
from edgecam.settings import find_settings


def verify(
    file: Annotated[Path, typer.Argument(help="An MP4 made by `edgecam export`.")],
    camera: Annotated[
        str, typer.Option(help="The camera's public key in hex, when it is not this camera.", show_default=False)
    ] = "",
    settings: SettingsOption = None,
) -> None:
    """Prove an exported file; needs neither the ring nor a passphrase. Exit 1 when it is not genuine."""
    verdict = verify_export(file, expected_key(camera, settings))
    typer.echo(f"{file}: {verdict.sentence}")
    if verdict.camera_public is not None:
        typer.echo(f"signed by {verdict.camera_id}, public key {verdict.camera_public.hex()}")
    held = verdict.account
    if held.segments:
        typer.echo(
            f"proven: {held.segments} segments, {held.duration_ns / NS_PER_S:.1f} s, "
            f"{Period(held.from_wall_ns, held.to_wall_ns)}"
        )
    for mask_hash in held.mask_hashes:
        typer.echo(f"masked with set {mask_hash.hex()[:16]}…")
    raise typer.Exit(0 if verdict.genuine and verdict.as_given is not False else 1)


def expected_key(camera: str, settings: Path | None) -> bytes | None:
    """The key of the camera that a file should come from: named in hex, or this camera's; ``None`` without either.

    Raises: BadInput.
    """
    if camera:
        try:
            public = bytes.fromhex(camera)
        except ValueError as broken:
            raise BadInput("the camera's key is not hex") from broken
        if len(public) != PUBLIC_KEY_SIZE:
            raise BadInput(f"the camera's key has {len(public)} bytes, not {PUBLIC_KEY_SIZE}")
        return public
    path = find_settings(settings)
    if settings is None and not path.exists():
        return None
    return load_camera_key(find_places(path)[1].camera_key).public
