"""How much surprise is worth somebody's attention: calibrated on the camera's own last four weeks.

Every rare mark is scored before it is learned. A score is told when it is larger than all but so many of the
scores that the last 28 days brought: were the days to come like those (exchangeable), a share of at most
``_BUDGET_A_DAY`` a day and aspect is told, whatever is wrong with the model. Beyond that a day has a fixed number
of tellings, and what comes later must be clearly more surprising than all that was told: who makes a noise all day
cannot keep the one real thing from being told.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from enum import Enum
from typing import Final

from edgecam.analysis.cells import CELLS, cells_apart
from edgecam.analysis.habits import KINDS, Aspect, Mark
from edgecam.core.errors import DataLoss

DAYS_KEPT: Final = 28
_BUDGET_A_DAY: Final = 0.125
_TOLD_A_DAY: Final = 3
_CLEARLY: Final = 1.0
_SCORES_A_DAY: Final = 8
_MOST_EPISODES: Final = 64
_NEAR_CELLS: Final = 2
_EPISODE: Final = struct.Struct("<BBBBfBB")
_COUNTS: Final = struct.Struct("<BBB")


class Verdict(Enum):
    """What a mark is for whoever may be told."""

    ORDINARY = "ordinary"
    PASSED_OVER = "passed over"
    """It stands out, and today's tellings are used up."""
    COVERED = "covered"
    """It stands out, and belongs to what was told."""
    TELL = "tell"


@dataclass(slots=True)
class Episode:
    """What may be many marks of many tracks, but is one thing for whoever is told.

    A track leads one episode an aspect; the others that it makes only keep others from telling the same again.
    """

    aspect: Aspect
    kind: int
    when: int
    cell: int
    score: float
    leads: bool
    told: bool = False

    def holds(self, mark: Mark) -> bool:
        apart = abs(mark.when - self.when)
        timely = min(apart, 24 - apart) <= 1 if mark.aspect == Aspect.PRESENCE else apart == 0
        same = self.aspect == mark.aspect and self.kind == mark.kind
        return same and timely and cells_apart(self.cell, mark.cell) <= _NEAR_CELLS


class Attention:
    """Bounded: 64 episodes of today and eight scores an aspect for each of 28 days."""

    def __init__(self) -> None:
        self._today: list[Episode] = []
        self._calibrating = False
        self._days: list[tuple[tuple[float, ...], ...]] = []

    def turn(self) -> None:
        """A new day begins."""
        if self._calibrating:
            self._days = [tuple(self._largest(aspect) for aspect in Aspect), *self._days][:DAYS_KEPT]
        self._today, self._calibrating = [], False

    def _largest(self, aspect: Aspect) -> tuple[float, ...]:
        scores = (one.score for one in self._today if one.leads and one.aspect == aspect)
        return tuple(sorted(scores, reverse=True)[:_SCORES_A_DAY])

    def watch(self) -> None:
        """Today is scored, even if nothing comes."""
        self._calibrating = True

    def least_told(self, aspect: Aspect) -> float:
        """The score that must be exceeded."""
        spare = math.floor(_BUDGET_A_DAY * (len(self._days) + 1)) - 1
        if spare < 0:
            return math.inf
        scores = sorted((score for day in self._days for score in day[aspect]), reverse=True)
        return scores[spare] if spare < len(scores) else 0.0

    def weigh(self, mark: Mark, score: float, leads: dict[Aspect, Episode], covered: bool, known: bool) -> Verdict:
        """What ``mark`` is, ``score`` being how surprising.

        ``leads`` are the episodes that its track leads, and gets a new one; ``covered`` says that the track was
        told of, ``known`` that enough was learned to tell at all.
        """
        episode = self._episode_of(mark, score, leads)
        if not known or score <= self.least_told(mark.aspect):
            return Verdict.ORDINARY
        if covered or episode.told:
            episode.told = True
            return Verdict.COVERED
        told = [one.score for one in self._today if one.told and one.leads]
        if len(told) >= _TOLD_A_DAY and score <= max(told) + _CLEARLY:
            return Verdict.PASSED_OVER
        episode.told = episode.leads = True
        return Verdict.TELL

    def _episode_of(self, mark: Mark, score: float, leads: dict[Aspect, Episode]) -> Episode:
        lead = leads.get(mark.aspect)
        episode = next((one for one in self._today if one.holds(mark)), None)
        if episode is None:
            episode = Episode(mark.aspect, mark.kind, mark.when, mark.cell, score, leads=lead is None)
            if len(self._today) < _MOST_EPISODES:
                self._today.append(episode)
        lead = leads.setdefault(mark.aspect, episode)
        lead.score, episode.score = max(lead.score, score), max(episode.score, score)
        return episode

    def encode(self) -> bytes:
        """All of it, little-endian."""
        parts = [_COUNTS.pack(len(self._today), len(self._days), self._calibrating)]
        parts += [_EPISODE.pack(e.aspect, e.kind, e.when, e.cell, e.score, e.leads, e.told) for e in self._today]
        for day in self._days:
            for scores in day:
                parts.append(struct.pack(f"<B{len(scores)}f", len(scores), *scores))
        return b"".join(parts)

    @classmethod
    def decode(cls, data: bytes) -> Attention:
        """Raises: DataLoss for anything that `encode` never gave."""
        try:
            return cls._decoded(data)
        except (struct.error, ValueError, IndexError) as broken:
            raise DataLoss("scores of surprise do not parse") from broken

    @classmethod
    def _decoded(cls, data: bytes) -> Attention:
        attention = cls()
        episodes, days, calibrating = _COUNTS.unpack_from(data)
        at = _COUNTS.size
        for _ in range(episodes):
            aspect, kind, when, cell, score, leads, told = _EPISODE.unpack_from(data, at)
            at += _EPISODE.size
            if (
                kind >= len(KINDS)
                or when >= 24
                or cell >= CELLS
                or max(leads, told) > 1
                or not math.isfinite(score)
            ):
                raise ValueError("no episode")
            attention._today.append(Episode(Aspect(aspect), kind, when, cell, score, bool(leads), bool(told)))
        for _ in range(days):
            day = []
            for _ in Aspect:
                scores = struct.unpack_from(f"<{data[at]}f", data, at + 1)
                at += 1 + 4 * len(scores)
                if len(scores) > _SCORES_A_DAY or not all(math.isfinite(score) for score in scores):
                    raise ValueError("no scores")
                day.append(scores)
            attention._days.append(tuple(day))
        if at != len(data) or episodes > _MOST_EPISODES or days > DAYS_KEPT or calibrating > 1:
            raise ValueError("too much")
        attention._calibrating = bool(calibrating)
        return attention
