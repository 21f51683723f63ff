"""`edgecam status`: how the running agent is."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.console import Console

from edgecam.cli.display import Statuses, status_table
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import SystemClock
from edgecam.supervise import agent_running


def status(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Tell how the agent is. Exit 1 when it does not run."""
    _, places = open_places(settings)
    running = agent_running(places)
    said = Statuses(places)
    if as_json:
        parts = {"recorder": said.recorder, "observer": said.observer, "hub": said.hub}
        told = {name: asdict(part) if part and running else None for name, part in parts.items()}
        typer.echo(json.dumps({"running": running, **told}, indent=1))
    elif running:
        Console(highlight=False).print(status_table(said, SystemClock().mono_ns()))
    else:
        typer.echo("edgecam is stopped; its footage stays. Start it with `edgecam run`.")
    raise typer.Exit(0 if running else 1)
