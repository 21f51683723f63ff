"""`edgecam check`: proves the invariants of ring, album, holds and register, live or dead; names what is broken."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from edgecam.cli.options import SettingsOption, open_places
from edgecam.custody.register.bookfiles import closed_books
from edgecam.custody.register.register_check import verify_register
from edgecam.keys.camera import load_camera_key
from edgecam.places import Places
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.holdcheck import check_hold
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader


def check(settings: SettingsOption = None) -> None:
    """Read ring, album, holds and register and prove them; needs no passphrase. Exit 1 when something is broken."""
    _, places = open_places(settings)
    whole = [_check_ring("ring", places.ring)]
    if places.album.exists():
        whole.append(_check_ring("album", places.album))
    whole += [_check_holds(places), _check_register(places)]
    raise typer.Exit(0 if all(whole) else 1)


def _check_ring(name: str, path: Path) -> bool:
    medium = FileMedium.open(path, writable=False)
    console = Console(stderr=True)
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task(f"checking the {name}", total=None)
            findings = check_ring(medium, lambda done, total: progress.update(task, completed=done, total=total))
        epochs = len(RingReader(medium).epochs()) if not findings else 0
    finally:
        medium.close()
    for finding in findings:
        where = f" (epoch {finding.epoch})" if finding.epoch is not None else ""
        typer.echo(f"{name:<9} invariant {finding.invariant} is broken{where}: {finding.what}")
    if not findings:
        typer.echo(f"{name:<9} every invariant holds in {epochs} epochs")
    return not findings


def _check_holds(places: Places) -> bool:
    paths = sorted(places.holds.glob("*.hold"))
    public = load_camera_key(places.camera_key).public if paths else b""
    broken = {path.stem: found for path in paths if (found := check_hold(path, public))}
    for hold_id, findings in broken.items():
        for finding in findings:
            typer.echo(f"hold      {hold_id}: invariant {finding.invariant} is broken: {finding.what}")
    if paths and not broken:
        typer.echo(f"holds     {len(paths)}, whole and signed")
    return not broken


def _check_register(places: Places) -> bool:
    if not places.register.exists() and not closed_books(places.register):
        typer.echo("register  no line yet")
        return True
    verdict = verify_register(places.register, load_camera_key(places.camera_key).public)
    if verdict.fault is None:
        typer.echo(f"register  {verdict.lines} lines, unbroken and signed")
        return True
    typer.echo(f"register  line {verdict.fault.sequence} is {verdict.fault.trouble}: {verdict.fault.sentence}")
    return False
