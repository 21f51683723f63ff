"""One clip, analysed as `edgecam analyse` does it, and judged against its truth."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edgecam.analysis.rule import NO_RULES, TERMS, RuleBook
from edgecam.analysis.rulebook import read_rules
from edgecam.cli.clip import Clip
from edgecam.cli.clipanalysis import ClipAnalysis, analyse_clip
from edgecam.cli.cliprules import ClipRules
from edgecam.cli.kisaarea import kisa_area_rules
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind
from parts.scoring import Alarm, Counts, judged
from parts.truth import ClipTruth, has_truth, truth_of

ENDINGS = frozenset({".mp4", ".avi", ".mkv", ".mov", ".m4v", ".webm", ".mpg", ".ts"})
_S_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class NegativeAlarm:
    """An alarm where nothing may alarm."""

    clip: str
    kind: str
    at_s: float


@dataclass(slots=True)
class ClipScore:
    """``kinds`` are those that the truth says something about; ``unscored`` counts alarms that it does not judge.

    ``duration_s`` is the clip's length, ``negative_s`` how much of it must be silent, ``rules`` where they stood.
    """

    clip: str
    duration_s: float
    rules: str
    kinds: dict[str, Counts] = field(default_factory=dict)
    unscored: dict[str, int] = field(default_factory=dict)
    negative_s: float = 0.0
    negative_alarms: list[NegativeAlarm] = field(default_factory=list)


def clips_with_truth(folder: Path) -> list[Path]:
    """The videos in ``folder`` of which somebody wrote down what happens, by name. Raises: BadInput without any."""
    found = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in ENDINGS and has_truth(path)]
    if not found:
        raise BadInput(f"{folder} holds no video with a truth file", do="put NAME.truth.json beside NAME.mp4")
    return found


def clip_score(path: Path, settings: Path | None = None, additions: Path | None = None) -> ClipScore:
    """Analyse ``path`` and judge what came of it. Raises: BadInput."""
    clip = Clip(path)
    first = truth_of(path, [0.0], additions) or ClipTruth()
    chosen, source = rules_for(clip, first, settings, additions)
    watching = chosen.watching(clip)
    found = analyse_clip(clip, watching.analyser, chosen.looks_per_s, watching.aim)
    truth = truth_of(path, found.frame_s, additions) or ClipTruth()
    return scored(path.name, found, truth, {str(rule.kind) for rule in chosen.book.rules}, source)


def rules_for(clip: Clip, truth: ClipTruth, settings: Path | None, additions: Path | None) -> tuple[ClipRules, str]:
    """The rules for a clip, and where they stand: beside it, in the additions, in its truth, or nowhere."""
    name = clip.path.with_suffix(".rules.toml").name
    for folder in (clip.path.parent, additions):
        if folder is not None and (folder / name).is_file():
            return ClipRules.read(folder / name, settings, clip.size), "rules file"
    areas = clip.path.with_suffix(".xml")
    if areas.is_file():
        with suppress(BadInput):
            book = kisa_area_rules(areas.read_bytes(), clip.size)
            return replace(ClipRules.read(None, settings, clip.size), book=book), "areas of the library"
    book = _book_of(truth)
    chosen = ClipRules.read(None, settings, clip.size)
    return (replace(chosen, book=book), "truth file") if book.rules else (chosen, "none")


def _book_of(truth: ClipTruth) -> RuleBook:
    """A rule for every region or line that the truth draws, of each kind that happens and may be asked for."""
    happens = {event.kind for event in truth.events}
    tables: dict[str, list[dict[str, Any]]] = {"zone": [], "line": [], "rule": []}
    for number, place in enumerate(truth.places, 1):
        name = str(place.get("name", place.get("id", f"place {number}")))
        points = place.get("polygon", place.get("points", ()))
        sort = "zone" if "polygon" in place or len(points) > 2 else "line"
        tables[sort].append({"name": name, "polygon" if sort == "zone" else "points": points})
        asked = {str(kind) for kind in place.get("kinds", [place["kind"]] if "kind" in place else happens)}
        for kind, terms in TERMS.items():
            if kind in asked and (terms.zone if sort == "zone" else terms.line):
                tables["rule"].append({"kind": str(kind), sort: name})
    if not tables["rule"]:
        return NO_RULES
    book, wrong = read_rules({key: value for key, value in tables.items() if value})
    if wrong:
        raise wrong[0]
    return book


def scored(clip: str, found: ClipAnalysis, truth: ClipTruth, asked: Iterable[str], source: str) -> ClipScore:
    """Judge ``found``; ``asked`` are the kinds that rules ask for."""
    score = ClipScore(clip, found.frame_s[-1], source)
    judgeable = {event.kind for event in truth.events} | truth.absent | set(asked)
    alarms: dict[str, list[Alarm]] = {kind: [] for kind in judgeable}
    for event in found.events:
        kind = str(event.kind)
        known = not any(stretch.holds(kind, event.start_s) for stretch in truth.unscored)
        if known and any(stretch.holds(kind, event.start_s) for stretch in truth.negatives):
            score.negative_alarms.append(NegativeAlarm(clip, kind, event.start_s))
        if kind in judgeable and known:
            alarms[kind].append(Alarm(kind, event.start_s, event.raised_s, event.box))
        else:
            score.unscored[kind] = score.unscored.get(kind, 0) + 1
    for kind in sorted(judgeable):
        counts = judged([event for event in truth.events if event.kind == kind], alarms[kind])
        if kind in truth.partial and counts.false:
            score.unscored[kind] = score.unscored.get(kind, 0) + counts.false
            counts.false = 0
        score.kinds[kind] = counts
    score.negative_s = sum(stretch.end_s - stretch.start_s for stretch in truth.negatives)
    return score


def overall(scores: Iterable[ClipScore]) -> dict[str, tuple[Counts, float]]:
    """By kind, the counts of all clips and the hours of those that say something about it."""
    total: dict[str, tuple[Counts, float]] = {}
    for score in scores:
        for kind, counts in score.kinds.items():
            whole, hours = total.setdefault(kind, (Counts(), 0.0))
            whole.add(counts)
            total[kind] = whole, hours + score.duration_s / _S_PER_HOUR
    order = [str(kind) for kind in EventKind]
    return dict(sorted(total.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
