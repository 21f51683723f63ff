"""Pieces of the digest: each decodes after the one init, frame by frame, and masks stay what they were."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from edgecam.capture.digestfilm import DigestFilm
from edgecam.core.picture import Picture


def moving(width: int, height: int, step: int) -> Picture:
    picture = Picture(width, height)
    picture.buffer[:] = 128
    picture.y[: height // 2] = 200
    picture.y[height // 4 : height // 2, 10 * step : 10 * step + 16] = 40
    return picture


@pytest.mark.row("A6")
@pytest.mark.parametrize("size", [(640, 360), (320, 180), (352, 286)])
def test_all_pieces_of_a_size_play_after_one_init(size: tuple[int, int]) -> None:
    film = DigestFilm(*size, 8)
    first, second = film.film([moving(*size, n) for n in range(12)]), film.film([moving(*size, 3)])
    assert DigestFilm(*size, 8).init == film.init
    for data, count in ((first, 12), (second, 1)):
        with av.open(io.BytesIO(film.init + data), "r") as played:
            frames = list(played.decode(video=0))
        assert len(frames) == count
        assert (frames[0].width, frames[0].height) == size
        luma = frames[0].to_ndarray(format="gray")
        assert abs(float(np.mean(luma[: size[1] // 5])) - 214) < 12
    assert len(second) < len(first)


def test_frames_are_an_eighth_of_a_second_apart() -> None:
    film = DigestFilm(320, 180, 8)
    data = film.init + film.film([moving(320, 180, n) for n in range(8)])
    with av.open(io.BytesIO(data), "r") as played:
        times = [float(frame.time or 0) for frame in played.decode(video=0)]
    assert times == pytest.approx([n / 8 for n in range(8)])
