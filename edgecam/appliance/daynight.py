"""When a camera sees by day and when by night: a table of states; pure, told the time and the light.

By day the infrared-cut filter is in and the lamp off, by night the filter is out and the lamp on. Going to night is
told by the picture: an automatic exposure keeps it bright until shutter and gain are spent, so a picture that stays
dark means that there is no light left. Coming back is not: by its own lamp a camera sees no dawn. So it looks
without the lamp now and then, for three seconds, and for nothing else. Where a filter moves without a lamp, the
picture tells both. A timetable, or a fixed choice, goes before the light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LEAD_S: Final = 0.6
PROBE_S: Final = 3.0
# An automatic exposure has found its light again by then.
UNSETTLED_S: Final = 4.0
_JUDGED_S: Final = 1.0
# Nothing can be seen below this; then nobody waits for the dwell (`analysis/light_watch.py` tells it as dark).
_BLACK: Final = 28.0
_BLACK_DWELL_S: Final = 1.0
_HYSTERESIS: Final = 1.15
_RISE: Final = 1.5
_LEAST_STAY_S: Final = 300.0
_MOST_STAY_S: Final = 3600.0
_SHORT_DAY_S: Final = 600.0


class Light(StrEnum):
    """What the camera sees by, and what was announced to come."""

    DAY = "day"
    NIGHT_COMES = "night_comes"
    NIGHT = "night"
    PROBE_COMES = "probe_comes"
    PROBE = "probe"
    DAY_COMES = "day_comes"


class Sign(StrEnum):
    """What makes it go from one to another."""

    DARKENED = "darkened"
    LIGHTENED = "lightened"
    DOUBTED = "doubted"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Optics:
    """How filter and lamp stand; never a lamp behind a filter that keeps its light out."""

    filter_in: bool
    lamp: bool


NEXT: Final = {
    (Light.DAY, Sign.DARKENED): Light.NIGHT_COMES,
    (Light.NIGHT_COMES, Sign.DUE): Light.NIGHT,
    (Light.NIGHT, Sign.LIGHTENED): Light.DAY_COMES,
    (Light.NIGHT, Sign.DOUBTED): Light.PROBE_COMES,
    (Light.PROBE_COMES, Sign.DUE): Light.PROBE,
    (Light.PROBE, Sign.LIGHTENED): Light.DAY,
    (Light.PROBE, Sign.DUE): Light.NIGHT,
    (Light.DAY_COMES, Sign.DUE): Light.DAY,
}
OPTICS: Final = {
    Light.DAY: Optics(filter_in=True, lamp=False),
    Light.NIGHT_COMES: Optics(filter_in=True, lamp=False),
    Light.NIGHT: Optics(filter_in=False, lamp=True),
    Light.PROBE_COMES: Optics(filter_in=False, lamp=True),
    Light.PROBE: Optics(filter_in=False, lamp=False),
    Light.DAY_COMES: Optics(filter_in=False, lamp=True),
}
# Seconds after it was entered for which a state lasts, where that is known.
_LASTS_S: Final = {
    Light.NIGHT_COMES: LEAD_S,
    Light.DAY_COMES: LEAD_S,
    Light.PROBE_COMES: LEAD_S,
    Light.PROBE: PROBE_S,
}
# Seconds after it was entered for which the light is not the scene's doing.
_STRANGE_S: Final = {
    Light.DAY: UNSETTLED_S,
    Light.NIGHT: UNSETTLED_S,
    Light.NIGHT_COMES: LEAD_S + UNSETTLED_S,
    Light.DAY_COMES: LEAD_S + UNSETTLED_S,
    Light.PROBE_COMES: LEAD_S + PROBE_S + UNSETTLED_S,
    Light.PROBE: PROBE_S + UNSETTLED_S,
}


@dataclass(frozen=True, slots=True)
class LightPlan:
    """Brightness is the masked picture's mean luma, 0-255; ``probe_s`` 0: never look without the lamp by plan."""

    dark_below: float = 50.0
    bright_above: float = 90.0
    dwell_s: float = 30.0
    probe_s: float = 1200.0
    has_lamp: bool = True


class _Since:
    """For how long something has been so without a break."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def observe(self, so: bool, now_s: float) -> float:
        """Seconds since it is so, below 0 when it is not."""
        if not so:
            self._since_s = None
            return -1.0
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s

    @property
    def lasts(self) -> bool:
        return self._since_s is not None

    def forget(self) -> None:
        self._since_s = None


class DayNight:
    """Where one camera stands between day and night. Call `step` a few times a second; one thread uses it."""

    def __init__(self, plan: LightPlan, now_s: float, light: Light = Light.DAY) -> None:
        """``light`` is DAY or NIGHT: how the camera saw before; the first seconds count as a switch."""
        self._plan = plan
        self.light = light
        self._entered_s = self._strange_from_s = now_s
        self._strange_until_s = now_s + UNSETTLED_S
        self._day_began_s = -math.inf
        self._night_began_s = self._probed_s = now_s
        self._stay_s = _LEAST_STAY_S
        self._dark, self._black, self._bright, self._risen = _Since(), _Since(), _Since(), _Since()
        self._night_level: float | None = None
        self._probed: list[tuple[float, float]] = []

    @property
    def optics(self) -> Optics:
        """How filter and lamp are to stand now."""
        return OPTICS[self.light]

    @property
    def strange_s(self) -> tuple[float, float]:
        """From when until when the picture's light is the camera's own doing, seconds."""
        return self._strange_from_s, self._strange_until_s

    def step(self, now_s: float, brightness: float | None, wanted_night: bool | None) -> bool:
        """Whether another state was entered. ``brightness`` is ``None`` when there is no picture to judge by,
        ``wanted_night`` what a timetable or a fixed choice says, ``None`` where the light is to decide.
        """
        sign = self._sign(now_s, brightness, wanted_night)
        entered = NEXT.get((self.light, sign)) if sign is not None else None
        if entered is None:
            return False
        self._enter(entered, now_s)
        return True

    def _sign(self, now_s: float, brightness: float | None, wanted_night: bool | None) -> Sign | None:
        if self.light is Light.PROBE and brightness is not None:
            self._probed.append((now_s, brightness))
        lasts_s = _LASTS_S.get(self.light)
        if lasts_s is not None:
            if now_s - self._entered_s < lasts_s:
                return None
            return Sign.LIGHTENED if self._found_light(now_s) and wanted_night is not True else Sign.DUE
        if now_s < self._strange_until_s:
            return None
        if wanted_night is not None:
            return Sign.DARKENED if wanted_night else Sign.LIGHTENED
        if self.light is Light.DAY:
            return Sign.DARKENED if self._has_darkened(now_s, brightness) else None
        return self._sign_by_night(now_s, brightness)

    def _found_light(self, now_s: float) -> bool:
        """Whether the end of a probe was bright throughout."""
        seen = [brightness for at_s, brightness in self._probed if now_s - at_s <= _JUDGED_S]
        return self.light is Light.PROBE and bool(seen) and min(seen) > self._plan.bright_above

    def _has_darkened(self, now_s: float, brightness: float | None) -> bool:
        if brightness is None:
            self._dark.forget()
            self._black.forget()
            return False
        dark = brightness < self._plan.dark_below * (_HYSTERESIS if self._dark.lasts else 1.0)
        dark_s = self._dark.observe(dark, now_s)
        black_s = self._black.observe(brightness < _BLACK, now_s)
        return dark_s >= self._plan.dwell_s or black_s >= _BLACK_DWELL_S

    def _sign_by_night(self, now_s: float, brightness: float | None) -> Sign | None:
        if brightness is None:
            self._bright.forget()
            self._risen.forget()
            return None
        bright_s = self._bright.observe(brightness > self._plan.bright_above, now_s)
        risen_s = self._risen.observe(self._has_risen(brightness), now_s)
        if now_s - self._night_began_s < self._stay_s:
            return None
        if not self._plan.has_lamp:
            return Sign.LIGHTENED if bright_s >= self._plan.dwell_s else None
        probed_s = now_s - self._probed_s
        by_plan = 0 < self._plan.probe_s <= probed_s
        by_rise = risen_s >= self._plan.dwell_s and probed_s >= _LEAST_STAY_S
        return Sign.DOUBTED if by_plan or by_rise else None

    def _has_risen(self, brightness: float) -> bool:
        """Whether it is much brighter than it was since the last switch; what was darkest since then counts."""
        if self._night_level is None or brightness < self._night_level:
            self._night_level = brightness
        return brightness > _RISE * max(self._night_level, 1.0)

    def _enter(self, light: Light, now_s: float) -> None:
        before, self.light, self._entered_s = self.light, light, now_s
        if now_s >= self._strange_until_s:
            self._strange_from_s = now_s
        self._strange_until_s = max(self._strange_until_s, now_s + _STRANGE_S[light])
        for since in (self._dark, self._black, self._bright, self._risen):
            since.forget()
        if light is Light.DAY:
            self._day_began_s = now_s
        elif light is Light.PROBE:
            self._probed_s, self._probed = now_s, []
        elif light is Light.NIGHT:
            self._night_level = None
            if before is Light.NIGHT_COMES:
                self._begin_night(now_s)

    def _begin_night(self, now_s: float) -> None:
        """A day that was soon over had no daylight: the next try to see one waits twice as long."""
        short = now_s - self._day_began_s < _SHORT_DAY_S
        self._stay_s = min(2 * self._stay_s, _MOST_STAY_S) if short else _LEAST_STAY_S
        self._night_began_s = self._probed_s = now_s
