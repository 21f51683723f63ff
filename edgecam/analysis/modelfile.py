"""The detector's model file: read whole, and believed only by its hash.

A TFLite file is read by native code that may crash on bytes that nobody checked. So no byte reaches it whose
SHA-256 is not known: to edgecam, or to whoever names another file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edgecam.core.errors import BadInput, DataLoss

INT8_PATH: Final = Path(__file__).with_name("ssd_mobilenetv2_oidv4_int8.tflite")
FLOAT_PATH: Final = Path(__file__).with_name("ssd_mobilenetv2_oidv4_fp16.tflite")
_MAGIC: Final = b"TFL3"
_HEAD_BYTES: Final = 4096
_MOST_BYTES: Final = 64 << 20
_SAFE: Final = "recording goes on without recognition"


@dataclass(frozen=True, slots=True)
class Known:
    """A model edgecam knows: its SHA-256 and that of its first 4096 bytes, by which a damaged copy is told."""

    sha256: str
    head_sha256: str


INT8: Final = Known(
    "5a2427a48aa7d6651bc5e5d5169d545438d4d03889d4d01df6777a107c7f3071",
    "7bf4f426ba56cd628468015a18f1e51e3036530dcb3d42c7afe5d296aaa61f34",
)
FLOAT: Final = Known(
    "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6",
    "e49b65a78d7abe9bce0ecd7b4df5d8c02bb4fb99f39dde70adb4b7914d4eed38",
)


def read_model(path: Path, trusted_sha256: str = "") -> bytes:
    """The bytes of a model that is known, or whose hash the caller vouches for.

    Raises: BadInput when the file is missing, is no file, is too large or is another model; DataLoss when it cannot
    be read, is no TFLite file or is a damaged copy of a known one.
    """
    data = _read(path)
    digest = hashlib.sha256(data).hexdigest()
    if digest in (INT8.sha256, FLOAT.sha256, trusted_sha256):
        return data
    if len(data) < _HEAD_BYTES or data[4:8] != _MAGIC:
        raise DataLoss(
            f"the detector's model {path} is damaged or is no TFLite model", do="install edgecam again", safe=_SAFE
        )
    if hashlib.sha256(data[:_HEAD_BYTES]).hexdigest() in (INT8.head_sha256, FLOAT.head_sha256):
        raise DataLoss(
            f"the detector's model {path} is a damaged, or rebuilt, copy of the one edgecam knows",
            do="install edgecam again, or name the hash of the rebuilt one",
            safe=_SAFE,
        )
    raise BadInput(
        f"the detector's model {path} is another model than edgecam knows (sha256 {digest[:12]}…)",
        do="take the model that comes with edgecam, or name the hash of yours",
        safe=_SAFE,
    )


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise BadInput(f"the detector's model {path} is missing", do="install edgecam again", safe=_SAFE)
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as broken:
        raise DataLoss(
            f"the detector's model {path} cannot be read: {broken.strerror}", do="install edgecam again", safe=_SAFE
        ) from broken
    if len(data) > _MOST_BYTES:
        raise BadInput(f"the detector's model {path} is larger than 64 MiB", safe=_SAFE)
    return data
