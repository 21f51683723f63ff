"""What each stage of a look costs: milliseconds by the file whose function the analyser calls."""

from __future__ import annotations

import cProfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2

from edgecam.analysis import analyser as analyser_module
from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.clock import NS_PER_S
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame
from parts.aimclips import LOOKS_PER_S
from parts.falsealarms import RULES
from parts.nuisancebase import copied

_STAGES = ("observe", "detect", "plan", "take", "judge")


@dataclass(frozen=True, slots=True)
class StageTimes:
    """``looks_per_cpu_s`` by a stop-watch; ``ms`` is that time of one look, divided by stage as by a profiler."""

    looks: int
    looks_per_cpu_s: float
    ms: dict[str, float]


def stage_times(pictures: Iterable[Picture]) -> StageTimes:
    """Look at ``pictures``, five a second, with a rule of every kind: once with a stop-watch, once profiled."""
    cv2.setNumThreads(1)
    kept = [copied(one) for one in pictures]
    looking = _fresh(kept[0])
    began_s = time.process_time()
    _look(looking, kept)
    cpu_s = time.process_time() - began_s
    profiled = _fresh(kept[0])
    profile = cProfile.Profile()
    profile.runcall(_look, profiled, kept)
    shares = _shares(profile)
    look_ms = cpu_s * 1e3 / looking.looks
    return StageTimes(looking.looks, looking.looks / cpu_s, {name: look_ms * shares[name] for name in shares})


def _fresh(picture: Picture) -> Analyser:
    size = picture.width, picture.height
    return Analyser(size, AnalysisSettings(), LiteRtDetector(), rules=decode_rules(RULES))


def _look(looking: Analyser, pictures: list[Picture]) -> None:
    for number, picture in enumerate(pictures):
        at_ns = number * NS_PER_S // round(LOOKS_PER_S)
        looking.observe(SmallFrame(picture, at_ns, at_ns, number, False))


def _shares(profile: cProfile.Profile) -> dict[str, float]:
    """How the time divides among the functions that the analyser itself calls, by their file; largest first."""
    spent: dict[str, float] = {}
    for entry in profile.getstats():
        if isinstance(entry.code, str) or entry.code.co_filename != analyser_module.__file__:
            continue
        for called in entry.calls or ():
            code = called.code
            if isinstance(code, str) or code.co_name not in _STAGES or code.co_filename == analyser_module.__file__:
                continue
            stage = Path(code.co_filename).stem
            spent[stage] = spent.get(stage, 0.0) + called.totaltime
    whole = sum(spent.values())
    return {stage: spent[stage] / whole for stage in sorted(spent, key=lambda name: -spent[name])}
