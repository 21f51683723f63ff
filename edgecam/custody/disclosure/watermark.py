"""Who a copy was given to, and when, written across its pictures: seen by everybody who sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typst
from numpy.typing import NDArray

from edgecam.capture.film import read_png
from edgecam.core.errors import BadInput
from edgecam.core.picture import U8, Picture

F32 = NDArray[np.float32]
# Rows and columns of what is touched, how much of it stays, and what is added.
_Work = tuple[NDArray[np.intp], NDArray[np.intp], F32, F32]
MOST_LETTERS = 80
_FONTS = ("Noto Sans CJK JP", "Noto Sans CJK KR", "Libertinus Serif")
_TEMPLATE = b"""#let told = json(bytes(sys.inputs.told))
#set page(width: auto, height: auto, margin: 2pt, fill: none)
#set text(font: told.fonts, size: told.size * 1pt, weight: "bold", fill: white, stroke: told.size * 0.05pt + black)
#told.text
"""
_TRIAL_SIZE = 40.0
_WIDTH_SHARE, _HEIGHT_SHARE, _LEAST_SIZE = 0.62, 0.06, 8.0
_OPACITY = 0.7
# Where the text stands: top left, across the middle, bottom right.
_PLACES = ((0.03, 0.06), (0.5, 0.5), (0.97, 0.94))


@dataclass(frozen=True, slots=True)
class Watermark:
    """``text`` in Japanese, Korean or English: recipient and date. ``font_folders`` replace the system's."""

    text: str
    font_folders: tuple[Path, ...] | None = None

    def __post_init__(self) -> None:
        """Raises: BadInput for a text that is empty, long, or more than one line."""
        if not self.text.strip() or len(self.text) > MOST_LETTERS or not self.text.isprintable():
            raise BadInput(
                f"a watermark is one line of 1 to {MOST_LETTERS} letters",
                do="name who gets the copy, and the date",
                field="watermark",
            )

    def for_size(self, size: tuple[int, int]) -> Stamp:
        """Ready to be put on pictures of (width, height). Raises: BadInput when no font can write it."""
        trial = self._drawn(_TRIAL_SIZE)
        wide = _TRIAL_SIZE * _WIDTH_SHARE * size[0] / trial.shape[1]
        return Stamp(size, self._drawn(max(_LEAST_SIZE, min(wide, _HEIGHT_SHARE * size[1]))))

    def _drawn(self, points: float) -> U8:
        fonts = typst.Fonts(
            include_system_fonts=self.font_folders is None,
            font_paths=[str(path) for path in self.font_folders or ()],
        )
        there = [font for font in _FONTS if font in fonts.families()]
        if not there or (not self.text.isascii() and not any("CJK" in font for font in there)):
            raise BadInput(
                "no font here can write the watermark",
                do="install fonts-noto-cjk, or write it in English",
                field="watermark",
            )
        told = json.dumps({"text": self.text, "size": round(points, 1), "fonts": there})
        compiler = typst.Compiler(_TEMPLATE, font_paths=fonts, sys_inputs={"told": told})
        page = compiler.compile(format="png", ppi=72.0)
        if not isinstance(page, bytes):
            raise BadInput("the watermark is too long", do="shorten it", field="watermark")
        return read_png(page)


class Stamp:
    """A drawn text for pictures of one size: what share of each pixel it takes, and which light it brings."""

    def __init__(self, size: tuple[int, int], drawn: U8) -> None:
        width, height = size[0], size[1]
        alpha = np.zeros((height, width), np.float32)
        light = np.zeros((height, width), np.float32)
        drawn = drawn[:height, :width]
        rows, columns = drawn.shape[:2]
        for x, y in _PLACES:
            left, top = round((width - columns) * x), round((height - rows) * y)
            alpha[top : top + rows, left : left + columns] = drawn[..., 3] / 255 * _OPACITY
            # Video's white is 235 and its black 16.
            light[top : top + rows, left : left + columns] = 16 + drawn[..., 0] / 255 * 219
        self._luma = _touched(alpha, light)
        faint = alpha[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
        self._chroma = _touched(faint, np.full_like(faint, 128))

    def put_on(self, picture: Picture) -> None:
        """Blend it into ``picture``, in place."""
        for plane, work in ((picture.y, self._luma), (picture.u, self._chroma), (picture.v, self._chroma)):
            _blend(plane, work)


def _touched(alpha: F32, light: F32) -> _Work:
    rows, columns = np.nonzero(alpha)
    share = alpha[rows, columns]
    return rows, columns, 1 - share, share * light[rows, columns]


def _blend(plane: U8, work: _Work) -> None:
    rows, columns, rest, brought = work
    plane[rows, columns] = np.clip(plane[rows, columns] * rest + brought + 0.5, 0, 255).astype(np.uint8)
