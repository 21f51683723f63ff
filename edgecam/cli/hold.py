"""`edgecam hold`: keeps footage longer than the policy, for a reason; reviews and extends what is held."""

from __future__ import annotations

from typing import Annotated

import typer

from edgecam.cli.duefirst import erase_what_is_due
from edgecam.cli.export import Counting
from edgecam.cli.formoptions import AffiliationOption
from edgecam.cli.holding import holds_of, parse_duration
from edgecam.cli.options import SettingsOption, local_zone, open_places, parse_moment
from edgecam.core.clock import NS_PER_S, SystemClock, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.custody.evidence.account import Period
from edgecam.custody.holds import HoldEndTime, HoldOrder, Placed, Standing
from edgecam.keys.camera import load_camera_key
from edgecam.ringbuffer.holdrecord import HoldWhy
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import live_epochs


def hold(
    from_: Annotated[str, typer.Option("--from", help="2026-11-21T14:00:00, 14:00 (today), -15m or -2h.")] = "",
    to: Annotated[str, typer.Option("--to", help="As --from, or now.")] = "now",
    reason: Annotated[str, typer.Option(help="Why; for a new hold and for --extend.")] = "",
    by: Annotated[str, typer.Option(help="Who decides, by name.")] = "",
    affiliation: AffiliationOption = "",
    until: Annotated[str, typer.Option(help="When it ends; without: when the original would.")] = "",
    for_: Annotated[str, typer.Option("--for", help="For how long, instead of --until: 90d, 6w, 1y.")] = "",
    asked_by: Annotated[str, typer.Option("--asked-by", help="Who asks for the footage, if anybody does.")] = "",
    case: Annotated[str, typer.Option(help="Their number for it.")] = "",
    note: Annotated[str, typer.Option(help="Whatever else matters; with --review, what was found.")] = "",
    review_every: Annotated[str, typer.Option("--review-every", help="How often somebody is to look.")] = "30d",
    review: Annotated[str, typer.Option(metavar="ID", help="This hold was looked at and is still needed.")] = "",
    extend: Annotated[str, typer.Option(metavar="ID", help="Give this hold another end.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Keep footage beyond its time, or review or extend what is kept; needs no passphrase."""
    if sum(map(bool, (from_, review, extend))) != 1:
        raise BadInput("it is not clear what to do", do="give one of --from, --review and --extend")
    chosen, places = open_places(settings)
    key = load_camera_key(places.camera_key)
    holds = holds_of(chosen, places, key)
    now, zone = SystemClock().now(), local_zone()
    end = HoldEndTime(parse_moment(until, zone) if until else None, parse_duration(for_) if for_ else None)
    if review:
        _tell_change(holds.review(review, live_epochs(places.ring), by, note, affiliation))
    elif extend:
        _tell_change(holds.extend(extend, live_epochs(places.ring), end, by, reason, affiliation))
    else:
        from_ns, to_ns = parse_moment(from_, zone), parse_moment(to, zone)
        if to_ns <= from_ns:
            raise BadInput("--to is not after --from")
        why = HoldWhy(reason, by, asked_by, case, note)
        ends = end if until or for_ else None
        order = HoldOrder(from_ns, to_ns, why, ends, parse_duration(review_every), affiliation)
        erase_what_is_due(chosen, places, key)
        medium = FileMedium.open(places.ring, writable=False)
        try:
            with Counting("holding", from_ns, to_ns) as counting:
                placed = holds.place(medium, order, counting.segment)
        finally:
            medium.close()
        _tell(placed, from_ns, min(to_ns, now.wall_ns))


def _tell(placed: Placed, from_ns: int, to_ns: int) -> None:
    held, account = placed.standing, placed.account
    record, count = held.record, held.record.count
    typer.echo(
        f"hold {record.hold_id}: {account.duration_ns / NS_PER_S:.1f} s of footage in {count.kept} segments, "
        f"{held.size_bytes / 1e6:.1f} MB"
    )
    _tell_ends(held)
    begun_ns, ended_ns = record.from_wall_ns, record.to_wall_ns
    for missing in (Period(from_ns, begun_ns), Period(ended_ns, to_ns)):
        if missing.to_wall_ns - missing.from_wall_ns > NS_PER_S:
            typer.echo(f"not in the ring: {missing}")
    for gap in account.gaps:
        typer.echo(f"gap of {gap.length} ({gap.cause})")
    for period in placed.damaged:
        typer.echo(f"damaged, left out: {period}")
    if count.erased:
        typer.echo(f"erased while it was copied, left out: {count.erased} segments")
    for period in account.untrusted:
        typer.echo(f"clock not synchronised: {period}")


def _tell_change(held: Standing) -> None:
    typer.echo(f"hold {held.record.hold_id}")
    _tell_ends(held)


def _tell_ends(held: Standing) -> None:
    term = held.record.term
    typer.echo(f"the original is erased  {held.told(term.original_life_ns)}")
    typer.echo(f"the hold ends           {held.told(term.life_ns)}")
    if term.review_due_ns < term.life_ns:
        typer.echo(f"review due              {held.told(term.review_due_ns)}")
    if held.now.trust is not TimeTrust.SYNCED:
        typer.echo("the clock is not synchronised: until it is, only the time that the camera is on counts")
