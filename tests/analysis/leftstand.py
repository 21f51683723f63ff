"""Drawn people who bring, leave and take things, before the whole analysis with one rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from analysisstand import PERSON_V, ColourDetector, film, latest, thing, told

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

Step = tuple[float, float, float]
"""At which second somebody is where: their feet, in pixels."""


@dataclass(frozen=True)
class Walker:
    """Somebody who goes straight on from step to step; by its chroma a person to the detector of the tests."""

    steps: tuple[Step, ...]
    width: int = 40
    height: int = 110
    luma: int = 215
    chroma: int = PERSON_V

    def paint(self, picture: Picture, at_s: float) -> None:
        times = [step[0] for step in self.steps]
        if not times[0] <= at_s <= times[-1]:
            return
        x = float(np.interp(at_s, times, [step[1] for step in self.steps]))
        y = float(np.interp(at_s, times, [step[2] for step in self.steps]))
        # Nobody stands quite still.
        sway = 2 * round(1.5 * np.sin(4.1 * at_s))
        thing(picture, x - self.width / 2 + sway, y - self.height, self.width, self.height, self.luma, self.chroma)


@dataclass(frozen=True)
class Item:
    """A thing of no kind that is there from one second to another."""

    from_s: float
    to_s: float
    x: float
    y: float
    width: int = 30
    height: int = 30
    luma: int = 20

    def paint(self, picture: Picture, at_s: float) -> None:
        if self.from_s <= at_s < self.to_s:
            x0, y0 = self.x - self.width / 2, self.y - self.height
            thing(picture, x0, y0, self.width, self.height, self.luma)


def street(
    *actors: Walker | Item, seconds: float, also: Callable[[Picture, float], None] | None = None
) -> Iterator[SmallFrame]:
    """Frames with the actors in the order in which they hide each other, the nearest last."""

    def paint(picture: Picture, at_s: float) -> None:
        for actor in actors:
            actor.paint(picture, at_s)
        if also is not None:
            also(picture, at_s)

    return film(seconds, paint)


def judged(
    frames: Iterator[SmallFrame], kind: EventKind, rest: str = "dwell_s = 5", size: tuple[int, int] = (640, 360)
) -> list[Event]:
    """The events of one rule of ``kind``, as they ended; ``rest`` are more lines of the rule."""
    rules = decode_rules(f'[[rule]]\nkind = "{kind}"\n{rest}\n')
    looking = Analyser(size, AnalysisSettings(), ColourDetector(), rules=rules)
    return [event for event in latest(told(looking, frames)) if event.kind == kind]
