"""Insects that fly by and spiders that live before the lens, lit by the camera's own lamp at night.

A moth of 15 mm at 0.3 m is 16 pixels long and flies through the view in half a second; the lens is focused far
away, so that whatever is this near is a blurred bright disc or streak. A web hangs a few centimetres away: its
threads are broad, faint and move with the air; its spider sits still for long and then walks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edgecam.core.picture import U8, Picture
from parts.nuisancebase import HEIGHT, WIDTH, Frames, by_night

_PIXELS_PER_M: Final = 320.0
_EXPOSURE_S: Final = 1 / 25
_HALF: Final = 2
Place = tuple[float, float]


@dataclass(slots=True)
class _Insect:
    """``far_m`` away, at ``x``, ``y`` (pixels), flying at ``vx``, ``vy`` (pixels a second)."""

    far_m: float
    x: float
    y: float
    vx: float
    vy: float
    size_m: float


def insects(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """A few at a time round the lamp: each comes, turns, goes; sometimes one sits down on the glass."""
    random = np.random.default_rng(seed)
    flying: list[_Insect] = []
    for picture in frames:
        by_night(picture, random)
        if len(flying) < 5 and random.random() < 1.2 / fps:
            flying.append(_arriving(random))
        glow = np.zeros((HEIGHT // _HALF, WIDTH // _HALF), np.uint8)
        for insect in flying:
            _lay(glow, insect)
            _fly(random, insect, 1 / fps)
        flying = [one for one in flying if -60 < one.x < WIDTH + 60 and -60 < one.y < HEIGHT + 60]
        if flying:
            _add(picture.y, glow, 2.2)
        yield picture


def spider_web(frames: Iterable[Picture], fps: float, seed: int) -> Frames:
    """A web over a part of the view, swinging; its spider walks a little every quarter of a minute."""
    random = np.random.default_rng(seed)
    web, corner = _web(random)
    along, wanted = 0.3, 0.3
    swing = random.uniform(0.3, 1.1, 2)
    for number, picture in enumerate(frames):
        now_s = number / fps
        by_night(picture, random, depth=0.9)
        gust = 1 + np.sin(0.21 * now_s)
        shift = [5 * gust * np.sin(6.28 * hz * now_s) for hz in swing]
        matrix = np.array([[1, 0, shift[0]], [0, 1, 0.4 * shift[1]]], np.float32)
        hung = np.asarray(cv2.warpAffine(web, matrix, (WIDTH, HEIGHT)), np.uint8)
        if random.random() < 1 / (15 * fps):
            wanted = float(random.uniform(0.15, 0.7))
        along += float(np.clip(wanted - along, -0.12 / fps, 0.12 / fps))
        _spider(hung, corner, along, shift, now_s if along != wanted else 0.0)
        cv2.add(picture.y, hung, dst=picture.y)
        yield picture


def _arriving(random: np.random.Generator) -> _Insect:
    far_m = float(random.uniform(0.12, 1.5))
    side = float(random.choice([-1, 1]))
    speed = float(random.uniform(0.3, 1.5)) * _PIXELS_PER_M / far_m
    angle = float(random.uniform(-0.7, 0.7))
    x = -40.0 if side > 0 else WIDTH + 40.0
    vx, vy = side * speed * np.cos(angle), speed * np.sin(angle)
    return _Insect(
        far_m, x, float(random.uniform(0, HEIGHT)), float(vx), float(vy), float(random.uniform(0.003, 0.015))
    )


def _fly(random: np.random.Generator, insect: _Insect, dt_s: float) -> None:
    """On, and now and then about."""
    insect.x += insect.vx * dt_s
    insect.y += insect.vy * dt_s
    turn = float(random.normal(0, 2.2 * np.sqrt(dt_s)))
    cos, sin = np.cos(turn), np.sin(turn)
    insect.vx, insect.vy = float(insect.vx * cos - insect.vy * sin), float(insect.vx * sin + insect.vy * cos)


def _lay(glow: U8, insect: _Insect) -> None:
    """A streak as long as the exposure, as broad as the animal and the blur of its nearness; near ones are
    brighter."""
    radius = insect.size_m * _PIXELS_PER_M / insect.far_m / 2 + 0.9 / insect.far_m
    shine = int(np.clip(38 / insect.far_m**1.2, 25, 200))
    end = insect.x + insect.vx * _EXPOSURE_S, insect.y + insect.vy * _EXPOSURE_S
    points = [(round(x / _HALF), round(y / _HALF)) for x, y in ((insect.x, insect.y), end)]
    cv2.line(glow, points[0], points[1], shine, max(1, round(2 * radius / _HALF)), cv2.LINE_AA)


def _add(luma: U8, glow: U8, sigma: float) -> None:
    soft = cv2.resize(cv2.GaussianBlur(glow, (0, 0), sigma), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    cv2.add(luma, np.asarray(soft, np.uint8), dst=luma)


def _web(random: np.random.Generator) -> tuple[U8, Place]:
    """Threads from a corner of the view and rungs between them, blurred; the corner."""
    corner = (float(random.choice([0, WIDTH])), float(random.choice([0, HEIGHT])))
    inward = np.arctan2(HEIGHT / 2 - corner[1], WIDTH / 2 - corner[0])
    angles = inward + np.linspace(-0.75, 0.75, int(random.integers(5, 9)))
    web = np.zeros((HEIGHT, WIDTH), np.uint8)
    reach = float(random.uniform(200, 380))
    spokes = [(corner[0] + reach * np.cos(a), corner[1] + reach * np.sin(a)) for a in angles]
    for x, y in spokes:
        cv2.line(
            web, (int(corner[0]), int(corner[1])), (int(x), int(y)), int(random.integers(35, 70)), 2, cv2.LINE_AA
        )
    for rung in np.linspace(0.3, 0.95, int(random.integers(4, 8))):
        ring = [(corner[0] + rung * (x - corner[0]), corner[1] + rung * (y - corner[1])) for x, y in spokes]
        cv2.polylines(web, [np.array(ring, np.int32)], False, int(random.integers(25, 55)), 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(web, (0, 0), 1.8), np.uint8), corner


def _spider(hung: U8, corner: Place, along: float, shift: list[float], walking_s: float) -> None:
    """A blurred body of some 25 pixels with its legs, ``along`` the web's middle thread."""
    x = corner[0] + along * (WIDTH / 2 - corner[0]) * 1.4 + shift[0]
    y = corner[1] + along * (HEIGHT / 2 - corner[1]) * 1.4 + 0.4 * shift[1]
    left, top = max(0, int(x) - 40), max(0, int(y) - 40)
    part = hung[top : int(y) + 40, left : int(x) + 40]
    if part.size == 0:
        return
    sheet = np.zeros_like(part)
    middle = int(x) - left, int(y) - top
    for leg in range(8):
        angle = 0.4 + leg * 0.785 + 0.2 * np.sin(9 * walking_s + leg)
        foot = int(middle[0] + 24 * np.cos(angle)), int(middle[1] + 24 * np.sin(angle))
        cv2.line(sheet, middle, foot, 70, 2, cv2.LINE_AA)
    cv2.circle(sheet, middle, 10, 150, -1, cv2.LINE_AA)
    cv2.add(part, np.asarray(cv2.GaussianBlur(sheet, (0, 0), 3), np.uint8), dst=part)
