"""The analysis' benchmark in miniature: its measures have the names that are followed over years."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.clipscore import ClipScore, NegativeAlarm, overall, scored
from parts.falsealarms import Quiet, told_of
from parts.nuisance import negatives
from parts.observing import ObserverRun
from parts.scoring import Counts, TrueEvent
from parts.stagetimes import stage_times
from parts.truth import ClipTruth, Stretch

from edgecam.cli.clipanalysis import ClipAnalysis
from edgecam.cli.clipevent import ClipEvent
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture

pytestmark = pytest.mark.row("A5")
BENCH = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "analysis.py"))


def pictures(count: int) -> Iterator[Picture]:
    """A still scene with a sensor's noise."""
    chance = np.random.default_rng(9)
    scene = np.repeat(np.repeat(chance.integers(40, 200, (18, 32), np.uint8), 10, 0), 10, 1)
    for _ in range(count):
        picture = Picture(320, 180)
        picture.y[:] = np.clip(scene + chance.normal(0, 2, scene.shape), 0, 255)
        picture.u[:] = picture.v[:] = 128
        yield picture


def event(kind: EventKind, start_s: float) -> ClipEvent:
    return ClipEvent(kind, None, start_s, start_s + 1, 0.9, "it was seen", None, None, start_s + 0.5)


def clip(*events: ClipEvent, truth: ClipTruth, asked: tuple[str, ...] = ()) -> ClipScore:
    found = ClipAnalysis(events=list(events))
    found.frame_s.extend(number / 10 for number in range(601))
    return scored("clip.mp4", found, truth, asked, "none")


def test_what_is_judged_and_what_is_not() -> None:
    truth = ClipTruth(
        events=(TrueEvent("intrusion", 10, 20), TrueEvent("person", 5, 6)),
        negatives=(Stretch(30, 40),),
        unscored=(Stretch(50, 60),),
        absent=frozenset({"vehicle"}),
        partial=frozenset({"person"}),
    )
    told = [
        *(event(EventKind.INTRUSION, at_s) for at_s in (11, 35, 55)),
        *(event(EventKind.PERSON, at_s) for at_s in (5, 45)),
        event(EventKind.VEHICLE, 22),
        event(EventKind.MOTION, 25),
        event(EventKind.FALL, 26),
    ]
    score = clip(*told, truth=truth, asked=("fall",))
    assert score.kinds["intrusion"] == Counts(1, 1, 0, 0, [1.5])
    assert score.kinds["person"] == Counts(1, 0, 0, 0, [0.5])
    assert score.kinds["vehicle"].false == score.kinds["fall"].false == 1
    assert score.unscored == {"intrusion": 1, "person": 1, "motion": 1}
    assert score.negative_alarms == [NegativeAlarm("clip.mp4", "intrusion", 35)]
    assert score.negative_s == 10
    total = overall([score, score])
    assert total["intrusion"][0].found == 2
    assert total["intrusion"][1] == pytest.approx(120 / 3600)


def test_the_measures_have_their_names() -> None:
    truth = ClipTruth(
        events=(TrueEvent("covered", 10, 20), TrueEvent("line_crossing", 30, 30)), negatives=(Stretch(0, 5),)
    )
    score = clip(event(EventKind.COVERED, 10), truth=truth)
    run = ObserverRun(0.02, 104.2, 100, 3, 1.5)
    measures: list[dict[str, Any]] = [
        *BENCH["_truths"]([score]),
        BENCH["_false_alarms"]([score], [Quiet("a view, rain", 86_400 - 5, {"person": 2})]),
        BENCH["_delay"]([score]),
        *BENCH["_costs"](run, run, stage_times(pictures(10))),
        BENCH["_return"]([0.8, 1.25, 0.9]),
    ]
    by_name = {measure["name"]: measure for measure in measures}
    assert list(by_name) == [
        "f1_line_crossing",
        "f1_covered",
        "f1_tamper",
        "false_alarms_per_day",
        "delay_p95_s",
        "idle_cpu_share",
        "busy_cpu_share",
        "observer_rss_mb",
        "frames_per_s_per_core",
        "observer_return_s",
    ]
    assert all(set(one) == {"name", "value", "unit", "better", "aim", "beside"} for one in measures)
    assert (by_name["f1_covered"]["value"], by_name["f1_line_crossing"]["value"]) == (1.0, 0.0)
    assert by_name["false_alarms_per_day"]["value"] == 2
    assert by_name["delay_p95_s"]["value"] == 0.5
    assert "motion" in by_name["frames_per_s_per_core"]["beside"]
    assert by_name["observer_return_s"]["value"] == 1.25
    assert json.dumps(measures)


def test_a_still_view_is_quiet() -> None:
    told = told_of("nothing, as it is", pictures(40))
    assert told.told == {}
    assert told.seconds == pytest.approx(8)


@pytest.mark.parametrize("nuisance", ["lightning", "infrared switch"])
def test_light_that_jumps_over_an_empty_street_is_quiet(nuisance: str) -> None:
    """For a minute: what lies still after a flash has to lie for a while before it could be a thing."""
    (frames,) = (frames for name, frames in negatives(1, 60.0) if name == f"scene-street, {nuisance}")
    assert told_of(nuisance, frames).told == {}
