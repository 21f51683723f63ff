"""`edgecam standard`: the operation standard, generated from the settings, and its versions."""

from __future__ import annotations

import getpass
import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from edgecam.cli.forms import LanguageOption, open_desk, write_paper
from edgecam.cli.options import JsonOption, SettingsOption
from edgecam.core.errors import BadInput
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.paper.paperdesk import PaperAsk
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.standard import BY_HAND
from edgecam.custody.paper.standardstore import Announcement
from edgecam.custody.paper.standardversion import StandardVersion

app = typer.Typer(help="Generate, announce and check the operation standard of this camera.", no_args_is_help=True)
FillOption = Annotated[
    list[str] | None,
    typer.Option("--fill", metavar="NAME=TEXT", help=f"Fill in what no setting knows: {', '.join(BY_HAND)}."),
]


@app.callback()
def standard(context: typer.Context, settings: SettingsOption = None) -> None:
    """Generate, announce and check the operation standard of this camera."""
    context.obj = settings


@app.command()
def show(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A PDF to write; else it is printed as text.")
    ] = None,
    language: LanguageOption = "",
    version: Annotated[
        int, typer.Option(help="Which one; 0 is the one in force, -1 what would be announced now.")
    ] = 0,
    settings: SettingsOption = None,
) -> None:
    """Tell the standard that is in force, or the draft of one."""
    chosen, desk = open_desk(settings or context.obj)
    ask = PaperAsk(PaperKind.STANDARD, language or chosen.notice.language, version=version)
    if out is not None:
        write_paper(desk, ask, out)
        return
    typer.echo(desk.standard(ask).to_text(), nl=False)


@app.command()
def announce(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why it changes; stands in the register.")],
    begin: Annotated[str, typer.Option("--from", help="The day from which it holds, as 2026-12-01.")] = "",
    fill: FillOption = None,
    settings: SettingsOption = None,
) -> None:
    """Register and keep a new version; it holds once the days of notice have passed."""
    chosen, desk = open_desk(settings or context.obj)
    asked = Announcement(getpass.getuser(), reason, _day(begin), _filled(fill or []))
    changes = desk.standards.changes(desk.facts, chosen.notice.language)
    made = desk.standards.announce(desk.facts, asked)
    typer.echo(f"version {made.number}, in force from {made.in_force}: put it up where people see it")
    for change in changes:
        typer.echo(f"  {change.section}\n  - {change.before}\n  + {change.after}")


@app.command(name="list")
def list_versions(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Tell every version that was announced."""
    _, desk = open_desk(settings or context.obj)
    versions = desk.standards.versions()
    if as_json:
        typer.echo(json.dumps([_told(version) for version in versions], indent=1, ensure_ascii=False))
        return
    for version in versions:
        told = _told(version)
        typer.echo(
            f"{told['version']:>4}  announced {told['announced']}  from {told['in_force']}  {told['reason']}"
        )
        typer.echo(f"      SHA-256 {told['sha256']}")
    if not versions:
        typer.echo("no standard was announced yet")


@app.command()
def check(context: typer.Context, language: LanguageOption = "", settings: SettingsOption = None) -> None:
    """Tell what is still to be filled in, and where the announced text no longer holds; exit 1 if anything."""
    chosen, desk = open_desk(settings or context.obj)
    said = language or chosen.notice.language
    blanks = desk.standards.blanks(desk.facts, said)
    changes = desk.standards.changes(desk.facts, said)
    for blank in blanks:
        typer.echo(f"to be filled in: {blank}")
    for change in changes:
        typer.echo(f"no longer holds: {change.section}\n  - {change.before}\n  + {change.after}")
    if not desk.standards.versions():
        typer.echo("no standard was announced yet")
    if blanks or changes:
        raise typer.Exit(1)


def _told(version: StandardVersion) -> dict[str, object]:
    return {
        "version": version.number,
        "announced": wall_time(version.announced_wall_ns),
        "in_force": version.in_force.isoformat(),
        "reason": version.reason,
        "by": version.announced_by,
        "sha256": version.sha256.hex(),
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as broken:
        raise BadInput(f"{text!r} is not a day", do="write it as 2026-12-01") from broken


def _filled(fills: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for fill in fills:
        name, mark, text = fill.partition("=")
        if not mark:
            raise BadInput(f"{fill!r} fills nothing in", do="write it as storage='locked cabinet in the office'")
        found[name.strip()] = text.strip()
    return found
