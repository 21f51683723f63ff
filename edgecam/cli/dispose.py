"""`edgecam dispose`: makes ring, album and all holds unreadable for good, and certifies it."""

from __future__ import annotations

import getpass
import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from edgecam.cli.formoptions import AffiliationOption
from edgecam.cli.holding import holds_of
from edgecam.cli.options import SettingsOption, open_places
from edgecam.core.clock import Instant, SystemClock
from edgecam.core.durable import erase_durably, replace_durably
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed
from edgecam.custody.evidence.export import Purpose
from edgecam.custody.holds import Holds
from edgecam.custody.paper.certificate import DisposalCertificate
from edgecam.custody.paper.certificate_words import WORDS
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.eventlog import erase_all
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.places import Places
from edgecam.ringbuffer.disklife import serials_under
from edgecam.ringbuffer.disposal import Disposal, dispose_ring
from edgecam.ringbuffer.medium import FileMedium
from edgecam.supervise import agent_running


def dispose(
    reason: Annotated[str, typer.Option(help="Why; for the register and the certificate.")] = "disposal",
    language: Annotated[str, typer.Option(help="Of the printed certificate: ja, ko or en.")] = "en",
    by: Annotated[str, typer.Option(help="Who does it, by name; without it the name of the login.")] = "",
    affiliation: AffiliationOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Destroy all footage for good, held or not, verify it, and print the certificate."""
    chosen, places = open_places(settings)
    if language not in WORDS:
        raise BadInput(f"there is no certificate in {language!r}", do=f"use one of {', '.join(WORDS)}")
    if agent_running(places):
        raise NotAllowed("edgecam is recording into this ring", do="stop it first", safe="nothing was destroyed")
    key = load_camera_key(places.camera_key)
    _confirm(key.camera_id, yes)
    who = Purpose(by.strip() or getpass.getuser(), reason, FormFields(affiliation=affiliation))
    certificate = _dispose(places, key, holds_of(chosen, places, key), who)
    for known in WORDS:
        replace_durably(places.state_dir / f"disposal.{known}.txt", certificate.to_text(known).encode())
    replace_durably(places.state_dir / "disposal.json", certificate.to_json())
    typer.echo(certificate.to_text(language))
    typer.echo(f"kept as {places.state_dir}/disposal.json and disposal.{{{','.join(WORDS)}}}.txt", err=True)


def _confirm(camera_id: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("nobody is there to confirm", do="add --yes", safe="nothing was destroyed")
    typed = typer.prompt(f"All footage of {camera_id} will be destroyed for good. Type the camera's name to go on")
    if typed != camera_id:
        raise NotAllowed("the name does not match", safe="nothing was destroyed")


def _dispose(places: Places, key: CameraKey, holds: Holds, asked: Purpose) -> DisposalCertificate:
    register = Register(places.register, key.sign, key.public)
    medium = FileMedium.open(places.ring, writable=True)
    try:
        line = register.write(Act.DISPOSAL, who=asked.who, purpose=asked.purpose, detail=asked.told.detail())
        held = holds.erase_all(asked.who)
        for path in places.cases.glob("*.keys"):
            erase_durably(path)  # a permit's copies of keys that are destroyed here
        # The ring last: while it is one, all of this can be done again after a power cut.
        album = _dispose_album(places)
        erase_all(places.events)
        disposal = dispose_ring(medium)
        # What somebody began to hold meanwhile.
        held += holds.erase_all(asked.who)
    finally:
        medium.close()
    verified = disposal.verified and album.verified and all(erasure.verified for erasure in held)
    destroyed = {"epochs": disposal.epochs, "album": album.epochs, "holds": len(held), "verified": verified}
    register.complete(line, {name: str(value) for name, value in destroyed.items()})
    if not verified:
        raise MediaFailing(
            "the medium did not read back as overwritten", do="destroy it physically; no certificate is given"
        )
    certificate = _certificate(
        places, disposal, album.epochs, len(held), asked.purpose, line.sequence, SystemClock().now()
    )
    return certificate.signed(key.sign)


@dataclass(frozen=True, slots=True)
class _Album:
    """How many epochs of pictures were destroyed, and whether that was read back."""

    epochs: int = 0
    verified: bool = True


def _dispose_album(places: Places) -> _Album:
    """What is no ring at its place is overwritten all the same: it may have been one."""
    if not places.album.exists():
        return _Album()
    try:
        medium = FileMedium.open(places.album, writable=True)
        try:
            disposal = dispose_ring(medium)
        except BadInput:
            medium.zero(0, medium.size_bytes)
            medium.flush()
            return _Album()
        finally:
            medium.close()
    except MediaFailing:
        # The ring is destroyed all the same; there is no certificate then.
        return _Album(verified=False)
    return _Album(disposal.epochs, disposal.verified)


def _certificate(
    places: Places, disposal: Disposal, album_epochs: int, holds: int, reason: str, line: int, now: Instant
) -> DisposalCertificate:
    return DisposalCertificate(
        camera_public=disposal.camera_public,
        ring_id=disposal.ring_id,
        medium=str(places.ring),
        medium_serial=serials_under(places.ring),
        size_bytes=disposal.size_bytes,
        epochs=disposal.epochs,
        album_epochs=album_epochs,
        holds=holds,
        from_wall_ns=disposal.from_wall_ns,
        to_wall_ns=disposal.to_wall_ns,
        verified=disposal.verified,
        at_wall_ns=now.wall_ns,
        trust=now.trust,
        who=getpass.getuser(),
        reason=reason,
        register_sequence=line,
    )
