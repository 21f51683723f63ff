"""Who came by is told in a sentence that reads like one."""

from __future__ import annotations

import pytest
from analysisstand import scene

from edgecam.analysis.appearances import Appearances
from edgecam.analysis.box import Box
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.track import begun
from edgecam.core.events import EventKind


@pytest.mark.parametrize(
    ("kind", "appeared", "over"),
    [
        (EventKind.PERSON, "a person appeared", "a person stood for 0 s"),
        (EventKind.ANIMAL, "an animal appeared", "an animal stood for 0 s"),
    ],
)
def test_an_object_is_told_from_its_confirmation_to_its_end(kind: EventKind, appeared: str, over: str) -> None:
    appearances = Appearances()
    track = begun(7, Sighting(kind, 0.6, Box(100, 100, 140, 200)), 3.0, 3_000, 1.0)

    def look() -> Look:
        return Look(3.0, 3_000, 0.2, scene(), MotionModel(640, 360), [], [track])

    assert appearances.observe(look()) == []
    track.confirmed = True
    (began,) = appearances.observe(look())
    assert began.reason == f"{appeared}, seen in 1 of 1 looks, score 0.60"
    assert (began.track, began.start_wall_ns, began.end_wall_ns) == (7, 3_000, None)
    (ended,) = appearances.forget(9_000)
    assert ended.reason == f"{over}, seen in 1 of 1 looks, score 0.60"
    assert ended.end_wall_ns == 3_000
