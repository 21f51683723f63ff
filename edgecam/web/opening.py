"""Routes around the owner's secret: unlock, lock, and playback of what the ring holds."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Send

from edgecam.core.errors import BadInput, EdgecamError, NotAllowed
from edgecam.web.answers import NS_PER_MS, LockAnswer
from edgecam.web.guesses import Guesses, tried
from edgecam.web.parts import Footage, FootageSession, PageParts
from edgecam.web.sessions import COOKIE, IDLE_S, Sessions, Token
from edgecam.web.span import LONGEST_PLAYED_MS, Moment, span

VIEWER = "local viewer"

log = logging.getLogger(__name__)


class Unlock(BaseModel):
    """What opens footage."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    passphrase: str = Field(min_length=1, max_length=1024)


def opening(parts: PageParts, sessions: Sessions, guesses: Guesses) -> APIRouter:
    """The routes, over ``parts``; what they open is remembered in ``sessions``."""
    router = APIRouter(prefix="/api")

    @router.post("/unlock", response_model=LockAnswer)
    async def unlock(request: Unlock, token: Token = None) -> Response:
        footage = await tried(guesses, partial(parts.unlock, request.passphrase))
        sessions.end(token)
        answer = JSONResponse({"unlocked_s": IDLE_S})
        # Not `secure`: the page is plain HTTP on loopback, where browsers would drop such a cookie.
        answer.set_cookie(COOKIE, sessions.begin(footage), path="/api", httponly=True, samesite="strict")
        return answer

    @router.post("/lock", response_model=LockAnswer)
    async def lock(token: Token = None) -> Response:
        sessions.end(token)
        answer = JSONResponse({"unlocked_s": 0})
        answer.delete_cookie(COOKIE, path="/api", httponly=True, samesite="strict")
        return answer

    @router.get("/footage.mp4", response_class=Response)
    async def footage_mp4(from_ms: Moment, to_ms: Moment, token: Token = None) -> StreamingResponse:
        asked = span(from_ms, to_ms, LONGEST_PLAYED_MS)
        opened = sessions.use(token)
        # The register line stands before a key is touched: whatever follows, the look is on record.
        await run_in_threadpool(parts.record_view, VIEWER, asked.from_wall_ns, asked.to_wall_ns)
        footage = await run_in_threadpool(opened.open, asked.from_wall_ns, asked.to_wall_ns)
        first = await run_in_threadpool(_next_piece, footage.pieces) if footage is not None else None
        if footage is None or first is None:
            raise BadInput("there is no footage of that time", do="choose another time")
        started = {"X-Start-Ms": str(footage.start_wall_ns // NS_PER_MS)}
        body = _pieces(footage, first, sessions, token, opened)
        return _Playback(body, media_type="video/mp4", headers=started)

    return router


class _Playback(StreamingResponse):
    """Leaves out its last chunk when footage ends early, so that a browser never takes a part for the whole."""

    async def stream_response(self, send: Send) -> None:
        with suppress(EdgecamError):
            await super().stream_response(send)


async def _pieces(
    footage: Footage, first: bytes, sessions: Sessions, token: str | None, opened: FootageSession
) -> AsyncIterator[bytes]:
    """The bytes, as long as the session that opened them lasts; raises when they end before their time."""
    piece: bytes | None = first
    try:
        while piece is not None:
            yield piece
            if sessions.use(token) is not opened:
                raise NotAllowed("footage was locked while it played", do="unlock it again")
            piece = await run_in_threadpool(_next_piece, footage.pieces)
    except EdgecamError as error:
        log.warning("playback ended early: %s", error)
        raise
    finally:
        close = getattr(footage.pieces, "close", None)
        if close is not None:
            close()


def _next_piece(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
