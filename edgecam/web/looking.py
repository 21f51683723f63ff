"""Routes that need no unlocking: status, events, the list of recordings, the live masked picture."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from edgecam.web.answers import (
    NS_PER_MS,
    AimAnswer,
    EventAnswer,
    InstallerAnswer,
    MasksAnswer,
    StatusAnswer,
    StretchAnswer,
)
from edgecam.web.condition import condition, faults
from edgecam.web.installer import InstallerSessions, InstallerToken, Place
from edgecam.web.live import LiveFeed, LivePicture, multipart
from edgecam.web.parts import PageParts
from edgecam.web.sessions import Sessions, Token
from edgecam.web.span import LONGEST_LISTED_MS, Moment, span

_BOUNDARY = "edgecam-picture"


def looking(
    parts: PageParts, sessions: Sessions, installers: InstallerSessions, picture: LivePicture, feed: LiveFeed
) -> APIRouter:
    """The routes, over ``parts``; both kinds of sessions only to say how this browser stands to them."""
    router = APIRouter(prefix="/api")

    def installer(token: str | None, installer_token: str | None) -> InstallerAnswer | None:
        session = installers.standing()
        if session is None:
            return None
        place = installers.place(installer_token)
        may_end = place is not Place.NOBODY or sessions.left_s(token) > 0
        return InstallerAnswer.of(session, installers.left_s(session), place, may_end)

    @router.get("/status")
    async def status(token: Token = None, installer_token: InstallerToken = None) -> StatusAnswer:
        said = await run_in_threadpool(parts.status)
        now = parts.clock.now()
        return StatusAnswer(
            camera_name=parts.camera_name,
            now_ms=now.wall_ns // NS_PER_MS,
            condition=condition(said, now.mono_ns),
            faults=faults(said, now.mono_ns),
            unlocked_s=sessions.left_s(token),
            installer=installer(token, installer_token),
            aim=None if said.recorder is None else AimAnswer.of(said.recorder),
            recorder=said.recorder,
            observer=said.observer,
            hub=said.hub,
        )

    @router.get("/events")
    async def events(limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[EventAnswer]:
        newest_first = await run_in_threadpool(parts.recent_events)
        return [EventAnswer.of(event) for event in newest_first[:limit]]

    @router.get("/recordings")
    async def recordings(from_ms: Moment, to_ms: Moment) -> list[StretchAnswer]:
        asked = span(from_ms, to_ms, LONGEST_LISTED_MS)
        found = await run_in_threadpool(parts.recordings, asked.from_wall_ns, asked.to_wall_ns)
        return [StretchAnswer.of(stretch) for stretch in found]

    @router.get("/masks")
    async def masks() -> MasksAnswer:
        return MasksAnswer.of(await run_in_threadpool(parts.masks))

    @router.get("/live.jpg", response_class=Response)
    async def live_jpg() -> Response:
        newest = await run_in_threadpool(picture.current)
        moment = {"X-Captured-Ms": str(newest.wall_ns // NS_PER_MS), "X-Private": str(int(newest.private))}
        return Response(newest.jpeg, media_type="image/jpeg", headers=moment)

    @router.get("/live", response_class=Response)
    async def live() -> StreamingResponse:
        feed.require_room()
        await run_in_threadpool(picture.current)  # no picture at all is a refusal, not an empty stream
        media_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
        return StreamingResponse(_parts_of(feed), media_type=media_type)

    return router


async def _parts_of(feed: LiveFeed) -> AsyncIterator[bytes]:
    async for picture in feed.pictures():
        yield multipart(picture, _BOUNDARY)
