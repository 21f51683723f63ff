"""The rules as people write them, one TOML shape for the settings and for `edgecam analyse --rules`::

[[zone]]
name = "lawn"
polygon = [[0.23, 0.44], [0.65, 0.35], [0.86, 0.62]]   # 0-1 from the top left
[[line]]
name = "gate"
points = [[0.1, 0.5], [0.9, 0.5]]
[[rule]]
kind = "intrusion"
zone = "lawn"                                           # or line = "gate"
objects = ["person"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.analysis.line import Line
from edgecam.analysis.rule import (
    NO_RULES,
    OBJECTS,
    TERMS,
    USUAL_COUNT,
    USUAL_SENSITIVITY,
    Direction,
    Reset,
    Rule,
    RuleBook,
    Terms,
)
from edgecam.analysis.zone import WHOLE_PICTURE, Zone
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind
from edgecam.core.outline import area_of, crosses_itself
from edgecam.core.timetable import Timetable

MAX_POINTS: Final = 1000
MOST_TABLES: Final = 64
_KINDS: Final = ("zone", "line", "rule")
_MOST_HOURS: Final = 50
_MIN_AREA: Final = 1e-4  # of the picture; smaller is a slip of the hand, not a zone

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Points = tuple[tuple[Number, Number], ...]
Form = TypeVar("Form", bound=BaseModel)
Table = Mapping[str, Any]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ZoneTable(_Table):
    name: Name
    polygon: Points


class _LineTable(_Table):
    name: Name
    points: Points


class _RuleTable(_Table):
    kind: str
    zone: Name | None = None
    line: Name | None = None
    objects: tuple[str, ...] | None = None
    dwell_s: Annotated[Number, Field(ge=0, le=86_400)] | None = None
    min_size: Annotated[Number, Field(ge=0, le=1)] = 0.0
    sensitivity: Annotated[Number, Field(ge=0, le=1)] = USUAL_SENSITIVITY
    timetable: tuple[str, ...] | None = None
    direction: Direction | None = None
    count: Annotated[int, Field(ge=1, le=100)] | None = None
    reset: Reset | None = None
    silenced: bool = False


def decode_rules(text: str, timezone: str = "UTC") -> RuleBook:
    """The rules told by TOML ``text``; timetables are read in ``timezone`` (IANA name).

    Raises: BadInput with the first thing that is wrong.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as broken:
        raise BadInput(f"the rules are not TOML ({broken})", do="mend that line") from broken
    book, wrong = read_rules(tables, timezone)
    if wrong:
        raise wrong[0]
    return book


def read_rules(tables: Table, timezone: str = "UTC") -> tuple[RuleBook, tuple[BadInput, ...]]:
    """The sound rules among ``tables`` (lists of tables under zone, line and rule), and a sentence for each other.

    A rule whose zone or line is wrong is not there either, and only the zone or line is told.
    """
    reading = _Reading(timezone)
    try:
        reading.read(tables)
    except BadInput as refused:
        return NO_RULES, (refused,)
    zones, lines = tuple(reading.zones.values()), tuple(reading.lines.values())
    return RuleBook(zones, lines, tuple(reading.rules), timezone), tuple(reading.wrong)


class _Reading:
    """One reading of the tables: what is sound, and what is wrong with the rest."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self.zones: dict[str, Zone] = {}
        self.lines: dict[str, Line] = {}
        self.rules: list[Rule] = []
        self.wrong: list[BadInput] = []
        self._unsound: set[str] = set()

    def read(self, tables: Table) -> None:
        """Raises: BadInput when the whole is of another shape, or larger than can be."""
        if unknown := sorted(set(tables) - set(_KINDS)):
            raise BadInput(f"{unknown[0]!r} is no part of the rules", do="write [[zone]], [[line]] and [[rule]]")
        written = {key: _listed(tables, key) for key in _KINDS}
        Timetable.parse((), self._timezone)
        points = sum(
            _count(table, "polygon") + _count(table, "points") for key in written for table in written[key]
        )
        if points > MAX_POINTS:
            raise BadInput(f"the zones and lines have {points} points", do=f"draw them with at most {MAX_POINTS}")
        for number, table in enumerate(written["zone"], 1):
            self._try(self._zone, table, "zone", number)
        for number, table in enumerate(written["line"], 1):
            self._try(self._line, table, "line", number)
        for number, table in enumerate(written["rule"], 1):
            self._try(self._rule, table, "rule", number)

    def _try(self, read: Callable[[Any, int], None], table: object, sort: str, number: int) -> None:
        try:
            read(table, number)
        except BadInput as refused:
            refused.field = ".".join(part for part in (sort, str(number - 1), refused.field) if part)
            self.wrong.append(refused)
            name = table.get("name") if isinstance(table, Mapping) else None
            if isinstance(name, str) and name not in self.zones and name not in self.lines:
                self._unsound.add(name)

    def _zone(self, table: object, number: int) -> None:
        told = _validated(_ZoneTable, table, f"zone {number}")
        where = f"the zone {told.name!r}"
        self._require_new(told.name, where)
        _require_inside(told.polygon, where, "polygon")
        if len(told.polygon) < 3:
            raise BadInput(f"{where} has {len(told.polygon)} points", do="draw at least three", field="polygon")
        if crosses_itself(told.polygon):
            raise BadInput(f"the outline of {where} crosses itself", do="draw it as two zones", field="polygon")
        if area_of(told.polygon) < _MIN_AREA:
            raise BadInput(f"{where} has next to no area", do="draw it larger", field="polygon")
        self.zones[told.name] = Zone(told.name, told.polygon)

    def _line(self, table: object, number: int) -> None:
        told = _validated(_LineTable, table, f"line {number}")
        where = f"the line {told.name!r}"
        self._require_new(told.name, where)
        _require_inside(told.points, where, "points")
        if len(told.points) < 2:
            raise BadInput(f"{where} has {len(told.points)} points", do="draw at least two", field="points")
        if any(a == b for a, b in pairwise(told.points)):
            raise BadInput(f"{where} has the same point twice in a row", do="leave one out", field="points")
        self.lines[told.name] = Line(told.name, told.points)

    def _require_new(self, name: str, where: str) -> None:
        if name in self.zones or name in self.lines:
            raise BadInput(
                f"{where} has the name of another zone or line", do="give each a name of its own", field="name"
            )

    def _rule(self, table: object, number: int) -> None:
        told = _validated(_RuleTable, table, f"rule {number}")
        if told.kind not in TERMS:
            raise BadInput(
                f"rule {number} is of the unknown kind {told.kind!r}",
                do=f"use one of {', '.join(TERMS)}",
                field="kind",
            )
        kind = EventKind(told.kind)
        where, terms = f"rule {number} ({kind})", TERMS[kind]
        _require_terms(told, kind, terms, where)
        named = told.zone if told.zone is not None else told.line
        known = self.zones if told.line is None else self.lines
        if named is not None and named not in known:
            if named in self._unsound:
                return
            sort = "zone" if told.line is None else "line"
            raise BadInput(
                f"{where} names the {sort} {named!r}, which is not there", do=f"draw it as a [[{sort}]]", field=sort
            )
        zone = WHOLE_PICTURE if named is None else self.zones.get(named) if told.line is None else None
        self.rules.append(
            Rule(
                number=number,
                kind=kind,
                zone=zone,
                line=self.lines[told.line] if told.line is not None else None,
                objects=_objects(told, terms, where),
                dwell_s=_dwell_s(told, terms, where),
                min_size=told.min_size,
                sensitivity=told.sensitivity,
                timetable=_timetable(told, self._timezone, where),
                direction=told.direction or Direction.ANY,
                count=told.count if told.count is not None else USUAL_COUNT,
                reset=told.reset or Reset.HOURLY,
                silenced=told.silenced,
            )
        )


def _listed(tables: Table, key: str) -> list[Any]:
    written = tables.get(key, ())
    if not isinstance(written, list | tuple):
        raise BadInput(f"{key} is not a list of tables", do=f"write [[{key}]]")
    if len(written) > MOST_TABLES:
        raise BadInput(f"there are {len(written)} {key}s", do=f"keep to at most {MOST_TABLES}", field=key)
    return list(written)


def _count(table: object, key: str) -> int:
    points = table.get(key) if isinstance(table, Mapping) else None
    return len(points) if isinstance(points, list | tuple) else 0


def _validated(form: type[Form], table: object, where: str) -> Form:
    try:
        return form.model_validate(table)
    except ValidationError as refused:
        error = refused.errors(include_url=False)[0]
        key = ".".join(str(part) for part in error["loc"])
        if not key:
            raise BadInput(f"{where} is not a table", do=f"write [[{where.split()[0]}]]") from refused
        if error["type"] == "missing":
            raise BadInput(f"{where} has no {key}", do="add it", field=key) from refused
        if error["type"] == "extra_forbidden":
            known = ", ".join(form.model_fields)
            raise BadInput(f"{where} cannot have {key!r}", do=f"it knows {known}", field=key) from refused
        said, given = error["msg"].removeprefix("Value error, "), repr(error["input"])[:60]
        what = f"{where}: {key} = {given} is not allowed: {said[:1].lower()}{said[1:]}"
        raise BadInput(what, field=key) from refused


def _require_inside(points: Points, where: str, field: str) -> None:
    for x, y in points:
        if not (0 <= x <= 1 and 0 <= y <= 1):
            what, do = (
                f"{where} lies outside the picture at [{x:g}, {y:g}]",
                "write shares of the picture from 0 to 1",
            )
            raise BadInput(what, do=do, field=field)


def _require_terms(told: _RuleTable, kind: EventKind, terms: Terms, where: str) -> None:
    """That the rule says nothing that contradicts its kind or itself. Raises: BadInput."""
    wanted = " or ".join(sort for sort, fits in (("zone", terms.zone), ("line", terms.line)) if fits)
    if told.zone is not None and told.line is not None:
        raise BadInput(f"{where} names a zone and a line", do="name one of them")
    if told.zone is None and told.line is None and not terms.everywhere:
        raise BadInput(f"{where} names no {wanted}", do=f'add {wanted.split()[0]} = "…"', field="zone")
    if (told.zone is not None and not terms.zone) or (told.line is not None and not terms.line):
        raise BadInput(f"{where} names a {'zone' if told.line is None else 'line'}", do=f"name a {wanted} instead")
    if told.count is not None and kind != EventKind.CROWDING:
        raise BadInput(f"{where} cannot have a count", do="a crowding rule has one")
    if told.reset is not None and kind != EventKind.COUNTING:
        raise BadInput(f"{where} cannot have a reset", do="a counting rule has one")
    if told.direction is not None:
        _require_direction(told.direction, told.line is None, kind, where)


def _require_direction(direction: Direction, in_a_zone: bool, kind: EventKind, where: str) -> None:
    doorway = kind == EventKind.DOORWAY
    if kind not in (EventKind.LINE_CROSSING, EventKind.DOORWAY):
        raise BadInput(f"{where} cannot have a direction", do="a line_crossing or doorway rule has one")
    if direction in (Direction.IN, Direction.OUT) and not doorway:
        raise BadInput(f"{where} cannot go in or out", do="write left_to_right or right_to_left")
    if in_a_zone and direction in (Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT):
        raise BadInput(f"{where} cannot go {direction} in a zone", do="write in or out, or name a line")


def _objects(told: _RuleTable, terms: Terms, where: str) -> tuple[EventKind, ...]:
    if told.objects is None:
        return terms.usual_objects
    if not told.objects:
        do = f"name some of {', '.join(OBJECTS)}, or leave objects out"
        raise BadInput(f"{where} is for no objects", do=do, field="objects")
    for name in told.objects:
        if name not in OBJECTS:
            raise BadInput(f"{where} names the unknown object {name!r}", do=f"use some of {', '.join(OBJECTS)}")
        if name not in terms.objects:
            may = f"name {' or '.join(terms.objects)}" if terms.objects else "leave objects out"
            raise BadInput(f"{where} cannot have the object {name}", do=may, field="objects")
    return tuple(kind for kind in OBJECTS if kind in told.objects)


def _dwell_s(told: _RuleTable, terms: Terms, where: str) -> float:
    if terms.dwell_s is None:
        if told.dwell_s:
            raise BadInput(f"{where} cannot have a dwell_s", do="leave it out", field="dwell_s")
        return 0.0
    dwell_s = terms.dwell_s if told.dwell_s is None else told.dwell_s
    if dwell_s < terms.least_dwell_s:
        do = f"give at least {terms.least_dwell_s:g}"
        raise BadInput(f"{where}: dwell_s = {dwell_s:g} is too short", do=do, field="dwell_s")
    return dwell_s


def _timetable(told: _RuleTable, timezone: str, where: str) -> Timetable | None:
    if told.timetable is None:
        return None
    if not told.timetable:
        what, do = f"{where} has an empty timetable, so it would never hold", "leave it out to hold always"
        raise BadInput(what, do=do, field="timetable")
    if len(told.timetable) > _MOST_HOURS:
        do = f"keep to at most {_MOST_HOURS}"
        raise BadInput(f"{where} has {len(told.timetable)} hours", do=do, field="timetable")
    try:
        return Timetable.parse(told.timetable, timezone)
    except BadInput as refused:
        raise BadInput(f"{where}: {refused.what}", do=refused.do, field="timetable") from refused
