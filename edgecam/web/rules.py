"""Routes for zones, lines and rules: what is to be reported, where, and when."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from edgecam.analysis.rule import OBJECTS, TERMS, USUAL_COUNT, USUAL_SENSITIVITY
from edgecam.analysis.rulebook import MAX_POINTS, MOST_TABLES, read_rules
from edgecam.core.events import EventKind
from edgecam.web.drawingparts import RuleParts, Tables
from edgecam.web.refusals import Overtaken
from edgecam.web.signedin import AsInstaller, SignedIn

_KINDS = ("zone", "line", "rule")


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """What a rule of one kind may say; ``dwell_s`` is its usual one, ``None`` where it has none.

    ``zone``, ``line`` and ``everywhere`` are where it may hold; ``directions`` are for a line, beside
    any.
    """

    kind: str
    zone: bool
    line: bool
    everywhere: bool
    objects: list[str]
    usual_objects: list[str]
    dwell_s: float | None
    least_dwell_s: float
    directions: list[str]
    count: bool
    reset: bool


@dataclass(frozen=True, slots=True)
class RulesAnswer:
    """The tables in force, as they are written in TOML, and what is wrong with them, a sentence each.

    ``tag`` goes back with a change: one that was made on other tables is refused.
    """

    tag: str
    zone: list[dict[str, Any]]
    line: list[dict[str, Any]]
    rule: list[dict[str, Any]]
    wrong: list[str]
    kinds: list[KindAnswer]
    timezone: str
    usual_sensitivity: float
    usual_count: int
    most_points: int
    most_tables: int


class PutRules(BaseModel):
    """All zones, lines and rules that are to hold."""

    model_config = ConfigDict(extra="forbid")

    tag: str = Field(pattern="^[0-9a-f]{32}$")
    zone: list[dict[str, Any]] = []
    line: list[dict[str, Any]] = []
    rule: list[dict[str, Any]] = []


def rules(with_: RuleParts) -> APIRouter:
    """The routes over ``with_``."""
    router = APIRouter(prefix="/api/rules")
    one_at_a_time = threading.Lock()

    def told() -> RulesAnswer:
        return _answer(with_.read(), with_.timezone)

    def put(tables: Tables, tag: str, who: str) -> RulesAnswer:
        with one_at_a_time:
            if _tag(with_.read()) != tag:
                raise Overtaken(
                    "somebody else changed the zones and rules meanwhile",
                    do="look at what they changed, and decide which to keep",
                    safe="what you drew is kept on this page",
                )
            _, wrong = read_rules(tables, with_.timezone)
            if wrong:
                raise wrong[0]
            with_.write(tables, who)
        return told()

    @router.get("")
    async def get_rules(visitor: SignedIn) -> RulesAnswer:
        return await run_in_threadpool(told)

    @router.put("")
    async def put_rules(visitor: AsInstaller, request: PutRules) -> RulesAnswer:
        tables = {"zone": request.zone, "line": request.line, "rule": [_without_none(one) for one in request.rule]}
        return await run_in_threadpool(put, tables, request.tag, visitor.name)

    return router


def _answer(tables: Tables, timezone: str) -> RulesAnswer:
    _, wrong = read_rules(tables, timezone)
    zone, line, rule = ([dict(table) for table in tables.get(kind, ())] for kind in _KINDS)
    return RulesAnswer(
        tag=_tag(tables),
        zone=zone,
        line=line,
        rule=rule,
        wrong=[str(one) for one in wrong],
        kinds=[_kind(kind) for kind in TERMS],
        timezone=timezone,
        usual_sensitivity=USUAL_SENSITIVITY,
        usual_count=USUAL_COUNT,
        most_points=MAX_POINTS,
        most_tables=MOST_TABLES,
    )


def _kind(kind: EventKind) -> KindAnswer:
    terms = TERMS[kind]
    directed = kind in (EventKind.LINE_CROSSING, EventKind.DOORWAY)
    return KindAnswer(
        kind=kind.value,
        zone=terms.zone,
        line=terms.line,
        everywhere=terms.everywhere,
        objects=[one.value for one in OBJECTS if one in terms.objects],
        usual_objects=[one.value for one in terms.usual_objects],
        dwell_s=terms.dwell_s,
        least_dwell_s=terms.least_dwell_s,
        directions=["left_to_right", "right_to_left"] if directed else [],
        count=kind is EventKind.CROWDING,
        reset=kind is EventKind.COUNTING,
    )


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    """TOML has no word for nothing: what is not said is left out."""
    return {key: value for key, value in table.items() if value is not None}


def _tag(tables: Tables) -> str:
    told = {kind: [dict(table) for table in tables.get(kind, ())] for kind in _KINDS}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]
