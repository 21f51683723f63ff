"""Empty views that weather, light and animals are drawn over: nobody is in them.

Real ones are the stretches in which a clip's truth says that nothing may alarm; they are played to and fro, so
that nothing jumps where a stretch ends. Drawn ones are the built-in scenes without their passers-by. All are I420
pictures of 640x360 at five a second.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import count, islice
from typing import Final

import cv2
import numpy as np

from edgecam.capture.scenecast import Cast, Standing
from edgecam.capture.scenestage import Stage
from edgecam.core.picture import Picture
from parts import aimweather as weather
from parts.aimclips import LOOKS_PER_S, VIEW, looks_at
from parts.footagefolder import footage_folder

WIDTH, HEIGHT = VIEW
_LEAST_LOOKS: Final = 10
_MOST_LOOKS: Final = 150
_DARK: Final = 60.0
_SCENES: Final = ("street", "rain", "night")
Frames = Iterator[Picture]


class Nobody(Cast):
    """A timetable with nobody on it."""

    def at(self, t_s: float) -> list[Standing]:
        return []


def empty_views(seed: int) -> dict[str, Callable[[], Frames]]:
    """By name, what gives an endless run of fresh pictures; real ones only where the footage is there."""
    views: dict[str, Callable[[], Frames]] = {}
    for path in sorted(footage_folder().glob("*.truth.json")):
        for number, looks in enumerate(_empty_stretches(path.name.removesuffix(".truth.json"))):
            views[f"{path.name.split('.')[0]}-{number}"] = partial(to_and_fro, looks)
    for scene in _SCENES:
        views[f"scene-{scene}"] = partial(_drawn, scene, seed)
    return views


def to_and_fro(looks: list[Picture]) -> Frames:
    """Copies of ``looks`` forwards, backwards, forwards, without end."""
    turns = len(looks) - 1
    for number in count():
        at = number % (2 * turns)
        yield copied(looks[at if at <= turns else 2 * turns - at])


def is_dark(picture: Picture) -> bool:
    """Whether it is night in the picture already, so that no drawn night or storm may take more of its light."""
    return float(picture.y[::8, ::8].mean()) < _DARK


def by_night(picture: Picture, random: np.random.Generator, depth: float = 1.0) -> None:
    """Grey and lit by the camera's own lamp; what is dark already gets a night's noise only."""
    picture.u[:] = picture.v[:] = 128
    if is_dark(picture):
        picture.y[:] = weather.noisy(picture.y, random, 4.0)
    else:
        picture.y[:] = weather.night(picture.y, random, depth)


def faded(picture: Picture, colour: float) -> None:
    """Take colour out: ``colour`` 1 leaves it as it is, 0 leaves grey."""
    for plane in (picture.u, picture.v):
        cv2.convertScaleAbs(plane, dst=plane, alpha=colour, beta=128 * (1 - colour))


def copied(picture: Picture) -> Picture:
    return Picture(picture.width, picture.height, picture.buffer.copy())


@cache
def clip_looks(name: str, from_s: float = 0.0, until_s: float = 1e9, most: int = _MOST_LOOKS) -> list[Picture]:
    """A clip's pictures at five a second, `footage_folder` / ``name``; nobody may change them."""
    path = footage_folder() / name
    # The times in tree.avi's container are ten times too long.
    fps = 15.0 if name == "tree.avi" else cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS)
    looks: list[Picture] = []
    for picture in islice(looks_at(path, fps, from_s, until_s), most):
        small = cv2.resize(picture, VIEW, interpolation=cv2.INTER_AREA)
        planes = cv2.cvtColor(small, cv2.COLOR_BGR2YUV_I420).reshape(-1)
        looks.append(Picture(WIDTH, HEIGHT, np.asarray(planes, np.uint8)))
    return looks


def _empty_stretches(clip: str) -> list[list[Picture]]:
    folder = footage_folder()
    truth = json.loads((folder / f"{clip}.truth.json").read_text())
    names = [path.name for path in folder.glob(f"{clip}.*") if path.suffix in (".avi", ".mp4")]
    stretches = []
    for empty in truth["negatives"] if names else []:
        from_s, until_s = (empty["t0"], empty["t1"]) if "t0" in empty else (empty["f0"] / 15, empty["f1"] / 15)
        looks = clip_looks(names[0], from_s, until_s)
        if len(looks) >= _LEAST_LOOKS:
            stretches.append(looks)
    return stretches


def _drawn(scene: str, seed: int) -> Frames:
    stage = Stage(scene, seed, WIDTH, HEIGHT)
    stage.cast = Nobody(seed, WIDTH / HEIGHT)
    for number in count():
        picture = Picture(WIDTH, HEIGHT)
        stage.draw(picture, number / LOOKS_PER_S)
        yield picture
