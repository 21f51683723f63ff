"""What the tests of sources and encoders share: footage, a clock that does not wait, videos made on the spot."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

MakeVideo = Callable[..., Path]


@pytest.fixture
def footage() -> Path:
    beside = Path(__file__).parents[3] / "shared" / "footage"
    folder = Path(os.environ.get("EDGECAM_FOOTAGE", beside))
    if not folder.is_dir():
        pytest.skip(f"no footage at {folder}")
    return folder


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    def make(
        name: str = "video.mp4",
        sizes: tuple[tuple[int, int], ...] = ((320, 240),),
        frames: int = 10,
        fps: int = 10,
        audio: bool = False,
        pix_fmt: str = "yuv420p",
        codec: str = "libx264",
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            width, height = sizes[0]
            stream = container.add_stream(codec, rate=fps, options={"qp": "0"} if codec == "libx264" else {})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
            sound = container.add_stream("aac", rate=8000) if audio else None
            for number in range(frames):
                rows = np.full((height, width), 30 + 10 * number, np.uint8)
                frame = av.VideoFrame.from_ndarray(rows, format="gray").reformat(format=pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if sound is not None:
                quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
                quiet.sample_rate, quiet.pts = 8000, 0
                container.mux(sound.encode(quiet))
                container.mux(sound.encode(None))
        return path

    return make
