"""`edgecam verify`: whether an exported file is exactly what its camera recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgecam.cli.options import SettingsOption
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.custody.cases.casepage import read_case_page
from edgecam.custody.disclosure.derived import verify_derived
from edgecam.custody.disclosure.duplicates import sha256_of
from edgecam.custody.evidence.account import Period, wall_time
from edgecam.custody.evidence.edges import check_edges
from edgecam.custody.evidence.verdict import Verdict
from edgecam.custody.evidence.verify import verify_export
from edgecam.keys.camera import PUBLIC_KEY_SIZE, load_camera_key
from edgecam.places import find_places
from edgecam.settings import find_settings


def verify(
    file: Annotated[Path, typer.Argument(help="An MP4 made by `edgecam export`.")],
    camera: Annotated[
        str, typer.Option(help="The camera's public key in hex, when it is not this camera.", show_default=False)
    ] = "",
    page: Annotated[
        Path | None,
        typer.Option(help="The register page that came with it: it knows where the copy began and ended."),
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Prove an exported file; needs neither the ring nor a passphrase. Exit 1 when it is not genuine."""
    expected = expected_key(camera, settings)
    verdict = verify_derived(file, expected) or verify_export(file, expected)
    typer.echo(f"{file}: {verdict.sentence}")
    if verdict.frames_told:
        typer.echo(f"first wrong: {verdict.frames_told}")
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
    for gap in held.gaps:
        typer.echo(f"gap of {gap.length} ({gap.cause}) from {wall_time(gap.from_wall_ns)}")
    for period in held.untrusted:
        typer.echo(f"clock not synchronised: {period}")
    whole = page is None or not verdict.genuine or _has_its_edges(file, page, verdict)
    raise typer.Exit(0 if verdict.genuine and verdict.as_given is not False and whole else 1)


def _has_its_edges(file: Path, page: Path, verdict: Verdict) -> bool:
    edges = check_edges(read_case_page(page, verdict.camera_public), sha256_of(file), verdict.account)
    typer.echo(edges.sentence)
    return edges.sure and not edges.missing


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
