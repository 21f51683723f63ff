"""Routes that need no unlocking: status, the list of recordings, the live masked picture; signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from edgecam.custody.accounts.accounts import AccountRole
from edgecam.web.answers import (
    NS_PER_MS,
    AimAnswer,
    InstallerAnswer,
    MasksAnswer,
    StatusAnswer,
    StretchAnswer,
)
from edgecam.web.condition import condition, faults
from edgecam.web.installer import InstallerSessions, Place
from edgecam.web.live import LiveFeed, LivePicture, multipart
from edgecam.web.parts import PageParts
from edgecam.web.sessions import FootageSessions
from edgecam.web.signedin import OperatorWatching, Stands, Visitor, Watching
from edgecam.web.span import LONGEST_LISTED_MS, Moment, span

_BOUNDARY = "edgecam-picture"


def looking(
    parts: PageParts,
    sessions: FootageSessions,
    installers: InstallerSessions,
    picture: LivePicture,
    feed: LiveFeed,
    stands: Stands,
) -> APIRouter:
    """The routes, over ``parts``; both kinds of sessions only to say how this browser stands to them."""
    router = APIRouter(prefix="/api")

    def installer(visitor: Visitor) -> InstallerAnswer | None:
        session = installers.standing()
        if session is None:
            return None
        place = installers.place(visitor.session_id)
        may_end = place is not Place.NOBODY or visitor.role is AccountRole.OWNER
        return InstallerAnswer.of(session, installers.left_s(session), place, may_end)

    @router.get("/status")
    async def status(visitor: Watching) -> StatusAnswer:
        said = await run_in_threadpool(parts.status)
        now = parts.clock.now()
        return StatusAnswer(
            camera_name=parts.camera_name,
            now_ms=now.wall_ns // NS_PER_MS,
            condition=condition(said, now.mono_ns),
            faults=faults(said, now.mono_ns),
            unlocked_s=sessions.left_s(visitor.session_id),
            installer=installer(visitor),
            aim=None if said.recorder is None else AimAnswer.of(said.recorder),
            recorder=said.recorder,
            observer=said.observer,
            hub=said.hub,
        )

    @router.get("/recordings")
    async def recordings(_: OperatorWatching, from_ms: Moment, to_ms: Moment) -> list[StretchAnswer]:
        asked = span(from_ms, to_ms, LONGEST_LISTED_MS)
        found = await run_in_threadpool(parts.recordings, asked.from_wall_ns, asked.to_wall_ns)
        return [StretchAnswer.of(stretch) for stretch in found]

    @router.get("/masks")
    async def masks(_: Watching) -> MasksAnswer:
        return MasksAnswer.of(await run_in_threadpool(parts.masks))

    @router.get("/live.jpg", response_class=Response)
    async def live_jpg(_: Watching) -> Response:
        newest = await run_in_threadpool(picture.current)
        moment = {"X-Captured-Ms": str(newest.wall_ns // NS_PER_MS), "X-Private": str(int(newest.private))}
        return Response(newest.jpeg, media_type="image/jpeg", headers=moment)

    @router.get("/live", response_class=Response)
    async def live(visitor: Watching) -> StreamingResponse:
        feed.require_room()
        await run_in_threadpool(picture.current)  # no picture at all is a refusal, not an empty stream
        media_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
        return StreamingResponse(_parts_of(feed, visitor, stands), media_type=media_type)

    return router


async def _parts_of(feed: LiveFeed, visitor: Visitor, stands: Stands) -> AsyncIterator[bytes]:
    async with aclosing(feed.pictures()) as pictures:
        async for picture in pictures:
            if not stands(visitor):
                return
            yield multipart(picture, _BOUNDARY)
