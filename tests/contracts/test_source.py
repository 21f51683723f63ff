"""One suite for every source: what `edgecam.core.frames.Source` promises, on each that exists on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from fakes.picamera2 import Board, installed
from fakes.rtspcamera import Film, RtspCamera

from edgecam.capture.source import CountingSource, Wanted, make_source
from edgecam.capture.uri import parse_source
from edgecam.core.clock import Instant, SystemClock, TimeTrust
from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.core.frames import RawFrame

PICTURES = 3
WANTED = Wanted(320, 240, 15.0)


class HastyClock:
    """Time that passes only while somebody sleeps, so that a source in real time needs none."""

    def __init__(self) -> None:
        self._now_ns = 50_000_000_000

    def now(self) -> Instant:
        return Instant(self._now_ns, self._now_ns, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return self._now_ns

    def sleep(self, duration_s: float) -> None:
        self._now_ns += round(duration_s * 1e9)


@dataclass
class Stand:
    """A source under test, and whether it waits for a free picture instead of dropping a frame."""

    source: CountingSource
    waits: bool = False


def film_at(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(40):
            rows = np.full((360, 320), 40 + 3 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rows, format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def make(text: str, waits: bool = False) -> Stand:
    uri = parse_source(text)
    live = text.startswith(("rtsp", "picamera", "v4l2"))
    clock = SystemClock() if live else HastyClock()
    return Stand(make_source(uri, wanted=WANTED, pictures=PICTURES, clock=clock), waits)


@pytest.fixture(params=["file", "file in real time", "scene", "scene in real time", "picamera2", "rtsp", "v4l2"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    match request.param:
        case "file":
            yield make(f"file:{film_at(tmp_path / 'film.avi')}?realtime=0", waits=True)
        case "file in real time":
            yield make(f"file:{film_at(tmp_path / 'film.avi')}")
        case "scene":
            yield make("scene:street?realtime=0", waits=True)
        case "scene in real time":
            yield make("scene:night")
        case "picamera2":
            with installed(Board(frames=1000)):
                yield make("picamera:0")
        case "rtsp":
            camera = RtspCamera(Film(frames=300))
            yield make(camera.url)
            camera.close()
        case "v4l2":
            if not Path("/dev/video0").exists():
                pytest.skip("this machine has no /dev/video0")
            yield make("v4l2:/dev/video0")


def collect(stand: Stand, count: int, each: Callable[[RawFrame], None] = lambda raw: None) -> list[RawFrame]:
    """Run until ``count`` frames came, releasing each at once; a camera may bring more in its last turn."""
    frames: list[RawFrame] = []

    def take(raw: RawFrame) -> None:
        frames.append(raw)
        each(raw)
        raw.release()

    stand.source.run(take, lambda: len(frames) >= count)
    return frames


@pytest.mark.row("C1")
def test_frames_have_the_size_that_open_told_and_times_that_rise(stand: Stand) -> None:
    source_format = stand.source.open()
    frames = collect(stand, 25)
    stand.source.close()
    assert len(frames) >= 25
    assert source_format.width % 2 == source_format.height % 2 == 0
    assert source_format.fps > 0
    for frame in frames:
        assert (frame.picture.width, frame.picture.height) == (source_format.width, source_format.height)
        assert frame.picture.buffer.flags["C_CONTIGUOUS"]
    times = [frame.captured_mono_ns for frame in frames]
    numbers = [frame.sequence for frame in frames]
    assert times == sorted(set(times))
    assert numbers == sorted(set(numbers))


def test_take_is_called_in_the_thread_that_runs(stand: Stand) -> None:
    stand.source.open()
    seen: set[int] = set()
    collect(stand, 3, lambda raw: seen.add(threading.get_ident()))
    stand.source.close()
    assert seen == {threading.get_ident()}


def test_a_frame_stays_as_it_is_until_it_is_released(stand: Stand) -> None:
    stand.source.open()
    kept: list[tuple[RawFrame, bytes]] = []

    def take(raw: RawFrame) -> None:
        if len(kept) < PICTURES - 1:
            kept.append((raw, raw.picture.buffer.tobytes()))
        else:
            taken.append(raw)
            raw.release()

    taken: list[RawFrame] = []
    stand.source.run(take, lambda: len(taken) >= 8)
    assert len(kept) == PICTURES - 1
    for raw, pixels in kept:
        assert raw.picture.buffer.tobytes() == pixels
        raw.release()
    stand.source.close()


def test_burning_one_frame_leaves_the_next_as_the_lens_saw_it(stand: Stand) -> None:
    """Decoders predict from what they gave out: burning must never reach their memory."""
    stand.source.open()
    means: list[float] = []

    def burn(raw: RawFrame) -> None:
        means.append(float(raw.picture.y.mean()))
        raw.picture.buffer[:] = 0

    collect(stand, 20, burn)
    stand.source.close()
    assert len(means) >= 20
    assert min(means) > 15


def test_no_more_pictures_are_lent_than_were_given(stand: Stand) -> None:
    stand.source.open()
    held: list[RawFrame] = []
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 60 or (stand.waits and len(held) == PICTURES and asked > 10)

    try:
        stand.source.run(held.append, stopped)
    except Unavailable:
        pytest.fail("the camera was lost before its frames were dropped")
    assert len(held) == PICTURES
    assert (stand.source.dropped > 0) is not stand.waits
    for raw in held:
        raw.release()
    stand.source.close()


@pytest.mark.row("M2")
def test_what_take_raises_ends_the_run(stand: Stand) -> None:
    stand.source.open()
    calls = 0

    def fail(raw: RawFrame) -> None:
        nonlocal calls
        calls += 1
        raise ArithmeticError("the mask could not be burnt")

    with pytest.raises(ArithmeticError, match="could not be burnt"):
        stand.source.run(fail, lambda: False)
    assert calls == 1
    stand.source.close()


def test_it_stops_when_told_before_the_first_frame(stand: Stand) -> None:
    stand.source.open()
    stand.source.run(lambda raw: pytest.fail("a frame after the stop"), lambda: True)
    stand.source.close()


def test_it_opens_again_after_it_was_closed(stand: Stand) -> None:
    first = stand.source.open()
    collect(stand, 2)
    stand.source.close()
    try:
        again = stand.source.open()
    except EdgecamError as refused:
        pytest.fail(str(refused))
    assert again == first
    assert len(collect(stand, 2)) >= 2
    stand.source.close()
    stand.source.close()
