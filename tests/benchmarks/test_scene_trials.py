"""Troubles over the barest real view: what noise drowns is no cover, and a cover is one all the same."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import cv2
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.footagefolder import footage_folder
from parts.nuisance import nuisances
from parts.nuisancebase import clip_looks, to_and_fro
from parts.scenetrials import ClipResult, told_of, trial
from parts.scenetrouble import troubles

from edgecam.core.errors import BadInput
from edgecam.core.picture import Picture

pytestmark = pytest.mark.row("A1")
ASPHALT = "intel_car-detection.mp4"


@pytest.fixture(scope="module")
def asphalt() -> list[Picture]:
    cv2.setNumThreads(1)
    try:
        footage_folder(ASPHALT)
    except BadInput as absent:
        pytest.skip(str(absent))
    return clip_looks(ASPHALT)


def test_the_switch_to_infrared_over_asphalt_is_no_cover(asphalt: list[Picture]) -> None:
    frames = islice(to_and_fro(asphalt), 300)
    # The drawing is that of the benchmark, with which two covers were told.
    switched = nuisances()["infrared switch"](frames, 5.0, 17)
    assert told_of(ClipResult(ASPHALT), switched) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nightfall", "dark"),
        ("lamp switched off", "dark"),
        ("black tape", "covered"),
    ],
)
def test_what_happens_to_the_lens_over_asphalt_is_told(asphalt: list[Picture], name: str, kind: str) -> None:
    (number, trouble) = next((number, one) for number, one in enumerate(troubles()) if one.name == name)
    result = trial(ClipResult(ASPHALT), asphalt, trouble, 31 * number)
    assert result.told == (kind,)
    assert result.ended
