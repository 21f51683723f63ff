"""Analysis: whether what it tells is true, how soon, how often it cries wolf, and what it costs.

**Truth.** Every clip of the folder of real footage is analysed as `edgecam analyse` does it, with the rules and the
further truth of `rules/`, and judged as in `parts/scoring.py`: the window of KISA's certification (from 2 s before
to 10 s after), one alarm for one event. There is one measure for each kind that happens in the clips; the counts
stand beside, since some kinds happen once. ``f1_tamper`` takes all kinds of scene health together; many more of
these, drawn over the clips, are judged by the benchmark *scenehealth*. Zones and lines were drawn, and their truth
written down, before anything was scored with them. No clip is held out: who set thresholds could see them all.

**False alarms.** Weather, light, animals on the lens and the camera's own ills over every view in which nobody is
(`parts/nuisance.py`), with a rule of every kind over the whole picture; then the stretches of the clips in which
nothing may alarm. Every event counts, scaled to a day of nothing but such trouble; the exact Poisson interval
stands beside.

**Cost.** A real observer process reads real shared memory that is fed five pictures of 640x360 a second, as a
recorder does of 15 frames of 1080p: an empty room with a sensor's noise (idle), then a path on which people always
walk (busy). CPU and peak memory are the kernel's, after 15 s of warming up. Looks a second of CPU are taken in one
process, with a rule of every kind, on the busy path.

**Return.** In a whole agent that records the busy path the observer is killed five times, each after eleven seconds
of work. It is back when the process that follows it has looked; the slowest counts.

``EDGECAM_BENCH_SECONDS`` (60) is how long each nuisance is drawn over each view (208 pairs) and, up to 30, the
length of a window; ``EDGECAM_BENCH_JOBS`` (2) the number of processes. With 415 the nuisances last a day.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.aimclips import LOOKS_PER_S
from parts.clipscore import ClipScore, clip_score, clips_with_truth, overall
from parts.falsealarms import Quiet, quiet
from parts.footagefolder import footage_folder
from parts.machine import machine
from parts.measured import Measure, measured
from parts.nuisance import as_it_is
from parts.nuisancebase import clip_looks, to_and_fro
from parts.observerreturn import observer_returns
from parts.observing import ObserverRun, observed
from parts.scoring import Counts, percentile, poisson_interval, rounded
from parts.stagetimes import StageTimes, stage_times
from parts.truth import PRESENCES, SCENE_KINDS

from edgecam.core.picture import Picture

RULES = Path(__file__).parent / "rules"
_EMPTY_ROOM, _EMPTY_UNTIL_S, _BUSY_PATH = "intel_one-by-one-person.mp4", 5.8, "vtest.avi"
_LONGEST_WINDOW_S = 30.0
_KILLS = 5
_SEED = 1
_S_PER_DAY = 86_400.0


def measure() -> dict[str, object]:
    """Measure it all. Raises: BadInput without the footage, Unavailable when the observer does not look."""
    seconds = float(os.environ.get("EDGECAM_BENCH_SECONDS", "60"))
    jobs = int(os.environ.get("EDGECAM_BENCH_JOBS", "2"))
    scores = []
    for path in clips_with_truth(footage_folder()):
        _say(path.name)
        scores.append(clip_score(path, additions=RULES))
    _say("false alarms")
    silent = quiet(_SEED, seconds, jobs)
    window_s = min(seconds, _LONGEST_WINDOW_S)
    _say("an idle observer")
    idle = observed(_empty_room(), window_s)
    _say("a busy observer")
    busy = observed(to_and_fro(clip_looks(_BUSY_PATH)), window_s)
    _say("a killed observer")
    returns = observer_returns(f"file:{footage_folder() / _BUSY_PATH}?loop=1", _KILLS)
    _say("stages")
    times = stage_times(clip_looks(_BUSY_PATH))
    measures = [*_truths(scores), _false_alarms(scores, silent), _delay(scores), *_costs(idle, busy, times)]
    measures.append(_return(returns))
    return {"bench": "analysis", "machine": machine(), "measures": measures}


def _truths(scores: list[ClipScore]) -> Iterator[Measure]:
    total = overall(scores)
    tamper = Counts()
    for kind, (counts, _) in total.items():
        if kind in SCENE_KINDS:
            tamper.add(counts)
        elif counts.found + counts.missed:
            yield _f1(kind, counts, scores)
    for kind in SCENE_KINDS:
        counts = total[kind][0] if kind in total else Counts()
        if counts.found + counts.missed:
            yield _f1(kind, counts, scores)
    yield _f1("tamper", tamper, scores)


def _f1(kind: str, counts: Counts, scores: list[ClipScore]) -> Measure:
    kinds = SCENE_KINDS if kind == "tamper" else (kind,)
    clips = [
        f"{score.clip} {part.found}/{part.found + part.missed}{f' and {part.false} false' if part.false else ''}"
        for score in scores
        for one, part in score.kinds.items()
        if one in kinds and (part.found or part.missed or part.false)
    ]
    low, high = counts.f1_interval
    beside = (
        f"{counts.found + counts.missed} events: {counts.found} found, {counts.missed} missed, "
        f"{counts.false} false, {counts.repeats} repeats; 95 % {low:.2f} to {high:.2f}; "
        f"{'; '.join(clips) or 'none'}"
    )
    return measured(f"f1_{kind}", rounded(counts.f1), "F1", 0.9, beside, "higher")


def _false_alarms(scores: list[ClipScore], silent: list[Quiet]) -> Measure:
    days = sum(one.seconds for one in silent) / _S_PER_DAY
    clip_days = sum(score.negative_s for score in scores) / _S_PER_DAY
    by_kind, by_what = Counter[str](), Counter[str]()
    for one in silent:
        by_kind.update(one.told)
        by_what[one.name.rpartition(", ")[2]] += sum(one.told.values())
    in_clips = [alarm for score in scores for alarm in score.negative_alarms]
    count = sum(by_kind.values()) + len(in_clips)
    low, high = (bound / (days + clip_days) for bound in poisson_interval(count))
    worst = ", ".join(f"{what} {number}" for what, number in by_what.most_common() if number)
    where = ", ".join(f"{alarm.kind} in {alarm.clip} at {alarm.at_s:.1f} s" for alarm in in_clips)
    beside = (
        f"{count} in {(days + clip_days) * 24:.2f} h, 95 % {low:.1f} to {high:.1f} a day; "
        f"kinds {dict(by_kind) or 'none'}; "
        f"drawn, {days * 24:.2f} h on {len(silent)} pairs: {worst or 'none'}; "
        f"clips, {clip_days * 1440:.1f} min: {where or 'none'}"
    )
    return measured("false_alarms_per_day", round(count / (days + clip_days), 2), "alarms", 1, beside)


def _delay(scores: list[ClipScore]) -> Measure:
    delays: dict[str, list[float]] = {}
    for score in scores:
        for kind, counts in score.kinds.items():
            if kind not in PRESENCES:
                delays.setdefault(kind, []).extend(counts.delays_s)
    every = [delay for of_kind in delays.values() for delay in of_kind]
    each = ", ".join(f"{kind} {max(told):.1f}" for kind, told in delays.items() if told)
    beside = (
        f"{len(every)} alarms of rules and scene health, median {rounded(percentile(every, 0.5))}; "
        f"longest {each or 'none'}"
    )
    return measured("delay_p95_s", rounded(percentile(every, 0.95)), "s", 5, beside)


def _costs(idle: ObserverRun, busy: ObserverRun, times: StageTimes) -> Iterator[Measure]:
    for name, run, aim in (("idle_cpu_share", idle, 0.05), ("busy_cpu_share", busy, 0.25)):
        beside = f"{run.looks} looks, {run.look_ms:.1f} ms each at the end, {run.events} events"
        yield measured(name, round(run.cpu_share, 4), "of a core", aim, beside)
    beside = f"idle {idle.peak_rss_mb:.0f} MB, busy {busy.peak_rss_mb:.0f} MB, shared libraries included"
    yield measured("observer_rss_mb", round(max(idle.peak_rss_mb, busy.peak_rss_mb), 1), "MB", 180, beside)
    stages = ", ".join(f"{stage} {ms:.2f}" for stage, ms in times.ms.items())
    beside = f"{times.looks} looks at the busy path, {1e3 / times.looks_per_cpu_s:.1f} ms each: {stages}"
    yield measured("frames_per_s_per_core", round(times.looks_per_cpu_s, 1), "looks/s", 50, beside, "higher")


def _return(returns_s: list[float]) -> Measure:
    beside = f"the slowest of {len(returns_s)} kills: {', '.join(f'{one:.2f}' for one in returns_s)} s"
    return measured("observer_return_s", round(max(returns_s), 2), "s", 3, beside)


def _empty_room() -> Iterator[Picture]:
    looks = clip_looks(_EMPTY_ROOM, 0.0, _EMPTY_UNTIL_S)
    return as_it_is(to_and_fro(looks), LOOKS_PER_S, _SEED)


def _say(words: str) -> None:
    print(f"bench analysis: {words}", file=sys.stderr, flush=True)
