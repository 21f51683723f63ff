"""What was erased, as lines of the register."""

from __future__ import annotations

from collections.abc import Iterable

from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.holdstore import HoldErasure


def register_erasures(
    register: Register, erasures: Iterable[Erasure], who: str, purpose: str = "retention"
) -> None:
    """One line for each epoch. Raises: as `Register.write`."""
    for erasure in erasures:
        register.write(
            Act.ERASURE,
            who=who,
            purpose=purpose,
            footage=(erasure.from_wall_ns, erasure.to_wall_ns),
            detail={
                "epoch": str(erasure.epoch),
                "reason": erasure.reason.name.lower(),
                "verified": str(erasure.verified),
            },
        )


def register_hold_erasure(register: Register, erasure: HoldErasure, who: str) -> None:
    """One line for one hold. Raises: as `Register.write`."""
    known = erasure.from_wall_ns is not None and erasure.to_wall_ns is not None
    register.write(
        Act.ERASURE,
        who=who,
        purpose="hold",
        footage=(erasure.from_wall_ns, erasure.to_wall_ns) if known else None,  # type: ignore[arg-type]
        detail={"hold": erasure.hold_id, "reason": erasure.end.value, "verified": str(erasure.verified)},
    )
