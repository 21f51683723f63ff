"""`edgecam holds`: what is kept beyond its time, why, by whom, until when, and whether a review is due."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.holding import holds_of
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.holds import Standing
from edgecam.keys.camera import load_camera_key
from edgecam.ringbuffer.reader import live_epochs

_MIB = 1 << 20


def holds(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List the holds; needs no passphrase."""
    chosen, places = open_places(settings)
    of_camera = holds_of(chosen, places, load_camera_key(places.camera_key))
    standing = of_camera.standing(live_epochs(places.ring))
    stored = of_camera.store.all()
    used_bytes, quota_bytes = sum(hold.size_bytes for hold in stored), of_camera.store.quota_bytes
    troubles = [f"{hold.hold_id}: {hold.trouble}" for hold in stored if hold.trouble]
    if as_json:
        told = [_told(held) for held in standing]
        typer.echo(
            json.dumps(
                {"holds": told, "used_bytes": used_bytes, "quota_bytes": quota_bytes, "troubles": troubles},
                indent=1,
                ensure_ascii=False,
            )
        )
        return
    # A pipe has no width of its own; folded times would be of no use to whoever reads it.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    if standing:
        table = Table("hold", "footage", "size", "reason", "decided by", "original ends", "hold ends", "review")
        for held in standing:
            table.add_row(*_row(held))
        console.print(table)
    for trouble in troubles:
        typer.echo(trouble)
    typer.echo(
        f"{len(standing) or 'No'} hold{'s' * (len(standing) != 1)}; "
        f"{used_bytes / _MIB:.1f} of {quota_bytes / _MIB:.1f} MiB are used."
    )


def _row(held: Standing) -> tuple[str, ...]:
    record, term = held.record, held.record.term
    due = _second(held.told(term.review_due_ns))
    review = f"review due since {due}" if held.review_is_due else f"by {due}"
    return (
        record.hold_id,
        f"{_second(wall_time(record.from_wall_ns))} to {_second(wall_time(record.to_wall_ns))}",
        f"{held.size_bytes / 1e6:.1f} MB",
        record.why.reason,
        record.why.decided_by,
        _second(held.told(term.original_life_ns)),
        _second(held.told(term.life_ns)),
        review if term.review_due_ns < term.life_ns else "-",
    )


def _second(told: str) -> str:
    """A told moment without its milliseconds."""
    head, dot, tail = told.partition(".")
    return f"{head} UTC" if dot and tail.endswith(" UTC") else told


def _told(held: Standing) -> dict[str, Any]:
    record, why, term, count = held.record, held.record.why, held.record.term, held.record.count
    return {
        "id": record.hold_id,
        "from": wall_time(record.from_wall_ns),
        "to": wall_time(record.to_wall_ns),
        "size_bytes": held.size_bytes,
        "reason": why.reason,
        "decided_by": why.decided_by,
        "asked_by": why.asked_by,
        "case": why.case,
        "note": why.note,
        "decided": wall_time(record.created.wall_ns),
        "original_end": held.told(term.original_life_ns),
        "end": held.told(term.life_ns),
        "days_left": round((term.life_ns - held.age_ns) / NS_PER_S / 86_400, 4),
        "review_due": held.told(term.review_due_ns),
        "review_is_due": held.review_is_due,
        "reviewed_by": term.reviewed_by,
        "review_note": term.review_note,
        "segments": count.kept,
        "segments_damaged": count.damaged,
        "segments_erased_meanwhile": count.erased,
        "clock_synchronised": held.now.trust is TimeTrust.SYNCED,
    }
