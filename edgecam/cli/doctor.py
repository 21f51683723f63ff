"""`edgecam doctor`: what a support person asks first; with --hardware, what only a real board can show."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edgecam.appliance.examination import Finding, Patient, Verdict, examine
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.cli.plaintext import plain
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.telemetry.board import Board

NO_REFERENCE = "No report of a real board has been made yet: there is nothing to say what is usual."


def doctor(
    settings: SettingsOption = None,
    hardware: Annotated[
        bool,
        typer.Option("--hardware", help="Prove camera, mask, codec, firmware, pins and card of a Raspberry Pi."),
    ] = False,
    toggle: Annotated[bool, typer.Option("--toggle", help="With --hardware: move filter and lamp too.")] = False,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="With --hardware: a report to compare with.")
    ] = None,
    reports: Annotated[
        Path, typer.Option(metavar="DIR", help="With --hardware: where the report goes.", file_okay=False)
    ] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Look at everything that usually goes wrong. Exit 1 when something wants attention."""
    if not hardware and (toggle or against is not None):
        raise BadInput("--toggle and --against belong to --hardware")
    patient = _patient(settings)
    findings = list(examine(patient)) if not hardware else _prove(patient, toggle, against, reports, as_json)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], indent=1))
    else:
        _print(findings)
    if all(one.verdict is Verdict.NOT_HERE for one in findings):
        typer.echo("This machine is no Raspberry Pi, so none of its hardware could be proven.", err=True)
    bad = {Verdict.ATTENTION, Verdict.NOT_HERE}
    raise typer.Exit(1 if any(one.verdict in bad for one in findings) else 0)


def _patient(settings: Path | None) -> Patient:
    chosen: Settings | None = None
    places: Places | None = None
    try:
        chosen, places = open_places(settings)
    except BadInput:
        # Looking at a camera that has no settings is what this is for, too; a file that was named must be there.
        if settings is not None:
            raise
    folder = places.state_dir if places is not None else Path("/")
    return Patient(SystemClock(), Board(folder), chosen, places)


def _prove(patient: Patient, toggle: bool, against: Path | None, reports: Path, as_json: bool) -> list[Finding]:
    # Only here: libraries that no other command needs at once.
    from edgecam.cli.boardproof import Proving, decode_report, differences, prove_board, report_of

    reference = decode_report(_read(against)) if against is not None else None
    findings = list(prove_board(Proving(patient, toggles=toggle)))
    if all(one.verdict is Verdict.NOT_HERE for one in findings):
        return findings
    path = reports / _report_name(patient)
    write_new_durably(path, json.dumps(report_of(patient, findings), indent=1).encode())
    typer.echo(f"{path} keeps this to compare with.", err=True)
    if reference is None:
        typer.echo(NO_REFERENCE, err=True)
    elif not as_json:
        for line in differences(findings, reference) or ["nothing differs from the other report"]:
            typer.echo(plain(line))
    return findings


def _report_name(patient: Patient) -> str:
    model = re.sub(r"[^a-z0-9]+", "-", patient.board.model().lower()).strip("-")[:60] or "unknown"
    when = datetime.fromtimestamp(patient.clock.now().wall_ns // NS_PER_S, UTC)
    return f"doctor-{model}-{when:%Y%m%dT%H%M%SZ}.json"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as refused:
        raise BadInput(f"{path} cannot be read ({refused.strerror})") from refused


def _print(findings: list[Finding]) -> None:
    table = Table("what", "how", "", "what to do", box=None)
    for one in findings:
        table.add_row(one.name.replace("_", " "), one.verdict, plain(one.says), plain(one.do))
    Console(highlight=False, width=160).print(table)
