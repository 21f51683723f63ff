"""`edgecam statistics`: how many, how long, where, on a day that is over; nobody can be told from it."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from edgecam.analysis.civilhour import HOURS_A_DAY
from edgecam.analysis.habits import KINDS
from edgecam.analysis.heatmap import heat_png, heat_text
from edgecam.analysis.release import DayRelease, first_open_day
from edgecam.analysis.smallgroups import LEAST_GROUP
from edgecam.analysis.tally import STAY_EDGES_S
from edgecam.cli.options import JsonOption, SettingsOption, open_places
from edgecam.core.clock import SystemClock
from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind
from edgecam.daytallies import DayTallies


def statistics(
    settings: SettingsOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for spreadsheets.")] = False,
    day: Annotated[str, typer.Option("--day", help="2026-11-20; without it, yesterday.")] = "",
    kind: Annotated[
        str, typer.Option("--kind", help="Whose heat map: person, vehicle, bicycle, animal.")
    ] = "person",
    hour: Annotated[int | None, typer.Option("--hour", min=0, max=23, help="Of one hour of the day only.")] = None,
    heat_map: Annotated[Path | None, typer.Option("--heat-map", help="Write the heat map as PNG to this.")] = None,
    least: Annotated[
        int, typer.Option("--least-group", help="Numbers of fewer than this are withheld; 5 at least.")
    ] = LEAST_GROUP,
) -> None:
    """Tell what was counted on one day. Small groups, and what they could be reckoned from, are withheld."""
    chosen, places = open_places(settings)
    told = _release(DayTallies(places.statistics), day, ZoneInfo(chosen.retention.timezone), least)
    whose = _kind(kind)
    if heat_map is not None:
        write_new_durably(heat_map, heat_png(told.heat_s(whose, hour)))
    if as_json:
        typer.echo(json.dumps(told.to_dict(), indent=1, ensure_ascii=False))
    elif as_csv:
        typer.echo(_csv(told), nl=False)
    else:
        _print(told, whose, hour)


def _release(tallies: DayTallies, day: str, zone: ZoneInfo, least: int) -> DayRelease:
    open_day = first_open_day(SystemClock().now().wall_ns, zone)
    if open_day is None:
        raise BadInput("the clock shows no date", do="set it")
    try:
        wanted = date.fromisoformat(day) if day else date.fromordinal(open_day) - timedelta(days=1)
    except ValueError as broken:
        raise BadInput(f"{day!r} is not a day", do="write it as 2026-11-20") from broken
    tally = tallies.read(wanted.toordinal())
    if tally is None:
        known = tallies.days()
        span = f"there are some from {date.fromordinal(known[0])} to {date.fromordinal(known[-1])}" if known else ""
        raise BadInput(f"there are no statistics of {wanted}", do=span)
    return DayRelease(tally, open_day, least)


def _kind(name: str) -> EventKind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise BadInput(f"{name!r} is nothing that is counted", do=f"choose one of {', '.join(KINDS)}")


def _print(told: DayRelease, kind: EventKind, hour: int | None) -> None:
    # A pipe has no width of its own.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    columns = _columns(told)
    table = Table(
        "hour", "watched", *columns, title=f"{told.day}, * is withheld (fewer than {told.least}, or beside)"
    )
    for row in range(HOURS_A_DAY):
        numbers = (_number(numbers[row]) for numbers, _ in columns.values())
        table.add_row(f"{row:02}", f"{told.watched_s[row] / 60:.0f} min", *numbers)
    table.add_section()
    table.add_row("all", "", *(_number(total) for _, total in columns.values()))
    console.print(table)
    stays = Table("stayed at least", *(f"{edge} s" for edge in STAY_EDGES_S))
    for one in KINDS:
        stays.add_row(one, *(_number(number) for number in told.stays(one).numbers))
    console.print(stays)
    when = "all day" if hour is None else f"from {hour:02}:00"
    console.print(f"\nWhere a {kind} stood and went {when} (blank: fewer than {told.least}):")
    console.print(heat_text(told.heat_s(kind, hour)), markup=False, no_wrap=True)


def _csv(told: DayRelease) -> str:
    columns = _columns(told)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["day", "hour", "watched_s", *columns])
    for row in range(HOURS_A_DAY):
        numbers = [numbers[row] for numbers, _ in columns.values()]
        rows.writerow([told.day, row, told.watched_s[row], *numbers])
    rows.writerow([told.day, "all", sum(told.watched_s), *(total for _, total in columns.values())])
    return written.getvalue()


def _columns(told: DayRelease) -> dict[str, tuple[tuple[int | None, ...], int | None]]:
    """By heading: a number for each hour, and the total."""
    counts = {str(kind): told.counts(kind) for kind in KINDS}
    for line, (inwards, outwards) in told.crossings().items():
        counts |= {f"{line} in": inwards, f"{line} out": outwards}
    return {heading: (numbers.numbers, numbers.total) for heading, numbers in counts.items()}


def _number(number: int | None) -> str:
    return "*" if number is None else str(number)
