"""What the page costs: its weight, the wait for a picture, and what many visitors do to hub and recording.

**Weight.** Scripts and styles of the built page, compressed as they are served, without the lazy part that opens
footage.

**First picture.** From asking for the page to the live picture on it, in Chromium that has nothing of the page yet,
signed in before, on the same machine; half of the loads are faster.

**Seeking.** See `parts/webseek.py`.

**Memory.** Peak resident MB of the hub while five viewers take the live picture and fifty pages ask as open pages
do (`parts/webload.py`). Beside it the recorder's frame rate, what it dropped and the gaps, under load and before.

``EDGECAM_BENCH_CACHE`` is the folder whose disk is used. Five minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.machine import machine
from parts.measured import Measure, measured
from parts.ringdisk import work_folder
from parts.webload import Load, Window, load, serving_agent
from parts.webpage import first_pictures_s, weights_kb
from parts.webseek import seek_measure, seeks_ms


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured; no ``seeks`` leaves that figure out."""

    loads: int = 11
    seeks: int = 40
    viewers: int = 5
    pages: int = 50
    window_s: float = 60.0


def measure(extent: Extent | None = None) -> dict[str, object]:
    """Run it all. Raises: Unavailable when the page is not built, or without Chromium."""
    with work_folder() as folder:
        return {"bench": "web", "machine": machine(), "measures": list(_measures(extent or Extent(), folder))}


def _measures(extent: Extent, folder: Path) -> Iterator[Measure]:
    yield _weight()
    with _places(folder, "load") as (own, run_dir):
        _say(f"{extent.viewers} viewers and {extent.pages} pages ask")
        under_load = load(own, run_dir, extent.viewers, extent.pages, extent.window_s)
    yield _memory(under_load)
    with _places(folder, "loads") as (own, run_dir):
        _say(f"opening the page {extent.loads} times")
        with serving_agent(own, run_dir) as (page, _, _):
            yield _first_picture(first_pictures_s(page, extent.loads))
    if extent.seeks:
        with _places(folder, "seek") as (own, run_dir):
            _say(f"seeking {extent.seeks} moments in a fortnight")
            yield seek_measure(seeks_ms(own, run_dir, extent.seeks))


def _weight() -> Measure:
    weights = weights_kb()
    beside = f"scripts and styles of all screens; what opens footage is {weights['player']:.1f} more"
    return measured("page_weight_kb_gz", round(weights["page"], 1), "kB", 200, beside)


def _first_picture(times_s: list[float]) -> Measure:
    beside = f"{len(times_s)} loads without a cache, fastest {min(times_s):.2f}, slowest {max(times_s):.2f}"
    return measured("first_picture_s", round(median(times_s), 2), "s", 2.0, beside)


def _memory(told: Load) -> Measure:
    beside = (
        f"before {told.hub_quiet_mb:.0f}; {told.pictures} pictures and {told.answers} answers, {told.refused} "
        f"refused; under load {_words(told.loaded)}; before {_words(told.quiet)}"
    )
    return measured("hub_rss_5_viewers_mb", round(told.hub_mb, 1), "MB", 150, beside)


def _words(window: Window) -> str:
    recorded = f"{window.fps:.2f} fps, {window.dropped} dropped, {window.gaps} gaps"
    return f"{recorded}, hub {window.hub_cpu * 100:.0f} % of a core"


@contextmanager
def _places(folder: Path, name: str) -> Iterator[tuple[Path, Path]]:
    """A folder on the measured disk and one in RAM."""
    own = folder / name
    own.mkdir()
    with tempfile.TemporaryDirectory(prefix="edgecam-bench-", dir="/dev/shm") as run_dir:
        yield own, Path(run_dir)


def _say(words: str) -> None:
    print(f"bench web: {words}", file=sys.stderr, flush=True)
