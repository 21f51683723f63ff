"""`edgecam masks`: what is hidden: drawing it, proposing, confirming and locking it, and proving that it was."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.maskpicture import geometry_png
from edgecam.cli.maskproof import verify
from edgecam.cli.maskwork import MaskWork, points, with_area
from edgecam.cli.options import JsonOption, SettingsOption, unlock
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.evidence.account import wall_time
from edgecam.masking.drawing import Drawing, Mask, OwnArea, decode_drawing
from edgecam.masking.lifecycle import MaskAct, Role
from edgecam.masking.maskset import MaskSet, Step

app = typer.Typer(help="List, draw, propose, confirm and lock what is masked, and prove that it was.")
app.command()(verify)
ByOption = Annotated[str, typer.Option(help="Who does it, by name; without it the name of the login.")]


@app.callback(invoke_without_command=True)
def masks(context: typer.Context, settings: SettingsOption = None) -> None:
    """List the versions of the masks."""
    context.obj = settings
    if context.invoked_subcommand is None:
        list_versions(context)


@app.command("list")
def list_versions(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List every version that was ever in force: who drew it, who confirmed it, when, and how much it hides."""
    work = MaskWork(settings or context.obj)
    in_force = work.store.in_force()
    rows = [_row(work, version, in_force) for version in work.store.history()]
    if as_json:
        told = {"state": work.store.state().value, "versions": rows}
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    # A pipe has no width of its own; folded hashes would be of no use to whoever reads it.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    if rows:
        table = Table("version", "state", "drawn by", "confirmed by", "confirmed", "masked", "hash")
        for row in rows:
            number, state, drawn, confirmed, at, percent, mask_hash = row.values()
            table.add_row(str(number), state, drawn, confirmed, at, f"{percent} %", f"{mask_hash[:16]}…")
        console.print(table)
    typer.echo(_standing(work))


@app.command()
def show(
    context: typer.Context,
    version: Annotated[int, typer.Option(help="This one; without it, what is in force.")] = 0,
    draft: Annotated[bool, typer.Option("--draft", help="What is proposed, or else what is drawn.")] = False,
    picture: Annotated[
        Path | None, typer.Option("--out", "-o", help="A PNG of the outlines, without any picture of the camera.")
    ] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell every mask: its name, its reason, its corners."""
    work = MaskWork(settings or context.obj)
    if draft:
        found, drawing = None, _newest_drawing(work)
    else:
        found = _version(work, version) if version else work.store.check_in_force()
        drawing = found.drawing
    if picture is not None:
        replace_durably(picture.absolute(), geometry_png(drawing, work.size_for(drawing)), 0o644)
    if as_json:
        typer.echo((found.encode() if found else json.dumps(drawing.model_dump(mode="json")).encode()).decode())
        return
    if found is not None:
        _tell_version(found)
    _tell_drawing(drawing)
    typer.echo(f"masked: {work.masked_percent(drawing)} % of the picture")


@app.command()
def draw(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A drawing in JSON; its form is in docs/design/masks.md.")],
    by: ByOption = "",
    settings: SettingsOption = None,
) -> None:
    """Take the drawing in FILE as the draft; nothing is masked with it before it is proposed and confirmed."""
    work = MaskWork(settings or context.obj, by)
    try:
        drawing = decode_drawing(file.read_bytes())
    except OSError as missing:
        raise BadInput(f"{file} cannot be read ({missing.strerror})", do="check its name") from missing
    with work.store.alone():
        _tell_drawn(work, work.draw(drawing))


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What it hides, or what is your own.")],
    polygon: Annotated[
        str, typer.Option(help="Its corners, 0-1 from the top left: '0.7,0 1,0 1,0.4'.", metavar="'X,Y X,Y X,Y'")
    ],
    reason: Annotated[str, typer.Option(help="neighbour, public_road or other.")] = "neighbour",
    own: Annotated[
        bool, typer.Option("--own", help="Your own property: everything outside of all such areas is masked.")
    ] = False,
    by: ByOption = "",
    settings: SettingsOption = None,
) -> None:
    """Add one polygon to the draft, which begins as a copy of what is in force."""
    work = MaskWork(settings or context.obj, by)
    area: dict[str, Any] = {"name": name, "polygon": points(polygon)}
    with work.store.alone():
        work.store.check(MaskAct.DRAW, Role.INSTALLER)
        drawing = with_area(work.store.begun(), area if own else area | {"reason": reason}, own)
        _tell_drawn(work, work.draw(drawing))


@app.command()
def propose(context: typer.Context, by: ByOption = "", settings: SettingsOption = None) -> None:
    """Hand the draft to the owner, in your name."""
    work = MaskWork(settings or context.obj, by)
    with work.store.alone():
        work.acts.propose(work.by, Role.INSTALLER)
    typer.echo("proposed; the owner puts it in force with `edgecam masks confirm`")


@app.command()
def withdraw(context: typer.Context, by: ByOption = "", settings: SettingsOption = None) -> None:
    """Take the proposal back; it is a draft again."""
    work = MaskWork(settings or context.obj, by)
    with work.store.alone():
        work.acts.withdraw(work.by, Role.INSTALLER)
    typer.echo("withdrawn")


@app.command()
def confirm(context: typer.Context, by: ByOption = "", settings: SettingsOption = None) -> None:
    """Put the proposal in force; asks for the owner's passphrase. A running agent follows within two seconds."""
    work = MaskWork(settings or context.obj, by)
    confirmed = _as_owner(work, work.acts.check_confirm, work.acts.confirm)
    typer.echo(f"version {confirmed.version} is in force{' and locked' if confirmed.locked else ''}")
    typer.echo(f"masked: {work.masked_percent(confirmed.drawing)} % of the picture")


@app.command()
def lock(context: typer.Context, by: ByOption = "", settings: SettingsOption = None) -> None:
    """From now on it takes two people to change the masks; asks for the owner's passphrase."""
    work = MaskWork(settings or context.obj, by)
    locked = _as_owner(work, work.acts.check_lock, work.acts.lock)
    typer.echo(f"version {locked.version} is locked: it takes one who proposes and the owner to change it")


def _as_owner(work: MaskWork, check: Callable[[str], None], do: Callable[[str], MaskSet]) -> MaskSet:
    """What ``do`` puts in force, after the owner's passphrase."""
    # Nobody types a passphrase for what is refused anyway.
    check(work.by)
    unlock(work.places)
    with work.store.alone():
        return do(work.by)


def _row(work: MaskWork, version: MaskSet, in_force: MaskSet | None) -> dict[str, Any]:
    burnt = in_force is not None and in_force.mask_hash == version.mask_hash
    return {
        "version": version.version,
        "state": ("in force" if burnt else "replaced") + (", locked" if version.locked else ""),
        "drawn_by": version.drawn.by,
        "confirmed_by": version.confirmed.by,
        "confirmed_at": wall_time(version.confirmed.at_wall_ns),
        "masked_percent": work.masked_percent(version.drawing),
        "hash": version.mask_hash.hex(),
    }


def _standing(work: MaskWork) -> str:
    """Where the newest masks stand, in a sentence."""
    store = work.store
    try:
        store.check_in_force()
        burnt = ""
    except BadInput as refused:
        burnt = f"\n{refused}"
    return f"the newest masks are: {store.state().value}{burnt}"


def _version(work: MaskWork, number: int) -> MaskSet:
    for version in work.store.history():
        if version.version == number:
            return version
    raise BadInput(f"there is no version {number} of the masks", do="see `edgecam masks list`")


def _newest_drawing(work: MaskWork) -> Drawing:
    proposal = work.store.proposal()
    drawing = proposal.drawing if proposal else work.store.draft()
    if drawing is None:
        raise NotAllowed("nothing is drawn or proposed", do="draw something: `edgecam masks draw --help`")
    return drawing


def _tell_drawn(work: MaskWork, drawing: Drawing) -> None:
    _tell_drawing(drawing)
    typer.echo(f"drawn: {work.masked_percent(drawing)} % of the picture would be masked; `edgecam masks propose`")
    if not work.is_of_this_picture(drawing):
        typer.echo("it was drawn on a picture of another shape than is recorded: all would be masked", err=True)


def _tell_version(masks: MaskSet) -> None:
    typer.echo(f"version {masks.version}, {masks.mask_hash.hex()}")
    steps: list[tuple[str, Step | None]] = [("drawn", masks.drawn), ("confirmed", masks.confirmed)]
    for done, step in [*steps, ("locked", masks.locked)]:
        if step is not None:
            typer.echo(f"{done} by {step.by}, {wall_time(step.at_wall_ns)}")


def _tell_drawing(drawing: Drawing) -> None:
    on = drawing.picture
    drawn_on = (
        f"on a picture of {on.width}x{on.height}, turned by {on.rotation} degrees" if on else "for any picture"
    )
    typer.echo(f"drawn {drawn_on}; margin {drawing.margin:g} of its width")
    areas: tuple[Mask | OwnArea, ...] = (*drawing.masks, *drawing.own)
    for number, area in enumerate(areas, 1):
        what = area.reason if isinstance(area, Mask) else "own property, shown"
        typer.echo(f"{number:3}  {area.name} ({what}): {' '.join(f'{x:g},{y:g}' for x, y in area.polygon)}")
