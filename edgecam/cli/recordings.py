"""`edgecam recordings`: what footage there is, and what is missing."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from edgecam.choices import retention_of
from edgecam.cli.gaplist import Interruption, interruptions, lasting
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.status import RecorderStatus, read_status
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.stretches import Stretch, Stretches
from edgecam.supervise import agent_running

# Every header is read; so many times on the way it is shown how far that is.
_SLICES = 100


def recordings(
    settings: SettingsOption = None,
    as_json: JsonOption = False,
    gaps: Annotated[bool, typer.Option("--gaps", help="Only the gaps, each with its length and cause.")] = False,
) -> None:
    """List the stretches of footage in the ring, without opening any of it."""
    chosen, places = open_places(settings)
    found = _read(places.ring, retention_of(chosen))
    if gaps:
        _tell_gaps([*interruptions(found), *_lasting(found, places)], bool(found), as_json)
    elif as_json:
        typer.echo(json.dumps([_told(stretch) for stretch in found], indent=1))
    else:
        table = Table("from", "to", "length", "size", "picture", "before it")
        for stretch in found:
            table.add_row(*_row(stretch))
        _print(table, "No footage yet.")


def _read(ring: Path, retention: Retention) -> list[Stretch]:
    """All stretches of what is not past its time. A large ring takes a while, which is shown to whoever watches."""
    medium = FileMedium.open(ring, writable=False)
    try:
        reader = RingReader(medium, retention, SystemClock().now)
        stretches, epochs = Stretches(reader), reader.dated()
        watched = Console(stderr=True)
        if len(epochs) > _SLICES and watched.is_terminal:
            # What was read is remembered; the whole list then costs nothing more.
            at = [epochs[len(epochs) * i // _SLICES].start_wall_ns for i in range(_SLICES)]
            for i in track(range(_SLICES - 1), "reading the ring", console=watched, transient=True):
                stretches.between(min(at[i], at[i + 1]), max(at[i], at[i + 1]))
        return stretches.between()
    finally:
        medium.close()


def _lasting(found: list[Stretch], places: Places) -> list[Interruption]:
    running = agent_running(places)
    said = read_status(places.status_of("recorder"), RecorderStatus) if running else None
    gap = lasting(found, said, SystemClock().now(), planned=not running and places.stop_note.exists())
    return [gap] if gap else []


def _tell_gaps(gaps: list[Interruption], any_footage: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_told_gap(gap) for gap in gaps], indent=1))
        return
    table = Table("from", "to", "length", "cause")
    for gap in gaps:
        table.add_row(*_gap_row(gap))
    _print(table, "No gap." if any_footage else "No footage yet.")


def _gap_row(gap: Interruption) -> tuple[str, ...]:
    length = "unknown" if gap.length_ns is None else _length(gap.length_ns)
    cause = gap.cause.replace("_", " ")
    if gap.lasts:
        told = "not recording now" if gap.cause == "not_recording" else f"{cause}, not recording now"
        return f"since {_moment(gap.from_wall_ns)}", "", length, told
    return "unknown" if gap.length_ns is None else _moment(gap.from_wall_ns), _moment(gap.to_wall_ns), length, cause


def _told_gap(gap: Interruption) -> dict[str, object]:
    return {
        "from": None if gap.length_ns is None and not gap.lasts else _when(gap.from_wall_ns),
        "to": None if gap.lasts else _when(gap.to_wall_ns),
        "duration_s": None if gap.length_ns is None else round(gap.length_ns / NS_PER_S, 3),
        "cause": gap.cause,
        "lasts": gap.lasts,
    }


def _print(table: Table, nothing: str) -> None:
    # A pipe has no width of its own; folded times would be of no use to whoever reads it.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
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
        before + (" (dated later)" if stretch.redated else "" if stretch.trust else " (clock unset)"),
    )


def _told(stretch: Stretch) -> dict[str, object]:
    return {
        "from": _when(stretch.start_wall_ns),
        "to": _when(stretch.end_wall_ns),
        "duration_s": round((stretch.end_wall_ns - stretch.start_wall_ns) / NS_PER_S, 3),
        "size_bytes": stretch.size_bytes,
        "segments": stretch.segments,
        "private": stretch.private,
        "time_trust": stretch.trust.name.lower(),
        "dated_later": stretch.redated,
        "gap_before_s": round(stretch.gap_ns / NS_PER_S, 3),
        "gap_cause": stretch.gap_cause,
    }


def _local(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns / NS_PER_S).astimezone()


def _moment(wall_ns: int) -> str:
    return f"{_local(wall_ns):%Y-%m-%d %H:%M:%S}"


def _when(wall_ns: int) -> str:
    return _local(wall_ns).isoformat(timespec="milliseconds")


def _length(duration_ns: int) -> str:
    seconds = duration_ns / NS_PER_S
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
