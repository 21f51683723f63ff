"""How often the analysis cries wolf: every nuisance over every empty view, with rules that ask for all.

A zone over the whole picture and a line across it, a rule of every kind that needs no time to learn; the aim is
guarded as the recorder guards it, and kinds are told as settings have them by themselves. Whatever is told is
false.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from multiprocessing import get_context

import cv2

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rulebook import decode_rules
from edgecam.cli.clipaim import ClipAim
from edgecam.cli.clipanalysis import numbered_ids
from edgecam.core.clock import NS_PER_S
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame
from edgecam.observer import analysis_settings
from edgecam.settings import Settings
from parts.aimclips import LOOKS_PER_S
from parts.nuisance import negatives
from parts.nuisancebase import copied

_REFERENCE_LOOKS = 20
RULES = """
[[zone]]
name = "everywhere"
polygon = [[0, 0], [1, 0], [1, 1], [0, 1]]
[[line]]
name = "across"
points = [[0, 0.6], [1, 0.6]]
[[rule]]
kind = "intrusion"
zone = "everywhere"
objects = ["person", "vehicle", "bicycle", "animal"]
[[rule]]
kind = "line_crossing"
line = "across"
objects = ["person", "vehicle", "bicycle", "animal"]
[[rule]]
kind = "loitering"
[[rule]]
kind = "parked_vehicle"
[[rule]]
kind = "abandoned_object"
[[rule]]
kind = "removed_object"
[[rule]]
kind = "crowding"
[[rule]]
kind = "fall"
[[rule]]
kind = "dumping"
"""


@dataclass(slots=True)
class Quiet:
    """One nuisance over one view for ``seconds``: what was told, by kind."""

    name: str
    seconds: float = 0.0
    told: dict[str, int] = field(default_factory=dict)


def quiet(seed: int, seconds: float, jobs: int) -> list[Quiet]:
    """Every pair of view and nuisance for ``seconds``, in ``jobs`` processes."""
    pairs = sum(1 for _ in negatives(seed, seconds))
    # Not forked: OpenCV and LiteRT may have threads already, and a fork with those stands still.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as workers:
        return list(workers.map(_one, [seed] * pairs, [seconds] * pairs, range(pairs)))


def _one(seed: int, seconds: float, number: int) -> Quiet:
    cv2.setNumThreads(1)
    name, frames = next(islice(negatives(seed, seconds), number, None))
    return told_of(name, frames)


@cache
def _detector() -> LiteRtDetector:
    return LiteRtDetector()


def told_of(name: str, frames: Iterable[Picture]) -> Quiet:
    """What the analysis tells of ``frames``, I420 pictures at five a second."""
    result = Quiet(name)
    pictures = iter(frames)
    first = [copied(picture) for picture in islice(pictures, _REFERENCE_LOOKS)]
    aim = ClipAim(first)
    size = first[0].width, first[0].height
    analyser = Analyser(
        size, analysis_settings(Settings()), _detector(), rules=decode_rules(RULES), new_id=numbered_ids()
    )
    for number, picture in enumerate(chain(first, pictures)):
        at_ns = number * NS_PER_S // round(LOOKS_PER_S)
        frame = SmallFrame(picture, at_ns, at_ns, number, False, aim.look(picture, at_ns))
        for event in analyser.observe(frame):
            if event.revision == 0:
                result.told[str(event.kind)] = result.told.get(str(event.kind), 0) + 1
        result.seconds += 1 / LOOKS_PER_S
    return result
