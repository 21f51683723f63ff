"""Fuzzes what decodes a command, guided by coverage: any bytes are a value or a refusal, never another exception.

Run by `make fuzz`, in an environment of its own with Atheris: ``fuzz_commands.py [libFuzzer options]``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/properties"))
with atheris.instrument_imports(include=["edgecam"]):
    from commandbytes import try_command, try_files

    from edgecam.core.clock import NS_PER_S
    from edgecam.telemetry.command import Command

_KEY = bytes(32)
_NOON_WALL_NS = 1_795_262_400 * NS_PER_S


def one_input(data: bytes) -> None:
    """One try: whatever is understood can be said again, and means the same."""
    try_command(data)
    try_files(data)


def seeds() -> list[bytes]:
    """One whole command of each kind, and the other files that are decoded."""
    told = {
        "restart": {"part": "observer"},
        "silence": {"kind": "motion", "place": "lawn", "minutes": 60},
        "private": {"state": "on", "minutes": 5},
        "hold": {"minutes": 5, "reason": "a fall on the stairs"},
        "status": {},
    }
    term = {"begun_wall_ns": 1, "begun_mono_ns": 1, "begun_boot": "00" * 16, "begun_trust": 2, "for_ns": None}
    files = [
        {"format": 1, "by": "centre", "line": 1, "term": term},
        {"format": 1, "silences": [{"kind": "motion", "place": "", "by": "a", "line": 1, "term": term}]},
        {"format": 1, "horizon_ns": -1, "keys": {"00": {"horizon_ns": -1, "seen": {"00": 1}}}},
        {"format": 1, "camera": "edgecam_0badcafe", "keys": [], "signature": "00" * 64},
    ]
    commands = [
        Command(
            "0" * 32,
            "home",
            "edgecam_0badcafe",
            name,
            arguments,
            _NOON_WALL_NS,
            _NOON_WALL_NS + 60 * NS_PER_S,
            _KEY,
            bytes(64),
        ).encode()
        for name, arguments in told.items()
    ]
    return [*commands, *(json.dumps(file).encode() for file in files)]


def main() -> None:
    """Fuzz until told to stop, or as the options say (``-max_total_time=60``)."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        words = Path(corpus) / "words"
        words.write_text("".join(f'"{word}"\n' for word in Command.__slots__))
        atheris.Setup([sys.argv[0], f"-dict={words}", "-max_len=6000", *sys.argv[1:], corpus], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
