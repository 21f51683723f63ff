"""A gap in the footage as a line of the register, told once."""

from __future__ import annotations

from pathlib import Path

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import DataLoss
from edgecam.custody.register.bookfiles import recent_lines
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act, decode_line
from edgecam.ringbuffer.gaps import Gap

# What is written between a gap's line and the next look for it is a few lines at most.
_LOOK_BACK_SIZE_BYTES = 8 * MAX_LINE_SIZE_BYTES


def register_gap(register: Register, gap: Gap) -> None:
    """Write the line of ``gap``, unless one of the last lines is it: who asks again may have died meanwhile.

    Raises: as `Register.write`.
    """
    if _is_told(register.path, gap):
        return
    length = "unknown" if gap.length_ns is None else f"{gap.length_ns / NS_PER_S:.3f}"
    register.write(
        Act.GAP,
        who="recorder",
        purpose="nothing was recorded",
        footage=(gap.from_wall_ns, gap.to_wall_ns),
        detail={"cause": gap.cause.name.lower(), "length_s": length, "segment": str(gap.sequence)},
    )


def _is_told(path: Path, gap: Gap) -> bool:
    # No register yet, or one that cannot be written either, is told then.
    lines = recent_lines(path, _LOOK_BACK_SIZE_BYTES)
    return any(_tells(line, gap) for line in lines if b'"gap"' in line)


def _tells(encoded: bytes, gap: Gap) -> bool:
    try:
        line = decode_line(encoded)
    except DataLoss:
        return False
    return (line.act, line.detail.get("segment"), line.to_wall_ns) == (
        Act.GAP,
        str(gap.sequence),
        gap.to_wall_ns,
    )
