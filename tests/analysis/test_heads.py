from __future__ import annotations

import math

import numpy as np
import pytest

from edgecam.analysis.heads import anchors, decoded
from edgecam.core.events import EventKind


@pytest.mark.parametrize(("side", "count"), [(172, 669), (192, 738), (224, 1014), (300, 1917)])
def test_there_is_one_anchor_for_every_row_of_the_network(side: int, count: int) -> None:
    priors = anchors(side)
    assert priors.shape == (count, 4)
    assert priors[0, 2] * side == pytest.approx(30)


def test_at_the_trained_size_anchors_are_spread_over_the_middle_of_the_picture() -> None:
    priors = anchors(300)
    first = priors[: 19 * 19 * 3]
    assert first[:, 0].mean() == pytest.approx(0.5, abs=1e-6)
    assert first[0, 1] == pytest.approx(0.5 / 19, abs=0.01)


def test_at_another_size_anchors_follow_the_pixels_that_a_cell_looks_at() -> None:
    # The first map steps 16 pixels; its first cell looks 4 pixels further right at 192 than at 300.
    at_300, at_192 = anchors(300)[:, 1] * 300, anchors(192)[:, 1] * 192
    assert at_192[3] - at_192[0] == pytest.approx(16)
    assert at_192[0] - at_300[0] == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (1, EventKind.BICYCLE),
        (4, EventKind.PERSON),
        (8, EventKind.ANIMAL),
        (18, EventKind.VEHICLE),
        (20, EventKind.ANIMAL),
        (23, EventKind.VEHICLE),
    ],
)
def test_a_logit_becomes_its_score_and_a_zero_offset_the_anchor_itself(column: int, kind: EventKind) -> None:
    priors = np.array([[0.5, 0.5, 0.4, 0.2], [0.2, 0.2, 0.1, 0.1]], np.float32)
    logits = np.full((2, 24), -9.0, np.float32)
    logits[0, column] = math.log(0.7 / 0.3)
    logits[1, column] = math.log(0.2 / 0.8)
    ((found, score, box),) = decoded(logits, np.zeros((2, 4), np.float32), priors)
    assert found == kind
    assert score == pytest.approx(0.7)
    assert box == pytest.approx((0.4, 0.3, 0.6, 0.7))


def test_classes_that_nobody_asked_for_are_not_told() -> None:
    logits = np.full((1, 24), 5.0, np.float32)
    logits[0, [1, 4, 8, 18, 20, 23]] = -9.0
    assert decoded(logits, np.zeros((1, 4), np.float32), np.full((1, 4), 0.5, np.float32)) == []
