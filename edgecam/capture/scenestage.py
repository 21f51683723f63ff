"""Draws a scene at any moment: the still street, leaves, people and cars, weather; a millisecond or two a frame."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from edgecam.capture import scenecars as cars
from edgecam.capture import scenefigures as figures
from edgecam.capture.scenecast import CAR_LENGTH_M, PERSON, PERSON_HEIGHT_M, Cast, Standing
from edgecam.capture.scenefoliage import Crown
from edgecam.capture.sceneperspective import metre
from edgecam.capture.scenesprite import Sprite, bgr_to_planes
from edgecam.capture.scenestreet import TREES, draw_street
from edgecam.capture.sceneweather import LEVELS, WEATHERS, Noise, Rain, lamp_light
from edgecam.core.picture import Picture

# A figure in every step of its gait at one depth, several times over.
_KEPT_SPRITES = 96


class Stage:
    """One scene at one size; everything that can be drawn beforehand is."""

    def __init__(self, name: str, seed: int, width: int, height: int) -> None:
        """``name`` is one of ``uri.SCENES``; sizes are even."""
        self._size = (width, height)
        self._weather = WEATHERS[name]
        self.cast = Cast(seed, width / height)
        self._still = _still(name, width, height)
        grade = self._weather.grade(0.1)
        self._crowns = [
            Crown(width, height, tree, turn, grade, self._weather.wind) for turn, tree in enumerate(TREES)
        ]
        self._air: list[Rain | Noise] = [Rain(width, height, seed)] if self._weather.wet else []
        self._air += [Noise(width, height, seed)] if self._weather.dark else []
        self._lamp = lamp_light(64, 64) if self._weather.dark else np.zeros((64, 64), np.float32)
        self._sprite = lru_cache(maxsize=_KEPT_SPRITES)(self._make_sprite)
        self._beam = lru_cache(maxsize=4)(self._make_beam)

    def draw(self, picture: Picture, t_s: float) -> None:
        """Fill ``picture`` with the scene ``t_s`` seconds after its start."""
        np.copyto(picture.buffer, self._still.buffer)
        for crown in self._crowns:
            crown.lay(picture, t_s)
        for standing in self.cast.at(t_s):
            self._lay(picture, standing)
        for sheet in self._air:
            sheet.lay(picture, t_s)

    def _lay(self, picture: Picture, standing: Standing) -> None:
        width, height = self._size
        person = standing.kind == PERSON
        size = metre(standing.foot) * height * (PERSON_HEIGHT_M if person else CAR_LENGTH_M)
        size_px = round(size / 2) * 2
        step = int(standing.step / figures.STRIDE_M * figures.STEPS) % figures.STEPS if person else 0
        sprite = self._sprite(person, standing.look, step, size_px, self._level(standing), standing.facing)
        ground = sprite.height * (
            figures.GROUND_PX / figures.CANVAS_HEIGHT if person else cars.GROUND_PX / cars.CANVAS_HEIGHT
        )
        x = round(standing.across * width) - sprite.width // 2
        y = round(standing.foot * height - ground)
        sprite.lay(picture, x, y)
        if not person and self._weather.dark:
            beam = self._beam(size_px, standing.facing)
            front = (
                x + sprite.width - sprite.width // 9 if standing.facing > 0 else x + sprite.width // 9 - beam.width
            )
            beam.lay(picture, front, round(standing.foot * height) - beam.height)

    def _level(self, standing: Standing) -> int:
        row, column = (min(max(round(share * 63), 0), 63) for share in (standing.foot, standing.across))
        return round(float(self._lamp[row, column]) * (LEVELS - 1))

    def _make_sprite(self, person: bool, look: int, step: int, size_px: int, level: int, facing: int) -> Sprite:
        lamps = self._weather.wet or self._weather.dark
        if person:
            drawing, coverage = figures.draw_walker(look, step, self._weather.wet)
            scale = size_px / figures.TALL_PX
        else:
            drawing, coverage = cars.draw_car(look, lamps)
            scale = size_px / cars.LENGTH_PX
        if facing < 0:
            drawing, coverage = cv2.flip(drawing, 1).astype(np.uint8), cv2.flip(coverage, 1).astype(np.uint8)
        size = (max(round(drawing.shape[1] * scale), 4), max(round(drawing.shape[0] * scale), 4))
        # The shadow's colour is black, the figure's edge its own: shrink colour times coverage, then divide.
        share = cv2.resize(coverage, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        small = cv2.resize(drawing, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        return Sprite(self._weather.grade(level / (LEVELS - 1))(small), share)

    def _make_beam(self, car_px: int, facing: int) -> Sprite:
        """The light of a car's head lamps on the road before it."""
        width, height = car_px * 3 // 4, car_px // 4
        x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        share = 0.42 * (1 - x) ** 1.3 * np.exp(-((y / (0.18 + 0.55 * x)) ** 2))
        coverage = (share * 255).astype(np.uint8)
        if facing < 0:
            coverage = np.ascontiguousarray(coverage[:, ::-1])
        return Sprite(np.full((height, width, 3), (205, 235, 248), np.uint8), coverage)


def _still(name: str, width: int, height: int) -> Picture:
    weather = WEATHERS[name]
    picture = Picture(width, height)
    street = weather.grade_street(draw_street(width, height, weather.wet))
    for plane, drawn in zip((picture.y, picture.u, picture.v), bgr_to_planes(street), strict=True):
        np.copyto(plane, drawn)
    return picture
