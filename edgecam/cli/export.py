"""`edgecam export`: footage out of the ring, opened with the owner's passphrase, as MP4 that proves itself."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from edgecam.cli.options import SettingsOption, local_zone, open_places, parse_moment, unlock
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.custody.export import Export, Purpose, export_footage
from edgecam.custody.register import Register
from edgecam.keys.camera import load_camera_key
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader


def export(
    from_: Annotated[str, typer.Option("--from", help="2026-11-21T14:00:00, 14:00 (today), -15m or -2h.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The MP4 to write.")],
    to: Annotated[str, typer.Option("--to", help="As --from, or now.")] = "now",
    purpose: Annotated[str, typer.Option(help="What for; it stands in the register.")] = "owner's copy",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file of that name.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Hand over footage; asks for the owner's passphrase and writes a register line first."""
    _, places = open_places(settings)
    zone = local_zone()
    from_ns, to_ns = parse_moment(from_, zone), parse_moment(to, zone)
    if to_ns <= from_ns:
        raise BadInput("--to is not after --from")
    key = load_camera_key(places.camera_key)
    identity = unlock(places)
    medium = FileMedium.open(places.ring, writable=False)
    try:
        with _Counting(from_ns, to_ns) as counting:
            done = export_footage(
                RingReader(medium),
                identity,
                from_ns,
                to_ns,
                out.absolute(),
                Register(places.register, key.sign, key.public),
                Purpose(getpass.getuser(), purpose),
                overwrite=overwrite,
                on_segment=counting.segment,
            )
    finally:
        medium.close()
    _tell(done)


class _Counting:
    """A progress bar over the asked time, on stderr and only on a terminal."""

    def __init__(self, from_ns: int, to_ns: int) -> None:
        console = Console(stderr=True)
        self._progress = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._from_ns = from_ns
        self._task = self._progress.add_task("exporting", total=to_ns - from_ns)

    def __enter__(self) -> _Counting:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def segment(self, header: SegmentHeader) -> None:
        self._progress.update(self._task, completed=header.end_wall_ns - self._from_ns)


def _tell(done: Export) -> None:
    held = done.account
    for path, digest in zip(done.paths, done.sha256, strict=True):
        typer.echo(f"{path}\n  sha256 {digest}")
    typer.echo(f"{held.duration_ns / NS_PER_S:.1f} s of footage in {held.segments} segments, {held.frames} frames")
    for gap in held.gaps:
        shown = ", shown as one second" if gap.shortened else ""
        typer.echo(f"gap of {gap.duration_ns / NS_PER_S:.1f} s ({gap.cause}){shown}")
    for period in held.private:
        typer.echo(f"wholly masked: {period}")
    for period in held.untrusted:
        typer.echo(f"clock not synchronised: {period}")
    for period in done.damaged:
        typer.echo(f"damaged, left out: {period}")
