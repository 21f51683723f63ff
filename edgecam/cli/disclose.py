"""`edgecam disclose`: gives away what a granted case asks for, with all that proves it, and keeps a duplicate."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.casetelling import store_of, this_user
from edgecam.cli.duefirst import erase_what_is_due
from edgecam.cli.export import Counting
from edgecam.cli.holding import holds_of
from edgecam.cli.options import OperatorOption, SettingsOption, open_places, unlock_with
from edgecam.cli.plaintext import plain
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput
from edgecam.custody.cases.case import Case
from edgecam.custody.disclosure.disclosure import Given
from edgecam.custody.disclosure.obscuring import ExtraBox
from edgecam.custody.disclosure.review import Decisions, Review
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.register.register import Register
from edgecam.disclosing import Disclosing, Wish
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.places import Places
from edgecam.settings import Settings

_BOX = re.compile(r"([0-9]{1,9})-([0-9]{1,9}):([0-9]{1,5}),([0-9]{1,5}),([0-9]{1,5}),([0-9]{1,5})")


def disclose(
    words: Annotated[list[str], typer.Argument(metavar="CASE | release CASE | list | erase DUPLICATE")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The folder to make, or the age file where it is sealed.")
    ] = None,
    seal_to: Annotated[
        str, typer.Option(metavar="age1…", help="The receiver's key; without it the one in the case.")
    ] = "",
    unsealed: Annotated[
        bool, typer.Option("--unsealed", help="As a folder, though the receiver has a key.")
    ] = False,
    watermark: Annotated[str, typer.Option(help="Written across every picture: to whom, and when.")] = "",
    obscure: Annotated[
        bool, typer.Option("--obscure", help="Cover everybody but those to keep; begins a review.")
    ] = (False),
    review: Annotated[Path | None, typer.Option(help="The folder of the review.")] = None,
    keep: Annotated[list[int] | None, typer.Option(help="A track that stays visible; may be repeated.")] = None,
    fill: Annotated[list[int] | None, typer.Option(help="A track to cover too; may be repeated.")] = None,
    box: Annotated[
        list[str] | None, typer.Option(help="FIRST-LAST:X0,Y0,X1,Y1 to cover in these frames; may be repeated.")
    ] = None,
    reviewed_by: Annotated[str, typer.Option("--reviewed-by", help="Who looked at every frame.")] = "",
    frames_seen: Annotated[int, typer.Option("--frames-seen", help="How many frames they looked at.")] = 0,
    hold: Annotated[str, typer.Option(metavar="ID", help="Take it out of this hold.")] = "",
    reason: Annotated[str, typer.Option(help="Why a duplicate is erased before its day.")] = "",
    with_operator: OperatorOption = "",
    settings: SettingsOption = None,
) -> None:
    """Give away the copy of a granted case, registered; list and erase the duplicates that are kept of it."""
    chosen, places = open_places(settings)
    desk = _Desk(chosen, places, load_camera_key(places.camera_key))
    wish = Wish(this_user().name, seal_to, watermark, review, reviewed_by, frames_seen, hold)
    match words:
        case ["list"]:
            desk.tell_duplicates()
        case ["erase", duplicate_id]:
            desk.disclosing.duplicates.erase(duplicate_id, this_user().name, reason)
            typer.echo(f"duplicate {duplicate_id} is erased")
        case ["release", case_id]:
            if review is None:
                raise BadInput("a release is of a review", do="name its folder with --review")
            desk.give(desk.case(case_id), wish, out, unsealed, with_operator)
        case [case_id] if obscure or review is not None:
            if review is None:
                raise BadInput("covering people takes a review", do="name a folder for it with --review")
            decided = Decisions(frozenset(keep or ()), frozenset(fill or ()), tuple(map(_box, box or ())))
            desk.review(desk.case(case_id), wish, review, decided, with_operator)
        case [case_id]:
            desk.give(desk.case(case_id), wish, out, unsealed, with_operator)
        case _:
            raise BadInput("it is not clear what to do", do="name a case, or: list, erase DUPLICATE, release CASE")


class _Desk:
    """One run of the command."""

    def __init__(self, settings: Settings, places: Places, key: CameraKey) -> None:
        self._settings, self._places, self._key = settings, places, key
        clock = SystemClock()
        self._cases = store_of(places, key)
        register = Register(places.register, key.sign, key.public, clock)
        holds = holds_of(settings, places, key)
        self.disclosing = Disclosing(settings, places, key, register, self._cases, holds, clock)
        self.disclosing.tend()

    def case(self, case_id: str) -> Case:
        return self._cases.find(case_id)

    def give(self, case: Case, wish: Wish, out: Path | None, unsealed: bool, operator: str) -> None:
        if out is None:
            raise BadInput("it is not clear where to", do="name it with -o")
        wish = replace(wish, sealed_to="" if unsealed else wish.sealed_to or case.asker.recipient)
        identity = unlock_with(self._places, operator)
        erase_what_is_due(self._settings, self._places, self._key)
        with Counting("copying", case.from_wall_ns or 0, case.to_wall_ns or 1) as counting:
            given = self.disclosing.give(case, wish, out.absolute(), identity, counting.segment)
        _tell(given)
        if wish.review is not None:
            Review.load(wish.review).drop()
            typer.echo(f"the review in {wish.review} is erased")

    def review(self, case: Case, wish: Wish, folder: Path, decided: Decisions, operator: str) -> None:
        if (folder / "review.json").exists():
            found = Review.load(folder)
        else:
            identity = unlock_with(self._places, operator)
            erase_what_is_due(self._settings, self._places, self._key)
            found = self.disclosing.begin_review(case, wish, folder, identity)
        if found.case_id != case.case_id:
            raise BadInput(f"the review in {folder} is of case {found.case_id}")
        if decided != Decisions():
            found.decide(decided)
        table = Table("track", "what", "frames", "covered", "picture")
        for one in found.tracks():
            frames = f"{one.first_frame}-{one.last_frame}"
            covered = "yes" if one.filled else "no"
            table.add_row(str(one.number), one.kind, frames, covered, found.picture_of(one.number).name)
        Console(highlight=False, width=100).print(table)
        typer.echo(
            f"{found.frames} frames. Look at every one in {folder}/covered, give --keep, --fill and --box until it "
            f"is right, then: edgecam disclose release {case.case_id} --review {folder} --reviewed-by NAME "
            f"--frames-seen {found.frames} -o OUT"
        )

    def tell_duplicates(self) -> None:
        table = Table("duplicate", "given to", "made", "kept until", "MiB")
        found = self.disclosing.duplicates.all()
        for one in found:
            until = (
                "its clock was never set" if one.kept_until_wall_ns is None else wall_time(one.kept_until_wall_ns)
            )
            made = wall_time(one.made_wall_ns)[:16]
            table.add_row(one.duplicate_id, plain(one.recipient), made, until, f"{one.size_bytes / 2**20:.1f}")
        if found:
            Console(highlight=False, width=140).print(table)
        for trouble in self.disclosing.duplicates.troubles():
            typer.echo(trouble)
        typer.echo(f"{len(found) or 'No'} duplicate{'s' * (len(found) != 1)}.")


def _tell(given: Given) -> None:
    held = given.export.account
    typer.echo(f"{given.path}")
    for name, digest in given.files:
        typer.echo(f"  {name}  sha256 {digest}")
    typer.echo(f"{held.duration_ns / NS_PER_S:.1f} s of footage, {held.frames} frames")
    for period in given.export.damaged:
        typer.echo(f"damaged, left out: {period}")
    until = given.duplicate.kept_until_wall_ns
    told = "the owner erases it: the clock was never set" if until is None else wall_time(until)
    typer.echo(f"a duplicate is kept as {given.duplicate.duplicate_id} until {told}")


def _box(told: str) -> ExtraBox:
    found = _BOX.fullmatch(told)
    if found is None:
        raise BadInput(f"{told!r} is no box", do="write FIRST-LAST:X0,Y0,X1,Y1, as 10-25:100,80,180,240")
    first, last, x0, y0, x1, y1 = map(int, found.groups())
    return ExtraBox(first, last, (x0, y0, x1, y1))
