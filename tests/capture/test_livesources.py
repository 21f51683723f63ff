from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.rtspcamera import Film, RtspCamera

from edgecam.capture.rtsp import RtspSource
from edgecam.capture.uri import RtspUri, V4l2Uri
from edgecam.capture.v4l2 import V4l2Source
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, Unavailable
from edgecam.core.frames import RawFrame


@contextmanager
def filming(film: Film) -> Iterator[RtspSource]:
    camera = RtspCamera(film)
    source = RtspSource(RtspUri(camera.url), rotation=0, pictures=4, clock=SystemClock(), timeouts_s=(5.0, 0.5))
    try:
        yield source
    finally:
        source.close()
        camera.close()


def play(source: RtspSource) -> list[int]:
    times: list[int] = []

    def take(raw: RawFrame) -> None:
        times.append(raw.captured_mono_ns)
        raw.release()

    source.run(take, lambda: False)
    return times


@pytest.mark.row("C1")
def test_a_camera_that_hangs_up_is_unavailable_after_its_last_frame() -> None:
    times: list[int] = []
    with filming(Film(frames=20)) as source:
        assert source.open().width == 320

        def take(raw: RawFrame) -> None:
            times.append(raw.captured_mono_ns)
            raw.release()

        with pytest.raises(Unavailable, match="was lost"):
            source.run(take, lambda: False)
    assert len(times) == 20


@pytest.mark.row("C5")
def test_a_camera_that_falls_silent_is_unavailable() -> None:
    with filming(Film(frames=20, stalls=True)) as source:
        source.open()
        with pytest.raises(Unavailable, match="sent nothing in time"):
            play(source)


@pytest.mark.row("C2")
def test_offered_sound_is_told_and_never_set_up() -> None:
    film = Film(with_audio=True)
    with filming(film) as source:
        assert source.open().audio_dropped
    setups = [request for request in film.requests if request.startswith("SETUP")]
    assert len(setups) == 1
    assert setups[0].endswith("/track0")


def test_a_camera_without_sound_drops_none() -> None:
    with filming(Film()) as source:
        assert not source.open().audio_dropped


def test_a_changed_picture_is_told_with_both_sizes() -> None:
    with filming(Film(sizes=((320, 240), (640, 480)))) as source:
        source.open()
        with pytest.raises(BadInput, match="from 320x240 to 640x480"):
            play(source)


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "403 Forbidden"])
def test_a_refusal_names_what_to_check_and_no_password(status: str) -> None:
    with filming(Film(status=status)) as source, pytest.raises(BadInput, match="path, user and password") as told:
        source.open()
    assert "secret" not in str(told.value)


def test_a_camera_in_trouble_is_tried_again() -> None:
    with filming(Film(status="503 Service Unavailable")) as source, pytest.raises(Unavailable, match="not answer"):
        source.open()


def test_nobody_at_the_address_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"rtsp://owner:secret@127.0.0.1:{taken.getsockname()[1]}/live"
        source = RtspSource(RtspUri(url), rotation=0, pictures=4, clock=SystemClock())
        with pytest.raises(Unavailable, match="does not answer") as told:
            source.open()
    assert "secret" not in str(told.value)


def v4l2(device: Path) -> V4l2Source:
    return V4l2Source(V4l2Uri(device), width=640, height=480, fps=15, rotation=0, pictures=4, clock=SystemClock())


def test_a_camera_that_is_not_plugged_in_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="plug it in"):
        v4l2(tmp_path / "video9").open()


def test_what_is_no_camera_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no camera")
    for device in (file, tmp_path, Path("/dev/null")):
        with pytest.raises(BadInput, match="is not a camera"):
            v4l2(device).open()
