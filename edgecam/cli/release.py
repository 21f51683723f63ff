"""`edgecam release`: ends a hold before its time, for good."""

from __future__ import annotations

from typing import Annotated

import typer

from edgecam.cli.formoptions import AffiliationOption
from edgecam.cli.holding import holds_of
from edgecam.cli.options import SettingsOption, open_places
from edgecam.keys.camera import load_camera_key


def release(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="Of the hold; see `edgecam holds`.")],
    by: Annotated[str, typer.Option(help="Who decides, by name.")] = "",
    affiliation: AffiliationOption = "",
    reason: Annotated[str, typer.Option(help="Why it is not needed any more.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Destroy what is held, verify it, register it. What the ring still has of it stays there for its time."""
    chosen, places = open_places(settings)
    holds_of(chosen, places, load_camera_key(places.camera_key)).release(hold_id, by, reason, affiliation)
    typer.echo(f"hold {hold_id} is released: its keys are destroyed, read back, and its bytes erased")
