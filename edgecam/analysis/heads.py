"""The raw heads of the detector's network as boxes: what a row of numbers means, and where its anchor lies.

Decoded as single-shot detectors do (W. Liu et al., "SSD: Single Shot MultiBox Detector", 2016): offsets to anchors,
scaled by 10, 10, 5, 5, and a sigmoid for every class.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgecam.core.events import EventKind

F32 = NDArray[np.float32]

LEAST_SCORE: Final = 0.30
CLASS_COUNT: Final = 24
# Columns of the network's 24 classes; 0 is the background, the classes that are not named here are not used.
_COLUMNS: Final = (
    (EventKind.PERSON, (4,)),
    (EventKind.VEHICLE, (18, 23)),
    (EventKind.BICYCLE, (1,)),
    (EventKind.ANIMAL, (8, 20)),
)
_TRAINED_SIDE: Final = 300
_MAP_COUNT: Final = 6
_MOST_CANDIDATES: Final = 60


def anchors(side: int) -> F32:
    """The prior boxes of a square input of ``side`` pixels: ``(n, 4)``, centre y, centre x, height, width, 0-1.

    Six maps, the first of ``side / 16`` cells rounded up, each next of half as many; box sizes were made for 300
    pixels and keep their size in pixels on other inputs. A cell's anchor lies where it did in training, seen from
    the pixels the cell looks at: padding moves those with the size of the input, up to a tenth of a large box.
    """
    scales = [0.2 + 0.15 * index for index in range(_MAP_COUNT)] + [1.0]
    rows: list[tuple[float, float, float, float]] = []
    zoom = _TRAINED_SIDE / side
    for index, (trained, here) in enumerate(zip(_maps(_TRAINED_SIDE), _maps(side), strict=True)):
        if index == 0:
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        else:
            shapes = [(scales[index], aspect) for aspect in (1.0, 2.0, 0.5, 3.0, 1 / 3)]
            shapes.append(((scales[index] * scales[index + 1]) ** 0.5, 1.0))
        # In training anchors were spread evenly: on average over a map they lay this far from what a cell looks at.
        middle = (trained.cells - 1) / 2
        off = trained.first + trained.step * middle - _TRAINED_SIDE / 2
        places = [(here.first + here.step * place - off) / side for place in range(here.cells)]
        for y in places:
            for x in places:
                for scale, aspect in shapes:
                    rows.append((y, x, scale / aspect**0.5 * zoom, scale * aspect**0.5 * zoom))
    return np.array(rows, np.float32)


class _Map(NamedTuple):
    """A square map of ``cells``: the first looks at pixel ``first`` of the input, each next ``step`` further."""

    cells: int
    step: int
    first: float


def _maps(side: int) -> list[_Map]:
    """The maps that boxes come from: the input halved four times by padded convolutions, then once more each."""
    cells, step, first = side, 1, 0.5
    found: list[_Map] = []
    for halving in range(3 + _MAP_COUNT):
        half = -(-cells // 2)
        before = max((half - 1) * 2 + 3 - cells, 0) // 2
        first, step, cells = first + step * (1 - before), step * 2, half
        if halving >= 3:
            found.append(_Map(cells, step, first))
    return found


def decoded(
    logits: F32, offsets: F32, priors: F32, least_score: float = LEAST_SCORE
) -> list[tuple[EventKind, float, tuple[float, float, float, float]]]:
    """Kind, score and box (left, top, right, bottom, 0-1 of the crop) of every anchor that scores enough.

    ``logits`` is ``(n, 24)``, ``offsets`` and ``priors`` ``(n, 4)``, all float32. At most 60 boxes a kind.
    """
    least_logit = float(np.log(least_score / (1 - least_score)))
    found: list[tuple[EventKind, float, tuple[float, float, float, float]]] = []
    for kind, columns in _COLUMNS:
        best = logits[:, columns[0]]
        for column in columns[1:]:
            best = np.maximum(best, logits[:, column])
        rows = np.flatnonzero(best > least_logit)
        if rows.size > _MOST_CANDIDATES:
            rows = rows[np.argsort(-best[rows], kind="stable")[:_MOST_CANDIDATES]]
        for row in rows:
            ty, tx, th, tw = (float(v) for v in offsets[row])
            cy, cx, ah, aw = (float(v) for v in priors[row])
            y, x = ty / 10 * ah + cy, tx / 10 * aw + cx
            h, w = float(np.exp(min(th / 5, 4.0))) * ah, float(np.exp(min(tw / 5, 4.0))) * aw
            box = (max(x - w / 2, 0.0), max(y - h / 2, 0.0), min(x + w / 2, 1.0), min(y + h / 2, 1.0))
            if box[2] > box[0] and box[3] > box[1]:
                found.append((kind, 1 / (1 + float(np.exp(-best[row]))), box))
    return found
