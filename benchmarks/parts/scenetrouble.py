"""What happens to a camera's view, drawn over real footage that goes on living underneath.

Each trouble begins suddenly or grows. ``onset_s`` is when a person would call the view useless; delays count from
there. What lies on a lens is drawn with a border 20 to 60 pixels broad, as it is at a few centimetres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.events import EventKind
from edgecam.core.picture import U8, Picture
from parts import aimweather as weather
from parts.nuisancebase import HEIGHT, WIDTH, copied, faded

F32 = NDArray[np.float32]
_ROWS, _COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
_NOISE: Final = 1.3
Draw = Callable[[Picture, float], None]


@dataclass(frozen=True, slots=True)
class SceneTrouble:
    """``kinds``: the kind it must be told as, first, and others that are no error; ``make`` gives the drawing of
    one run, from its dice: called with each picture and the seconds since the trouble began."""

    name: str
    kinds: tuple[EventKind, ...]
    make: Callable[[np.random.Generator], Draw]
    onset_s: float = 0.0
    lasts_s: float = 20.0


def troubles() -> list[SceneTrouble]:
    """All of them."""
    covered, defocused, dark = (EventKind.COVERED,), (EventKind.DEFOCUSED,), (EventKind.DARK,)
    lost, frozen, blinded = (EventKind.SIGNAL_LOST,), (EventKind.FROZEN,), (EventKind.BLINDED,)
    either = (EventKind.COVERED, EventKind.DEFOCUSED)
    return [
        *[SceneTrouble(f"tape over {share} %", covered, _tape(share / 100)) for share in (30, 60, 100)],
        SceneTrouble("black tape", covered, _tape(1.05, 17)),
        SceneTrouble("hand or cloth", covered, _cloth),
        SceneTrouble("spray", covered, _spray, onset_s=0.6),
        SceneTrouble("smear", either, _smear, onset_s=0.6),
        *[SceneTrouble(f"blur of {sigma} pixels", defocused, _blur(sigma)) for sigma in (4, 6, 9, 14)],
        SceneTrouble("slowly out of focus", defocused, _slow_blur, onset_s=15.0, lasts_s=45.0),
        SceneTrouble("torch", blinded, _torch, onset_s=0.4),
        SceneTrouble("sun", blinded, _sun, onset_s=5.0, lasts_s=30.0),
        SceneTrouble("all white", blinded, _white),
        SceneTrouble("lamp switched off", dark, _dark(0.03, 0.0)),
        SceneTrouble("nightfall", dark, _dark(0.03, 20.0), onset_s=20.0, lasts_s=40.0),
        SceneTrouble("frozen", frozen, _frozen(0)),
        SceneTrouble("frozen, encoded again", frozen, _frozen(1)),
        SceneTrouble("blue", lost, _colour(41, 240, 110)),
        SceneTrouble("black", lost, _colour(16, 128, 128)),
        SceneTrouble("test card", lost, _bars),
    ]


def played(
    frames: Iterable[Picture], fps: float, seed: int, trouble: SceneTrouble, from_s: float
) -> Iterator[Picture]:
    """``frames`` with a sensor's noise, and the trouble from ``from_s`` on for as long as it lasts."""
    random = np.random.default_rng(seed)
    draw = trouble.make(random)
    for number, picture in enumerate(frames):
        since_s = number / fps - from_s
        picture.y[:] = weather.noisy(picture.y, random, _NOISE)
        if 0 <= since_s < trouble.lasts_s:
            draw(picture, since_s)
        yield picture


def lorry(frames: Iterable[Picture], fps: float, seed: int) -> Iterator[Picture]:
    """Every half minute a lorry with the picture's own other half on its side stands before 30 to 60 % for ten
    seconds."""
    random = np.random.default_rng(seed)
    texture, share = np.zeros((HEIGHT, WIDTH), np.uint8), 0.4
    for number, picture in enumerate(frames):
        at_s = (number / fps) % 30
        if at_s < 1 / fps:
            share = float(random.uniform(0.3, 0.6))
            texture = np.asarray(cv2.flip(picture.y, 1), np.uint8)
        picture.y[:] = weather.noisy(picture.y, random, _NOISE)
        if at_s > 14:
            left = WIDTH * (0.25 - 1.25 * max(0.0, 1 - (at_s - 14) / 2) + 1.0 * max(0.0, at_s - 26) / 2)
            picture.y[:] = weather.occluded(picture.y, texture, share, left)
        yield picture


def white_van(frames: Iterable[Picture], fps: float, seed: int) -> Iterator[Picture]:
    """The same with a plain bright or dark side that hides 30 to 60 %: nothing to be seen on it but its edges."""
    random = np.random.default_rng(seed)
    share, bright, left = 0.4, 210, 100
    for number, picture in enumerate(frames):
        at_s = (number / fps) % 30
        if at_s < 1 / fps:
            share, bright, left = float(random.uniform(0.3, 0.6)), int(random.choice([50, 190, 215])), 0
        left = round(WIDTH * (0.2 - 1.2 * max(0.0, 1 - (at_s - 14) / 2) + max(0.0, at_s - 26) / 2))
        if at_s > 14:
            wide = round(WIDTH * share / 0.8)
            x0, x1 = max(0, left), min(WIDTH, left + wide)
            if x1 > x0:
                picture.y[HEIGHT // 6 : -12, x0:x1] = bright
                picture.y[-60:-12, x0:x1] = bright // 2
                picture.y[HEIGHT // 4 : HEIGHT // 2, x0 : x0 + (x1 - x0) // 5] = 60
                picture.u[HEIGHT // 12 : -6, x0 // 2 : x1 // 2] = picture.v[
                    HEIGHT // 12 : -6, x0 // 2 : x1 // 2
                ] = 128
        picture.y[:] = weather.noisy(picture.y, random, _NOISE)
        yield picture


def _mixed(picture: Picture, share: F32, luma: F32 | float) -> None:
    """``share`` (0-1, one for each pixel) of ``luma`` over the picture, grey there."""
    picture.y[:] = np.clip(picture.y * (1 - share) + share * luma, 0, 255).astype(np.uint8)
    half = np.asarray(cv2.resize(share, (WIDTH // 2, HEIGHT // 2)), np.float32)
    for plane in (picture.u, picture.v):
        plane[:] = np.clip(128 + (plane.astype(np.float32) - 128) * (1 - half), 0, 255).astype(np.uint8)


def _tape(share: float, luma: float | None = None) -> Callable[[np.random.Generator], Draw]:
    def make(random: np.random.Generator) -> Draw:
        bright = float(random.uniform(22, 140)) if luma is None else luma
        angle, soft = float(random.uniform(0, 6.28)), float(random.uniform(20, 60))
        along = (_COLUMNS - WIDTH / 2) * np.cos(angle) + (_ROWS - HEIGHT / 2) * np.sin(angle)
        border = float(np.quantile(along, min(share, 1.0))) + (4 * soft if share >= 1 else 0.0)
        first, sensor = float(along.min()) - soft, np.random.default_rng(5)

        def draw(picture: Picture, since_s: float) -> None:
            reached = first + (border - first) * min(1.0, (since_s + 0.1) / 0.6)
            cover = 1 / (1 + np.exp(np.clip((along - reached) / (soft / 4), -30, 30)))
            _mixed(picture, cover.astype(np.float32), bright + 0.02 * along)
            picture.y[:] = weather.noisy(picture.y, sensor, 1.5)

        return draw

    return make


def _texture(random: np.random.Generator, sigma: float) -> F32:
    """Blotches about ``sigma`` pixels across, of mean 0 and spread 1."""
    soft = cv2.GaussianBlur(random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), sigma)
    return np.asarray(soft / float(soft.std()), np.float32)


def _cloth(random: np.random.Generator) -> Draw:
    folds = 70 + 22 * _texture(random, 45) + 3 * _texture(random, 6)

    def draw(picture: Picture, since_s: float) -> None:
        share = np.full((HEIGHT, WIDTH), min(1.0, (since_s + 0.1) / 0.3), np.float32)
        moved = np.roll(folds, round(6 * np.sin(1.5 * since_s)), 1)
        _mixed(picture, share, moved.astype(np.float32))
        picture.y[:] = weather.noisy(picture.y, random, 2.5)

    return draw


def _blobs(random: np.random.Generator, share: float) -> F32:
    """Where paint lies, 0-1: blobs of many sizes that hide ``share`` of the view, with soft borders."""
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for sigma, weight in ((70, 1.0), (28, 0.45)):
        field += weight * _texture(random, sigma)
    level = float(np.quantile(field, 1 - share))
    return np.asarray(1 / (1 + np.exp(np.clip(-(field - level) * 6, -30, 30))), np.float32)


def _spray(random: np.random.Generator) -> Draw:
    where = _blobs(random, float(random.uniform(0.45, 0.8)))
    thick = where * np.float32(random.uniform(0.85, 0.98))
    paint = float(random.uniform(25, 190))
    painted = (paint + 8 * _texture(random, 9)).astype(np.float32)

    def draw(picture: Picture, since_s: float) -> None:
        _mixed(picture, thick * np.float32(min(1.0, (since_s + 0.1) / 0.6)), painted)

    return draw


def _smear(random: np.random.Generator) -> Draw:
    where = _blobs(random, float(random.uniform(0.6, 0.85)))
    haze = float(random.uniform(110, 170))

    def draw(picture: Picture, since_s: float) -> None:
        soft = cv2.GaussianBlur(picture.y, (0, 0), 16).astype(np.float32)
        _mixed(picture, where * np.float32(min(1.0, (since_s + 0.1) / 0.6)), 0.6 * soft + 0.4 * haze)

    return draw


def _blurred(picture: Picture, sigma: float) -> None:
    picture.y[:] = cv2.GaussianBlur(picture.y, (0, 0), sigma)
    for plane in (picture.u, picture.v):
        plane[:] = cv2.GaussianBlur(plane, (0, 0), sigma / 2)


def _blur(sigma: float) -> Callable[[np.random.Generator], Draw]:
    def make(random: np.random.Generator) -> Draw:
        def draw(picture: Picture, since_s: float) -> None:
            _blurred(picture, sigma)
            picture.y[:] = weather.noisy(picture.y, random, _NOISE)

        return draw

    return make


def _slow_blur(random: np.random.Generator) -> Draw:
    def draw(picture: Picture, since_s: float) -> None:
        _blurred(picture, 0.2 + 12 * min(1.0, since_s / 30))
        picture.y[:] = weather.noisy(picture.y, random, _NOISE)

    return draw


def _glare(picture: Picture, at: tuple[float, float], radius: float, gain: float, veil: float) -> None:
    """A source at ``at`` (shares of the view), white within ``radius`` pixels, its bloom and veil around; the
    camera lowers its exposure to ``gain``."""
    far = np.hypot(_COLUMNS - at[0] * WIDTH, _ROWS - at[1] * HEIGHT)
    light = 400 * np.exp(-((far / radius) ** 2)) + 130 * np.exp(-far / (1.6 * radius)) + veil
    picture.y[:] = np.clip(picture.y * gain + light, 0, 235).astype(np.uint8)
    faded(picture, gain)


def _torch(random: np.random.Generator) -> Draw:
    at = float(random.uniform(0.35, 0.65)), float(random.uniform(0.35, 0.65))
    radius = float(random.uniform(130, 200))

    def draw(picture: Picture, since_s: float) -> None:
        grown = min(1.0, (since_s + 0.1) / 0.4)
        place = at[0] + 0.02 * float(np.sin(3 * since_s)), at[1]
        _glare(picture, place, radius * grown, 1 - 0.72 * grown, 25 * grown)

    return draw


def _sun(random: np.random.Generator) -> Draw:
    at, radius = (
        (float(random.uniform(0.2, 0.8)), float(random.uniform(0.1, 0.35))),
        float(random.uniform(140, 200)),
    )

    def draw(picture: Picture, since_s: float) -> None:
        risen = min(1.0, (since_s + 0.1) / 8)
        _glare(picture, at, radius * max(0.2, risen), 1 - 0.65 * risen, 45 * risen)

    return draw


def _white(random: np.random.Generator) -> Draw:
    def draw(picture: Picture, since_s: float) -> None:
        picture.y[:] = np.minimum(weather.noisy(weather.lit(picture.y, 0.1, 1.0, 228), random, 1.0), 235)

    return draw


def _dark(gain: float, over_s: float) -> Callable[[np.random.Generator], Draw]:
    def make(random: np.random.Generator) -> Draw:
        def draw(picture: Picture, since_s: float) -> None:
            gone = 1.0 if over_s <= 0 else min(1.0, since_s / over_s)
            left = gain**gone
            noise = _NOISE + 1.7 * gone
            picture.y[:] = weather.noisy(weather.lit(picture.y, left, 1.0, 16 * (1 - left)), random, noise)
            faded(picture, left)

        return draw

    return make


def _frozen(codec_noise: int) -> Callable[[np.random.Generator], Draw]:
    """``codec_noise``: every two seconds a keyframe rounds differently; in between nothing changes."""

    def make(random: np.random.Generator) -> Draw:
        kept: list[U8] = []

        def draw(picture: Picture, since_s: float) -> None:
            if not kept:
                kept.append(copied(picture).buffer)
            picture.buffer[:] = kept[0]
            if codec_noise:
                phase = int(since_s / 2)
                field = np.random.default_rng(phase).integers(0, 2, picture.y.shape, dtype=np.uint8)
                cv2.add(picture.y, cv2.blur(field * 2, (3, 3)), dst=picture.y)

        return draw

    return make


def _colour(y: int, u: int, v: int) -> Callable[[np.random.Generator], Draw]:
    def make(random: np.random.Generator) -> Draw:
        def draw(picture: Picture, since_s: float) -> None:
            picture.y[:], picture.u[:], picture.v[:] = y, u, v
            if u != v:
                cv2.putText(picture.y, "NO SIGNAL", (250, 180), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 200, 2)

        return draw

    return make


def _bars(random: np.random.Generator) -> Draw:
    colours = (
        (180, 128, 128),
        (162, 44, 142),
        (131, 156, 44),
        (112, 72, 58),
        (84, 184, 198),
        (65, 100, 212),
        (35, 212, 114),
    )

    def draw(picture: Picture, since_s: float) -> None:
        for number, values in enumerate(colours):
            for plane, value in zip((picture.y, picture.u, picture.v), values, strict=True):
                wide = plane.shape[1] / len(colours)
                plane[:, round(number * wide) : round((number + 1) * wide)] = value

    return draw
