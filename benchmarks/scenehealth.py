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
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from parts.machine import machine
from parts.measured import Measure, measured
from parts.scenetrials import HELD_OUT, TUNED, ClipResult, Trial, clip_result


def measure() -> dict[str, object]:
    """Measure it all. Raises: BadInput without the footage."""
    rounds = int(os.environ.get("EDGECAM_BENCH_ROUNDS", "1"))
    jobs = int(os.environ.get("EDGECAM_BENCH_JOBS", "2"))
    chosen = os.environ.get("EDGECAM_BENCH_CLIPS", "all")
    clips = {"tuned": TUNED, "all": TUNED | HELD_OUT}[chosen]
    results: list[ClipResult] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as workers:
        for result in workers.map(clip_result, clips, clips.values(), [rounds] * len(clips)):
            print(f"bench scenehealth: {result.clip}", file=sys.stderr, flush=True)
            results.append(result)
    return {"bench": "scenehealth", "machine": machine(), "measures": _measures(results)}


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
