"""The detector on the device: SSD MobileNetV2 (Open Images v4) through TensorFlow Lite, over crops of the picture.

The network is from Google MediaPipe Objectron (Apache-2.0). Its runtime is LiteRT on 64-bit boards and
``tflite-runtime`` on 32-bit ones, chosen when the detector is made; its numbers are read as each tensor says they
are kept, so that the same code runs the 8-bit and the 16-bit file.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.box import Box
from edgecam.analysis.heads import CLASS_COUNT, F32, anchors, decoded
from edgecam.analysis.modelfile import FLOAT_PATH, INT8_PATH, read_model
from edgecam.analysis.sighting import Sighting, strongest
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.picture import U8, Picture

RUNTIMES: Final = ("ai_edge_litert", "tflite_runtime")
_MOST_OVERLAP: Final = 0.45
_EDGE: Final = 0.012
_SAFE: Final = "recording goes on without recognition"


class LiteRtDetector:
    """A network of RGB input over square crops, one thread. Owner: the thread that made it."""

    def __init__(
        self,
        path: Path | None = None,
        side: int = 192,
        threads: int = 1,
        *,
        trusted_sha256: str = "",
        runtime: str = "",
    ) -> None:
        """``side`` is the network's input width and height in pixels, an even number; a file that was made for one
        size keeps its own. ``runtime`` is one of `RUNTIMES`, or the first that is installed; ``path`` the file that
        suits it; ``trusted_sha256`` vouches for a file that edgecam does not know.

        Raises: BadInput when no runtime is installed, or the file is missing or another network; DataLoss when it
        is damaged.
        """
        runtime, interpreter_type = _runtime(runtime)
        chosen = path or (FLOAT_PATH if runtime == "tflite_runtime" and FLOAT_PATH.is_file() else INT8_PATH)
        content = read_model(chosen, trusted_sha256)
        self.name, self.runtime = chosen.stem, runtime
        self._interpreter, self.side = _opened(interpreter_type, content, chosen, side, threads)
        taken, boxes, logits = _tensors(self._interpreter, chosen, self.side)
        self._input, self._boxes, self._logits = int(taken["index"]), boxes, logits
        self._levels = _levels(taken)
        self._anchors = anchors(self.side)
        self._make_buffers(self.side, self._levels.dtype)

    def _make_buffers(self, side: int, kept_as: np.dtype[Any]) -> None:
        self._yuv = np.empty((side * 3 // 2, side), np.uint8)
        flat = self._yuv.reshape(-1)
        luma, chroma = side * side, (side // 2) ** 2
        self._y = flat[:luma].reshape(side, side)
        self._u = flat[luma : luma + chroma].reshape(side // 2, side // 2)
        self._v = flat[luma + chroma :].reshape(side // 2, side // 2)
        self._rgb = np.empty((1, side, side, 3), np.uint8)
        plain = kept_as == np.uint8 and bool((self._levels == np.arange(256)).all())
        self._fed = self._rgb if plain else np.empty(self._rgb.shape, kept_as)

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
        logits, offsets = self._answer()
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

    def _answer(self) -> tuple[F32, F32]:
        """The logits and box offsets of what lies in the buffers."""
        cv2.cvtColor(self._yuv, cv2.COLOR_YUV2RGB_I420, dst=self._rgb[0])
        if self._fed is not self._rgb:
            np.take(self._levels, self._rgb, out=self._fed)
        self._interpreter.set_tensor(self._input, self._fed)
        self._interpreter.invoke()
        logits, offsets = (
            _real(one, self._interpreter.get_tensor(one["index"])[0]) for one in (self._logits, self._boxes)
        )
        return logits, offsets


def _runtime(wanted: str) -> tuple[str, Any]:
    """The name and the ``Interpreter`` of ``wanted``, or of the first runtime that is installed."""
    for name in (wanted,) if wanted else RUNTIMES:
        try:
            return name, importlib.import_module(f"{name}.interpreter").Interpreter
        except ImportError:
            continue
    raise BadInput(
        "no TensorFlow Lite runtime is installed",
        do="install ai-edge-litert, or tflite-runtime on a 32-bit board",
        safe=_SAFE,
    )


def _opened(make: Any, content: bytes, path: Path, side: int, threads: int) -> tuple[Any, int]:
    """The network, allocated, and the side of its input: ``side``, or its own if it cannot be resized."""
    try:
        with _native_chatter_hidden():
            try:
                return _allocated(make, content, threads, side), side
            except RuntimeError:
                interpreter = _allocated(make, content, threads, 0)
                return interpreter, int(interpreter.get_input_details()[0]["shape"][1])
    except SystemError as unfit:
        # tflite-runtime was built for numpy 1; with another it loads, and fails at its first array.
        raise BadInput(
            "the installed TensorFlow Lite runtime does not fit the installed numpy",
            do="install numpy 1.26 beside tflite-runtime",
            safe=_SAFE,
        ) from unfit
    except (ValueError, RuntimeError, IndexError, TypeError) as broken:
        raise DataLoss(
            f"the detector's model {path} is damaged or is no TFLite model for pictures",
            do="install edgecam again",
            safe=_SAFE,
        ) from broken


def _allocated(make: Any, content: bytes, threads: int, side: int) -> Any:
    interpreter = make(model_content=content, num_threads=threads)
    if side:
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], [1, side, side, 3])
    interpreter.allocate_tensors()
    return interpreter


@contextmanager
def _native_chatter_hidden() -> Iterator[None]:
    """The runtimes tell on stderr which delegate they made, and have no switch for it."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _tensors(interpreter: Any, path: Path, side: int) -> tuple[Any, Any, Any]:
    """What is told of the input, the box offsets and the class logits. Raises: BadInput for another network."""
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    count = len(anchors(side)) if 0 < side <= 1024 else 0
    by_shape = {tuple(int(n) for n in one["shape"]): one for one in outputs}
    boxes, logits = by_shape.get((1, count, 4)), by_shape.get((1, count, CLASS_COUNT))
    fits = len(inputs) == 1 and [int(n) for n in inputs[0]["shape"]] == [1, side, side, 3]
    if not fits or boxes is None or logits is None or not all(_readable(one) for one in (inputs[0], boxes, logits)):
        raise BadInput(
            f"the detector's model {path} is another network than edgecam knows",
            do="take the model that comes with edgecam",
            safe=_SAFE,
        )
    return inputs[0], boxes, logits


def _readable(tensor: Any) -> bool:
    """Whether a tensor keeps floats, or 8-bit integers with the scale that makes real numbers of them."""
    if tensor["dtype"] in (np.uint8, np.int8):
        return float(tensor["quantization"][0]) > 0
    return tensor["dtype"] in (np.float32, np.float16)


def _levels(tensor: Any) -> NDArray[Any]:
    """What the input wants for each of the 256 levels of a colour: the network was trained on -1 to 1."""
    real = np.arange(256) / 127.5 - 1
    kept_as = np.dtype(tensor["dtype"])
    if kept_as.kind == "f":
        return real.astype(kept_as)
    scale, zero = tensor["quantization"]
    bounds = np.iinfo(kept_as)
    # A level that falls in the middle between two goes up: with the shipped file all do, and stay what they are.
    levels: NDArray[Any] = np.clip(np.floor(real / scale + zero + 0.501), bounds.min, bounds.max).astype(kept_as)
    return levels


def _real(tensor: Any, values: NDArray[Any]) -> F32:
    if values.dtype.kind == "f":
        return values.astype(np.float32, copy=False)
    scale, zero = tensor["quantization"]
    return (values.astype(np.float32) - np.float32(zero)) * np.float32(scale)


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
