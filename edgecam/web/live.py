"""The live masked picture as JPEG: encoded once for everyone who looks, and not at all when nobody does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.core.jpeg import JpegEncoder
from edgecam.core.smallframes import SmallFrame

MOST_VIEWERS = 8
_INTERVAL_S = 0.2
_STALE_S = 3


@dataclass(frozen=True, slots=True)
class LiveJpeg:
    """One encoded picture and its moment."""

    jpeg: bytes
    captured_mono_ns: int
    wall_ns: int
    private: bool


class LivePicture:
    """The newest picture, encoded when somebody asks and there is a newer one; any thread may ask."""

    def __init__(self, newest: Callable[[], SmallFrame | None], clock: Clock) -> None:
        self._newest, self._clock = newest, clock
        self._one_at_a_time = threading.Lock()
        self._encoder = JpegEncoder()
        self._last: LiveJpeg | None = None

    def current(self) -> LiveJpeg:
        """The newest picture. Raises: Unavailable when there is none of the last three seconds."""
        with self._one_at_a_time:
            frame = self._newest()
            if frame is not None:
                self._last = LiveJpeg(
                    self._encoder.encode(frame.picture), frame.captured_mono_ns, frame.wall_ns, frame.private
                )
            oldest_mono_ns = self._clock.mono_ns() - _STALE_S * NS_PER_S
            if self._last is None or self._last.captured_mono_ns < oldest_mono_ns:
                self._last = None
                raise Unavailable("the camera shows no picture now", do="look at the faults on this page")
            return self._last

    def forget(self) -> None:
        """Leave nothing of the pictures that were shown; for good, when nobody asks any more."""
        with self._one_at_a_time:
            self._last = None
            self._encoder.forget()


class LiveFeed:
    """Five pictures a second to at most eight viewers; a slow viewer misses pictures, nobody waits for it.

    Owned by the event loop: no other thread may call it.
    """

    def __init__(self, picture: LivePicture, patience_s: float = _STALE_S) -> None:
        self._picture, self._patience_s = picture, patience_s
        self._viewers = 0
        self._ended = False
        self._latest: LiveJpeg | None = None
        self._arrived = asyncio.Event()
        self._look: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Let every viewer go, for good."""
        self._ended = True
        self._arrived.set()

    def require_room(self) -> None:
        """Raises: Unavailable when eight viewers look already."""
        if self._viewers >= MOST_VIEWERS:
            raise Unavailable(f"{MOST_VIEWERS} viewers look already", do="close the page on another device")

    async def pictures(self) -> AsyncGenerator[LiveJpeg, None]:
        """Each picture once, as it comes; ends when none came for ``patience_s``, or there is no room."""
        if self._viewers >= MOST_VIEWERS:
            return
        self._viewers += 1
        try:
            if self._look is None or self._look.done():
                self._latest = None
                self._look = asyncio.create_task(self._look_on(), name="edgecam.live")
            seen: LiveJpeg | None = None
            while not self._ended:
                if self._latest is seen:
                    async with asyncio.timeout(self._patience_s):
                        await self._arrived.wait()
                if self._latest is not seen and self._latest is not None:
                    seen = self._latest
                    yield seen
        except TimeoutError:
            return
        finally:
            self._viewers -= 1

    async def _look_on(self) -> None:
        while self._viewers and not self._ended:
            with suppress(EdgecamError):  # viewers notice by themselves when nothing comes
                self._show(await run_in_threadpool(self._picture.current))
            await asyncio.sleep(_INTERVAL_S)

    def _show(self, newest: LiveJpeg) -> None:
        if newest is not self._latest:
            self._latest, arrived = newest, self._arrived
            self._arrived = asyncio.Event()
            arrived.set()


def multipart(picture: LiveJpeg, boundary: str) -> bytes:
    """``picture`` as one part of ``multipart/x-mixed-replace`` (RFC 2046, 5.1), with its moment beside it."""
    head = (
        f"--{boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture.jpeg)}\r\n"
        f"X-Captured-Ms: {picture.wall_ns // 1_000_000}\r\nX-Private: {int(picture.private)}\r\n\r\n"
    )
    return head.encode() + picture.jpeg + b"\r\n"
