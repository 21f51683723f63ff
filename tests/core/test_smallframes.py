"""Small frames cross from one process to another: newest wins, no mix of two, only in RAM."""

import multiprocessing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import DataLoss, Unavailable
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameReader, SmallFrames, SmallFrameWriter


@pytest.fixture
def board() -> object:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder) / "small.frames"


def painted(value: int, width: int = 9, height: int = 5) -> Picture:
    picture = Picture(width, height)
    picture.buffer[:] = value
    return picture


def test_the_newest_frame_is_given_once(board: Path) -> None:
    writer = SmallFrameWriter(board, 9, 5)
    reader = SmallFrameReader(board)
    assert reader.newest() is None
    for number in range(1, 8):
        writer.publish(painted(number), number * 10, number * 100, number, private=number % 2 == 0)
    frame = reader.newest()
    assert frame is not None
    assert (frame.captured_mono_ns, frame.wall_ns, frame.sequence, frame.private) == (70, 700, 7, False)
    assert np.all(frame.picture.buffer == 7)
    assert reader.newest() is None
    writer.close()
    reader.close()


def test_a_new_writer_is_noticed(board: Path) -> None:
    SmallFrameWriter(board, 9, 5)
    reader = SmallFrameReader(board)
    assert not reader.replaced()
    SmallFrameWriter(board, 11, 5)
    assert reader.replaced()
    assert SmallFrameReader(board).width == 11


def test_whoever_looks_follows_from_one_recorder_to_the_next(board: Path) -> None:
    frames = SmallFrames(board)
    assert frames.newest() is None
    for width in (9, 11):
        SmallFrameWriter(board, width, 5).publish(painted(width, width), 1, 1, 1, private=False)
        frame = frames.newest()
        assert frame is not None
        assert frame.picture.width == width
        assert np.all(frame.picture.buffer == width)
    board.unlink()
    assert frames.newest() is None


def publish_without_end(path: str) -> None:
    writer = SmallFrameWriter(Path(path), 320, 180)
    number = 0
    while True:
        number += 1
        writer.publish(painted(number % 256, 320, 180), number, number, number, private=False)


def test_a_frame_is_never_a_mix_of_two(board: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=publish_without_end, args=(str(board),), daemon=True
    )
    process.start()
    try:
        while not board.exists():
            assert process.is_alive()
        reader = SmallFrameReader(board)
        seen = 0
        while seen < 300:
            frame = reader.newest()
            if frame is not None:
                seen += 1
                assert np.all(frame.picture.buffer == frame.sequence % 256)
    finally:
        process.kill()
        process.join()


def test_no_recorder_is_unavailable(board: Path) -> None:
    with pytest.raises(Unavailable):
        SmallFrameReader(board)


@given(st.binary(max_size=4096))
def test_any_file_is_a_board_or_data_loss(data: bytes) -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / "small.frames"
        path.write_bytes(data)
        with pytest.raises(DataLoss):
            SmallFrameReader(path)
