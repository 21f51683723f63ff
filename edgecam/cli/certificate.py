"""`edgecam certificate`: what the page shows by HTTPS, the authority to trust, and new ones."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from edgecam.certifying import page_certificates
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import SystemClock
from edgecam.core.durable import write_new_durably
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import load_camera_key
from edgecam.keys.pageauthority import Certified, PageAuthority, PageLeaf
from edgecam.keys.pagecertificate import PageCertificates
from edgecam.places import Places

app = typer.Typer(
    help="Look at the page's certificate, make a new one, hand out the authority.", no_args_is_help=True
)


@app.callback()
def certificate(context: typer.Context, settings: SettingsOption = None) -> None:
    """Look at the page's certificate, make a new one, hand out the authority."""
    context.obj = settings


@app.command()
def show(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Print the authority and the page's certificate; both are made if there are none yet."""
    _, certificates = _open(settings or context.obj)
    _tell(*certificates.keep(), as_json)


@app.command()
def renew(
    context: typer.Context,
    settings: SettingsOption = None,
    authority: Annotated[
        bool, typer.Option("--authority", help="A new authority too; every device has to trust it anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a new certificate; a running page shows it within a minute."""
    places, certificates = _open(settings or context.obj)
    key = load_camera_key(places.camera_key)
    what = "page authority and certificate" if authority else "page certificate"
    register = Register(places.register, key.sign, key.public)
    register.write(
        Act.KEY_CHANGE, who=getpass.getuser(), purpose="HTTPS on the camera's page", detail={"what": what}
    )
    _tell(*certificates.renew(authority=authority), as_json)


@app.command()
def ca(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it, PEM.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the authority's certificate, which devices trust; compare its fingerprint there."""
    _, certificates = _open(settings or context.obj)
    authority, _ = certificates.keep()
    write_new_durably(output, authority.pem, 0o644)
    if as_json:
        typer.echo(json.dumps({"file": str(output), "fingerprint": authority.told.fingerprint}, indent=1))
        return
    typer.echo(f"{output} holds the authority. Its SHA-256 fingerprint:\n{authority.told.fingerprint}")


def _open(given: Path | None) -> tuple[Places, PageCertificates]:
    settings, places = open_places(given)
    camera_id = load_camera_key(places.camera_key).camera_id
    return places, page_certificates(settings, places, camera_id, SystemClock())


def _tell(authority: PageAuthority, leaf: PageLeaf, as_json: bool) -> None:
    told = {"authority": authority.told, "page": leaf.told}
    if as_json:
        typer.echo(json.dumps({what: _row(each) for what, each in told.items()}, indent=1))
        return
    for what, each in told.items():
        typer.echo(f"{what}: until {each.ends:%Y-%m-%d}, SHA-256 {each.fingerprint}")
        typer.echo(f"  for {', '.join(each.names)}")


def _row(told: Certified) -> dict[str, object]:
    return {
        "fingerprint": told.fingerprint,
        "names": list(told.names),
        "begins": told.begins.isoformat(),
        "ends": told.ends.isoformat(),
    }
