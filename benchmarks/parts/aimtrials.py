"""One clip's camera under the aim guard: moved in every way, and left alone in all kinds of light and weather."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from edgecam.core.errors import BadInput
from edgecam.core.picture import U8
from edgecam.masking.aimguard import Aim, AimGuard
from edgecam.masking.aimreference import AimReference, take_aim_reference
from edgecam.masking.fill import FILL_Y
from edgecam.masking.geometry import covered_cells, pixels_of
from parts import aimweather as weather
from parts.aimclips import LOOKS_PER_S, TUNED, VIEW, Clip, ClipPlace, Pose
from parts.maskset import MASKS

LOOK_NS: Final = 1_000_000_000 // LOOKS_PER_S
VIEW_WIDTH: Final = 0.64
_REFERENCE_LOOKS: Final = 25
_BEFORE_LOOKS: Final = 12
_AFTER_LOOKS: Final = 20
_COVERED_LOOKS: Final = 15
_CREEP_LOOKS: Final = 900
_CREEP: Final = 0.03
# Movements smaller than these are reported, not counted: they shift no mask's edge by more than 1.5 % of the width.
COUNTED_SHIFT, COUNTED_ROLL_DEG = 0.03, 1.5
Change = Callable[[int, float, Pose], U8]


@dataclass(frozen=True, slots=True)
class Trial:
    """One generated movement and what the guard made of it; ``delay_s`` from the last look before the movement to
    the first one without trust, ``None`` when it never came; ``told_error``
    how far from the truth the similarity told in the end is at the worst corner, as a share of the width;
    ``steady_before`` whether there was trust to lose."""

    clip: str
    kind: str
    size: float
    night: bool
    delay_s: float | None
    state: str
    told_error: float | None
    steady_before: bool

    @property
    def counted(self) -> bool:
        if not self.steady_before:
            return False
        if self.kind == "shift":
            return self.size >= COUNTED_SHIFT
        return self.kind in ("zoom", "other scene") or (self.kind == "roll" and self.size >= COUNTED_ROLL_DEG)


@dataclass(slots=True)
class Calm:
    """What the guard did while the camera stood still; ``private`` counts each time trust was lost, by episode."""

    clip: str
    looks: int = 0
    private: dict[str, int] = field(default_factory=dict)
    private_looks: int = 0
    latched: dict[str, int] = field(default_factory=dict)
    guard_cpu_s: float = 0.0


@dataclass(slots=True)
class ClipResult:
    """All about one clip; ``guardable`` is false when confirmation refused the view for want of structure."""

    clip: str
    guardable: bool
    trials: list[Trial] = field(default_factory=list)
    calm: list[Calm] = field(default_factory=list)
    creep_trusted: float = 0.0
    uncovered: int = 0
    uncovered_trusted: int = 0
    refused_poses: int = 0


def clip_result(place: ClipPlace, each: int, rounds: int) -> ClipResult:
    """All about one clip: ``each`` movements of every kind, ``rounds`` rounds of episodes. Raises: BadInput."""
    cv2.setNumThreads(1)
    elsewhere = Clip(TUNED[1] if place == TUNED[0] else TUNED[0])
    other = elsewhere.view(0, Pose(0.5, elsewhere.aspect / 2, 0.7))
    result = ClipResult(place.name, guardable=True)
    moved_trials(place, result, each, other)
    calm_hours(place, result, rounds)
    result.guardable = bool(result.calm)
    return result


class Stand:
    """A clip's camera with masks over about 30 % of its view, mirrored for every other clip."""

    def __init__(self, place: ClipPlace) -> None:
        self.clip = Clip(place)
        self.random = np.random.default_rng(zlib.crc32(place.name.encode()))
        mirrored = zlib.crc32(place.name.encode()) % 2 == 1
        polygons = [[(1 - x if mirrored else x, y) for x, y in mask.polygon] for mask in MASKS]
        self.covered = covered_cells(polygons, *VIEW)
        self._pixels = pixels_of(self.covered, *VIEW)
        self.middle = Pose(0.5, self.clip.aspect / 2, VIEW_WIDTH)
        self.dark = "night" in place.name

    def masked(self, view: U8) -> U8:
        view[self._pixels] = FILL_Y
        return view

    def reference(self, pose: Pose) -> AimReference:
        """Raises: BadInput when the view has too little structure."""
        looks = (self.masked(self.clip.view(look, pose)) for look in range(_REFERENCE_LOOKS))
        return take_aim_reference(looks, self.covered, bytes(32))

    def seen(self, look: int, pose: Pose, night: bool) -> U8:
        """The view as this camera gives it, with a little noise by day."""
        if night:
            return weather.night(self.clip.view(look, pose, infrared=True), self.random)
        return weather.noisy(self.clip.view(look, pose), self.random, 1.5)


def moved_trials(place: ClipPlace, result: ClipResult, each: int, other: U8) -> None:
    """Shifts, rolls, zooms and another scene, ``each`` times by day and by night; from the view in the middle, and
    for shifts from wherever both views fit in."""
    stand = Stand(place)
    for night in (False,) if stand.dark else (False, True):
        for kind, size, start, end in _movements(stand, each):
            try:
                guard = AimGuard(stand.reference(start))
            except BadInput:
                result.refused_poses += 1
                continue
            result.trials.append(_trial(stand, guard, kind, size, night, start, end, other))
        _uncover(stand, result, night)
    _creep(stand, result)


def _movements(stand: Stand, each: int) -> Iterator[tuple[str, float, Pose, Pose]]:
    random, middle = stand.random, stand.middle
    for low, high in ((0.01, 0.03), (0.03, 0.06), (0.06, 0.12), (0.12, 0.30)):
        for _ in range(each):
            for _ in range(200):
                size, angle = float(random.uniform(low, high)), float(random.uniform(0, 2 * np.pi))
                dx, dy = size * np.cos(angle), size * np.sin(angle)
                start = middle.moved(*(random.uniform(-0.25, 0.25, 2)))
                if stand.clip.holds(start) and stand.clip.holds(start.moved(dx, dy)):
                    yield "shift", size, start, start.moved(dx, dy)
                    break
    for low, high in ((0.5, 1.5), (1.5, 4.0), (4.0, 20.0)):
        for _ in range(each):
            size = float(random.uniform(low, high))
            yield "roll", size, middle, middle.moved(0, 0, size * float(random.choice([-1, 1])))
    for low, high in ((0.02, 0.06), (0.06, 0.20)):
        for _ in range(each):
            size = float(random.uniform(low, high))
            factor = (1 + size) if random.random() < 0.5 else 1 / (1 + size)
            yield "zoom", size, middle, middle.moved(0, 0, 0, factor)
    yield "other scene", 1.0, middle, middle


def _trial(
    stand: Stand, guard: AimGuard, kind: str, size: float, night: bool, start: Pose, end: Pose, other: U8
) -> Trial:
    first = int(stand.random.integers(len(stand.clip)))
    delay_s, aim, steady_before = None, guard.aim, False
    for number in range(-_BEFORE_LOOKS, _AFTER_LOOKS):
        if number >= 0 and kind == "other scene":
            view = weather.noisy(other, stand.random, 1.5)
        else:
            view = stand.seen(first + number, start if number < 0 else end, night)
        aim = guard.look(stand.masked(view), stand.covered, (number + 100) * LOOK_NS)
        if number < 0:
            steady_before = aim.trust
        elif not aim.trust and delay_s is None:
            delay_s = (number + 1) / LOOKS_PER_S
        elif aim.trust:
            delay_s = None
    return Trial(
        stand.clip.name,
        kind,
        size,
        night,
        delay_s,
        aim.state.name.lower(),
        _told_error(aim, start, end),
        steady_before,
    )


def _told_error(aim: Aim, start: Pose, end: Pose) -> float | None:
    told = aim.shift
    if told is None:
        return None
    half = np.array(VIEW) / 2
    corners = np.array([[x * half[0], y * half[1]] for x in (-1, 1) for y in (-1, 1)])
    truly = end.to_view(start.to_picture(corners))
    angle = np.deg2rad(told.roll_deg)
    turn = told.zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    said = corners @ turn.T + np.array([told.dx, told.dy]) * VIEW[0]
    return float(np.hypot(*(said - truly).T).max()) / VIEW[0]


def _uncover(stand: Stand, result: ClipResult, night: bool) -> None:
    """The lens is covered; when it is free again the camera looks elsewhere. No look after that may be trusted."""
    try:
        guard = AimGuard(stand.reference(stand.middle))
    except BadInput:
        return
    ends = [stand.middle.moved(dx, dy) for dx, dy in ((0.06, 0.0), (-0.15, 0.0), (0.1, 0.1), (0.0, -0.05))]
    end = next(end for end in ends if stand.clip.holds(end)) if any(map(stand.clip.holds, ends)) else None
    if end is None:
        return
    aim = guard.aim
    for look in range(_BEFORE_LOOKS):
        guard.look(stand.masked(stand.seen(look, stand.middle, night)), stand.covered, look * LOOK_NS)
    blank = np.full((VIEW[1], VIEW[0]), 24, np.uint8)
    for look in range(_BEFORE_LOOKS, _BEFORE_LOOKS + _COVERED_LOOKS):
        hand = weather.noisy(blank, stand.random, 3)
        aim = guard.look(stand.masked(hand), stand.covered, look * LOOK_NS)
    trusted = aim.trust
    for look in range(_BEFORE_LOOKS + _COVERED_LOOKS, _BEFORE_LOOKS + _COVERED_LOOKS + 25):
        aim = guard.look(stand.masked(stand.seen(look, end, night)), stand.covered, look * LOOK_NS)
        trusted = trusted or aim.trust
    result.uncovered += 1
    result.uncovered_trusted += trusted


def _creep(stand: Stand, result: ClipResult) -> None:
    """The camera sinks by 3 % in three minutes: how far was it off when it was last trusted?"""
    try:
        guard = AimGuard(stand.reference(stand.middle))
    except BadInput:
        return
    for look in range(_CREEP_LOOKS):
        off = _CREEP * look / _CREEP_LOOKS
        view = stand.seen(look, stand.middle.moved(off * 0.6, off * 0.8), night=False)
        if guard.look(stand.masked(view), stand.covered, look * LOOK_NS).trust:
            result.creep_trusted = off


def calm_hours(place: ClipPlace, result: ClipResult, rounds: int) -> None:
    """All episodes one after the other under one guard, ``rounds`` times, each time drawn anew."""
    stand = Stand(place)
    try:
        guard = AimGuard(stand.reference(stand.middle))
    except BadInput:
        return
    calm = Calm(place.name)
    for _ in range(rounds):
        for name, seconds, change in _episodes(stand):
            # A look's worth of plain footage between two episodes, so that each one begins from a steady aim.
            for look in range(8 if calm.looks else 12):
                _calm_look(stand, guard, calm, stand.seen(look, stand.middle, night=False))
            if not guard.aim.trust:
                calm.private["between episodes"] = calm.private.get("between episodes", 0) + 1
                guard.release()
            _run(stand, guard, calm, name, int(seconds * LOOKS_PER_S), change)
    result.calm.append(calm)


def _calm_look(stand: Stand, guard: AimGuard, calm: Calm, view: U8) -> Aim:
    masked = stand.masked(view)
    began_s = time.process_time()
    aim = guard.look(masked, stand.covered, calm.looks * LOOK_NS)
    calm.guard_cpu_s += time.process_time() - began_s
    calm.looks += 1
    return aim


def _run(stand: Stand, guard: AimGuard, calm: Calm, name: str, looks: int, change: Change) -> None:
    trusted = guard.aim.trust
    for number in range(looks):
        gust = stand.random.normal(0, 0.001, 2).clip(-0.002, 0.002)
        aim = _calm_look(stand, guard, calm, change(number, number / looks, stand.middle.moved(*gust)))
        calm.private_looks += not aim.trust
        if trusted and not aim.trust:
            calm.private[name] = calm.private.get(name, 0) + 1
        trusted = aim.trust
    if guard.aim.latched:
        calm.latched[name] = calm.latched.get(name, 0) + 1
    if not guard.aim.trust:
        # Begins anew, so that one error is not counted in every episode that follows.
        guard.release()


def _episodes(stand: Stand) -> list[tuple[str, float, Change]]:
    """Name, seconds, and the view in one look of it."""
    random, clip = stand.random, stand.clip
    draw = random.uniform
    seed, angle, quality = int(random.integers(1 << 30)), draw(0, 6.28), int(random.integers(5, 12))
    piece = clip.day[int(random.integers(len(clip)))]
    lorry_piece = np.asarray(cv2.flip(piece, 1), np.uint8)
    share, parked, parked_at = draw(0.3, 0.5), draw(0.15, 0.25), draw(0, 420)
    thick, deep, bright = draw(0.5, 0.8), draw(0.3, 0.7), draw(1.3, 1.8)
    stop = draw(0, 640 * (1 - share))

    def day(look: int, pose: Pose) -> U8:
        return weather.noisy(clip.view(look, pose), random, 1.5)

    def lorry(look: int, t: float, pose: Pose) -> U8:
        arriving, leaving = min(1.0, look / 8), max(0.0, (t - 0.9) * 10)
        left = -640 + (stop + 640) * arriving + (700 - stop) * leaving
        return weather.occluded(day(look, pose), lorry_piece, share, left)

    def storm(look: int, t: float, pose: Pose) -> U8:
        return weather.flash(day(look, pose)) if look % 11 in (0, 1) else weather.lit(day(look, pose), 0.6)

    shaken: list[tuple[str, float, Change]] = [
        ("as it is", 60, lambda look, t, pose: day(look, pose)),
        ("gain", 30, lambda look, t, pose: weather.lit(day(look, pose), 1 + (bright - 1) * np.sin(6.28 * t))),
        ("gain step", 20, lambda look, t, pose: weather.lit(day(look, pose), 0.5 if 0.3 < t < 0.6 else bright)),
        ("gamma", 30, lambda look, t, pose: weather.lit(day(look, pose), 1, 0.6 + 1.2 * t)),
        ("colour cast", 20, lambda look, t, pose: clip.view(look, pose, infrared=t > 0.5)),
        ("clouds", 60, lambda look, t, pose: weather.cloud(day(look, pose), (t * 3) % 1, 60, deep, angle)),
        ("hard shadow", 120, lambda look, t, pose: weather.cloud(day(look, pose), t, 2, 0.6, angle)),
        ("rain", 40, lambda look, t, pose: weather.rain(day(look, pose), random, 220)),
        ("drops", 60, lambda look, t, pose: weather.drops(day(look, pose), seed, round(20 * t) + 1)),
        ("fog", 90, lambda look, t, pose: weather.fog(day(look, pose), thick * np.sin(3.14 * t))),
        ("snow", 60, lambda look, t, pose: weather.snow(day(look, pose), random, 160, 0.75 * t)),
        ("low bit rate", 40, lambda look, t, pose: weather.compressed(day(look, pose), quality)),
        ("noise", 30, lambda look, t, pose: weather.noisy(clip.view(look, pose), random, 4 + 8 * t)),
        ("lorry", 60, lorry),
        (
            "parked",
            300,
            lambda look, t, pose: weather.occluded(day(look, pose), lorry_piece, parked, parked_at),
        ),
        ("lightning", 20, storm),
    ]
    if stand.dark:
        return shaken

    def dark(look: int, pose: Pose) -> U8:
        return weather.night(clip.view(look, pose, infrared=True), random)

    def day_and_night(look: int, t: float, pose: Pose) -> U8:
        if t < 0.3 or t > 0.8:
            return weather.dusk(clip.view(look, pose), random, t / 0.3 if t < 0.5 else (1 - t) / 0.2)
        return dark(look, pose)

    return [
        *shaken,
        ("day, night, day", 120, day_and_night),
        ("night headlights", 20, lambda look, t, pose: weather.headlights(dark(look, pose), (t * 4) % 1, True)),
        ("night rain", 20, lambda look, t, pose: weather.rain(dark(look, pose), random, 120)),
        ("night low bit rate", 20, lambda look, t, pose: weather.compressed(dark(look, pose), quality + 4)),
    ]
