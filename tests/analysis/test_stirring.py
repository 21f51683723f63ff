from __future__ import annotations

from analysisstand import scene

from edgecam.analysis.box import Box
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel, Region
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.stirring import Stir, Stirring, unnamed_regions
from edgecam.analysis.track import begun
from edgecam.core.events import EventKind

STEP_S = 0.2
PLACE = Box(100, 100, 160, 180)
STREET, MOTION = scene(), MotionModel(640, 360)


def _look(now_s: float, regions: list[Region], known: Box | None) -> Look:
    tracks = [] if known is None else [begun(1, Sighting(EventKind.PERSON, 0.5, known), now_s, 0, 1.0)]
    return Look(now_s, 0, STEP_S, STREET, MOTION, regions, tracks)


def _run(script: list[tuple[float, list[Region]]], known: Box | None = None) -> tuple[list[Stir], list[Stir]]:
    stirring, now_s = Stirring(AnalysisSettings()), 0.0
    opened: list[Stir] = []
    ended: list[Stir] = []
    for seconds, regions in script:
        for _ in range(round(seconds / STEP_S)):
            unnamed = unnamed_regions(_look(now_s, regions, known))
            began, over = stirring.observe(now_s, round(now_s * 1e9), STEP_S, unnamed)
            opened += [began] if began else []
            ended += [over] if over else []
            now_s += STEP_S
    return opened, ended


def test_lasting_motion_is_one_stretch_from_its_first_to_its_last_look() -> None:
    opened, ended = _run([(2, []), (4, [Region(PLACE, 0.01, 0.5)]), (8, [])])
    assert len(opened) == len(ended) == 1
    assert abs(ended[0].first_s - 2.0) < 0.01
    assert abs(ended[0].seen_s - 5.8) < 0.01


def test_a_flutter_is_nothing() -> None:
    assert _run([(0.6, [Region(PLACE, 0.01, 0.5)]), (3, [])] * 20) == ([], [])


def test_small_or_resting_or_known_regions_are_nothing() -> None:
    assert _run([(20, [Region(PLACE, 0.0008, 0.5)])]) == ([], [])
    assert _run([(20, [Region(PLACE, 0.05, 0.02)])]) == ([], [])
    assert _run([(20, [Region(PLACE, 0.05, 0.5)])], known=Box(90, 90, 170, 190)) == ([], [])


def test_motion_that_comes_and_goes_does_not_flood() -> None:
    script: list[tuple[float, list[Region]]] = [(2, [Region(PLACE, 0.01, 0.5)]), (6, [])]
    opened, ended = _run(script * 15)
    assert 2 <= len(opened) <= 8
    assert len(ended) == len(opened)
