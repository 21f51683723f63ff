"""What makes cameras cry wolf, drawn over any pictures: weather, light, animals on the lens, the camera's own ills.

Every one is deterministic by its seed and takes I420 pictures of 640x360, changes them in place and hands them on.
Sizes and speeds follow from a lens of 90 degrees (320 pixels for a metre at one metre's distance) and from what is
known of the things themselves:

* rain: drops fall at 5 to 9 m/s (R. Gunn and G. D. Kinzer, 1949), so that each is a streak in one picture only;
  they brighten what is behind them (K. Garg and S. K. Nayar, 2007);
* snow: flakes fall at 0.8 to 1.6 m/s (J. D. Locatelli and P. V. Hobbs, 1974), drift in the wind, and the near ones
  are large, fast and blurred;
* lightning: a flash has 3 to 5 strokes 40 to 60 ms apart (V. A. Rakov and M. A. Uman, 2003), so one or two looks
  see it;
* insects and spiders are within the first metre, where a lens for far things is out of focus, lit by the camera's
  own lamp (`nuisancecreatures.py`);
* the camera's own: infrared switch, low bit rate, wind in the mast (`nuisancecamera.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8, Picture
from parts import aimweather as weather
from parts.aimclips import LOOKS_PER_S
from parts.nuisancebase import HEIGHT, WIDTH, Frames, by_night, empty_views, faded, is_dark
from parts.nuisancecamera import infrared_switch, low_bit_rate, shaken
from parts.nuisancecreatures import insects, spider_web

Nuisance = Callable[[Iterable[Picture], float, int], Iterator[Picture]]
PIXELS_PER_M: Final = 320.0


def nuisances() -> dict[str, Nuisance]:
    """By name. Each is called with pictures, how many of them there are a second, and a seed."""
    return {
        "as it is": as_it_is,
        "rain": rain,
        "snow": snow,
        "drops": drops,
        "fog": fog,
        "insects": insects,
        "spider web": spider_web,
        "headlights": headlights,
        "lightning": lightning,
        "cloud shadows": cloud_shadows,
        "infrared switch": infrared_switch,
        "low bit rate": low_bit_rate,
        "shake": shaken,
    }


def negatives(seed: int, seconds: float) -> Iterator[tuple[str, Frames]]:
    """Every nuisance over every empty view, ``seconds`` of each pair; five pictures a second; nothing may alarm."""
    for view, frames in empty_views(seed).items():
        for number, (name, draw) in enumerate(nuisances().items()):
            taken = islice(frames(), round(seconds * LOOKS_PER_S))
            yield f"{view}, {name}", draw(taken, LOOKS_PER_S, seed * 1009 + number)


def as_it_is(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Nothing happens, but for a sensor's noise, without which a clip played to and fro would repeat itself."""
    random = np.random.default_rng(seed)
    for picture in frames:
        picture.y[:] = weather.noisy(picture.y, random, 1.2)
        yield picture


def rain(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Showers of half a minute that come and go; the colours fade."""
    random = np.random.default_rng(seed)
    hardest = float(random.uniform(120, 320))
    for number, picture in enumerate(frames):
        shower = 0.35 + 0.65 * np.sin(np.pi * number / fps / 30) ** 2
        picture.y[:] = weather.rain(picture.y, random, round(hardest * shower))
        faded(picture, 0.7)
        yield picture


def snow(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Flakes at 0.6 to 15 m, each falling and drifting at its own speed."""
    random = np.random.default_rng(seed)
    flakes = _Flakes(random, int(random.integers(250, 700)), fps)
    for picture in frames:
        picture.y[:] = weather.lit(picture.y, 0.85, 1.0, 25)
        flakes.fall()
        flakes.lay(picture.y)
        faded(picture, 0.8)
        yield picture


def drops(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Drops stay on the glass, more with time, until a gust takes them."""
    random = np.random.default_rng(seed)
    shape, lasts = int(random.integers(1 << 30)), max(1, round(40 * fps))
    for number, picture in enumerate(frames):
        if number % lasts == 0:
            shape = int(random.integers(1 << 30))
        many = 1 + round(14 * (number % lasts) / lasts)
        picture.y[:] = weather.noisy(weather.drops(picture.y, shape, many), random, 1.2)
        yield picture


def fog(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """A bank of fog comes over a minute and a half and goes again."""
    random = np.random.default_rng(seed)
    thick = float(random.uniform(0.5, 0.85))
    for number, picture in enumerate(frames):
        share = thick * float(np.sin(np.pi * number / fps / 180)) ** 2
        picture.y[:] = weather.noisy(weather.fog(picture.y, share), random, 1.2)
        faded(picture, 1 - share)
        yield picture


def headlights(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """At night a car turns in every fifteen seconds or so and its lamps sweep the view for three."""
    random = np.random.default_rng(seed)
    next_s, sweep_s = 4.0, 3.0
    for number, picture in enumerate(frames):
        now_s = number / fps
        if now_s >= next_s + sweep_s:
            next_s, sweep_s = now_s + float(random.uniform(8, 22)), float(random.uniform(1.5, 4))
        by_night(picture, random)
        if now_s >= next_s:
            picture.y[:] = weather.headlights(picture.y, (now_s - next_s) / sweep_s, True)
        yield picture


def lightning(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """A dim stormy picture; every few seconds a flash that one or two pictures see, with weak ones after it."""
    random = np.random.default_rng(seed)
    quiet, glow = 10, [0.0]
    for picture in frames:
        stormy = picture.y if is_dark(picture) else weather.lit(picture.y, 0.55)
        quiet -= 1
        if quiet < 0:
            quiet = int(random.integers(round(4 * fps), round(20 * fps)))
            glow = [1.0, float(random.uniform(0.2, 0.9)), float(random.uniform(0, 0.3))]
        strength = glow.pop(0) if glow else 0.0
        bright = weather.flash(stormy) if strength > 0 else stormy
        mixed = np.asarray(cv2.addWeighted(bright, strength, stormy, 1 - strength, 0), np.uint8)
        picture.y[:] = weather.noisy(mixed, random, 2.0)
        yield picture


def cloud_shadows(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """Shadows of clouds wander over the view, each in another direction, with soft and with hard edges."""
    random = np.random.default_rng(seed)
    began_s, lasts_s, softness, depth, angle = 0.0, 0.0, 60.0, 0.5, 0.0
    for number, picture in enumerate(frames):
        now_s = number / fps
        if now_s >= began_s + lasts_s:
            began_s, lasts_s = now_s, float(random.uniform(8, 40))
            softness, depth, angle = (float(random.uniform(*span)) for span in ((8, 90), (0.3, 0.65), (0, 6.28)))
        deep = 0.0 if is_dark(picture) else depth
        shaded = weather.cloud(picture.y, (now_s - began_s) / lasts_s, softness, deep, angle)
        picture.y[:] = weather.noisy(shaded, random, 1.2)
        yield picture


class _Flakes:
    """Snowflakes in the air before a lens, as many as there are in its view."""

    def __init__(self, random: np.random.Generator, many: int, fps: float) -> None:
        self._random, self._fps = random, fps
        # As many flakes in each metre of depth's worth of view: more of them far away.
        self._far_m = 0.6 + 14.4 * np.sqrt(random.random(many))
        self._x, self._y = random.uniform(0, WIDTH, many), random.uniform(0, HEIGHT, many)
        self._down = random.uniform(0.8, 1.6, many) * PIXELS_PER_M / self._far_m
        self._wind_m_s = float(random.uniform(-1.5, 1.5))
        self._turn = random.uniform(0, 6.28, many)
        self._radius = np.clip(0.004 * PIXELS_PER_M / self._far_m + 1.5 / self._far_m, 0.6, 6.0)

    def fall(self) -> None:
        self._turn += 0.6
        drift = (self._wind_m_s + 0.35 * np.sin(self._turn)) * PIXELS_PER_M / self._far_m
        self._x = (self._x + drift / self._fps) % WIDTH
        self._y = self._y + self._down / self._fps
        gone = self._y > HEIGHT
        self._y[gone] -= HEIGHT
        self._x[gone] = self._random.uniform(0, WIDTH, int(gone.sum()))

    def lay(self, luma: U8) -> None:
        sheet = np.zeros((HEIGHT, WIDTH), np.uint8)
        shine = np.clip(170 / (1 + 0.10 * self._radius**2), 40, 170)
        places: NDArray[np.intp] = np.column_stack([self._x * 16, self._y * 16, self._radius * 16, shine]).astype(
            int
        )
        for x, y, radius, bright in places.tolist():
            cv2.circle(sheet, (x, y), radius, bright, -1, cv2.LINE_AA, 4)
        cv2.add(luma, cv2.GaussianBlur(sheet, (3, 3), 0), dst=luma)
