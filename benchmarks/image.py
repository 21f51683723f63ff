"""What the image costs: its size, the time to build it, to boot it into recording, and what it holds in RAM.

**Size.** The compressed file that is downloaded, in millions of bytes.

**Boot.** In an emulated board (QEMU, no acceleration, two cores, 512 MiB), in turn: from power-on to the first
segment that is kept, with everything made and a small picture, and from power-on of the same card with the agent's
units left out to where a login would be offered. Half of the starts are faster. An emulated processor is far slower
than a board's, and loading Python is nothing but computing.

**Memory.** Of the whole system with all parts recording 1280 by 720, as its own health tells: total less available,
the most of two minutes. The rate is one frame a second, which an emulated processor can follow; what is held is the
same.

**Build.** `make image` from what is declared, packages fetched anew.

``EDGECAM_BENCH_CACHE`` is the folder whose disk is used, ``EDGECAM_BENCH_STARTS`` how often each is started (3).
Twenty minutes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "image"))

from parts.imageboots import bare_boot_s, build, first_segment_s, flashed, idle_memory_bytes, temporary
from parts.machine import machine
from parts.measured import Measure, measured

_MB = 1_000_000


def measure() -> dict[str, object]:
    """Run it all. Raises: CalledProcessError when it cannot be built, TimeoutError when it does not boot."""
    with temporary() as folder:
        return {"bench": "image", "machine": machine(), "measures": list(_measures(Path(folder)))}


def _measures(folder: Path) -> Iterator[Measure]:
    _say("building")
    began_s = time.monotonic()
    build(folder / "image")
    build_s = time.monotonic() - began_s
    image = folder / "image/card.img"
    (compressed,) = (folder / "image").glob("*.img.zst")
    size = compressed.stat().st_size
    yield measured("image_mb_zst", round(size / _MB), "MB", 400, f"{image.stat().st_size / _MB:.0f} MB on the card")
    starts = int(os.environ.get("EDGECAM_BENCH_STARTS", "3"))
    recording, bare = [], []
    card = flashed(image, folder, width=160, height=96, fps=2.0)
    first_ever_s = first_segment_s(card)
    for start in range(starts):
        _say(f"start {start + 1} of {starts}")
        bare.append(bare_boot_s(card))
        recording.append(first_segment_s(card))
    beside = (
        f"{median(recording):.1f} s to the first segment, {median(bare):.1f} s to a login without the agent; "
        f"the very first start {first_ever_s:.1f} s; emulated"
    )
    yield measured("boot_extra_s", round(median(recording) - median(bare), 1), "s", 10, beside)
    _say("memory")
    used, total = idle_memory_bytes(image, folder)
    yield measured("idle_memory_mb", round(used / _MB), "MB", 300, f"of {total / _MB:.0f} MB")
    yield measured("build_s", round(build_s), "s", 900, "packages fetched anew")


def _say(what: str) -> None:
    print(f"image: {what} …", file=sys.stderr, flush=True)
