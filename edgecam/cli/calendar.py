"""`edgecam calendar`: answers, reports, reviews, certificates and whatever else is due, the soonest first."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.casetelling import store_of
from edgecam.cli.holding import holds_of
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.cli.plaintext import plain
from edgecam.core.clock import SystemClock
from edgecam.custody.cases.calendar import Due
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.register.register import Register
from edgecam.duecalendar import calendar_of
from edgecam.keys.camera import load_camera_key


def calendar(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Tell what is due; needs no passphrase."""
    chosen, places = open_places(settings)
    key = load_camera_key(places.camera_key)
    clock = SystemClock()
    register, holds = Register(places.register, key.sign, key.public, clock), holds_of(chosen, places, key)
    found = calendar_of(chosen, places, key, register, store_of(places, key), holds, clock).due()
    if as_json:
        typer.echo(json.dumps([_told(one) for one in found], indent=1, ensure_ascii=False))
        return
    if not found:
        typer.echo("Nothing is due.")
        return
    table = Table("due", "what", "of", "")
    for one in found:
        when = "now" if one.due_wall_ns is None else wall_time(one.due_wall_ns)[:16]
        of = " ".join(part for part in (one.case_id or one.hold_id, one.subject) if part)
        table.add_row(when, one.what.value.replace("_", " "), plain(of), "overdue" if one.overdue else "")
    Console(highlight=False, width=120).print(table)


def _told(one: Due) -> dict[str, Any]:
    return {
        "what": one.what.value,
        "due": None if one.due_wall_ns is None else wall_time(one.due_wall_ns),
        "overdue": one.overdue,
        "case": one.case_id,
        "hold": one.hold_id,
        "subject": one.subject,
    }
