"""`edgecam update`: new versions of the image, from a file, a stick or the place that the settings name."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edgecam.appliance.deferral import PutOff
from edgecam.appliance.updateservice import open_updates
from edgecam.appliance.updating import Standing, Updates
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import SystemClock
from edgecam.custody.evidence.account import wall_time

_SAFE = "Footage, keys, masks and registers stay as they are."

app = typer.Typer(help="Look for new versions of the image, install one, go back.", no_args_is_help=True)


@app.callback()
def update(context: typer.Context, settings: SettingsOption = None) -> None:
    """Look for new versions of the image, install one, go back."""
    context.obj = settings


@app.command()
def status(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Tell which version runs, whether it is on trial, and what the other slot holds."""
    standing = _open(settings or context.obj).standing()
    if as_json:
        typer.echo(json.dumps(asdict(standing), indent=1))
        return
    typer.echo("\n".join(_lines(standing)))


@app.command()
def check(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Ask the place that [update] url names which version it has."""
    looked = _open(settings or context.obj).check()
    if as_json:
        typer.echo(json.dumps(asdict(looked), indent=1))
        return
    typer.echo(f"Version {looked.version} is {'newer' if looked.newer else 'not newer'} than what runs.")


@app.command()
def install(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="[FILE|FOLDER|URL]", help="A bundle, or a folder with some; else what [update] url offers."
        ),
    ] = "",
    settings: SettingsOption = None,
) -> None:
    """Install a newer version and restart into it; it has fifteen minutes to show that it records."""
    bundle = _open(settings or context.obj).install(source)
    typer.echo(f"Version {bundle.version} is installed; the camera restarts into it. {_SAFE}")


@app.command()
def defer(
    context: typer.Context,
    how: Annotated[PutOff, typer.Argument(metavar="[day|week]", help="For how long.")] = PutOff.DAY,
    settings: SettingsOption = None,
) -> None:
    """Have no night install anything for a day or a week; 28 days in all at most."""
    deferral = _open(settings or context.obj).defer(how)
    typer.echo(f"Until {wall_time(deferral.until_wall_ns)} nothing is installed by itself, and nobody is reminded.")


@app.command()
def resume(context: typer.Context, settings: SettingsOption = None) -> None:
    """Put off nothing any longer."""
    _open(settings or context.obj).resume()
    typer.echo("Nothing is put off.")


@app.command()
def rollback(context: typer.Context, settings: SettingsOption = None) -> None:
    """Restart into the version that ran before."""
    version = _open(settings or context.obj).rollback()
    typer.echo(f"The camera restarts into version {version}. {_SAFE}")


def _open(given: Path | None) -> Updates:
    settings, places = open_places(given)
    return open_updates(settings, places, SystemClock())


def _lines(standing: Standing) -> list[str]:
    trial = ", on trial" if standing.on_trial else ""
    other = standing.other_version or "a version"
    held = {"good": f"{other}, good", "new": f"{other}, never started", "trial": f"{other}, left without a verdict"}
    lines = [
        f"running  {standing.version} for {standing.target}, slot {standing.slot}{trial}",
        f"other    {held.get(standing.other_state, 'nothing that can be started')}",
    ]
    if standing.refused:
        lines.append(f"refused  {standing.refused.version}: {standing.refused.why}")
    if standing.looked:
        found = standing.looked.problem or f"{standing.looked.version}{', newer' if standing.looked.newer else ''}"
        lines.append(f"offered  {found}")
    if standing.deferred_until_wall_ns:
        lines.append(f"put off  until {wall_time(standing.deferred_until_wall_ns)}")
    return lines
