"""`edgecam recipients`: to whom footage is sealed; who comes and goes, from now on or for recorded footage too."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edgecam.cli.holding import holds_of
from edgecam.cli.options import JsonOption, OperatorOption, SettingsOption, open_places, unlock, unlock_operator
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.keys.recipients import (
    named_recipients,
    read_recipients,
    with_recipient,
    without_recipient,
)
from edgecam.keys.sealing import Sealing, SealingKind, Together
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.resealing import Resealed, reseal, sealed_anew
from edgecam.sealedto import SealedTo
from edgecam.settings import Settings

app = typer.Typer(help="List, add or remove those to whom footage is sealed.")
RecipientArgument = Annotated[str, typer.Argument(metavar="age1…", help="A public age key.")]
PastOption = Annotated[
    bool,
    typer.Option(
        "--past", help="For recorded footage too; asks for the owner's passphrase, the agent must be stopped."
    ),
]


@app.callback(invoke_without_command=True)
def recipients(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List those to whom footage is sealed."""
    context.obj = settings
    if context.invoked_subcommand is not None:
        return
    _, places = open_places(settings)
    found = named_recipients(read_recipients(places.recipients))
    if as_json:
        typer.echo(json.dumps([{"recipient": one.recipient, "name": one.name} for one in found], indent=1))
        return
    table = Table("recipient", "name")
    for one in found:
        table.add_row(one.recipient, one.name)
    Console(highlight=False, width=120).print(table)


@app.command()
def add(
    context: typer.Context,
    recipient: RecipientArgument,
    name: Annotated[str, typer.Option(help="Whose it is.")] = "",
    past: PastOption = False,
    with_operator: OperatorOption = "",
    settings: SettingsOption = None,
) -> None:
    """Seal footage to one more from now on, also beside a running agent."""
    chosen, places = open_places(settings or context.obj)
    recipient = recipient.strip().lower()
    text = read_recipients(places.recipients)
    # With --past, doing it again completes what was cut off.
    if not (past and _lists(text, recipient)):
        text = with_recipient(text, recipient, name)
    detail = {"what": "recipient added", "recipient": recipient} | ({"name": name} if name else {})
    _change(chosen, places, detail, text, past, with_operator)


@app.command()
def remove(
    context: typer.Context,
    recipient: RecipientArgument,
    past: PastOption = False,
    with_operator: OperatorOption = "",
    settings: SettingsOption = None,
) -> None:
    """Seal footage to one fewer from now on, also beside a running agent."""
    chosen, places = open_places(settings or context.obj)
    recipient = recipient.strip().lower()
    text = read_recipients(places.recipients)
    if not past or _lists(text, recipient):
        text = without_recipient(text, recipient)
    _change(chosen, places, {"what": "recipient removed", "recipient": recipient}, text, past, with_operator)


@app.command()
def past(context: typer.Context, with_operator: OperatorOption = "", settings: SettingsOption = None) -> None:
    """Seal recorded footage as custody.sealing, the owners' file and the accounts say now."""
    chosen, places = open_places(settings or context.obj)
    _change(chosen, places, {"what": "sealed anew"}, read_recipients(places.recipients), True, with_operator)


def _lists(text: str, recipient: str) -> bool:
    return any(one.recipient == recipient for one in named_recipients(text))


def _change(
    chosen: Settings, places: Places, detail: dict[str, str], text: str, past: bool, with_operator: str
) -> None:
    key = load_camera_key(places.camera_key)
    sealed_to = SealedTo(places, key).with_owners(text)
    register = Register(places.register, key.sign, key.public)
    told = detail | {"past": str(past), "sealing": sealed_to.kind.value}
    done: Resealed | None = None
    held = 0
    with _ring_alone(places, past) as medium:
        opening = _opening(places, sealed_to, with_operator) if past else None
        line = register.write(
            Act.KEY_CHANGE,
            who=getpass.getuser(),
            purpose="who may open footage",
            detail=told | ({"operator": with_operator} if with_operator else {}),
        )
        if medium is not None and opening is not None:
            with _told_what_it_takes(with_operator):
                done = _reseal(medium, key, opening, sealed_to)
            _reseal_album(places, key, opening, sealed_to)
            held = holds_of(chosen, places, key).store.reseal(
                lambda slot: sealed_anew(slot, opening.unseal, sealed_to.seal, key.sign)
            )
        # Last, so that a change that was cut off looks as if it had not been made, and is made again.
        replace_durably(places.recipients, text.encode(), shared=True)
    counts = {"epochs": str(done.epochs), "unopened": str(done.unopened), "held": str(held)} if done else {}
    register.complete(line, {"what": detail["what"], "done": "True", **counts})
    _tell(sealed_to, done, held, with_operator)


def _opening(places: Places, sealed_to: Sealing, with_operator: str) -> Together:
    """Who opens what is sealed anew. Raises: NotAllowed when somebody would be locked out, and could then not even
    complete what was cut off.
    """
    if sealed_to.kind is SealingKind.TWO_PERSON and not with_operator:
        raise NotAllowed(
            "recorded footage that is sealed to two people takes both to be sealed anew",
            do="add --with-operator NAME, who types their passphrase",
            safe="nothing was changed",
        )
    owner = unlock(places)
    if owner.recipient() not in sealed_to.owners:
        raise NotAllowed(
            "the key under this passphrase would open nothing any more",
            do="put the new owner's under a passphrase first: `edgecam passphrase --kit`",
            safe="nothing was changed",
        )
    return Together(owner, unlock_operator(places, with_operator)) if with_operator else Together(owner)


@contextmanager
def _told_what_it_takes(with_operator: str) -> Iterator[None]:
    try:
        yield
    except NotAllowed as refused:
        if with_operator:
            raise
        more = "if it is sealed to two people, add --with-operator NAME"
        raise NotAllowed(refused.what, do=f"{refused.do}; {more}", safe=refused.safe) from refused


@contextmanager
def _ring_alone(places: Places, past: bool) -> Iterator[FileMedium | None]:
    """The ring with its lock held, so that nothing is recorded meanwhile; ``None`` without ``past``."""
    if not past:
        yield None
        return
    try:
        medium = FileMedium.open(places.ring, writable=True)
    except Unavailable as held:
        raise Unavailable(
            "recorded footage can only be sealed anew while nothing is recorded",
            do="stop edgecam first, or leave --past away",
            safe="nothing was changed",
        ) from held
    try:
        yield medium
    finally:
        medium.close()


def _reseal(medium: FileMedium, key: CameraKey, opening: Together, sealed_to: Sealing) -> Resealed:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sealing recorded footage")
        return reseal(
            medium,
            camera_public=key.public,
            sign=key.sign,
            unseal=opening.unseal,
            seal=sealed_to.seal,
            on_epoch=lambda done, total: progress.update(task, completed=done, total=total),
        )


def _reseal_album(places: Places, key: CameraKey, opening: Together, sealed_to: Sealing) -> None:
    if not places.album.exists():
        return
    medium = FileMedium.open(places.album, writable=True)
    try:
        _reseal(medium, key, opening, sealed_to)
    except (BadInput, NotAllowed) as refused:
        # Pictures of events alone: what they are of is recorded, and sealed anew.
        typer.echo(f"The pictures of events stay as they are: {refused}", err=True)
    finally:
        medium.close()


def _tell(sealed_to: Sealing, done: Resealed | None, held: int, with_operator: str) -> None:
    count = sealed_to.count
    both = ", an owner's key and an operator's together" if sealed_to.kind is SealingKind.TWO_PERSON else ""
    typer.echo(f"From now on footage is sealed to {count}{both}; a running agent follows within ten seconds.")
    if done is None:
        typer.echo("Recorded footage stays as it is; --past seals that anew too.")
        return
    typer.echo(
        f"Recorded footage: {done.epochs} epochs, and {held} that are held, are sealed to the same {count} now."
    )
    if done.unopened:
        more = "" if with_operator else "; what is sealed to two people takes --with-operator NAME too"
        typer.echo(f"{done.unopened} epochs stay as they are: the owner's secret does not open them{more}.")
