"""`edgecam register`: what was done to footage and camera, by whom; whether nobody changed it; and on forms."""

from __future__ import annotations

import getpass
import json
from collections import deque
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from edgecam.cli.formoptions import AffiliationOption, RecipientOption
from edgecam.cli.options import JsonOption, SettingsOption, open_places, parse_moment
from edgecam.cli.plaintext import plain
from edgecam.core.clock import SystemClock, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.custody.evidence.account import Period, wall_time
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import RegisterVerdict, verify_register
from edgecam.custody.register.register_head import read_heads
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerexport import LineFilter, RegisterOrder, export_register
from edgecam.custody.register.registerform import FormName
from edgecam.custody.register.registerpage import every_line
from edgecam.keys.camera import load_camera_key
from edgecam.settings import Settings

app = typer.Typer(help="List, prove or hand out the register of what was done to footage and camera.")

ActOption = Annotated[list[Act] | None, typer.Option("--act", help="Of this kind alone; may be given again.")]
WhoOption = Annotated[str, typer.Option(help="By somebody whose name has this in it.")]
CaseOption = Annotated[str, typer.Option(help="About this case.")]
FromOption = Annotated[str, typer.Option("--from", help="Done since: 2026-11-21T14:00:00, 14:00 (today) or -30d.")]
ToOption = Annotated[str, typer.Option("--to", help="Done before; as --from.")]


@app.callback()
def register(context: typer.Context, settings: SettingsOption = None) -> None:
    """List, prove or hand out the register of what was done to footage and camera."""
    context.obj = settings


@app.command("list")
def list_lines(
    context: typer.Context,
    act: ActOption = None,
    who: WhoOption = "",
    case: CaseOption = "",
    from_: FromOption = "",
    to: ToOption = "",
    last: Annotated[int, typer.Option(min=1, help="So many lines at most, the newest.")] = 10_000,
    as_json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """List lines, newest last; needs no passphrase and proves nothing."""
    chosen, places = open_places(settings or context.obj)
    wanted = _wanted(chosen, act, who, case, from_, to)
    found = deque(wanted.of(every_line(places.register)), maxlen=last)
    if as_json:
        typer.echo(json.dumps([_told(line) for line in found], indent=1, ensure_ascii=False))
        return
    for line in found:
        typer.echo(_sentence(line))
    typer.echo(f"{len(found) or 'No'} line{'s' * (len(found) != 1)}", err=True)


@app.command()
def verify(
    context: typer.Context,
    head: Annotated[
        Path | None, typer.Option(help="A file with messages of the topic register/head, kept elsewhere.")
    ] = None,
    as_json: JsonOption = False,
    settings: SettingsOption = None,
) -> None:
    """Prove every line of all books; name the first that is changed, missing, reordered or truncated (exit 1)."""
    _, places = open_places(settings or context.obj)
    public = load_camera_key(places.camera_key).public
    known = read_heads(head, public) if head else []
    verdict = verify_register(places.register, public, known)
    if as_json:
        typer.echo(json.dumps(_judged(verdict), indent=1))
    else:
        _tell(verdict, len(known))
    raise typer.Exit(0 if verdict.genuine else 1)


@app.command()
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    form: Annotated[
        FormName | None, typer.Option(help="CSV with this form's columns; without it, the lines themselves.")
    ] = None,
    act: ActOption = None,
    who: WhoOption = "",
    case: CaseOption = "",
    from_: FromOption = "",
    to: ToOption = "",
    purpose: Annotated[str, typer.Option(help="What for; it stands in the register.")] = "owner's copy",
    by: Annotated[str, typer.Option(help="Who takes it, by name; without it the name of the login.")] = "",
    affiliation: AffiliationOption = "",
    recipient: RecipientOption = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file of that name.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Write lines or a form to a file; a line tells of it first. All lines together prove themselves."""
    chosen, places = open_places(settings or context.obj)
    key = load_camera_key(places.camera_key)
    order = RegisterOrder(
        by.strip() or getpass.getuser(),
        purpose,
        _wanted(chosen, act, who, case, from_, to),
        form,
        _zone(chosen),
        chosen.notice.place,
        chosen.camera.name,
        FormFields(affiliation=affiliation, recipient=recipient),
    )
    written = Register(places.register, key.sign, key.public, SystemClock(), chosen.retention.timezone)
    copy = export_register(written, order, out.absolute(), overwrite=overwrite)
    typer.echo(f"{out}: {copy.rows} {'rows' if form else 'lines'}\n  sha256 {copy.sha256}")


def _wanted(settings: Settings, act: list[Act] | None, who: str, case: str, from_: str, to: str) -> LineFilter:
    zone = _zone(settings)
    from_ns, to_ns = (parse_moment(text, zone) if text else None for text in (from_, to))
    if from_ns is not None and to_ns is not None and to_ns <= from_ns:
        raise BadInput("--to is not after --from")
    return LineFilter(frozenset(act or ()), who, case, from_ns, to_ns)


def _zone(settings: Settings) -> ZoneInfo:
    try:
        return ZoneInfo(settings.retention.timezone)
    except (KeyError, ValueError, OSError) as unknown:
        raise BadInput(
            f"there is no time zone {settings.retention.timezone!r}", do="write retention.timezone as Asia/Seoul"
        ) from unknown


def _tell(verdict: RegisterVerdict, heads: int) -> None:
    if verdict.fault is not None:
        typer.echo(f"line {verdict.fault.sequence} is {verdict.fault.trouble}: {verdict.fault.sentence}")
        return
    last = verdict.head.sequence if verdict.head else 0
    typer.echo(f"lines {verdict.first} to {last}: unbroken and signed by this camera" if last else "no line yet")
    if verdict.first > 1:
        typer.echo(f"lines 1 to {verdict.first - 1} were erased after their time, as the register tells")
    if heads:
        typer.echo(f"{heads} head{'s' * (heads != 1)} kept elsewhere agree{'s' * (heads == 1)}")
    elif last:
        typer.echo("whether lines are missing at the end, only a head that was kept elsewhere can tell: --head")


def _judged(verdict: RegisterVerdict) -> dict[str, Any]:
    fault, head = verdict.fault, verdict.head
    wrong = {"line": fault.sequence, "trouble": fault.trouble.value, "sentence": fault.sentence} if fault else None
    return {
        "genuine": verdict.genuine,
        "first": verdict.first,
        "lines": verdict.lines,
        "head": {"lines": head.sequence, "sha256": head.hash.hex()} if head else None,
        "fault": wrong,
    }


def _sentence(line: RegisterLine) -> str:
    ends = f" ends line {line.completes}" if line.completes is not None else ""
    about = f" of {_footage(line)}" if line.from_wall_ns is not None else ""
    doubt = "" if line.trust is TimeTrust.SYNCED else " (clock not synchronised)"
    detail = " ".join(f"{name}={text!r}" for name, text in line.detail.items())
    who, purpose = (plain(text).replace("\n", " ") for text in (line.who, line.purpose))
    what = f"{line.act}{ends} by {who}{about}"
    return f"{line.sequence:>6}  {wall_time(line.at_wall_ns)}{doubt}  {what}: {purpose} {detail}".rstrip()


def _footage(line: RegisterLine) -> str:
    assert line.from_wall_ns is not None
    assert line.to_wall_ns is not None
    return str(Period(line.from_wall_ns, line.to_wall_ns))


def _told(line: RegisterLine) -> dict[str, Any]:
    return {
        "line": line.sequence,
        "at": wall_time(line.at_wall_ns),
        "trust": line.trust.name.lower(),
        "who": line.who,
        "act": line.act.value,
        "completes": line.completes,
        "purpose": line.purpose,
        "from": None if line.from_wall_ns is None else wall_time(line.from_wall_ns),
        "to": None if line.to_wall_ns is None else wall_time(line.to_wall_ns),
        "detail": dict(line.detail),
    }
