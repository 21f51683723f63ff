"""Small pictures of every page that is printed, kept under ``papers/``; ``python tests/custody/paperpictures.py``
makes them anew, to be looked at before they are kept.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from paperstand import filled, typesetter

from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.paperwords import LANGUAGES

FOLDER = Path(__file__).parent / "papers"
# A line of text is about two pixels high: shapes are compared, not letters, which differ between fonts' versions.
_DOTS_PER_INCH = 24
_BLOCK = 4


def pages_of(paper: Paper) -> list[np.ndarray]:
    """Every page in grey, (height, width), uint8."""
    return [_decoded(page) for page in typesetter().pictures(paper, _DOTS_PER_INCH)]


def kept_pages(kind: PaperKind, language: str) -> list[np.ndarray]:
    """What is kept of the same."""
    return [_decoded(path.read_bytes()) for path in sorted(FOLDER.glob(f"{kind.value}.{language}.*.png"))]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The greatest difference (0-255) of the mean grey of any block of both pages, which are of one size."""
    blocks = [
        cv2.resize(page, None, fx=1 / _BLOCK, fy=1 / _BLOCK, interpolation=cv2.INTER_AREA) for page in (one, other)
    ]
    return float(np.abs(blocks[0].astype(int) - blocks[1].astype(int)).max())


def _decoded(png: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture


def _keep() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for kind in PaperKind:
        for language in LANGUAGES:
            for number, page in enumerate(pages_of(filled(kind, language)), 1):
                # Sixteen greys are enough, and a quarter of the bytes.
                cv2.imwrite(str(FOLDER / f"{kind.value}.{language}.{number}.png"), page // 17 * 17)


if __name__ == "__main__":
    _keep()
