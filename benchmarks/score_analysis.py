"""Scores the analysis on a folder of clips with truth: `python benchmarks/score_analysis.py FOLDER`.

Each clip is analysed as `edgecam analyse` does it. Rules come from ``NAME.rules.toml`` beside the clip, else from
the folder of ``--rules-for``, else from the regions and lines of the truth file. How alarms are judged stands in
`parts/scoring.py`; a delay is from the true start to the frame with which the alarm was raised.

Where the truth tells the whole story of a kind (it happens, a rule asks for it, or the file says that it never
happens), every alarm of it counts. Other alarms are listed as not judged. In ``negatives`` nothing may alarm.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

# Run by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.clipscore import ClipScore, NegativeAlarm, clip_score, clips_with_truth, overall
from parts.scoring import ALPHAS, Counts, percentile, poisson_interval, rounded, wilson
from rich.console import Console
from rich.table import Table

from edgecam.core.errors import EdgecamError

_COLUMNS = ("events", "found", "false", "missed", "repeats")


def main() -> None:
    """Tables, or with ``--json`` one object. Exit code 1 with one sentence when something cannot be read."""
    asked = argparse.ArgumentParser(description="Score the analysis on a folder of clips with truth.")
    asked.add_argument("folder", type=Path, help="videos with NAME.truth.json or KISA/i-LIDS XML beside them")
    asked.add_argument("--rules-for", type=Path, help="a folder with NAME.rules.toml and more truth for the clips")
    asked.add_argument("--settings", type=Path, help="a settings file; default: the defaults")
    asked.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = asked.parse_args()
    try:
        scores = []
        for path in clips_with_truth(chosen.folder):
            print(f"scoring {path.name}", file=sys.stderr, flush=True)
            scores.append(clip_score(path, chosen.settings, chosen.rules_for))
    except EdgecamError as refused:
        sys.stderr.write(f"score_analysis: {refused}\n")
        raise SystemExit(1) from refused
    if chosen.json:
        print(json.dumps(as_json(scores), indent=1))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    for score in scores:
        console.print(_clip_table(score))
    console.print(_overall_table(scores))
    console.print(false_alarm_sentence(scores))


def as_json(scores: Sequence[ClipScore]) -> dict[str, object]:
    """Everything, for programs."""
    return {
        "clips": [
            {
                "clip": score.clip,
                "duration_s": round(score.duration_s, 3),
                "rules": score.rules,
                "kinds": {kind: told(counts, score.duration_s / 3600) for kind, counts in score.kinds.items()},
                "not_judged": score.unscored,
                "negative_s": round(score.negative_s, 3),
                "negative_alarms": [[alarm.kind, alarm.at_s] for alarm in score.negative_alarms],
            }
            for score in scores
        ],
        "overall": {kind: told(counts, hours) for kind, (counts, hours) in overall(scores).items()},
        "false_alarms": false_alarms(scores),
    }


def told(counts: Counts, hours: float) -> dict[str, object]:
    """One kind's figures; ``None`` where there is nothing to divide by."""
    alarms, events = counts.found + counts.false, counts.found + counts.missed
    low, high = poisson_interval(counts.false)
    return {
        "events": events,
        "found": counts.found,
        "false": counts.false,
        "missed": counts.missed,
        "repeats": counts.repeats,
        "precision": rounded(counts.precision),
        "precision_95": _pair(wilson(counts.found, alarms)),
        "recall": rounded(counts.recall),
        "recall_95": _pair(wilson(counts.found, events)),
        "f1": rounded(counts.f1),
        "f1_95": _pair(counts.f1_interval),
        "f_alpha": {f"{alpha:g}": rounded(counts.f_alpha(alpha)) for alpha in ALPHAS},
        "delay_p50_s": rounded(percentile(counts.delays_s, 0.5)),
        "delay_p95_s": rounded(percentile(counts.delays_s, 0.95)),
        "false_per_hour": rounded(counts.false / hours) if hours else None,
        "false_per_hour_95": _pair((low / hours, high / hours)) if hours else None,
    }


def false_alarms(scores: Sequence[ClipScore]) -> dict[str, object]:
    """Alarms of any kind in stretches where nothing may alarm, by the hour."""
    alarms = [alarm for score in scores for alarm in score.negative_alarms]
    hours = sum(score.negative_s for score in scores) / 3600
    low, high = poisson_interval(len(alarms))
    return {
        "count": len(alarms),
        "hours": round(hours, 4),
        "per_hour": rounded(len(alarms) / hours) if hours else None,
        "per_hour_95": _pair((low / hours, high / hours)) if hours else None,
        "by_kind": _by_kind(alarms),
    }


def false_alarm_sentence(scores: Sequence[ClipScore]) -> str:
    """The same for people."""
    figures = false_alarms(scores)
    if not figures["hours"]:
        return "No stretch without events is marked, so false alarms by the hour cannot be told."
    interval = figures["per_hour_95"]
    assert isinstance(interval, list)
    return (
        f"Where nothing may alarm: {figures['count']} alarms in {figures['hours']} h, {figures['per_hour']} an hour"
        f" (95 %: {interval[0]} to {interval[1]}) {figures['by_kind'] or ''}"
    )


def _clip_table(score: ClipScore) -> Table:
    title = f"{score.clip}  {score.duration_s:.1f} s, rules: {score.rules}"
    table = Table("kind", *_COLUMNS, "delays s", title=title, title_justify="left")
    for kind, counts in score.kinds.items():
        if any((counts.found, counts.false, counts.missed)):
            delays = " ".join(f"{delay:.1f}" for delay in sorted(counts.delays_s))
            table.add_row(kind, *_whole(counts), delays)
    quiet = sum(not any((c.found, c.false, c.missed)) for c in score.kinds.values())
    if quiet:
        table.caption = f"{quiet} kinds that never happen were not told"
    for kind, number in score.unscored.items():
        table.add_row(f"{kind} (not judged)", *[""] * len(_COLUMNS), f"{number} told")
    for alarm in score.negative_alarms:
        table.add_row(f"{alarm.kind} where nothing may alarm", *[""] * len(_COLUMNS), f"at {alarm.at_s:.1f} s")
    return table


def _overall_table(scores: Sequence[ClipScore]) -> Table:
    alphas = [f"Fα {alpha:g}" for alpha in ALPHAS]
    table = Table(
        *("kind", *_COLUMNS, "precision", "recall", "F1 (95 %)", *alphas, "delay p50", "p95", "false/h (95 %)"),
        title="all clips",
        title_justify="left",
    )
    for kind, (counts, hours) in overall(scores).items():
        low, high = poisson_interval(counts.false)
        table.add_row(
            kind,
            *_whole(counts),
            _text(counts.precision),
            _text(counts.recall),
            f"{_text(counts.f1)} ({counts.f1_interval[0]:.2f}-{counts.f1_interval[1]:.2f})",
            *(_text(counts.f_alpha(alpha)) for alpha in ALPHAS),
            _text(percentile(counts.delays_s, 0.5), 1),
            _text(percentile(counts.delays_s, 0.95), 1),
            f"{counts.false / hours:.1f} ({low / hours:.1f}-{high / hours:.1f})" if hours else "",
        )
    return table


def _whole(counts: Counts) -> list[str]:
    numbers = (counts.found + counts.missed, counts.found, counts.false, counts.missed, counts.repeats)
    return [str(number) for number in numbers]


def _by_kind(alarms: Sequence[NegativeAlarm]) -> dict[str, int]:
    return {kind: sum(a.kind == kind for a in alarms) for kind in sorted({a.kind for a in alarms})}


def _pair(values: tuple[float, float]) -> list[float]:
    return [round(value, 4) for value in values]


def _text(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    main()
