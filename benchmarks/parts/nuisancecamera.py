"""What cameras do to their own pictures: infrared switch, a low bit rate, a mast in the wind."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from typing import Final

import av
import cv2
import numpy as np

from edgecam.core.picture import U8, Picture
from parts import aimweather as weather
from parts.nuisancebase import HEIGHT, WIDTH, Frames, is_dark

_DAY_S: Final = 20.0
_NIGHT_S: Final = 25.0
_SETTLES_S: Final = 1.2
_KEYFRAME_S: Final = 4.0


def infrared_switch(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Dusk, then the filter clicks: for a second the picture is far too bright, then it is grey, lit from the
    camera and noisy; half a minute later it clicks back."""
    random = np.random.default_rng(seed)
    for number, picture in enumerate(frames):
        at_s = (number / fps) % (_DAY_S + _NIGHT_S)
        if at_s < _DAY_S:
            # Just switched back: dark until the exposure has followed.
            gain = 0.35 + 0.65 * min(1.0, at_s / _SETTLES_S) if number / fps >= _DAY_S else 1.0
            dim = 1 - 0.6 * max(0.0, at_s - _DAY_S / 2) / (_DAY_S / 2)
            left = 1.0 if is_dark(picture) else gain * dim
            picture.y[:] = weather.noisy(weather.lit(picture.y, left), random, 1.2 + 2 * (1 - dim))
            yield picture
            continue
        grey = (
            weather.noisy(picture.y, random, 5.0) if is_dark(picture) else weather.night(_infrared(picture), random)
        )
        settling = max(0.0, 1 - (at_s - _DAY_S) / _SETTLES_S)
        picture.y[:] = weather.lit(grey, 1 + 2.0 * settling, 1.0, 40 * settling)
        picture.u[:] = picture.v[:] = 128
        yield picture


def low_bit_rate(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Really encoded by libx264 at 8 to 40 kbit/s with a keyframe every four seconds, and decoded again."""
    random = np.random.default_rng(seed)
    rate = int(random.integers(8, 40)) * 1000
    keyframe = max(1, round(_KEYFRAME_S * fps))
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.framerate = Fraction(round(fps))
    encoder.time_base = 1 / encoder.framerate
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "b": str(rate),
        "maxrate": str(rate),
        "bufsize": str(2 * rate),
        "g": str(keyframe),
        "threads": "1",
    }
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    for picture in frames:
        picture.y[:] = weather.noisy(picture.y, random, 1.2)
        planes = picture.buffer.reshape(-1, WIDTH)
        packets = encoder.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
        for decoded in chain.from_iterable(decoder.decode(packet) for packet in packets):
            yield Picture(
                WIDTH, HEIGHT, np.ascontiguousarray(decoded.to_ndarray(format="yuv420p"), np.uint8).reshape(-1)
            )


def shaken(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """A mast's sway: two modes of 0.4 to 3 Hz that gusts stir, up to some 3 pixels (0.5 % of the width)."""
    random = np.random.default_rng(seed)
    modes = random.uniform((0.4, 1.2), (1.2, 3.0))
    strength, gust = float(random.uniform(0.6, 1.6)), 0.5
    phase = random.uniform(0, 6.28, 4)
    for number, picture in enumerate(frames):
        now_s = number / fps
        gust = float(np.clip(gust + random.normal(0, 0.35 / np.sqrt(fps)), 0.1, 1.6))
        waves = np.sin(6.28 * np.repeat(modes, 2) * now_s + phase)
        dx, dy = strength * gust * (waves[0] + 0.5 * waves[2]), 0.5 * strength * gust * (waves[1] + 0.5 * waves[3])
        for plane, step in ((picture.y, 1), (picture.u, 2), (picture.v, 2)):
            _shift(plane, dx / step, dy / step)
        picture.y[:] = weather.noisy(picture.y, random, 1.2)
        yield picture


def _shift(plane: U8, dx: float, dy: float) -> None:
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (plane.shape[1], plane.shape[0])
    plane[:] = cv2.warpAffine(plane, matrix, size, borderMode=cv2.BORDER_REFLECT_101)


def _infrared(picture: Picture) -> U8:
    """As a camera without its filter might weigh the colours: leaves bright, skies dark."""
    u, v = (cv2.resize(plane, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST) for plane in (picture.u, picture.v))
    other = cv2.addWeighted(u, -1.1, v, -0.25, 128 * 1.35, dtype=cv2.CV_16S)
    return np.asarray(cv2.add(other, picture.y, dtype=cv2.CV_8U), np.uint8)
