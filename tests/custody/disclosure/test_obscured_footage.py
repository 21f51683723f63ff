"""On real footage: how much of the people whom somebody marked by eye is covered, and nothing of it survives."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from edgecam.analysis.detector import LiteRtDetector
from edgecam.capture.film import Film, FilmWriter
from edgecam.custody.disclosure.obscuring import Obscuring, PixelBox, find_everybody
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y

pytestmark = [pytest.mark.row("G9"), pytest.mark.footage, pytest.mark.long]
# Clip -> frame (from 0) -> people, marked by eye on the picture, in pixels.
TRUTH: dict[str, dict[int, list[PixelBox]]] = {
    "vtest.avi": {
        100: [
            (222, 61, 236, 96),
            (347, 200, 376, 274),
            (384, 178, 407, 256),
            (432, 179, 448, 256),
            (494, 147, 517, 219),
            (515, 150, 541, 218),
            (592, 154, 616, 234),
        ],
        333: [
            (278, 176, 302, 245),
            (307, 203, 331, 288),
            (382, 174, 405, 258),
            (486, 150, 512, 223),
            (624, 200, 650, 287),
            (657, 203, 680, 287),
        ],
        570: [
            (27, 174, 44, 244),
            (340, 147, 367, 224),
            (571, 161, 596, 237),
            (646, 304, 671, 412),
            (742, 245, 768, 348),
            (188, 345, 234, 481),
            (172, 411, 222, 561),
        ],
    },
}


def _footage() -> Path:
    folder = os.environ.get("EDGECAM_FOOTAGE", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("EDGECAM_FOOTAGE names no folder of footage")
    return Path(folder)


def _share(person: PixelBox, filled: list[PixelBox], size: tuple[int, int]) -> float:
    """How much of a person's box is filled, 0-1."""
    covered = np.zeros((size[1], size[0]), bool)
    for x0, y0, x1, y1 in filled:
        covered[y0:y1, x0:x1] = True
    x0, y0, x1, y1 = person
    return float(covered[y0:y1, x0:x1].mean())


def _check_nothing_survives(source: Path, plan: Obscuring, out: Path) -> None:
    """Decoded again, what was filled is grey to a few levels, however the encoder rounds at its edges."""
    film = Film(source)
    writer = FilmWriter(out, film.size, film.time_base, film.fps)
    for number, (at, picture) in enumerate(film.frames()):
        plan.burn(number, picture)
        writer.add(at, picture)
    writer.close()
    # A deblocking filter reaches three pixels into a block.
    for number, (_, picture) in enumerate(Film(out).frames()):
        if number % 25:
            continue
        for x0, y0, x1, y1 in plan.boxes_at(number):
            inner = picture.y[y0 + 8 : y1 - 8, x0 + 8 : x1 - 8].astype(int)
            if inner.size:
                assert np.abs(inner - FILL_Y).max() <= 8, number
            for plane, fill in ((picture.u, FILL_U), (picture.v, FILL_V)):
                half = plane[y0 // 2 + 4 : y1 // 2 - 4, x0 // 2 + 4 : x1 // 2 - 4].astype(int)
                if half.size:
                    assert np.abs(half - fill).max() <= 8, number


@pytest.mark.parametrize("clip", sorted(TRUTH))
def test_people_whom_somebody_marked_are_covered(
    clip: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _footage() / clip
    plan = find_everybody(source, LiteRtDetector())

    shares = {
        (frame, person): _share(person, plan.boxes_at(frame), plan.size)
        for frame, people in TRUTH[clip].items()
        for person in people
    }
    whole = sum(share >= 0.99 for share in shares.values())
    told = sum(shares.values()) / len(shares)
    lines = [f"{clip}: {whole} of {len(shares)} people covered wholly, {told:.4f} of their boxes"]
    lines += [f"  frame {frame}, {box}: {share:.3f}" for (frame, box), share in shares.items() if share < 0.99]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert whole / len(shares) >= 0.95
    assert told >= 0.99
    _check_nothing_survives(source, plan, tmp_path / "covered.mp4")
