"""Footage that flows to a browser: one piece at a time, no faster than it is taken, and no longer than it may."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from edgecam.core.errors import EdgecamError

log = logging.getLogger(__name__)


class Flow(StreamingResponse):
    """``first`` and all further ``pieces``; each but the first is fetched when the one before was taken.

    Before each, ``require_standing`` raises when whoever asked may see no more. An answer that ends early leaves
    out its last chunk, so that a browser never takes a part for the whole. ``ended`` is called once, however it
    ends.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        first: bytes | None,
        media_type: str,
        require_standing: Callable[[], None],
        ended: Callable[[], None] = lambda: None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self._flowing(first), media_type=media_type, headers=headers)
        self._pieces, self._require_standing, self._ended = pieces, require_standing, ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            close = getattr(self._pieces, "close", None)
            if close is not None:
                close()
            self._ended()

    async def stream_response(self, send: Send) -> None:
        with suppress(EdgecamError):
            await super().stream_response(send)

    async def _flowing(self, first: bytes | None) -> AsyncIterator[bytes]:
        piece = first
        try:
            while piece is not None:
                yield piece
                self._require_standing()
                piece = await run_in_threadpool(next_piece, self._pieces)
        except EdgecamError as error:
            log.warning("playback ended early: %s", error)
            raise


def next_piece(pieces: Iterator[bytes]) -> bytes | None:
    """The next piece, ``None`` when there is none."""
    return next(pieces, None)
