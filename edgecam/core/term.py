"""How long something stands that must outlive restarts: from a moment on, for a length of time or without end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.told import whole_number

_KEYS = {"begun_wall_ns", "begun_mono_ns", "begun_boot", "begun_trust", "for_ns"}


@dataclass(frozen=True, slots=True)
class Term:
    """From ``begun`` on, for ``for_ns``; ``None`` until somebody ends it."""

    begun: Instant
    for_ns: int | None

    def is_over(self, now: Instant) -> bool | None:
        """Whether its time has passed at ``now``; ``None`` where no clock can tell.

        In the boot in which it began, the clock that cannot jump decides. After a restart it is over when both wall
        clocks were synchronised and say so, or when this boot alone has lasted that long.
        """
        if self.for_ns is None:
            return False
        if now.boot_id == self.begun.boot_id:
            return now.mono_ns - self.begun.mono_ns >= self.for_ns
        if now.mono_ns >= self.for_ns:
            return True
        if not now.trust is self.begun.trust is TimeTrust.SYNCED:
            return None
        passed_ns = now.wall_ns - self.begun.wall_ns
        return None if passed_ns < 0 else passed_ns >= self.for_ns

    def left_ns(self, now: Instant) -> int | None:
        """For how long it goes on at most, as far as any clock can tell; ``None`` until somebody ends it."""
        if self.for_ns is None:
            return None
        if now.boot_id == self.begun.boot_id:
            passed_ns = now.mono_ns - self.begun.mono_ns
        elif now.trust is self.begun.trust is TimeTrust.SYNCED:
            passed_ns = max(now.wall_ns - self.begun.wall_ns, now.mono_ns)
        else:
            passed_ns = now.mono_ns
        return max(self.for_ns - passed_ns, 0)

    @property
    def until_wall_ns(self) -> int | None:
        """When it ends by the wall clock of its beginning; ``None`` when somebody has to end it."""
        return None if self.for_ns is None else self.begun.wall_ns + self.for_ns

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "begun_wall_ns": self.begun.wall_ns,
            "begun_mono_ns": self.begun.mono_ns,
            "begun_boot": self.begun.boot_id.hex(),
            "begun_trust": int(self.begun.trust),
            "for_ns": self.for_ns,
        }

    @classmethod
    def of(cls, told: Any) -> Term:
        """The term that `told` told. Raises: ValueError, TypeError for anything else."""
        if type(told) is not dict or told.keys() != _KEYS:
            raise ValueError("not a term")
        boot = told["begun_boot"]
        if type(boot) is not str or len(boot) != 32:
            raise ValueError("not a boot")
        begun = Instant(
            whole_number(told["begun_wall_ns"]),
            whole_number(told["begun_mono_ns"]),
            bytes.fromhex(boot),
            TimeTrust(whole_number(told["begun_trust"])),
        )
        return cls(begun, None if told["for_ns"] is None else whole_number(told["for_ns"]))
