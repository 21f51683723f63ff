"""The machine a figure was taken on."""

from __future__ import annotations

import os
from pathlib import Path


def machine() -> dict[str, object]:
    """Its processor's name and how many cores this process may use."""
    return {"cpu": _cpu_name(), "cores": len(os.sched_getaffinity(0))}


def _cpu_name() -> str:
    lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    told = {key.strip(): value.strip() for key, _, value in lines}
    # Boards with an ARM processor say what they are in the device tree only.
    board = Path("/proc/device-tree/model")
    return told.get("model name") or (board.read_text().strip("\0\n") if board.exists() else os.uname().machine)
