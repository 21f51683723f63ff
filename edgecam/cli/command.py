"""`edgecam command`: keys that may command a camera, commands given to one, and what commands began ended here."""

from __future__ import annotations

import getpass
import json
import secrets
import ssl
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.options import JsonOption, SettingsOption, ask_passphrase, open_places, unlock
from edgecam.cli.plaintext import plain
from edgecam.core.clock import NS_PER_S, SystemClock, TimeTrust
from edgecam.core.durable import changing_alone, flush_directory
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.register.command_line import register_end, register_key_change
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.keys.commandkey import CommandKey, create_command_key, is_locked, open_command_key, read_key_file
from edgecam.places import Places
from edgecam.telemetry.address import Address
from edgecam.telemetry.command import LONGEST_LIFE_NS, Command
from edgecam.telemetry.commandkeys import (
    EnrolledKey,
    EnrolledKeys,
    parse_public,
    read_keys,
    write_keys,
)
from edgecam.telemetry.commandkinds import USUAL_RIGHTS, CommandName, Right, arguments_typed
from edgecam.telemetry.commandresult import CommandResult, Outcome
from edgecam.telemetry.commandsender import CommandSender
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.topics import Identity

PASSPHRASE = "EDGECAM_COMMAND_PASSPHRASE"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LIFE_NS = 120 * NS_PER_S
_LONGEST_LIFE_S = LONGEST_LIFE_NS // NS_PER_S

app = typer.Typer(no_args_is_help=True)


@app.callback()
def command(context: typer.Context, settings: SettingsOption = None) -> None:
    """Say which keys may command this camera from afar, or command one with such a key."""
    context.obj = settings


@app.command()
def keygen(
    file: Annotated[Path, typer.Argument(help="Where to keep the key; a new file.")],
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Keep it under a passphrase.")] = False,
) -> None:
    """Make a key that signs commands, on the machine of whoever gives them; prints its public half."""
    chosen = None
    if passphrase:
        chosen = ask_passphrase("New passphrase of the command key", confirm=True, variable=PASSPHRASE)
    key = create_command_key(file.absolute(), chosen)
    typer.echo(key.public.hex())
    typer.echo(f"{file} signs commands: keep it. On each camera that is to obey:", err=True)
    typer.echo(f"  edgecam command enrol NAME {key.public.hex()}", err=True)


@app.command()
def enrol(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose key it is; stands in the register.")],
    public: Annotated[str, typer.Argument(help="The 64 hex digits that keygen printed.")],
    may: Annotated[
        list[Right] | None,
        typer.Option(help="What it may order; may be repeated. Without: everything but private_off."),
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Let a key command this camera; asks for the owner's passphrase."""
    _, places = open_places(settings or context.obj)
    key = load_camera_key(places.camera_key)
    raw, rights = parse_public(public), tuple(may or USUAL_RIGHTS)
    none_yet = EnrolledKeys(key.camera_id)
    # What cannot be is refused before anybody is asked; meanwhile others may change the list.
    (_believed(places, key) or none_yet).with_key(name, raw, rights, SystemClock().now())
    unlock(places)
    detail = {
        "what": "command key enrolled",
        "name": name,
        "key": raw.hex(),
        "may": " ".join(right.value for right in rights),
    }
    with changing_alone(places.command_keys):
        before = _believed(places, key)
        after = (before or none_yet).with_key(name, raw, rights, SystemClock().now())
        _change(places, key, after, detail)
    if before is None:
        typer.echo("The list that was there before was not believed; this one begins anew.")
    typer.echo(f"{name} may command {key.camera_id}: {', '.join(rights)}. A running agent knows at once.")


@app.command("list")
def list_(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Which keys may command this camera, and what."""
    _, places = open_places(settings or context.obj)
    keys = read_keys(places.command_keys, load_camera_key(places.camera_key).public).keys
    if as_json:
        typer.echo(json.dumps([_told(key) for key in keys], indent=1))
        return
    table = Table("name", "may", "enrolled", "key")
    for key in keys:
        table.add_row(key.name, " ".join(key.may), wall_time(key.enrolled_wall_ns), f"{key.public.hex()[:16]}…")
    Console(highlight=False, width=160).print(table)


@app.command()
def revoke(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As it was enrolled.")],
    settings: SettingsOption = None,
) -> None:
    """Obey that key no more, from now on; needs no passphrase."""
    _, places = open_places(settings or context.obj)
    key = load_camera_key(places.camera_key)
    with changing_alone(places.command_keys):
        after = read_keys(places.command_keys, key.public).without(name)
        _change(places, key, after, {"what": "command key revoked", "name": name})
    typer.echo(f"{name} may command {key.camera_id} no more. A running agent knows at once.")


@app.command()
def send(
    broker: Annotated[str, typer.Argument(metavar="HOST:PORT", help="Or mqtt://127.0.0.1:1883 for a first try.")],
    site: Annotated[str, typer.Argument(help="As in the camera's settings.")],
    camera: Annotated[str, typer.Argument(help="The camera's machine name, edgecam_1f2e3d4c.")],
    name: Annotated[CommandName, typer.Argument(help="What it is to do.")],
    key: Annotated[Path, typer.Option("--key", help="The file that `edgecam command keygen` made.")],
    argument: Annotated[
        list[str] | None, typer.Option("--argument", "-a", metavar="NAME=VALUE", help="May be repeated.")
    ] = None,
    cert: Annotated[
        Path | None,
        typer.Option(
            "--cert", metavar="DIR", help="What `edgecam broker add-watcher` handed over.", file_okay=False
        ),
    ] = None,
    valid: Annotated[
        int, typer.Option(min=1, max=_LONGEST_LIFE_S, help="Seconds in which it may be obeyed.")
    ] = _LIFE_NS // NS_PER_S,
    wait: Annotated[int, typer.Option(min=1, max=3600, help="Seconds to wait for the answer.")] = 120,
    as_json: JsonOption = False,
) -> None:
    """Give one command and print the answer; exit 1 when it was refused or failed, or nobody answered."""
    address, context = _way(broker, cert)
    Identity(site, camera, "")
    arguments = arguments_typed(name, _pairs(argument or []))
    signer = _open(key)
    now = SystemClock().now()
    if now.trust is TimeTrust.UNSET:
        raise BadInput("this machine's clock was never set, so no camera would believe the command", do="set it")
    command = Command(
        id=secrets.token_hex(16),
        site=site,
        camera=camera,
        name=name.value,
        arguments=arguments,
        issued_wall_ns=now.wall_ns,
        expires_wall_ns=now.wall_ns + valid * NS_PER_S,
        key=signer.public,
    ).signed(signer.sign)
    sender = CommandSender(address, context, f"edgecam-command-{command.id[:8]}")
    try:
        sender.enter()
        result = sender.give(command, now, float(wait))
    finally:
        sender.leave()
    _tell(result, as_json)


@app.command()
def end(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="private|silence", help="What a command began.")],
    settings: SettingsOption = None,
) -> None:
    """End privacy (asks for the owner's passphrase) or all silences, here on the camera."""
    if what not in ("private", "silence"):
        raise BadInput(f"no command begins {what!r}", do="end private, or end silence")
    chosen: Literal["private", "silence"] = "private" if what == "private" else "silence"
    _, places = open_places(settings or context.obj)
    path = places.privacy if chosen == "private" else places.silences
    if not path.exists():
        typer.echo(f"There is no {chosen} that a command began.")
        return
    if chosen == "private":
        unlock(places)
    key = load_camera_key(places.camera_key)
    register = Register(places.register, key.sign, key.public)
    register_end(register, getpass.getuser(), chosen, "ended on the camera", None)
    try:
        path.unlink(missing_ok=True)
        flush_directory(path.parent)
    except OSError as refused:
        raise MediaFailing(f"{path} could not be removed ({refused.strerror})") from refused
    typer.echo(f"{chosen} is over; a running agent follows within two seconds.")


def _believed(places: Places, key: CameraKey) -> EnrolledKeys | None:
    try:
        return read_keys(places.command_keys, key.public)
    except DataLoss:
        return None


def _change(places: Places, key: CameraKey, after: EnrolledKeys, detail: dict[str, str]) -> None:
    register = Register(places.register, key.sign, key.public)
    line = register_key_change(register, getpass.getuser(), detail)
    write_keys(places.command_keys, after, key.sign)
    register.complete(line, {"what": detail["what"], "done": "True"})


def _told(key: EnrolledKey) -> dict[str, object]:
    return {
        "name": key.name,
        "key": key.public.hex(),
        "may": [right.value for right in key.may],
        "enrolled": wall_time(key.enrolled_wall_ns),
    }


def _way(broker: str, cert: Path | None) -> tuple[Address, ssl.SSLContext | None]:
    """Where to go, and how. Raises: BadInput."""
    address = Address.parse(broker if "://" in broker else f"mqtts://{broker}")
    if not address.tls:
        if address.host not in _LOOPBACK:
            raise BadInput("a command goes over TLS", do="give HOST:PORT and --cert")
        return address, None
    if cert is None:
        raise BadInput(
            "the broker asks for a certificate", do="give --cert: `edgecam broker add-watcher` makes one"
        )
    credentials = Credentials(ca_file=cert / "ca.pem", cert_file=cert / "camera.pem", key_file=cert / "camera.key")
    return address, credentials.tls_context()


def _pairs(typed: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in typed]
    if any(not equals for _, equals, _ in pairs) or len({name for name, _, _ in pairs}) != len(pairs):
        raise BadInput("an argument is NAME=VALUE, and each stands once", do="write -a minutes=10")
    return {name: value for name, _, value in pairs}


def _open(path: Path) -> CommandKey:
    data = read_key_file(path)
    if not is_locked(data):
        return open_command_key(data)
    return open_command_key(data, ask_passphrase("Passphrase of the command key", variable=PASSPHRASE))


def _tell(result: CommandResult, as_json: bool) -> None:
    went_well = result.outcome in (Outcome.DONE, Outcome.ACCEPTED)
    if as_json:
        typer.echo(result.model_dump_json(indent=1))
        raise typer.Exit(0 if went_well else 1)
    if not went_well:
        kind = NotAllowed if result.outcome is Outcome.REFUSED else BadInput
        raise kind(f"{result.camera} {result.outcome.value} ({result.code.value}): {plain(result.sentence)}")
    typer.echo(f"{result.outcome.value}: {plain(result.sentence)}")
    for key, value in result.details.items():
        typer.echo(plain(f"  {key}  {value}"))
    if result.health is not None:
        typer.echo(plain(result.health.model_dump_json(indent=1)))
