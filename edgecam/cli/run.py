"""`edgecam run`: the whole agent in the foreground, with a live status on the terminal."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from edgecam.cli.display import Display
from edgecam.cli.options import PASSPHRASE, SettingsOption
from edgecam.settings import find_settings
from edgecam.supervise import supervise


def run(
    settings: SettingsOption = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="v4l2:/dev/video0, picamera:0, rtsp://…, file:PATH, scene:street; overrides the settings."
        ),
    ] = None,
    for_s: Annotated[
        float | None,
        typer.Option("--for", min=1.0, help="Stop by itself after so many seconds.", show_default=False),
    ] = None,
) -> None:
    """Record, watch and report until Ctrl-C. A camera that is new shows on its page how it is set up."""
    # Whoever answers a passphrase to `setup` in a script must not hand it to processes that never need it.
    os.environ.pop(PASSPHRASE, None)
    path = find_settings(settings)
    # A path that somebody named and that is not there is a slip of the pen, not a new camera.
    if not path.exists() and settings is None and not os.environ.get("EDGECAM_SETTINGS"):
        # Only here: what makes a camera would stay in this process for as long as the camera runs.
        from edgecam.newcamera import write_first_settings

        write_first_settings(path, source or "auto")
    with Display(Console(stderr=not sys.stdout.isatty(), highlight=False)) as display:
        code = supervise(path, source, for_s, display.show)
    raise typer.Exit(code)
