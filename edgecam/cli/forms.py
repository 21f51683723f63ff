"""`edgecam forms`: the guidelines' forms, letters and certificates as PDFs to print, blank or filled."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from edgecam.cli.options import JsonOption, SettingsOption, open_places, parse_moment
from edgecam.core.clock import SystemClock
from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.paperdesk import PaperAsk, PaperDesk
from edgecam.custody.paper.paperkind import BLANK_KINDS, SOURCES, PaperKind
from edgecam.custody.paper.paperwords import words_of
from edgecam.custody.paper.typesetting import Typesetter
from edgecam.custody.register.register import Register
from edgecam.keys.camera import load_camera_key
from edgecam.papering import paper_desk, zone_of
from edgecam.settings import Settings

app = typer.Typer(help="Print the forms, letters and certificates of the guidelines.", no_args_is_help=True)
LanguageOption = Annotated[str, typer.Option(help="ja, ko or en; without it the one of [notice].")]


@app.callback()
def forms(context: typer.Context, settings: SettingsOption = None) -> None:
    """Print the forms, letters and certificates of the guidelines."""
    context.obj = settings


@app.command(name="list")
def list_forms(
    context: typer.Context,
    language: LanguageOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell every paper there is, and what it is filled from."""
    chosen, _ = open_places(settings or context.obj)
    titles = words_of(language or chosen.notice.language)["titles"]
    if as_json:
        rows = [
            {"kind": kind, "title": titles[kind], "filled_from": SOURCES[kind], "blank": kind in BLANK_KINDS}
            for kind in PaperKind
        ]
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for kind in PaperKind:
        blank = ", or blank" if kind in BLANK_KINDS else ""
        typer.echo(f"{kind.value:14} {titles[kind.value]}  (from {SOURCES[kind].value}{blank})")


@app.command(name="print")
def print_form(
    context: typer.Context,
    kind: Annotated[PaperKind, typer.Argument(help="Which paper; see `edgecam forms list`.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The PDF to write; - is standard output, for `| lp`.")],
    language: LanguageOption = "",
    begin: Annotated[str, typer.Option("--from", help="Fill it with what was registered from then on.")] = "",
    end: Annotated[str, typer.Option("--to", help="Until then; without it until now.")] = "",
    case: Annotated[str, typer.Option(help="Fill it from this case.")] = "",
    hold: Annotated[str, typer.Option(help="Fill it from this hold.")] = "",
    version: Annotated[int, typer.Option(help="Of the standard; -1 is the draft.")] = 0,
    settings: SettingsOption = None,
) -> None:
    """Write one paper as a PDF; without --from, --case and --hold a form is blank."""
    chosen, desk = open_desk(settings or context.obj)
    ask = PaperAsk(kind, language or chosen.notice.language, _span(chosen, begin, end), case, hold, version)
    write_paper(desk, ask, out)


def open_desk(given: Path | None) -> tuple[Settings, PaperDesk]:
    """The papers of the camera that the settings at ``given`` tell of. Raises: BadInput."""
    chosen, places = open_places(given)
    key, clock = load_camera_key(places.camera_key), SystemClock()
    register = Register(places.register, key.sign, key.public, clock, chosen.retention.timezone)
    cases = CaseStore(places.cases, register, key, clock)
    return chosen, paper_desk(chosen, places, key, register, cases, clock)


def write_paper(desk: PaperDesk, ask: PaperAsk, out: Path) -> None:
    """Make it and write it to ``out``. Raises: BadInput, and what `PaperDesk.printed` raises."""
    to_stdout = out == Path("-")
    # Before it is registered: a paper that nobody got was not printed.
    if to_stdout and sys.stdout.isatty():
        raise BadInput("a PDF is of no use on a terminal", do="name a file, or add `| lp`")
    if not to_stdout and out.exists():
        raise BadInput(f"{out} exists already", do="choose another name")
    page = desk.printed(ask, getpass.getuser(), Typesetter().pdf)
    if to_stdout:
        sys.stdout.buffer.write(page)
        sys.stdout.flush()
    else:
        write_new_durably(out, page, 0o600 if ask.is_filled else 0o644)


def _span(chosen: Settings, begin: str, end: str) -> Period | None:
    if not begin:
        if end:
            raise BadInput("--to says until when, but not from when", do="add --from")
        return None
    zone = zone_of(chosen)
    span = Period(parse_moment(begin, zone), parse_moment(end or "now", zone))
    if span.to_wall_ns <= span.from_wall_ns:
        raise BadInput("the end is not after the start", do="name a later --to")
    return span
