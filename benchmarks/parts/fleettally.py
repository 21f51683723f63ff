"""What a part of the fleet has counted since it was last asked to begin anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Tally:
    """Counts of cameras and what they said; moments are of the machine's monotonic clock, in seconds.

    ``there`` is how many are connected and have their ``online`` acknowledged, ``open`` how many messages and
    events are told and not acknowledged, both as of now. A try that ``failed`` did not end in a CONNACK that says
    yes: when it began, and why. What ``ended`` had been connected. ``last_back_s`` is when the last camera was
    there (again), ``waits_s`` how long each acknowledgement took.
    """

    there: int = 0
    open: int = 0
    tries: int = 0
    connected: int = 0
    failed: list[tuple[float, str]] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    last_back_s: float = 0.0
    sent: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    last_acknowledged_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)

    def begin_anew(self) -> None:
        """Forget everything but how it stands now."""
        self.tries = self.connected = 0
        self.last_back_s = self.last_acknowledged_s = 0.0
        for counts in (self.ended, self.sent, self.acknowledged, self.refused):
            counts.clear()
        self.failed.clear()
        self.waits_s.clear()

    def failures(self, since_s: float = 0.0) -> dict[str, int]:
        """How many tries that began after ``since_s`` failed, by cause."""
        return dict(Counter(why for began_s, why in self.failed if began_s >= since_s))

    def told(self, *, whole: bool) -> dict[str, Any]:
        """As JSON can say it; unless it is the ``whole``, lists are left out: it is asked for often."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        told |= {name: dict(value) for name, value in told.items() if isinstance(value, Counter)}
        return told | {
            name: list(value) if whole else [] for name, value in told.items() if isinstance(value, list)
        }

    @classmethod
    def of(cls, told: dict[str, Any]) -> Tally:
        """What `told` has said."""
        tally = cls()
        for name, value in told.items():
            setattr(tally, name, Counter(value) if isinstance(value, dict) else value)
        return tally

    @classmethod
    def sum(cls, parts: Iterable[Tally]) -> Tally:
        """Several parts of a fleet as one."""
        whole = cls()
        for part in parts:
            whole.there += part.there
            whole.open += part.open
            whole.tries += part.tries
            whole.connected += part.connected
            whole.last_back_s = max(whole.last_back_s, part.last_back_s)
            whole.last_acknowledged_s = max(whole.last_acknowledged_s, part.last_acknowledged_s)
            whole.waits_s += part.waits_s
            whole.failed += part.failed
            for name in ("ended", "sent", "acknowledged", "refused"):
                getattr(whole, name).update(getattr(part, name))
        return whole
