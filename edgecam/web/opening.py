"""Routes around the owner's secret: unlock, lock, and playback of what the ring holds."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.cases.permission import Leave
from edgecam.custody.register.register_line import Act
from edgecam.web.answers import NS_PER_MS, LockAnswer
from edgecam.web.approval import CaseNamed, PurposeNamed
from edgecam.web.flowing import Flow, next_piece
from edgecam.web.guesses import Guesses, tried
from edgecam.web.parts import Footage, PageParts
from edgecam.web.refusals import NotSignedIn
from edgecam.web.sessions import IDLE_S, FootageSessions
from edgecam.web.signedin import AsOwner, SignedIn, Stands
from edgecam.web.span import LONGEST_PLAYED_MS, Moment, span


class Unlock(BaseModel):
    """What opens footage."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    passphrase: str = Field(min_length=1, max_length=1024)


def opening(parts: PageParts, sessions: FootageSessions, guesses: Guesses, stands: Stands) -> APIRouter:
    """The routes, over ``parts``; what they open is remembered in ``sessions``."""
    router = APIRouter(prefix="/api")

    @router.post("/unlock")
    async def unlock(visitor: AsOwner, request: Unlock) -> LockAnswer:
        """For browsers that cannot open footage themselves: the camera holds the owner's key until it locks."""
        footage = await tried(guesses, partial(parts.unlock, request.passphrase, visitor.name))
        if not stands(visitor):
            footage.close()
            raise NotSignedIn("you were signed out while it was unlocked")
        sessions.begin(visitor.session_id, footage)
        return LockAnswer(IDLE_S)

    @router.post("/lock")
    async def lock(visitor: SignedIn) -> LockAnswer:
        sessions.end(visitor.session_id)
        return LockAnswer(0)

    @router.get("/footage.mp4", response_class=Response)
    async def footage_mp4(
        visitor: AsOwner, from_ms: Moment, to_ms: Moment, purpose: PurposeNamed = "", case: CaseNamed = ""
    ) -> Flow:
        asked = span(from_ms, to_ms, LONGEST_PLAYED_MS)
        opened = sessions.use(visitor.session_id)

        def begun() -> tuple[Footage, bytes, Leave]:
            leave = parts.approve(visitor, Act.VIEW, asked.from_wall_ns, asked.to_wall_ns, purpose, case)
            # The register line stands before a key is touched: whatever follows, the look is on record.
            parts.record_view(visitor.name, asked.from_wall_ns, asked.to_wall_ns, leave)
            footage = opened.open(asked.from_wall_ns, asked.to_wall_ns)
            first = next_piece(footage.pieces) if footage is not None else None
            if footage is None or first is None:
                raise BadInput("there is no footage of that time", do="choose another time")
            return footage, first, leave

        footage, first, leave = await run_in_threadpool(begun)
        started = {"X-Start-Ms": str(footage.start_wall_ns // NS_PER_MS)}

        def require_standing() -> None:
            if not stands(visitor) or sessions.use(visitor.session_id) is not opened:
                raise NotAllowed("footage was locked while it played", do="unlock it again")
            leave.require()

        return Flow(footage.pieces, first, "video/mp4", require_standing, headers=started)

    return router
