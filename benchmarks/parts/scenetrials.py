"""Scene health judged over one real clip: every trouble drawn over it once, and every nuisance that is none."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

import cv2

from edgecam.analysis.analyser import MASK_FILL
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.scene_health import SceneHealthJudge
from edgecam.core.clock import NS_PER_S
from edgecam.core.picture import Picture
from parts.aimclips import LOOKS_PER_S
from parts.nuisance import nuisances
from parts.nuisancebase import clip_looks, to_and_fro
from parts.scenetrouble import SceneTrouble, lorry, played, troubles, white_van

# Name and the last second that may be used: later there is a hand before the lens.
TUNED = {
    "vtest.avi": 1e9,
    "intel_one-by-one-person.mp4": 1e9,
    "dvrscan_traffic_camera.mp4": 1e9,
    "tree.avi": 3.3,
    "urfall_a.mp4": 1e9,
    "simpletracking_night.mp4": 16.0,
}
HELD_OUT = {
    "dvrscan_issue53_brightness.avi": 1e9,
    "bgslib_motorway_video02.avi": 1e9,
    "pets2006_3.mp4": 1e9,
    "urfall_b.mp4": 1e9,
    "intel_car-detection.mp4": 1e9,
}
_BEFORE_S, _AFTER_S = 20.0, 8.0
_ENDS_WITHIN_S = 5.0
_NUISANCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One trouble over one clip; ``delay_s`` is None when its kind was not told."""

    clip: str
    trouble: str
    kind: str
    delay_s: float | None
    ended: bool
    told: tuple[str, ...]

    @property
    def found(self) -> bool:
        return self.delay_s is not None and len(self.told) == 1


@dataclass(slots=True)
class ClipResult:
    """All about one clip; ``false`` counts events by what was going on, over ``calm_s`` seconds."""

    clip: str
    trials: list[Trial] = field(default_factory=list)
    false: dict[str, int] = field(default_factory=dict)
    calm_s: float = 0.0
    cpu_s: float = 0.0
    looks: int = 0


def clip_result(clip: str, until_s: float, rounds: int) -> ClipResult:
    """Every trouble and every nuisance over one clip."""
    cv2.setNumThreads(1)
    result = ClipResult(clip)
    looks = clip_looks(clip, 0.0, until_s)
    for number, trouble in enumerate(troubles()):
        for turn in range(rounds):
            result.trials.append(trial(result, looks, trouble, 31 * number + turn))
    for number, (name, draw) in enumerate({**nuisances(), "lorry": lorry, "van": white_van}.items()):
        frames = islice(to_and_fro(looks), round(_NUISANCE_S * rounds * LOOKS_PER_S))
        told = told_of(result, draw(frames, LOOKS_PER_S, 7 + number))
        for _, kind, over in told:
            if not over:
                result.false[f"{name}: {kind}"] = result.false.get(f"{name}: {kind}", 0) + 1
        result.calm_s += _NUISANCE_S * rounds
    return result


def trial(result: ClipResult, looks: list[Picture], trouble: SceneTrouble, seed: int) -> Trial:
    """One ``trouble`` over ``looks``, five a second, played to and fro."""
    frames = islice(to_and_fro(looks), round((_BEFORE_S + trouble.lasts_s + _AFTER_S) * LOOKS_PER_S))
    told = told_of(result, played(frames, LOOKS_PER_S, seed, trouble, _BEFORE_S))
    opened = [(at_s, kind) for at_s, kind, over in told if not over]
    right = [at_s for at_s, kind in opened if kind in trouble.kinds]
    # To tell something before its onset is no error for what grows.
    delay_s = max(0.0, right[0] - _BEFORE_S - trouble.onset_s) if right and right[0] >= _BEFORE_S else None
    ends = [at_s for at_s, _, over in told if over]
    ended = bool(ends) and ends[-1] <= _BEFORE_S + trouble.lasts_s + _ENDS_WITHIN_S
    return Trial(result.clip, trouble.name, trouble.kinds[0], delay_s, ended, tuple(kind for _, kind in opened))


def told_of(result: ClipResult, frames: Iterable[Picture]) -> list[tuple[float, str, bool]]:
    """Seconds, kind, and whether it ended, of all that the judge says."""
    judge, motion = SceneHealthJudge(640, 360, MASK_FILL), MotionModel(640, 360)
    told = []
    for number, picture in enumerate(frames):
        at_s = number / LOOKS_PER_S
        regions = motion.observe(picture.y, 1 / LOOKS_PER_S)
        look = Look(at_s, round(at_s * NS_PER_S), 1 / LOOKS_PER_S, picture, motion, regions, [])
        began_s = time.process_time()
        findings = judge.observe(look)
        result.cpu_s += time.process_time() - began_s
        result.looks += 1
        told += [(at_s, finding.kind.value, finding.end_wall_ns is not None) for finding in findings]
    return told
