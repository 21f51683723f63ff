"""`edgecam kit`: the recovery kit, one page to print; opens the footage when the passphrase is lost."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from edgecam.cli.options import SettingsOption, open_places, unlock, unlock_operator
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import load_camera_key
from edgecam.keys.kit import KitPrinter, RecoveryKit
from edgecam.places import Places

_STDOUT = Path("-")


def kit(
    out: Annotated[Path, typer.Option("--out", "-o", help="The PDF to write; - is standard output, for `| lp`.")],
    language: Annotated[str, typer.Option(help="Of the page: ja, ko or en.")] = "en",
    of: Annotated[str, typer.Option(metavar="NAME", help="An operator's own, who types their passphrase.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Make the page that opens the footage when the passphrase is lost; asks for it while you know it."""
    _, places = open_places(settings)
    _check_target(out, places)
    printer = KitPrinter(language)
    key = load_camera_key(places.camera_key)
    person = unlock_operator(places, of) if of else unlock(places)
    Register(places.register, key.sign, key.public).write(
        Act.KEY_CHANGE,
        who=getpass.getuser(),
        purpose="recovery kit",
        detail={"what": "kit", "language": language} | ({"of": of} if of else {}),
    )
    today = datetime.fromtimestamp(SystemClock().now().wall_ns / NS_PER_S).astimezone().date()
    page = printer.pdf(
        RecoveryKit(key.camera_id, person.recipient(), person.secret(), str(places.ring), today.isoformat())
    )
    if out == _STDOUT:
        sys.stdout.buffer.write(page)
        sys.stdout.flush()
        return
    write_new_durably(out, page)
    typer.echo(
        f"{out}: print it, delete it, and lock the paper away: whoever has it can open all footage.", err=True
    )


def _check_target(out: Path, places: Places) -> None:
    """Refused where the secret would stay: on the camera's own storage, on a screen, in somebody's other file."""
    if out == _STDOUT:
        if sys.stdout.isatty():
            raise BadInput("a PDF is of no use on a terminal", do="name a file, or add `| lp`")
        return
    if out.absolute().parent.resolve().is_relative_to(places.state_dir.resolve()):
        raise NotAllowed(
            f"the kit may not lie in {places.state_dir}: a stolen camera would carry its own key",
            do="name a file elsewhere, or `-o - | lp`",
            safe="nothing was written",
        )
    if out.exists():
        raise BadInput(f"{out} exists already", do="choose another name")
