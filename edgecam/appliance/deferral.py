"""Putting off what waits: until when no night installs anything and nobody is reminded. Pure; by the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import NotAllowed

_NS_PER_DAY: Final = 86_400 * NS_PER_S
LONGEST_DAYS: Final = 28
_LONGEST_NS: Final = LONGEST_DAYS * _NS_PER_DAY


class PutOff(StrEnum):
    """For how long at a time; the names stand in orders."""

    DAY = "day"
    WEEK = "week"

    @property
    def ns(self) -> int:
        return (1 if self is PutOff.DAY else 7) * _NS_PER_DAY


@dataclass(frozen=True, slots=True)
class Deferral:
    """Put off until ``until_wall_ns``; first at ``since_wall_ns``, and never beyond `last_wall_ns`."""

    since_wall_ns: int
    until_wall_ns: int

    def stands(self, now_wall_ns: int) -> bool:
        """Whether nothing is to happen by itself; a clock that went back to before it all began ends it."""
        return self.since_wall_ns <= now_wall_ns < min(self.until_wall_ns, self.last_wall_ns)

    @property
    def last_wall_ns(self) -> int:
        """Until when it can be put off at all."""
        return self.since_wall_ns + _LONGEST_NS

    def is_forgotten(self, now_wall_ns: int) -> bool:
        """Whether it is so long over, or in a future so far, that whoever puts off now begins anew."""
        return not self.since_wall_ns <= now_wall_ns < self.last_wall_ns + _LONGEST_NS


def standing_until(deferral: Deferral | None, now_wall_ns: int) -> int:
    """Until when things are put off at ``now_wall_ns``, in nanoseconds since 1970; 0: they are not."""
    return deferral.until_wall_ns if deferral is not None and deferral.stands(now_wall_ns) else 0


def put_off(before: Deferral | None, how: PutOff, now_wall_ns: int) -> Deferral:
    """What stands once it is put off for ``how`` from now on. Raises: NotAllowed when it was for four weeks."""
    if before is None or before.is_forgotten(now_wall_ns):
        before = Deferral(now_wall_ns, now_wall_ns)
    until_wall_ns = min(now_wall_ns + how.ns, before.last_wall_ns)
    if until_wall_ns <= now_wall_ns:
        raise NotAllowed(
            f"it was put off for {LONGEST_DAYS} days, which is the longest",
            do="have it installed, or switch automatic updates off",
        )
    return Deferral(before.since_wall_ns, until_wall_ns)


def ended(before: Deferral, now_wall_ns: int) -> Deferral:
    """``before`` ended now; when it was begun is remembered, so that ending it is no way to begin anew."""
    return Deferral(before.since_wall_ns, min(before.until_wall_ns, now_wall_ns))
