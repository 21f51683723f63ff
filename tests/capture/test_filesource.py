from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edgecam.capture.filesource import FileSource
from edgecam.capture.uri import FileUri
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, Unavailable
from edgecam.core.frames import RawFrame

MakeVideo = Callable[..., Path]


def source_of(path: Path, *, loop: bool = False, rotation: int = 0) -> FileSource:
    return FileSource(FileUri(path, loop, realtime=False), rotation=rotation, pictures=4, clock=SystemClock())


def play(source: FileSource, at_most: int = 1000) -> list[tuple[int, bytes]]:
    """Capture time and pixels of each frame."""
    seen: list[tuple[int, bytes]] = []

    def take(raw: RawFrame) -> None:
        seen.append((raw.captured_mono_ns, raw.picture.buffer.tobytes()))
        raw.release()

    source.run(take, lambda: len(seen) >= at_most)
    return seen


def test_a_file_is_played_once_to_its_last_frame(make_video: MakeVideo) -> None:
    source = source_of(make_video(frames=10))
    assert source.open().fps == 10
    seen = play(source)
    assert len(seen) == 10
    assert [later - earlier for (earlier, _), (later, _) in pairwise(seen)] == [100_000_000] * 9
    assert [pixels[0] for _, pixels in seen] == sorted({pixels[0] for _, pixels in seen})


def test_a_loop_goes_on_in_time_without_a_seam(make_video: MakeVideo) -> None:
    source = source_of(make_video(frames=4), loop=True)
    source.open()
    seen = play(source, at_most=14)
    assert [later - earlier for (earlier, _), (later, _) in pairwise(seen)] == [100_000_000] * 13
    assert seen[0][1] == seen[4][1] == seen[12][1]


@pytest.mark.row("C2")
def test_sound_is_told_and_left_alone(make_video: MakeVideo) -> None:
    source = source_of(make_video(audio=True))
    assert source.open().audio_dropped
    assert len(play(source)) == 10
    assert not source_of(make_video("silent.mp4")).open().audio_dropped


@pytest.mark.parametrize(
    ("pix_fmt", "codec"), [("yuv444p", "libx264"), ("yuvj420p", "mjpeg"), ("yuv422p", "libx264")]
)
def test_other_pixel_formats_are_brought_to_ours(make_video: MakeVideo, pix_fmt: str, codec: str) -> None:
    source = source_of(make_video("other.mkv", pix_fmt=pix_fmt, codec=codec))
    source.open()
    first, *_, last = (pixels for _, pixels in play(source))
    assert abs(first[0] - 30) < 20
    assert abs(last[0] - 120) < 20
    assert abs(first[-1] - 128) <= 2


def test_odd_sizes_are_cut_to_even(make_video: MakeVideo) -> None:
    source = source_of(make_video("odd.mkv", sizes=((321, 239),), pix_fmt="yuv444p"))
    source_format = source.open()
    assert (source_format.width, source_format.height) == (320, 238)
    assert {len(pixels) for _, pixels in play(source)} == {320 * 238 * 3 // 2}


@pytest.mark.parametrize(
    ("rotation", "size"), [(0, (768, 576)), (90, (576, 768)), (180, (768, 576)), (270, (576, 768))]
)
@pytest.mark.footage
def test_a_camera_that_hangs_askew_is_turned(footage: Path, rotation: int, size: tuple[int, int]) -> None:
    upright, turned = source_of(footage / "vtest.avi"), source_of(footage / "vtest.avi", rotation=rotation)
    upright.open()
    source_format = turned.open()
    assert (source_format.width, source_format.height) == size
    frames: list[list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]] = []
    for source in (upright, turned):
        planes: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = []

        def take(raw: RawFrame, planes: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = planes) -> None:
            planes += [plane.copy() for plane in (raw.picture.y, raw.picture.u, raw.picture.v)]
            raw.release()

        source.run(take, lambda planes=planes: bool(planes))  # type: ignore[misc]
        frames.append(planes)
    for before, after in zip(*frames, strict=True):
        assert np.array_equal(np.rot90(before, -rotation // 90), after)


def test_a_picture_that_changes_its_size_ends_the_run_with_both_sizes(
    make_video: MakeVideo, tmp_path: Path
) -> None:
    small, large = make_video("small.ts", sizes=((320, 240),)), make_video("large.ts", sizes=((640, 480),))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    source = source_of(joined)
    source.open()
    with pytest.raises(BadInput, match="from 320x240 to 640x480"):
        play(source)


def test_a_file_that_is_replaced_by_another_size_is_noticed(make_video: MakeVideo, tmp_path: Path) -> None:
    path = make_video("film.mp4", frames=3)
    source = source_of(path, loop=True)
    source.open()
    shutil.copy(make_video("other.mp4", sizes=((640, 480),)), path)
    with pytest.raises(BadInput, match="from 320x240 to 640x480"):
        play(source, at_most=50)


def test_a_file_that_goes_away_is_unavailable(make_video: MakeVideo) -> None:
    path = make_video(frames=3)
    source = source_of(path, loop=True)
    source.open()
    path.unlink()
    with pytest.raises(Unavailable, match="went away"):
        play(source)


@pytest.mark.parametrize("content", [b"", b"this is no video\n" * 40, bytes(5000)])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.avi"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"film\.avi .*cannot|film\.avi holds no picture|film\.avi cannot"):
        source_of(path).open()


def test_missing_files_folders_and_sound_alone_are_refused(tmp_path: Path, make_video: MakeVideo) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        source_of(tmp_path / "none.mp4").open()
    with pytest.raises(BadInput, match="cannot be read as a video"):
        source_of(tmp_path).open()


def test_a_video_cut_short_plays_as_far_as_it_goes(make_video: MakeVideo, tmp_path: Path) -> None:
    whole = make_video("whole.ts", frames=20)
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    source = source_of(cut)
    source.open()
    assert 3 <= len(play(source)) < 20


def test_damage_inside_is_passed_over(make_video: MakeVideo, tmp_path: Path) -> None:
    whole = bytearray(make_video("whole.mp4", frames=20, codec="mpeg4").read_bytes())
    dice = np.random.default_rng(1)
    start = whole.index(b"mdat") + 400
    for place in dice.integers(start, min(start + 3000, len(whole) - 1200), 40):
        whole[place] ^= 0xFF
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(whole)
    source = source_of(damaged)
    source.open()
    assert len(play(source)) >= 1
