"""`edgecam plan`: how many days the ring keeps at which settings, and which settings keep the policy."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edgecam.album import day_of_digest, day_of_thumbnails
from edgecam.choices import album_size_of
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput
from edgecam.places import Places
from edgecam.ringbuffer.plan import QUALITIES, Cell, Plan, Verdict
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention
from edgecam.ringplan import GIB, days_words, floor_days, make_plan, picked_changes, refusal
from edgecam.settings import Settings, changed_toml, commented_toml, decode_settings

_MARKS = {Verdict.KEPT: "○", Verdict.SQUEEZED: "△", Verdict.SHORT: "×"}
_STYLES = {Verdict.KEPT: "green", Verdict.SQUEEZED: "yellow", Verdict.SHORT: "dim"}


def plan(
    settings: SettingsOption = None,
    policy: Annotated[
        str, typer.Option(help="What if it were this one: kumagaya, inzai, gwangju, daejeon, own.")
    ] = "",
    size_gib: Annotated[float, typer.Option(help="What if the ring had this many gibibytes.")] = 0.0,
    as_json: JsonOption = False,
    write: Annotated[bool, typer.Option("--write", help="Put the picked settings into the settings file.")] = False,
) -> None:
    """Show the days kept for each frame rate and quality, pick the best that keeps the policy's floor.

    Exit 1 when this ring cannot keep it at all. Needs no passphrase.
    """
    if write and (policy or size_gib):
        raise BadInput("what-if settings are not written", do="set retention.policy and ring.size_gib first")
    chosen, places = open_places(settings)
    chosen = _what_if(chosen, policy, size_gib)
    made = make_plan(chosen, places, as_it_is=not size_gib)
    picked = made.pick()
    if as_json:
        typer.echo(json.dumps(_as_json(chosen, made, picked), indent=1))
    else:
        _show(chosen, made, picked)
    if picked is None:
        raise refusal(chosen, made)
    if write:
        _write(places, made, picked)


def _what_if(settings: Settings, policy: str, size_gib: float) -> Settings:
    changes: dict[str, dict[str, object]] = {}
    if policy:
        changes["retention"] = {"policy": policy}
    if size_gib:
        changes["ring"] = {"size_gib": size_gib}
    # Through the same checks as a file.
    return decode_settings(changed_toml(commented_toml(settings), changes)) if changes else settings


def _show(settings: Settings, made: Plan, picked: Cell | None) -> None:
    console = Console(highlight=False)
    camera = made.camera
    title = (
        f"days kept in {made.data_size / GIB:.3g} GiB at {camera.width}x{camera.height}; "
        f"{settings.retention.policy}: {_policy_words(made.retention)}"
    )
    table = Table("frames a second", *QUALITIES, title=title)
    for fps, cells in made.rows():
        table.add_row(f"{fps:g}", *(_cell_text(cell, made, picked) for cell in cells))
    console.print(table)
    legend = "○ keeps the floor  △ keeps it by lowering the picture  × does not  [ ] as set  → picked"
    console.print(legend, markup=False, soft_wrap=True)
    for line in (*_notes(made), *_album_notes(settings)):
        console.print(line, soft_wrap=True)
    if picked is not None:
        console.print(_pick_words(made, picked), soft_wrap=True)


def _cell_text(cell: Cell, made: Plan, picked: Cell | None) -> Text:
    text = f"{cell.days:.2f} {_MARKS[cell.verdict]}"
    if (cell.fps, cell.quality) == (made.camera.fps, made.camera.quality):
        text = f"[{text}]"
    return Text(f"→ {text}" if cell == picked else text, _STYLES[cell.verdict], justify="right")


def _policy_words(retention: Retention) -> str:
    at_most = f"{retention.days:g} {'civil days from the day after' if retention.zone else 'days'}"
    floor = floor_days(retention)
    return f"{at_most} at most, {floor:.3g} at least" if floor < retention.days - 0.1 else at_most


def _notes(made: Plan) -> list[str]:
    seen = made.measured
    if seen is None:
        notes = ["From a model of busy footage, not from this camera: nothing, or too little, is recorded yet."]
    else:
        present = made.present
        notes = [
            f"From {days_words(seen.days)} of this camera's own footage: {seen.mean_rate / 1000:.1f} kB/s on the "
            f"medium, {seen.worst_rate / 1000:.1f} on the worst day, at which the settings as they are would keep "
            f"{days_words(present.days_at_worst)}."
        ]
    most = max(cell.days for _, cells in made.rows() for cell in cells)
    if most > made.retention.longest_ns / NS_PER_DAY:
        notes.append(
            f"However much there is room for, footage is erased at the ceiling of {made.retention.days:g} days."
        )
    return notes


def _album_notes(settings: Settings) -> list[str]:
    size_mib = album_size_of(settings) >> 20
    if not size_mib:
        return ["No pictures of events are kept, and no digest: album.enabled is false."]
    thumbnails, digest = day_of_thumbnails(settings) / 2**20, day_of_digest(settings) / 2**20
    return [
        f"The album of {size_mib} MiB beside it has room for {thumbnails:.2g} MiB of pictures of events and "
        f"{digest:.2g} MiB of the digest a day."
    ]


def _pick_words(made: Plan, picked: Cell) -> str:
    least = f"even at its busiest, by lowering the picture to {picked.least_kbps} kbit/s if need be"
    how = f"{floor_days(made.retention):.3g} days are kept {least}"
    if picked == made.present:
        return f"The settings as they are will do: {how}."
    return (
        f"Picked: {picked.fps:g} frames a second, quality {picked.quality}, {made.cap_kbps(picked)} kbit/s at "
        f"most: {how}. `edgecam plan --write` sets them."
    )


def _write(places: Places, made: Plan, picked: Cell) -> None:
    if picked == made.present:
        typer.echo("nothing to write: the settings as they are will do")
        return
    text = changed_toml(places.settings.read_text("utf-8"), picked_changes(made, picked))
    replace_durably(places.settings, text.encode(), 0o644)
    typer.echo(f"{places.settings} changed; the agent takes it up when it is started again")


def _as_json(settings: Settings, made: Plan, picked: Cell | None) -> dict[str, Any]:
    longest_days = made.retention.longest_ns / NS_PER_DAY

    def told(cell: Cell) -> dict[str, Any]:
        return {
            "fps": cell.fps,
            "quality": cell.quality,
            "bytes_per_s": round(cell.rate),
            "days_of_room": round(cell.days, 3),
            "days_of_room_at_worst": round(cell.days_at_worst, 3),
            "days_kept": round(min(cell.days, longest_days), 3),
            "least_kbps": cell.least_kbps,
            "verdict": cell.verdict.value,
        }

    return {
        "policy": settings.retention.policy,
        "ceiling_days": made.retention.days,
        "civil": made.retention.zone is not None,
        "floor_days": round(floor_days(made.retention), 4),
        "data_size_bytes": made.data_size,
        "width": made.camera.width,
        "height": made.camera.height,
        "measured": asdict(made.measured) if made.measured else None,
        "sustained_bytes_per_s": round(made.budget.sustained),
        "present": told(made.present),
        "picked": {**told(picked), "bit_rate_kbps": made.cap_kbps(picked)} if picked else None,
        "size_needed_bytes": made.size_for(made.present.rate),
        "least_size_needed_bytes": made.least_size(made.camera.fps),
        "most_days": round(made.most_days(), 3),
        "cells": [told(cell) for _, cells in made.rows() for cell in cells],
    }
