"""`edgecam broker`: a Mosquitto set up right: certificates, rights, limits; who comes and goes; is it shut?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.options import JsonOption, ask_passphrase
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.authority import Authority
from edgecam.telemetry.brokeraccount import Account
from edgecam.telemetry.brokercheck import BrokerCheck, Tried, evict
from edgecam.telemetry.brokerfolder import BrokerFolder, NewBroker
from edgecam.telemetry.brokerprocess import tell_broker
from edgecam.telemetry.enrolment import Issued, Role, camera_name, watcher_name

PASSPHRASE = "EDGECAM_AUTHORITY_PASSPHRASE"
_CAMERA_DAYS = 90
# How the broker's own certificate is called here; all other names hold a /.
_BROKER = "broker"

app = typer.Typer(
    help="Set up a Mosquitto for cameras, say who may come, and check that it is shut.", no_args_is_help=True
)
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The broker's folder.")]
AuthorityOption = Annotated[
    Path | None,
    typer.Option("--authority", help="Where the authority's key lies; default DIR/authority.", show_default=False),
]
DaysOption = Annotated[int, typer.Option(help="How long the certificate lasts.", min=1, max=3650)]


@app.command()
def init(
    folder: FolderArgument,
    host: Annotated[list[str], typer.Option("--host", help="A name or address of the broker; may be repeated.")],
    port: Annotated[int, typer.Option(help="Where it listens.", min=1, max=65_535)] = 8883,
    bind: Annotated[str, typer.Option(help="Listen on this address alone; default: all.")] = "",
    user: Annotated[str, typer.Option(help="The account that Mosquitto runs as; default: its own.")] = "",
    authority: AuthorityOption = None,
) -> None:
    """Make DIR: a private authority, the broker's certificate, and all that Mosquitto 2 reads."""
    where = BrokerFolder(folder, authority)
    account = Account.named(user) if user else Account.usual()
    passphrase = ask_passphrase("New passphrase of the authority", confirm=True, variable=PASSPHRASE)
    where.create(NewBroker(tuple(dict.fromkeys(host)), port, bind, account), passphrase, _now())
    drop_in = "/etc/systemd/system/mosquitto.service.d/edgecam.conf"
    typer.echo(f"{where.path} holds a broker for {', '.join(host)}, port {port}. Next, on the broker's machine:")
    typer.echo(f"  sudo install -D -m 0644 {where.served}/systemd.conf {drop_in}")
    typer.echo("  sudo systemctl daemon-reload && sudo systemctl restart mosquitto")
    typer.echo("then, for each camera and for whoever watches them:")
    typer.echo(f"  edgecam broker add-camera {folder} SITE CAMERA")
    typer.echo(f"  edgecam broker add-watcher {folder} NAME")
    typer.echo(
        f"  edgecam broker check {str(Address(host[0], port, tls=True)).removeprefix('mqtts://')} --dir {folder}"
    )
    typer.echo("Keep the passphrase, and a copy of the folder. Who has both can let anybody in.")


@app.command()
def add_camera(
    folder: FolderArgument,
    site: Annotated[str, typer.Argument(help="As in the camera's settings.")],
    camera: Annotated[str, typer.Argument(help="The camera's machine name, edgecam_1f2e3d4c.")],
    days: DaysOption = _CAMERA_DAYS,
    authority: AuthorityOption = None,
) -> None:
    """Sign a certificate for a camera: it will write its own tree and nothing else."""
    _enrol(BrokerFolder(folder, authority), Role.CAMERA, camera_name(site, camera), days)


@app.command()
def add_watcher(
    folder: FolderArgument,
    who: Annotated[str, typer.Argument(metavar="NAME", help="centre, homeassistant, …")],
    read_only: Annotated[bool, typer.Option("--read-only", help="It may not command cameras.")] = False,
    days: DaysOption = _CAMERA_DAYS,
    authority: AuthorityOption = None,
) -> None:
    """Sign a certificate for one who reads all cameras and may command them."""
    role = Role.READER if read_only else Role.WATCHER
    _enrol(BrokerFolder(folder, authority), role, watcher_name(who), days)


@app.command()
def renew(
    folder: FolderArgument,
    name: Annotated[str, typer.Argument(help="SITE/CAMERA, watch/NAME or broker; default: all that are due.")] = "",
    days: Annotated[int, typer.Option(help="How long it lasts; 0: as long as before.", min=0, max=3650)] = 0,
    authority: AuthorityOption = None,
) -> None:
    """Sign certificates anew before they end; the old ones stay good until then."""
    where = BrokerFolder(folder, authority)
    now = _now()
    due = [one.name for one in where.read().newest() if one.state(now) in ("due", "expired")]
    if name:
        due = ["" if name == _BROKER else name]
    if not due:
        typer.echo("Nothing is due: no certificate has less than a third of its life left.")
        return
    signer = _unlock(where)
    for one in due:
        issued = where.renew(signer, one, now, timedelta(days=days) if days else None)
        typer.echo(f"{one or _BROKER}: until {_day(issued.ends)}{_carry(where, issued)}")
    if "" in due:
        _tell(where)


@app.command()
def revoke(
    folder: FolderArgument,
    name: Annotated[str, typer.Argument(metavar="SITE/CAMERA", help="Or watch/NAME.")],
    authority: AuthorityOption = None,
) -> None:
    """Take back all certificates of a camera or watcher; it is thrown out and may do nothing any more."""
    where = BrokerFolder(folder, authority)
    if name in ("", _BROKER):
        raise BadInput("the broker's own certificate cannot be revoked", do="renew it, or make a new broker")
    signer = _unlock(where)
    now = _now()
    count = where.revoke(signer, name, now)
    typer.echo(f"{name}: {count} {'certificate is' if count == 1 else 'certificates are'} on the revocation list.")
    tell_broker(where)
    enrolment = where.read()
    try:
        evict(Address(enrolment.hosts[0], enrolment.port, tls=True), signer, name, now)
    except Unavailable as refused:
        raise Unavailable(
            f"a connection that {name} has open could not be ended: {refused.what}",
            do="run: systemctl restart mosquitto",
            safe="it may neither write nor read from now on, and cannot come back",
        ) from refused
    typer.echo("The broker knows; a connection that was open is ended.")


@app.command("list")
def list_(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Who holds a certificate, until when; needs no passphrase."""
    now = _now()
    newest = BrokerFolder(folder).read().newest()
    if as_json:
        rows = [one.model_dump(mode="json") | {"state": one.state(now)} for one in newest]
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table("name", "role", "until", "state")
    for one in newest:
        table.add_row(one.name or _BROKER, one.role.value, _day(one.ends), one.state(now))
    Console(highlight=False, width=120).print(table)


@app.command()
def check(
    broker: Annotated[str, typer.Argument(metavar="HOST:PORT", help="As the cameras reach it.")],
    folder: Annotated[Path, typer.Option("--dir", help="The broker's folder.")],
    authority: AuthorityOption = None,
    plain_port: Annotated[
        int, typer.Option(help="Where an open listener is looked for.", min=1, max=65_535)
    ] = 1883,
    as_json: JsonOption = False,
) -> None:
    """Try to get in as those who may not, and to do what nobody may; exit 1 when something is open.

    With the authority's key it makes bad certificates, which last an hour; without it does what it can.
    """
    where = BrokerFolder(folder, authority)
    enrolment = where.read()
    signer = _unlock(where) if where.has_authority else None
    address = Address.parse(f"mqtts://{broker}")
    tried = BrokerCheck(address, enrolment, where.ca_file, signer, _now(), plain_port).run()
    _show(tried, as_json)
    if broken := [one.what for one in tried if one.holds is False]:
        raise NotAllowed(f"the broker is not as it should be: {'; '.join(broken)}", do="see docs/design/broker.md")


def _enrol(where: BrokerFolder, role: Role, name: str, days: int) -> None:
    enrolment = where.read()
    issued = where.enrol(_unlock(where), role, name, _now(), timedelta(days=days))
    typer.echo(f"{name}: until {_day(issued.ends)}{_carry(where, issued)}")
    if role is Role.CAMERA:
        typer.echo("In the camera's settings, with the three files in broker/ beside them:")
        typer.echo("[telemetry]")
        typer.echo(f'broker = "{Address(enrolment.hosts[0], enrolment.port, tls=True)}"')
        for key, file in (("ca_file", "ca.pem"), ("cert_file", "camera.pem"), ("key_file", "camera.key")):
            typer.echo(f'{key} = "broker/{file}"')
    _tell(where)


def _tell(where: BrokerFolder) -> None:
    """For changes that may wait until the broker is started or told."""
    try:
        tell_broker(where)
    except Unavailable as elsewhere:
        typer.echo(f"{elsewhere.what}; {elsewhere.do}")
    else:
        typer.echo("The broker knows.")


def _carry(where: BrokerFolder, issued: Issued) -> str:
    if issued.role is Role.BROKER:
        return ""
    return f"\ncarry {where.handover(issued.name)} over a way that nobody reads, then delete it here"


def _unlock(where: BrokerFolder) -> Authority:
    where.read()
    return where.unlock(ask_passphrase("Passphrase of the authority", variable=PASSPHRASE))


def _show(tried: list[Tried], as_json: bool) -> None:
    if as_json:
        rows = [
            {"tried": one.what, "expected": one.expected, "happened": one.happened, "holds": one.holds}
            for one in tried
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table("tried", "expected", "happened", "")
    marks = {True: "holds", False: "FAILS", None: ""}
    for one in tried:
        table.add_row(one.what, one.expected, one.happened, marks[one.holds])
    Console(highlight=False, width=150).print(table)


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now().wall_ns // NS_PER_S, UTC)


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
