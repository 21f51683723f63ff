"""`edgecam approve`, `refuse`, `revoke` and `report`: what is decided of a case, and what is owed later."""

from __future__ import annotations

from typing import Annotated

import typer

from edgecam.cli.casetelling import desk_at, desk_of, tell_case, this_user
from edgecam.cli.leavekeys import OwnersKeys
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.cli.request import CaseArgument
from edgecam.custody.evidence.account import wall_time
from edgecam.keys.camera import load_camera_key


def approve(
    case: CaseArgument,
    hours: Annotated[float | None, typer.Option(help="For how long; without: as the settings say.")] = None,
    reason: Annotated[str, typer.Option(help="Why, if it needs saying.")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Allow what was asked for, for a time; never what you asked for yourself.

    Where the asker's own key opens nothing, asks for the owner's passphrase and leaves them keys.
    """
    chosen, places = open_places(settings)
    key = load_camera_key(places.camera_key)
    desk = desk_at(chosen, places, key)
    desk.keys = OwnersKeys(chosen, places, key)
    done = desk.grant(this_user(), case, hours, reason)
    until_ns = done.permit.until_wall_ns if done.permit is not None else None
    until = "" if until_ns is None else f" until {wall_time(until_ns)[:16]} UTC"
    tell_case(done, as_json, f"case {done.case_id}: {done.asked_by} may {done.want.value}{until}.")


def refuse(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why; who asked will read it.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refuse what was asked for; `edgecam forms print` sets the letter."""
    done = desk_of(settings).refuse(this_user(), case, reason)
    tell_case(done, as_json, f"case {done.case_id} is refused.")


def revoke(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a permit back before its time; what plays by it ends."""
    done = desk_of(settings).revoke(this_user(), case, reason)
    tell_case(done, as_json, f"the permit of case {done.case_id} is taken back.")


def report(
    case: CaseArgument,
    text: Annotated[str, typer.Option(help="What happened, and what was looked at.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report a look in an emergency."""
    done = desk_of(settings).report(this_user(), case, text)
    tell_case(done, as_json, f"case {done.case_id} is reported.")
