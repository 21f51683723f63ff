"""`edgecam export`: footage of ring or hold, opened with the owner's passphrase, as MP4 that proves itself."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from edgecam.casework import case_rules_of
from edgecam.choices import retention_of
from edgecam.cli.casetelling import store_of, this_user
from edgecam.cli.duefirst import erase_what_is_due
from edgecam.cli.formoptions import (
    AffiliationOption,
    LegalBasisOption,
    RecipientAffiliationOption,
    RecipientContactOption,
    RecipientOption,
    RemarksOption,
    UseOption,
    ViewersOption,
)
from edgecam.cli.holding import holds_of
from edgecam.cli.options import OperatorOption, SettingsOption, local_zone, open_places, parse_moment, unlock_with
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput
from edgecam.custody.accounts.accounts import account_name
from edgecam.custody.accounts.accountstore import read_accounts
from edgecam.custody.cases.case import Use
from edgecam.custody.cases.permission import Permission
from edgecam.custody.evidence.export import CopyLife, Export, Purpose, export_footage
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.places import Places
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.ringbuffer.lifetime import rest_of_life_ns
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader, live_epochs
from edgecam.settings import Settings

# Earlier and later than any footage.
_EVER = -(1 << 62), 1 << 62
# Where nobody says what for, and no purpose is declared.
_NO_PURPOSE = "owner's copy"


def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The MP4 to write.")],
    from_: Annotated[str, typer.Option("--from", help="2026-11-21T14:00:00, 14:00 (today), -15m or -2h.")] = "",
    to: Annotated[str, typer.Option("--to", help="As --from, or now.")] = "now",
    hold: Annotated[str, typer.Option(metavar="ID", help="Out of this hold; without --from, all of it.")] = "",
    case: Annotated[str, typer.Option(metavar="CASE", help="By this case's permit, for its purpose.")] = "",
    purpose: Annotated[str, typer.Option(help="What for; it stands in the register.")] = "",
    by: Annotated[str, typer.Option(help="Who takes it, by name; without it the name of the login.")] = "",
    affiliation: AffiliationOption = "",
    use: UseOption = "",
    legal_basis: LegalBasisOption = "",
    recipient: RecipientOption = "",
    recipient_affiliation: RecipientAffiliationOption = "",
    recipient_contact: RecipientContactOption = "",
    viewers: ViewersOption = "",
    remarks: RemarksOption = "",
    with_operator: OperatorOption = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file of that name.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Hand over footage; asks for the owner's passphrase and writes a register line first."""
    told = FormFields(
        affiliation=affiliation,
        use=use,
        legal_basis=legal_basis,
        recipient=recipient,
        recipient_affiliation=recipient_affiliation,
        recipient_contact=recipient_contact,
        viewers=", ".join(filter(None, [viewers.strip(), with_operator])),
        remarks=remarks,
    )
    chosen, places = open_places(settings)
    if not from_ and not hold:
        raise BadInput("it is not clear what to export", do="give --from, or --hold")
    zone = local_zone()
    from_ns, to_ns = (parse_moment(from_, zone), parse_moment(to, zone)) if from_ else _EVER
    if to_ns <= from_ns:
        raise BadInput("--to is not after --from")
    key = load_camera_key(places.camera_key)
    identity = unlock_with(places, with_operator)
    erase_what_is_due(chosen, places, key)
    opened = _held(chosen, places, key, hold) if hold else _in_ring(chosen, places, from_ns, to_ns)
    with opened as taken, Counting("exporting", *(taken.all_ns if not from_ else (from_ns, to_ns))) as counting:
        permission = Permission(store_of(places, key), case_rules_of(chosen), SystemClock())
        span_ns = (from_ns, to_ns) if from_ else taken.all_ns
        allowed = _allowed(
            permission,
            span_ns,
            Purpose(by.strip() or getpass.getuser(), purpose, told),
            case,
            both=_operator_allows(places, key, with_operator),
        )
        done = export_footage(
            taken.footage,
            identity,
            from_ns,
            to_ns,
            out.absolute(),
            Register(places.register, key.sign, key.public),
            allowed,
            overwrite=overwrite,
            on_segment=counting.segment,
            life=taken.life,
            hold_id=hold,
            registered_ns=None if from_ else taken.all_ns,
        )
        _tell(done, taken.life)


def _operator_allows(places: Places, key: CameraKey, name: str) -> bool:
    """Whether who gave the passphrase of ``name`` is an operator: one who is switched off allows nothing."""
    if not name:
        return False
    accounts = read_accounts(places.accounts, key.public)
    return accounts.of(account_name(name)).recipient in accounts.operators()


def _allowed(
    permission: Permission, span_ns: tuple[int, int], asked: Purpose, case: str, *, both: bool = False
) -> Purpose:
    """``asked`` with the ground on which the policy lets the owner copy that. Raises: as `Permission.approve`."""
    told = asked.told
    declared = told.use in ("", Use.WITHIN)
    if not (declared or case or told.legal_basis):
        raise BadInput(
            "outside of the declared purposes it takes a ground in law",
            do="add --legal-basis, or --case",
            safe="nothing was copied",
        )
    leave = permission.approve(this_user(), Act.COPY, *span_ns, asked.purpose if declared else "", case, both=both)
    ground = FormFields(**{**leave.detail, **told.detail()})
    return Purpose(asked.who, asked.purpose or leave.purpose or _NO_PURPOSE, ground)


@dataclass(frozen=True, slots=True)
class _Taken:
    """Where the copy is taken from, for how long it may live, and from when to when that footage is at most."""

    footage: Footage
    life: CopyLife
    all_ns: tuple[int, int]


@contextmanager
def _in_ring(settings: Settings, places: Places, from_ns: int, to_ns: int) -> Iterator[_Taken]:
    clock = SystemClock()
    medium = FileMedium.open(places.ring, writable=False)
    try:
        reader, now = RingReader(medium, retention_of(settings), clock.now), clock.now()
        first = next(reader.segments(from_ns, to_ns), None)
        rest_ns = rest_of_life_ns(reader.dated(), first.header.epoch, now) if first else 0
        yield _Taken(reader, CopyLife(rest_ns, now), (from_ns, to_ns))
    finally:
        medium.close()


@contextmanager
def _held(settings: Settings, places: Places, key: CameraKey, hold_id: str) -> Iterator[_Taken]:
    holds = holds_of(settings, places, key)
    standing = holds.find(hold_id, live_epochs(places.ring))
    record = standing.record
    life = CopyLife(max(0, record.term.life_ns - standing.age_ns), standing.now)
    with holds.store.footage(hold_id) as held:
        yield _Taken(held, life, (record.from_wall_ns, record.to_wall_ns))


class Counting:
    """A progress bar over the asked time, on stderr and only on a terminal."""

    def __init__(self, doing: str, from_ns: int, to_ns: int) -> None:
        console = Console(stderr=True)
        self._progress = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._from_ns = from_ns
        self._task = self._progress.add_task(doing, total=to_ns - from_ns)

    def __enter__(self) -> Counting:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def segment(self, header: SegmentHeader) -> None:
        self._progress.update(self._task, completed=header.end_wall_ns - self._from_ns)


def _tell(done: Export, life: CopyLife) -> None:
    held = done.account
    for path, digest in zip(done.paths, done.sha256, strict=True):
        typer.echo(f"{path}\n  sha256 {digest}")
    typer.echo(f"{held.duration_ns / NS_PER_S:.1f} s of footage in {held.segments} segments, {held.frames} frames")
    for gap in held.gaps:
        shown = ", shown as one second" if gap.shortened else ""
        typer.echo(f"gap of {gap.length} ({gap.cause}){shown}")
    for period in held.private:
        typer.echo(f"wholly masked: {period}")
    for period in held.untrusted:
        typer.echo(f"clock not synchronised: {period}")
    for period in done.damaged:
        typer.echo(f"damaged, left out: {period}")
    typer.echo(f"this copy is to be erased by {life}: it may live as long as its original")
