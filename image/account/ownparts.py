"""What edgecam itself brings into an image beside its code: the object detector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from account.component import Component, purl
from account.pythonpackages import FOLDERS

_MODEL_NOTICE = "SSD MobileNetV2, Open Images v4, from MediaPipe Objectron, quantised to 8-bit integers"


def own_parts(root: Path, version: str) -> Iterator[Component]:
    """The models in the installed package; NOTICE says where they are from."""
    for folder in FOLDERS:
        for model in sorted((root / folder / "edgecam/analysis").glob("*.tflite")):
            digest = hashlib.sha256(model.read_bytes()).hexdigest()
            yield Component(
                "model",
                model.stem,
                version,
                purl("generic", model.name, version=version, checksum=f"sha256:{digest}"),
                licence="Apache-2.0",
                sha256=digest,
                supplier=f"The MediaPipe Authors ({_MODEL_NOTICE})",
                texts=tuple(
                    f"/{one.relative_to(root)}" for one in (root / folder).glob("edgecam-*.dist-info/**/NOTICE")
                ),
            )
