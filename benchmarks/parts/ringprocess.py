"""A process that opens a ring and commits to it, and nothing else; and how much memory that takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Run as a program, nobody has told Python where the parts are.
sys.path.insert(0, str(Path(__file__).parents[1]))


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident MB of a process: its peak, and at its end how much is its own rather than mapped from files."""

    peak_mb: float
    own_mb: float


def memory_of(ring: Path | None, seed: bytes, second: int, size: int, count: int) -> Memory:
    """Of a process that commits ``count`` fragments of ``size`` bytes to ``ring``, which was made by ``seed``.

    Without a ring, it only imports what that takes.
    """
    asked = [str(ring) if ring else "", seed.hex(), str(second), str(size), str(count)]
    done = subprocess.run([sys.executable, __file__, *asked], stdout=subprocess.PIPE, check=True)
    return Memory(**json.loads(done.stdout))


def bare_python() -> Memory:
    """Of a Python that imports nothing."""
    said = "print(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", said], stdout=subprocess.PIPE, check=True, text=True)
    return _memory(done.stdout)


def main() -> None:
    """``ringprocess RING SEED SECOND SIZE COUNT``; one JSON object on standard output."""
    from parts.ringcamera import Appending, RingCamera

    ring, seed, second, size, count = sys.argv[1:]
    if ring:
        appending = Appending(RingCamera(bytes.fromhex(seed)).open(Path(ring), int(second)), int(second))
        data = os.urandom(int(size))
        for _ in range(int(count)):
            appending.commit(data)
    memory = _memory(Path("/proc/self/status").read_text())
    print(json.dumps({"peak_mb": memory.peak_mb, "own_mb": memory.own_mb}))


def _memory(status: str) -> Memory:
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return Memory(*(int(lines[name].split()[0]) / 1024 for name in ("VmHWM", "RssAnon")))


if __name__ == "__main__":
    main()
