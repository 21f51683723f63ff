"""The events of the whole retention, searched by kind, place, direction and time; no key is needed for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from edgecam.core.errors import BadInput
from edgecam.core.eventquery import EventQuery
from edgecam.core.events import Event, EventKind
from edgecam.web.answers import NS_PER_MS, EventAnswer
from edgecam.web.signedin import OperatorWatching
from edgecam.web.span import LATEST_MS, Moment

MOST_LISTED = 500
_MOST_NAMES = 64
_AGAIN = "for several, the name again"
_Kinds = Annotated[list[EventKind], Query(default_factory=list, max_length=_MOST_NAMES, description=_AGAIN)]
_Names = Annotated[list[str], Query(default_factory=list, max_length=_MOST_NAMES, description=_AGAIN)]


def events(find: Callable[[EventQuery], Sequence[Event]]) -> APIRouter:
    """``GET /api/events`` over ``find``."""
    router = APIRouter(prefix="/api")

    @router.get("/events")
    async def found(
        _: OperatorWatching,
        kind: _Kinds,
        zone: _Names,
        direction: _Names,
        from_ms: Moment = 0,
        to_ms: Moment = LATEST_MS,
        before: Annotated[str, Query(max_length=64, description="the last event of the list before")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 100,
    ) -> list[EventAnswer]:
        if from_ms > to_ms:
            raise BadInput(f"from_ms {from_ms} is after to_ms {to_ms}", do="name the earlier moment first")
        query = EventQuery(
            frozenset(kind),
            frozenset(zone),
            frozenset(direction),
            from_ms * NS_PER_MS,
            to_ms * NS_PER_MS,
            before,
            limit,
        )
        return [EventAnswer.of(event) for event in await run_in_threadpool(find, query)]

    return router
