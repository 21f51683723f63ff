"""The footage everything is measured on: real people and cars at 1080p15, made once and kept in a cache folder.

Left, 1440 columns: the PETS 2009 car park (``vtest.avi``, 768x576), enlarged to 1440x1080. Right, 480 columns: an
asphalt lane from above (``intel_car-detection.mp4``, 768x432), enlarged to 1920x1080 and cut to the lane. Every
frame of both is shown once, at 15 frames a second, so that somebody always moves. Gaussian noise of 2 luma levels
(1 in chroma) is drawn anew for every frame and laid on top: an enlarged picture without it would be far easier to
encode than what a sensor gives.

Three files are made of the same frames: raw as a camera sees them, raw with the masks burnt in, and one H.264 file
(libx264 veryfast at 4 Mbit/s at most, as network cameras send) for programs that cannot read raw video. Raw means
YUV4MPEG2, which FFmpeg reads without decoding anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from edgecam.core.frames import RawFrame
from edgecam.core.picture import U8, Picture
from edgecam.keys.camera import CameraKey
from edgecam.masking.burn import Burner
from edgecam.masking.shrink import small_size_for
from parts.footagefolder import footage_folder
from parts.maskset import mask_set

WIDTH, HEIGHT, FPS = 1920, 1080, 15
FRAMES = 480
_RECIPE = 2  # raise it whenever the pictures change
_LEFT_WIDTH = 1440
_LANE_FROM = 1152  # first column of the lane in the enlarged right-hand video
_NOISE_SIGMA = (2.0, 1.0)
_NOISE_FIELDS = 8
_CLIPS = ("vtest.avi", "intel_car-detection.mp4")
_H264 = {"preset": "veryfast", "crf": "23", "maxrate": "4M", "bufsize": "8M", "g": "30"}


@dataclass(frozen=True, slots=True)
class Footage:
    """The three files."""

    raw: Path
    masked: Path
    h264: Path


def footage() -> Footage:
    """The files, made first where they are missing. Raises: BadInput when the clips they are made of are."""
    cache = _cache_folder()
    names = (f"{kind}-{_RECIPE}-{FRAMES}" for kind in ("raw", "masked", "h264"))
    raw, masked, h264 = (cache / f"{n}{'.mp4' if n.startswith('h264') else '.y4m'}" for n in names)
    if not (raw.exists() and masked.exists() and h264.exists()):
        cache.mkdir(parents=True, exist_ok=True)
        _make(raw, masked, h264)
    return Footage(raw, masked, h264)


def _cache_folder() -> Path:
    if chosen := os.environ.get("EDGECAM_BENCH_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgecam-bench"


def _make(raw: Path, masked: Path, h264: Path) -> None:
    """All three at once; each gets its name only when it is whole."""
    burner = Burner(
        mask_set(CameraKey(Ed25519PrivateKey.generate())), (WIDTH, HEIGHT), small_size_for(WIDTH, HEIGHT)
    )
    unfinished = [path.with_name(f"making-{path.name}") for path in (raw, masked, h264)]
    with ExitStack() as opened:
        plain, burnt = (opened.enter_context(path.open("wb")) for path in unfinished[:2])
        movie = opened.enter_context(av.open(str(unfinished[2]), "w"))
        stream = movie.add_stream("libx264", rate=FPS, options=_H264)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for file in (plain, burnt):
            file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for number, picture in enumerate(_pictures()):
            plain.write(b"FRAME\n" + picture.buffer.tobytes())
            video = av.VideoFrame.from_ndarray(picture.buffer.reshape(-1, WIDTH), format="yuv420p")
            video.pts = number
            movie.mux(stream.encode(video))
            burner.burn(RawFrame(picture, number, number), want_small=False)
            burnt.write(b"FRAME\n" + picture.buffer.tobytes())
        movie.mux(stream.encode())
    for path, made in zip((raw, masked, h264), unfinished, strict=True):
        made.rename(path)


def _pictures() -> Iterator[Picture]:
    """Every frame in turn, in one picture that the next one overwrites."""
    picture = Picture(WIDTH, HEIGHT)
    random = np.random.default_rng(1)
    noise = [_noise(random, plane.shape, sigma) for plane, sigma in _planes_and_sigmas(picture)]
    folder = footage_folder(*_CLIPS)
    for left, right in zip(_frames(folder / _CLIPS[0]), _frames(folder / _CLIPS[1]), strict=False):
        people = cv2.resize(left, (_LEFT_WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        cars = cv2.resize(right, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        lane = cars[:, _LANE_FROM : _LANE_FROM + WIDTH - _LEFT_WIDTH]
        whole = cv2.cvtColor(np.hstack([people, lane]), cv2.COLOR_BGR2YUV_I420)
        np.copyto(picture.buffer, whole.reshape(-1))
        for fields, (plane, _) in zip(noise, _planes_and_sigmas(picture), strict=True):
            field = np.roll(fields[random.integers(len(fields))], random.integers(plane.size))
            cv2.add(plane, field, dst=plane, dtype=cv2.CV_8U)
        yield picture


def _planes_and_sigmas(picture: Picture) -> list[tuple[U8, float]]:
    luma, chroma = _NOISE_SIGMA
    return [(picture.y, luma), (picture.u, chroma), (picture.v, chroma)]


def _noise(random: np.random.Generator, shape: tuple[int, ...], sigma: float) -> list[NDArray[np.int16]]:
    return [np.rint(random.normal(0, sigma, shape)).astype(np.int16) for _ in range(_NOISE_FIELDS)]


def _frames(path: Path) -> Iterator[U8]:
    """Its frames as BGR; from the start again where it is too short."""
    left = FRAMES
    while left > 0:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                if left == 0:
                    return
                left -= 1
                yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
