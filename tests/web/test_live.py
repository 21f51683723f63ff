"""The live picture: true colours on odd sizes, encoded once for all, nothing done while nobody looks."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack, aclosing

import httpx
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from page_camera import ObedientClock, PageCamera

from edgecam.core.errors import Unavailable
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame
from edgecam.web.live import MOST_VIEWERS, LiveFeed, LivePicture, multipart


@pytest.mark.parametrize(("width", "height"), [(640, 360), (321, 181), (1, 1), (3, 5)])
@pytest.mark.parametrize(("luma", "grey"), [(16, 0), (126, 128), (235, 255), (0, 0), (255, 255)])
def test_video_levels_become_full_levels_on_any_size(width: int, height: int, luma: int, grey: int) -> None:
    clock = ObedientClock()
    picture = Picture(width, height)
    picture.buffer[:] = 128
    picture.y[:] = luma
    before = picture.buffer.copy()
    live = LivePicture(lambda: SmallFrame(picture, clock.mono_ns(), 0, 1, False), clock)
    decoded = simplejpeg.decode_jpeg(live.current().jpeg)
    assert decoded.shape == (height + height % 2, width + width % 2, 3)
    assert np.abs(decoded.astype(int) - grey).max() <= 2
    assert np.array_equal(picture.buffer, before), "the frame is only read"


def test_a_picture_is_encoded_once_and_a_stale_one_is_not_shown() -> None:
    clock = ObedientClock()
    picture = Picture(64, 36)
    picture.buffer[:] = 128
    frames: list[SmallFrame | None] = [SmallFrame(picture, clock.mono_ns(), 5, 1, True), None, None]
    live = LivePicture(lambda: frames.pop(0), clock)
    first = live.current()
    assert first.private
    assert live.current() is first
    clock.sleep(4)
    with pytest.raises(Unavailable):
        live.current()


def test_still_picture_over_http(client: httpx.Client, camera: PageCamera) -> None:
    answer = client.get("/api/live.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-captured-ms"] == str(camera.clock.now().wall_ns // 1_000_000)
    pixels = simplejpeg.decode_jpeg(answer.content)
    assert pixels.shape == (360, 640, 3)
    assert np.abs(pixels[:50, :70].astype(int) - 28).max() <= 6, "the mask's fill: (40 - 16) * 255 / 219"
    camera.shows_picture = False
    camera.clock.sleep(4)
    for path in ("/api/live.jpg", "/api/live"):
        missing = client.get(path)
        assert (missing.status_code, missing.json()["kind"]) == (503, "Unavailable")


def test_stream_brings_one_picture_after_the_other(client: httpx.Client) -> None:
    with client.stream("GET", "/api/live") as answer:
        kind = answer.headers["content-type"]
        assert kind.startswith("multipart/x-mixed-replace; boundary=")
        boundary = b"--" + kind.partition("boundary=")[2].encode() + b"\r\n"
        held = b""
        for piece in answer.iter_raw():
            held += piece
            if held.count(boundary) == 4:
                break
    pictures = [part.partition(b"\r\n\r\n")[2][:-2] for part in held.split(boundary)[1:4]]
    assert len({bytes(picture) for picture in pictures}) == 3
    assert all(simplejpeg.decode_jpeg(picture).shape == (360, 640, 3) for picture in pictures)


def test_the_ninth_viewer_is_told_and_let_in_when_one_leaves(client: httpx.Client) -> None:
    with ExitStack() as watching:
        # An iterator that is dropped hangs up, so all are kept.
        streams = [
            watching.enter_context(client.stream("GET", "/api/live")).iter_raw() for _ in range(MOST_VIEWERS)
        ]
        assert all(next(stream) for stream in streams)
        refused = client.get("/api/live")
        assert (refused.status_code, refused.json()["kind"]) == (503, "Unavailable")
    status = 503
    while status == 503:  # the server notices each hang-up by itself; the test's own time-out is the deadline
        with client.stream("GET", "/api/live") as answer:
            status = answer.status_code
    assert status == 200


class CountedCamera:
    """Says how often a picture was taken, and lets a test wait for the next time."""

    def __init__(self) -> None:
        self.clock = ObedientClock()
        self.taken = 0
        self._lock = threading.Lock()

    def newest(self) -> SmallFrame:
        with self._lock:
            self.taken += 1
        picture = Picture(64, 36)
        picture.buffer[:] = self.taken
        return SmallFrame(picture, self.clock.mono_ns(), self.taken, self.taken, False)


def test_two_viewers_share_one_encoding_and_nobody_means_no_work() -> None:
    camera = CountedCamera()

    async def run() -> None:
        feed = LiveFeed(LivePicture(camera.newest, camera.clock))
        async with aclosing(feed.pictures()) as one, aclosing(feed.pictures()) as other:
            for _ in range(3):
                mine, theirs = await asyncio.gather(anext(one), anext(other))
                assert mine is theirs
        looking = [task for task in asyncio.all_tasks() if task.get_name() == "edgecam.live"]
        await asyncio.gather(*looking)
        assert len(looking) == 1

    asyncio.run(run())
    assert 3 <= camera.taken <= 5


def test_a_viewer_ends_when_no_picture_comes() -> None:
    camera = CountedCamera()
    first = LivePicture(camera.newest, camera.clock).current()
    assert multipart(first, "b").startswith(b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: ")

    def nothing() -> None:
        raise Unavailable("the recorder shows no picture yet")

    async def run() -> int:
        feed = LiveFeed(LivePicture(nothing, camera.clock), patience_s=0.3)
        return len([picture async for picture in feed.pictures()])

    assert asyncio.run(run()) == 0
