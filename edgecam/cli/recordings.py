"""`edgecam recordings`: what footage there is, and what is missing."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretch, Stretches


def recordings(
    settings: SettingsOption = None,
    as_json: JsonOption = False,
    gaps: Annotated[bool, typer.Option("--gaps", help="Only the gaps, each with its cause.")] = False,
) -> None:
    """List the stretches of footage in the ring, without opening any of it."""
    _, places = open_places(settings)
    medium = FileMedium.open(places.ring, writable=False)
    try:
        found = Stretches(RingReader(medium)).between()
    finally:
        medium.close()
    if as_json:
        typer.echo(json.dumps([_told(stretch) for stretch in found if stretch.gap_ns or not gaps], indent=1))
        return
    table = (
        Table("footage again from, after", "cause")
        if gaps
        else Table("from", "to", "length", "size", "picture", "before it")
    )
    for stretch in found:
        if not gaps:
            table.add_row(*_row(stretch))
        elif stretch.gap_ns:
            table.add_row(
                f"{_local(stretch.start_wall_ns):%Y-%m-%d %H:%M:%S}  {_length(stretch.gap_ns)}", stretch.gap_cause
            )
    # A pipe has no width of its own; folded times would be of no use to whoever reads it.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    nothing = "No gap." if found and gaps else "No footage yet."
    console.print(table if table.row_count else nothing)


def _row(stretch: Stretch) -> tuple[str, ...]:
    cause = stretch.gap_cause.replace("_", " ")
    before = f"{_length(stretch.gap_ns)} gap, {cause}" if stretch.gap_ns else cause
    start, end = _local(stretch.start_wall_ns), _local(stretch.end_wall_ns)
    return (
        f"{start:%Y-%m-%d %H:%M:%S}",
        f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%m-%d %H:%M:%S}",
        _length(stretch.end_wall_ns - stretch.start_wall_ns),
        f"{stretch.size_bytes / 1e6:.1f} MB",
        "wholly masked" if stretch.private else "masked",
        before + ("" if stretch.trust else " (clock unset)"),
    )


def _told(stretch: Stretch) -> dict[str, object]:
    return {
        "from": _when(stretch.start_wall_ns),
        "to": _when(stretch.end_wall_ns),
        "duration_s": round((stretch.end_wall_ns - stretch.start_wall_ns) / NS_PER_S, 3),
        "size_bytes": stretch.size_bytes,
        "segments": stretch.segments,
        "private": stretch.private,
        "time_trust": stretch.trust,
        "gap_before_s": round(stretch.gap_ns / NS_PER_S, 3),
        "gap_cause": stretch.gap_cause,
    }


def _local(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns / NS_PER_S).astimezone()


def _when(wall_ns: int) -> str:
    return _local(wall_ns).isoformat(timespec="milliseconds")


def _length(duration_ns: int) -> str:
    seconds = duration_ns / NS_PER_S
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
