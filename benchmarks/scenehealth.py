"""Scene health: whether each kind of trouble with the view is told, how soon, and how often without a cause.

**Troubles** (`parts/scenetrouble.py`) are drawn over every real clip while it goes on living, after twenty seconds
of plain footage. *Found*: an event of that kind opens while the trouble lasts, and no event of another kind does.
The delay runs from the trouble's onset to the look that opens the event. *Ended*: it ends within five seconds
after the trouble.

**Negatives**: every nuisance of `parts/nuisance.py` and lorries and vans that stand before the lens for ten
seconds, over the same clips; every event counts, per camera-day.

The aim guard is not part of this: *moved* is judged there (`benchmarks/masking.py`). ``TUNED`` clips were used to
make the method and set its thresholds, on ``HELD_OUT`` ones it was measured afterwards.

``EDGECAM_BENCH_ROUNDS`` (1) multiplies both, ``EDGECAM_BENCH_JOBS`` (2) is the number of processes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cv2
import numpy as np
from parts.aimclips import LOOKS_PER_S
from parts.machine import machine
from parts.measured import Measure, measured
from parts.nuisance import nuisances
from parts.nuisancebase import clip_looks, to_and_fro
from parts.scenetrouble import SceneTrouble, lorry, played, troubles, white_van

from edgecam.analysis.analyser import MASK_FILL
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.scene_health import SceneHealthJudge
from edgecam.core.clock import NS_PER_S
from edgecam.core.picture import Picture

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


def measure() -> dict[str, object]:
    """Measure it all. Raises: BadInput without the footage."""
    rounds = int(os.environ.get("EDGECAM_BENCH_ROUNDS", "1"))
    jobs = int(os.environ.get("EDGECAM_BENCH_JOBS", "2"))
    chosen = os.environ.get("EDGECAM_BENCH_CLIPS", "all")
    clips = {"tuned": TUNED, "all": TUNED | HELD_OUT}[chosen]
    results: list[ClipResult] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as workers:
        for result in workers.map(clip_result, clips, clips.values(), [rounds] * len(clips)):
            print(f"bench scenehealth: {result.clip}", file=sys.stderr, flush=True)
            results.append(result)
    return {"bench": "scenehealth", "machine": machine(), "measures": _measures(results)}


def clip_result(clip: str, until_s: float, rounds: int) -> ClipResult:
    """Every trouble and every nuisance over one clip."""
    cv2.setNumThreads(1)
    result = ClipResult(clip)
    looks = clip_looks(clip, 0.0, until_s)
    for number, trouble in enumerate(troubles()):
        for turn in range(rounds):
            result.trials.append(_trial(result, looks, trouble, 31 * number + turn))
    for number, (name, draw) in enumerate({**nuisances(), "lorry": lorry, "van": white_van}.items()):
        frames = islice(to_and_fro(looks), round(_NUISANCE_S * rounds * LOOKS_PER_S))
        told = _told(result, draw(frames, LOOKS_PER_S, 7 + number))
        for _, kind, over in told:
            if not over:
                result.false[f"{name}: {kind}"] = result.false.get(f"{name}: {kind}", 0) + 1
        result.calm_s += _NUISANCE_S * rounds
    return result


def _trial(result: ClipResult, looks: list[Picture], trouble: SceneTrouble, seed: int) -> Trial:
    frames = islice(to_and_fro(looks), round((_BEFORE_S + trouble.lasts_s + _AFTER_S) * LOOKS_PER_S))
    told = _told(result, played(frames, LOOKS_PER_S, seed, trouble, _BEFORE_S))
    opened = [(at_s, kind) for at_s, kind, over in told if not over]
    right = [at_s for at_s, kind in opened if kind in trouble.kinds]
    # To tell something before its onset is no error for what grows.
    delay_s = max(0.0, right[0] - _BEFORE_S - trouble.onset_s) if right and right[0] >= _BEFORE_S else None
    ends = [at_s for at_s, _, over in told if over]
    ended = bool(ends) and ends[-1] <= _BEFORE_S + trouble.lasts_s + _ENDS_WITHIN_S
    return Trial(result.clip, trouble.name, trouble.kinds[0], delay_s, ended, tuple(kind for _, kind in opened))


def _told(result: ClipResult, frames: Iterable[Picture]) -> list[tuple[float, str, bool]]:
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


def _measures(results: list[ClipResult]) -> list[Measure]:
    trials = [trial for result in results for trial in result.trials]
    measures = []
    for kind in dict.fromkeys(trial.kind for trial in trials):
        of_kind = [trial for trial in trials if trial.kind == kind]
        delays = [trial.delay_s for trial in of_kind if trial.found and trial.delay_s is not None]
        p50, p95 = (float(np.quantile(delays, share)) for share in (0.5, 0.95)) if delays else (0.0, 0.0)
        ended = sum(trial.ended for trial in of_kind if trial.found)
        beside = (
            f"{len(delays)} of {len(of_kind)} ({_split(of_kind)}); delay {p50:.1f}, p95 {p95:.1f} s; ended {ended}"
        )
        measures.append(
            measured(f"{kind}_found", round(len(delays) / len(of_kind), 3), "share", 0.9, beside, "higher")
        )
        measures.append(measured(f"{kind}_delay_p95_s", round(p95, 2), "s", 5, _missed(of_kind)))
    days = sum(result.calm_s for result in results) / 86400
    false = sum(sum(result.false.values()) for result in results)
    told = "; ".join(f"{result.clip}: {result.false}" for result in results if result.false) or "none"
    measures.append(
        measured("false_per_day", round(false / days, 2), "1/day", 1, f"{false} in {24 * days:.1f} h: {told}")
    )
    cpu_ms = 1e3 * sum(result.cpu_s for result in results) / max(1, sum(result.looks for result in results))
    measures.append(measured("look_ms", round(cpu_ms, 2), "ms", 2, "CPU time of one look"))
    return measures


def _split(trials: list[Trial]) -> str:
    parts = []
    for name, clips in (("tuned", TUNED), ("held out", HELD_OUT)):
        of_these = [trial for trial in trials if trial.clip in clips]
        parts.append(f"{name} {sum(trial.found for trial in of_these)} of {len(of_these)}")
    return ", ".join(parts)


def _missed(trials: list[Trial]) -> str:
    missed: dict[str, int] = {}
    for trial in trials:
        if not trial.found:
            key = f"{trial.trouble} over {trial.clip} told as {'+'.join(trial.told) or 'nothing'}"
            missed[key] = missed.get(key, 0) + 1
    return "; ".join(f"{key} ({count})" for key, count in missed.items()) or "none missed"
