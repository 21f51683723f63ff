"""`edgecam analyse`: the observer over a video file, as fast as the machine allows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgecam.cli.eventlist import clock_text, event_line, event_table
from edgecam.cli.kisaxml import kisa_xml
from edgecam.cli.options import JsonOption
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput


def analyse(
    video: Annotated[Path, typer.Argument(help="The video file.")],
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="Zones, lines and rules as TOML, or KISA's areas.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    annotate: Annotated[
        Path | None, typer.Option("--annotate", help="Write the video with all that was seen drawn in, MP4.")
    ] = None,
    kisa: Annotated[Path | None, typer.Option("--kisa", help="Write the alarms as KISA's result XML.")] = None,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", help="A camera's settings file; else the defaults.", show_default=False),
    ] = None,
) -> None:
    """List the events of a video: one JSON object a line with --json, else a table.

    The same video and rules give the same events, bit for bit. Without --settings the defaults hold.
    """
    # Only here: no other command looks at pictures.
    from edgecam.cli.annotation import write_annotated
    from edgecam.cli.clip import Clip
    from edgecam.cli.clipanalysis import analyse_clip
    from edgecam.cli.cliprules import ClipRules

    for name, out in (("--annotate", annotate), ("--kisa", kisa)):
        _require_writable(name, out, video)
    clip = Clip(video)
    chosen = ClipRules.read(rules, settings, clip.size)
    console = Console(stderr=True)
    with console.status("opening the video") as shown:
        watched = chosen.watching(clip, witness=annotate is not None)
        found = analyse_clip(
            clip,
            watched.analyser,
            chosen.looks_per_s,
            watched.aim,
            watched.witness,
            lambda at_s: shown.update(f"looking: {clock_text(at_s)}"),
        )
        if annotate is not None and watched.witness is not None:
            shown.update(f"drawing {annotate}")
            write_annotated(annotate, clip, found.events, watched.witness, chosen.outlines)
    if kisa is not None:
        replace_durably(kisa, kisa_xml(video.name, found.events), 0o644)
    if as_json:
        for event in found.events:
            typer.echo(event_line(event))
        return
    seconds = found.frame_s[-1]
    title = f"{video.name}: {len(found.events)} events in {clock_text(seconds)}, {len(found.frame_s)} frames"
    # A pipe has no width of its own; folded sentences would be of no use to whoever reads it.
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(event_table(found.events, title))


def _require_writable(name: str, out: Path | None, video: Path) -> None:
    """Say so before an hour of looking, not after it. Raises: BadInput."""
    if out is None:
        return
    if not out.parent.is_dir():
        raise BadInput(f"there is no folder {out.parent} for {name}", do="make it, or name another place")
    if out.is_dir():
        raise BadInput(f"{name} {out} is a folder", do="name a file")
    if out.exists() and video.exists() and out.samefile(video):
        raise BadInput(f"{name} would replace the video itself", do="name another file")
