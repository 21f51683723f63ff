"""The nuisances that are drawn over empty views: the same for the same dice, and nobody in them."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.nuisance import Nuisance, negatives, nuisances
from parts.nuisancebase import HEIGHT, WIDTH, empty_views, to_and_fro
from parts.scenetrouble import SceneTrouble, played, troubles

from edgecam.core.picture import Picture

pytestmark = pytest.mark.row("A5")
FPS, LOOKS = 5.0, 60


@pytest.fixture(autouse=True)
def _without_footage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGECAM_FOOTAGE", str(tmp_path))


def _street() -> list[Picture]:
    return list(islice(empty_views(1)["scene-street"](), LOOKS))


def _drawn(draw: Nuisance, seed: int) -> list[bytes]:
    return [picture.buffer.tobytes() for picture in draw(_street(), FPS, seed)]


@pytest.mark.parametrize("name", nuisances())
def test_a_nuisance_keeps_number_and_size_and_is_the_same_for_the_same_seed(name: str) -> None:
    draw = nuisances()[name]
    once = _drawn(draw, 3)
    assert [len(buffer) for buffer in once] == [WIDTH * HEIGHT * 3 // 2] * LOOKS
    assert _drawn(draw, 3) == once
    assert _drawn(draw, 4) != once
    assert once != [picture.buffer.tobytes() for picture in _street()]


@pytest.mark.parametrize("name", nuisances())
def test_a_nuisance_leaves_the_scene_to_be_seen(name: str) -> None:
    plain = _street()[0].y.astype(float)
    shown = [np.frombuffer(buffer, np.uint8, WIDTH * HEIGHT) for buffer in _drawn(nuisances()[name], 5)]
    alike = [float(np.corrcoef(plain.ravel(), luma.astype(float))[0, 1]) for luma in shown]
    assert float(np.median(alike)) > 0.5


def test_nobody_is_in_the_drawn_scenes() -> None:
    looks = list(islice(empty_views(1)["scene-street"](), 0, 300, 20))
    pavement = np.stack([look.y[300:, :] for look in looks]).astype(np.int16)
    assert int(np.ptp(pavement, axis=0).max()) == 0


def test_without_footage_the_negatives_are_the_drawn_scenes_under_every_nuisance() -> None:
    names = [name for name, _ in negatives(1, 1.0)]
    assert len(names) == len(set(names)) == 3 * len(nuisances())
    first = next(frames for _, frames in negatives(1, 4.0))
    assert sum(1 for _ in first) == 20


def test_to_and_fro_never_jumps() -> None:
    looks = _street()[:4]
    shown = [picture.buffer.tobytes() for picture in islice(to_and_fro(looks), 8)]
    at = [[look.buffer.tobytes() for look in looks].index(one) for one in shown]
    assert at == [0, 1, 2, 3, 2, 1, 0, 1]


@pytest.mark.parametrize("trouble", troubles(), ids=lambda trouble: trouble.name)
def test_a_trouble_is_drawn_while_it_lasts_and_not_before(trouble: SceneTrouble) -> None:
    plain = [picture.y.astype(float) for picture in _street()[:30]]
    shown = [picture.y.astype(float) for picture in played(_street()[:30], FPS, 3, trouble, 2.0)]
    off = [float(np.abs(one - other).mean()) for one, other in zip(plain, shown, strict=True)]
    assert max(off[:10]) < 3.0
    assert trouble.name.startswith(("frozen", "nightfall", "slowly")) or off[20] > 3.0
