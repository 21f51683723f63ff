"""The detector on the device: SSD MobileNetV2 (Open Images v4) through LiteRT, over crops of the small picture.

The network is from Google MediaPipe Objectron (Apache-2.0). Its raw heads are decoded as single-shot detectors
do (W. Liu et al., "SSD: Single Shot MultiBox Detector", 2016): offsets to anchors, scaled by 10, 10, 5, 5, and a
sigmoid for every class. It is fully convolutional, so that one file serves every input size.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from edgecam.analysis.box import Box
from edgecam.analysis.sighting import Sighting, strongest
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.events import EventKind
from edgecam.core.picture import U8, Picture

F32 = NDArray[np.float32]

MODEL_PATH: Final = Path(__file__).with_name("ssd_mobilenetv2_oidv4_int8.tflite")
LEAST_SCORE: Final = 0.30
# Columns of the network's 24 classes; 0 is the background, the classes that are not named here are not used.
_COLUMNS: Final = ((EventKind.PERSON, (4,)), (EventKind.VEHICLE, (18, 23)))
_CLASS_COUNT: Final = 24
_TRAINED_SIDE: Final = 300
_MAP_COUNT: Final = 6
_MOST_CANDIDATES: Final = 60
_MOST_OVERLAP: Final = 0.45
_EDGE: Final = 0.012


class LiteRtDetector:
    """An int8 network of uint8 RGB input over square crops, one thread. Owner: the thread that made it."""

    def __init__(self, path: Path = MODEL_PATH, side: int = 192, threads: int = 1) -> None:
        """``side`` is the network's input width and height in pixels, a multiple of 32.

        Raises: BadInput when the file is missing or is another network, DataLoss when it is damaged.
        """
        self.name = path.stem
        self.side = side
        self._interpreter = _opened(path, side, threads)
        self._input, self._boxes, self._logits = _tensors(self._interpreter, path, side)
        self._anchors = anchors(side)
        self._yuv = np.empty((side * 3 // 2, side), np.uint8)
        flat = self._yuv.reshape(-1)
        luma, chroma = side * side, (side // 2) ** 2
        self._y = flat[:luma].reshape(side, side)
        self._u = flat[luma : luma + chroma].reshape(side // 2, side // 2)
        self._v = flat[luma + chroma :].reshape(side // 2, side // 2)
        self._rgb = np.empty((1, side, side, 3), np.uint8)
        self._interpreter.allocate_tensors()

    def detect(self, picture: Picture, crops: Sequence[Box]) -> list[Sighting]:
        """See `Detector.detect`. A box cut by an edge of its crop that is no edge of the picture is dropped."""
        found: list[Sighting] = []
        for crop in crops:
            found += self._in_crop(picture, crop)
        return strongest(found, _MOST_OVERLAP)

    def _in_crop(self, picture: Picture, crop: Box) -> list[Sighting]:
        x0, y0, x1, y1 = _even(crop, picture)
        _scaled(picture.y[y0:y1, x0:x1], self._y)
        _scaled(picture.u[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2], self._u)
        _scaled(picture.v[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2], self._v)
        cv2.cvtColor(self._yuv, cv2.COLOR_YUV2RGB_I420, dst=self._rgb[0])
        self._interpreter.set_tensor(self._input, self._rgb)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._logits)[0]
        offsets = self._interpreter.get_tensor(self._boxes)[0]
        found: list[Sighting] = []
        for kind, score, (left, top, right, bottom) in decoded(logits, offsets, self._anchors):
            cut = (
                (left < _EDGE and x0 > 0)
                or (top < _EDGE and y0 > 0)
                or (right > 1 - _EDGE and x1 < picture.width - 1)
                or (bottom > 1 - _EDGE and y1 < picture.height - 1)
            )
            if not cut:
                w, h = x1 - x0, y1 - y0
                found.append(
                    Sighting(kind, score, Box(x0 + left * w, y0 + top * h, x0 + right * w, y0 + bottom * h))
                )
        return found


def anchors(side: int) -> F32:
    """The prior boxes of a square input of ``side`` pixels: ``(n, 4)``, centre y, centre x, height, width, 0-1.

    Six maps, the first of ``side / 16`` cells rounded up, each next of half as many; box sizes were made for 300
    pixels and keep their size in pixels on other inputs.
    """
    scales = [0.2 + 0.15 * index for index in range(_MAP_COUNT)] + [1.0]
    rows: list[tuple[float, float, float, float]] = []
    cells = -(-side // 16)
    zoom = _TRAINED_SIDE / side
    for index in range(_MAP_COUNT):
        if index == 0:
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        else:
            shapes = [(scales[index], aspect) for aspect in (1.0, 2.0, 0.5, 3.0, 1 / 3)]
            shapes.append(((scales[index] * scales[index + 1]) ** 0.5, 1.0))
        for y in range(cells):
            for x in range(cells):
                for scale, aspect in shapes:
                    height, width = scale / aspect**0.5 * zoom, scale * aspect**0.5 * zoom
                    rows.append(((y + 0.5) / cells, (x + 0.5) / cells, height, width))
        cells = -(-cells // 2)
    return np.array(rows, np.float32)


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


def _opened(path: Path, side: int, threads: int) -> Any:
    if not path.is_file():
        raise BadInput(f"the detector's model {path} is missing", do="install edgecam again")
    try:
        with _native_chatter_hidden():
            interpreter = Interpreter(str(path), num_threads=threads)
            index = interpreter.get_input_details()[0]["index"]
            interpreter.resize_tensor_input(index, [1, side, side, 3])
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, IndexError) as broken:
        raise DataLoss(
            f"the detector's model {path} is damaged or is no TFLite model for pictures",
            do="install edgecam again",
            safe="recording goes on without recognition",
        ) from broken
    return interpreter


@contextmanager
def _native_chatter_hidden() -> Iterator[None]:
    """LiteRT tells on stderr which delegate it made, and has no switch for it."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _tensors(interpreter: Any, path: Path, side: int) -> tuple[int, int, int]:
    """The indices of the input, the box offsets and the class logits. Raises: BadInput for another network."""
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    count = len(anchors(side))
    by_shape = {tuple(int(n) for n in one["shape"]): one for one in outputs if one["dtype"] == np.float32}
    boxes, logits = by_shape.get((1, count, 4)), by_shape.get((1, count, _CLASS_COUNT))
    if len(inputs) != 1 or inputs[0]["dtype"] != np.uint8 or boxes is None or logits is None:
        raise BadInput(
            f"the detector's model {path} is another network than edgecam knows",
            do="take the model that comes with edgecam",
            safe="recording goes on without recognition",
        )
    return int(inputs[0]["index"]), int(boxes["index"]), int(logits["index"])


def _even(crop: Box, picture: Picture) -> tuple[int, int, int, int]:
    """Whole, even corners inside the picture, at least two pixels apart: chroma has half the resolution."""
    x0 = min(max(int(crop.x0), 0), picture.width - 2) // 2 * 2
    y0 = min(max(int(crop.y0), 0), picture.height - 2) // 2 * 2
    x1 = max(min(round(crop.x1), picture.width) // 2 * 2, x0 + 2)
    y1 = max(min(round(crop.y1), picture.height) // 2 * 2, y0 + 2)
    return x0, y0, x1, y1


def _scaled(plane: U8, into: U8) -> None:
    shrinks = plane.shape[0] > into.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    cv2.resize(plane, (into.shape[1], into.shape[0]), dst=into, interpolation=way)
