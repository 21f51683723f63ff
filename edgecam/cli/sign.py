"""`edgecam sign`: the sign that says who films here and why, as a PDF to print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from edgecam.choices import sign_of
from edgecam.cli.options import SettingsOption, open_places
from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput
from edgecam.custody.paper.sign import SignSize
from edgecam.custody.paper.signpaper import sign_paper
from edgecam.custody.paper.typesetting import Typesetter


def sign(
    out: Annotated[Path, typer.Option("--out", "-o", help="The PDF to write; - is standard output, for `| lp`.")],
    language: Annotated[str, typer.Option(help="ja, ko or en; without it the one of [notice].")] = "",
    size: Annotated[SignSize, typer.Option(help="What it is printed on.")] = SignSize.A4,
    settings: SettingsOption = None,
) -> None:
    """Make the sign to put up where the camera films, from [notice] in the settings."""
    chosen, _ = open_places(settings)
    page = Typesetter().pdf(sign_paper(sign_of(chosen), size, language or chosen.notice.language))
    if out != Path("-"):
        write_new_durably(out, page, 0o644)
        typer.echo(f"{out}: print it, and put it up where people see it before they are filmed", err=True)
        return
    if sys.stdout.isatty():
        raise BadInput("a PDF is of no use on a terminal", do="name a file, or add `| lp`")
    sys.stdout.buffer.write(page)
    sys.stdout.flush()
