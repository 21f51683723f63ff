"""Notices that another device goes by this camera's name at the broker: a camera that was copied."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from edgecam.core.clock import Instant
from edgecam.core.errors import NotAllowed
from edgecam.core.events import Event, EventKind
from edgecam.core.status import Fault
from edgecam.telemetry.verdict import Ending

# Two that take one name from each other in turn: neither keeps it for longer than the other waits before its next
# try, which is at most a minute for a copy of this software.
_SHORT_S: Final = 120.0
_LOSSES: Final = 3
_SAFE = "recording goes on and events wait on disk"


@dataclass(frozen=True, slots=True)
class Rival:
    """Another device with this camera's name; ``sure`` when the broker said so, else a pattern says perhaps."""

    fault: Fault
    sure: bool

    def event(self, now: Instant) -> Event:
        """What is told of it, as something that happened ``now``."""
        return Event(
            event_id=secrets.token_hex(8),
            revision=0,
            kind=EventKind.CLONED,
            start_wall_ns=now.wall_ns,
            end_wall_ns=now.wall_ns,
            trust=int(now.trust),
            confidence=1.0 if self.sure else 0.5,
            reason=self.fault.sentence.partition(":")[0],
        )


class RivalWatch:
    """Looks at how connections end, one after the other; pure.

    MQTT 5 has a reason code for a name that was taken over (0x8E); some brokers only hang up. Then it is the
    pattern that tells: several connections in a row that were accepted and soon ended by the broker without a word.
    A broker that is away or is started anew breaks the pattern, since it refuses tries in between.
    """

    def __init__(self) -> None:
        self._losses = 0

    def ended(self, ending: Ending, lasted_s: float | None) -> Rival | None:
        """A connection ended after ``lasted_s``, ``None`` when it never stood."""
        if ending is Ending.TAKEN_OVER:
            return Rival(_fault("another device took this camera's name at the broker"), sure=True)
        short = ending is Ending.HUNG_UP and lasted_s is not None and lasted_s < _SHORT_S
        self._losses = self._losses + 1 if short else 0
        if self._losses < _LOSSES:
            return None
        what = f"the broker ended {self._losses} connections in a row soon after it had accepted them"
        return Rival(_fault(f"{what}, perhaps because another device uses this camera's name"), sure=False)


def _fault(what: str) -> Fault:
    do = (
        "find out whether its card or key was copied, then give the camera a new certificate and revoke the old one"
    )
    return Fault("camera_cloned", str(NotAllowed(what, do=do, safe=_SAFE)))
