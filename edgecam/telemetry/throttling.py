"""What a Raspberry Pi's firmware holds against its power and its heat, as words."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Throttling = Literal["undervoltage", "frequency_capped", "throttled", "soft_temperature_limit"]

# As Raspberry Pi documents `vcgencmd get_throttled`: bits 0 to 3 are now, bits 16 to 19 since the board started.
_BITS: Final[tuple[Throttling, ...]] = ("undervoltage", "frequency_capped", "throttled", "soft_temperature_limit")
_SINCE_BOOT_SHIFT = 16
# Boards before the 5 have this file, which costs no process.
_FILES = ("devices/platform/soc/soc:firmware/get_throttled", "devices/platform/soc:firmware/get_throttled")
_PROGRAM = "vcgencmd"
_PROGRAM_WITHIN_S = 1.0
_MOST_DIGITS = 10


@dataclass(frozen=True, slots=True)
class ThrottlingReading:
    """What is so ``now``, and what was so at least once ``since_boot``."""

    now: tuple[Throttling, ...]
    since_boot: tuple[Throttling, ...]


def read_throttling(sys: Path, programs: str | None) -> ThrottlingReading | None:
    """Ask the kernel in ``sys``, or else vcgencmd in ``programs`` (as PATH; ``None``: this process's own).

    A kernel that knows the supply alone is asked last; it says nothing of heat.
    ``None`` where the board has none of them, or gives no answer within a second.
    """
    for name in _FILES:
        try:
            return decode_throttling((sys / name).read_text("ascii", "replace"))
        except OSError:
            continue
    program = shutil.which(_PROGRAM, path=programs)
    told = None if program is None else decode_throttling(_ask(program))
    return told if told is not None else _low_voltage(sys)


def _low_voltage(sys: Path) -> ThrottlingReading | None:
    """What the kernel's own driver for the supply says: too little power since it was asked last, and no more."""
    for folder in (sys / "class/hwmon").glob("hwmon*"):
        try:
            if (folder / "name").read_text("ascii", "replace").strip() == "rpi_volt":
                low = (folder / "in0_lcrit_alarm").read_text("ascii", "replace").strip() == "1"
                words: tuple[Throttling, ...] = ("undervoltage",) if low else ()
                return ThrottlingReading(words, words)
        except OSError:
            continue
    return None


def decode_throttling(text: str) -> ThrottlingReading | None:
    """``throttled=0x50005`` or ``50005``, both hexadecimal; ``None`` for anything else."""
    digits = text.strip().removeprefix("throttled=").removeprefix("0x")
    if not digits.isalnum() or len(digits) > _MOST_DIGITS:
        return None
    try:
        bits = int(digits, 16)
    except ValueError:
        return None
    return ThrottlingReading(_words(bits), _words(bits >> _SINCE_BOOT_SHIFT))


def _words(bits: int) -> tuple[Throttling, ...]:
    set_bits: Iterable[tuple[int, Throttling]] = enumerate(_BITS)
    return tuple(word for number, word in set_bits if bits >> number & 1)


def _ask(program: str) -> str:
    try:
        done = subprocess.run(
            [program, "get_throttled"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROGRAM_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout[:64].decode("ascii", "replace")
