"""The live masked picture as JPEG: encoded once for everyone who looks, and not at all when nobody does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.core.picture import U8, Picture
from edgecam.core.smallframes import SmallFrame

MOST_VIEWERS = 8
_INTERVAL_S = 0.2
_STALE_S = 3
_QUALITY = 80
_LEVELS = np.arange(256, dtype=np.float64)
# Video has black at 16 and white at 235, colours 16-240 (ITU-R BT.601, 2.5.3); JPEG (JFIF 1.02) uses 0-255.
_LUMA: U8 = np.clip(np.rint((_LEVELS - 16) * 255 / 219), 0, 255).astype(np.uint8)
_CHROMA: U8 = np.clip(np.rint((_LEVELS - 128) * 255 / 224 + 128), 0, 255).astype(np.uint8)


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
        self._full_range: Picture | None = None
        self._last: LiveJpeg | None = None

    def current(self) -> LiveJpeg:
        """The newest picture. Raises: Unavailable when there is none of the last three seconds."""
        with self._one_at_a_time:
            frame = self._newest()
            if frame is not None:
                self._last = LiveJpeg(
                    self._encode(frame.picture), frame.captured_mono_ns, frame.wall_ns, frame.private
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
            if self._full_range is not None:
                self._full_range.buffer.fill(0)

    def _encode(self, picture: Picture) -> bytes:
        width, height = picture.width, picture.height
        # libjpeg-turbo reads luma planes of even size; on an odd one it would read past the rows' ends.
        padded_width, padded_height = width + width % 2, height + height % 2
        full = self._full_range
        if full is None or (full.width, full.height) != (padded_width, padded_height):
            full = self._full_range = Picture(padded_width, padded_height)
        # mode="clip" spares numpy a copy of the output; every uint8 is a valid index anyway.
        np.take(_LUMA, picture.y, out=full.y[:height, :width], mode="clip")
        np.take(_CHROMA, picture.u, out=full.u, mode="clip")
        np.take(_CHROMA, picture.v, out=full.v, mode="clip")
        full.y[:, width:] = full.y[:, width - 1 : width]
        full.y[height:] = full.y[height - 1]
        return bytes(simplejpeg.encode_jpeg_yuv_planes(full.y, full.u, full.v, _QUALITY))


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

    async def pictures(self) -> AsyncIterator[LiveJpeg]:
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
