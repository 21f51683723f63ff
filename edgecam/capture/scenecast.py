"""Who is in a drawn scene at any moment: the timetable from which both the picture and its truth are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from edgecam.capture import sceneperspective as perspective
from edgecam.capture.sceneperspective import metre

PERSON, VEHICLE = "person", "vehicle"
PERSON_HEIGHT_M, CAR_HEIGHT_M, CAR_LENGTH_M = 1.72, 1.46, 4.3
_OUTSIDE_M = 0.6


@dataclass(frozen=True, slots=True)
class Visible:
    """The truth about one thing: its box is normalised 0-1, ``(x0, y0, x1, y1)``, cut at the picture's edges."""

    kind: str
    track: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing at one moment: the middle of its feet or wheels in shares of width and height."""

    kind: str
    track: int
    look: int
    across: float
    foot: float
    step: float
    facing: int

    def box(self, aspect: float) -> tuple[float, float, float, float]:
        """Its extent, normalised, not cut; ``aspect`` is the picture's width / height."""
        person = self.kind == PERSON
        tall = metre(self.foot) * (PERSON_HEIGHT_M if person else CAR_HEIGHT_M)
        half = metre(self.foot) * (0.32 if person else CAR_LENGTH_M / 2) / aspect
        return self.across - half, self.foot - tall, self.across + half, self.foot


@dataclass(frozen=True, slots=True)
class _Line:
    """A stream of passers-by: one starts every ``period_s``, up to ``late_s`` later."""

    number: int
    kind: str
    foot: float
    first_s: float
    period_s: float
    late_s: float
    speed_m_s: tuple[float, float]
    facing: int


_LINES = (
    _Line(1, PERSON, perspective.PAVEMENT, 1.0, 34.0, 6.0, (1.2, 1.6), 0),
    _Line(2, VEHICLE, perspective.FAR_LANE, 6.0, 23.0, 9.0, (6.0, 9.0), -1),
    _Line(3, VEHICLE, perspective.NEAR_LANE, 15.0, 31.0, 12.0, (6.0, 9.0), 1),
)
_VISIT_FIRST_S, _VISIT_PERIOD_S, _VISIT_NUMBER = 18.0, 75.0, 4
_AT_DOOR_S = 4.0


class Cast:
    """A scene's timetable, endless and the same for the same seed."""

    def __init__(self, seed: int, aspect: float) -> None:
        self._seed, self._aspect = seed, aspect
        self._dice = lru_cache(maxsize=64)(self._roll)

    def at(self, t_s: float) -> list[Standing]:
        """Everyone who stands in or just beside the picture ``t_s`` seconds after the start, from far to near."""
        here = [standing for line in _LINES for standing in self._passing(line, t_s)]
        here += self._visiting(t_s)
        return sorted(here, key=lambda standing: standing.foot)

    def truth_at(self, t_s: float) -> list[Visible]:
        """What can be seen at ``t_s``; a thing with less than a fifth of itself in the picture does not count."""
        truth = []
        for standing in self.at(t_s):
            x0, y0, x1, y1 = standing.box(self._aspect)
            left, right = max(x0, 0.0), min(x1, 1.0)
            if right - left >= 0.2 * (x1 - x0):
                truth.append(Visible(standing.kind, standing.track, (left, max(y0, 0.0), right, min(y1, 1.0))))
        return truth

    def _passing(self, line: _Line, t_s: float) -> list[Standing]:
        newest = int((t_s - line.first_s) // line.period_s)
        found = (self._passer(line, turn, t_s) for turn in (newest - 1, newest) if turn >= 0)
        return [standing for standing in found if standing is not None]

    def _passer(self, line: _Line, turn: int, t_s: float) -> Standing | None:
        late, pace, side, look = self._dice(line.number, turn)
        start_s = line.first_s + turn * line.period_s + (late * line.late_s if turn else 0.0)
        speed = line.speed_m_s[0] + pace * (line.speed_m_s[1] - line.speed_m_s[0])
        half_m = (CAR_LENGTH_M / 2 if line.kind == VEHICLE else 0.4) + _OUTSIDE_M
        width_m = self._aspect / metre(line.foot)
        walked_m = (t_s - start_s) * speed
        if not 0 <= walked_m <= width_m + 2 * half_m:
            return None
        facing = line.facing or (1 if side < 0.5 else -1)
        along = (walked_m - half_m) / width_m
        across = along if facing > 0 else 1 - along
        return Standing(line.kind, line.number + 8 * turn, int(look * 1000), across, line.foot, walked_m, facing)

    def _visiting(self, t_s: float) -> list[Standing]:
        """Somebody comes along the pavement, up the path to the own door, waits, and goes back."""
        turn = int((t_s - _VISIT_FIRST_S) // _VISIT_PERIOD_S)
        if turn < 0:
            return []
        _, _, _, look = self._dice(_VISIT_NUMBER, turn)
        walked_m = self._visit_walked(t_s - _VISIT_FIRST_S - turn * _VISIT_PERIOD_S)
        street_m = perspective.OWN_PATH * self._aspect / metre(perspective.PAVEMENT) + 1.0
        if not 0 <= walked_m <= 2 * (street_m + _PATH_M):
            return []
        back = walked_m > street_m + _PATH_M
        there_m = 2 * (street_m + _PATH_M) - walked_m if back else walked_m
        across, foot = _visit_place(there_m, street_m)
        track = _VISIT_NUMBER + 8 * turn
        return [Standing(PERSON, track, int(look * 1000), across, foot, walked_m, -1 if back else 1)]

    def _visit_walked(self, since_s: float) -> float:
        arrive_s = (
            perspective.OWN_PATH * self._aspect / metre(perspective.PAVEMENT) + 1.0 + _PATH_M
        ) / _VISITOR_M_S
        waited_s = min(max(since_s - arrive_s, 0.0), _AT_DOOR_S)
        return (since_s - waited_s) * _VISITOR_M_S

    def _roll(self, line: int, turn: int) -> tuple[float, float, float, float]:
        late, pace, side, look = np.random.default_rng((self._seed, line, turn)).random(4)
        return float(late), float(pace), float(side), float(look)


_VISITOR_M_S = 1.3
_PATH_M = 5.5


def _visit_place(there_m: float, street_m: float) -> tuple[float, float]:
    if there_m <= street_m:
        return perspective.OWN_PATH * (there_m - 1.0) / (street_m - 1.0), perspective.PAVEMENT
    up = min((there_m - street_m) / _PATH_M, 1.0)
    # Equal steps look shorter farther away: interpolate the metre, not the pixel.
    near, far = 1 / metre(perspective.PAVEMENT), 1 / metre(perspective.OWN_DOOR)
    foot = perspective.HORIZON + perspective.CAMERA_HEIGHT_M / (near + up * (far - near))
    return perspective.OWN_PATH, foot
