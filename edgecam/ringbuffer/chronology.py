"""How old each epoch is, from stamps that may lie: the rules under *Time* in ``docs/design/ring-format.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edgecam.core.clock import Instant, TimeTrust


@dataclass(frozen=True, slots=True)
class Dated:
    """What is known of a stamp: it is at least ``age_ns`` old, and of ``wall_ns`` at the latest.

    ``wall_ns`` is ``None`` where no synchronised clock tells. ``likely_wall_ns`` is the wall time at which it was
    most likely taken, to search and to tell by, never to erase by; ``None`` where its boot's clock was never set.
    """

    age_ns: int
    wall_ns: int | None
    likely_wall_ns: int | None = None


def date(stamps: Sequence[Instant], now: Instant) -> list[Dated]:
    """Each stamp, given in the order in which they were taken, dated at ``now``."""
    all_stamps = [*stamps, now]
    passed_ns = [0, *(_passed_ns(*pair) for pair in pairwise(all_stamps))]
    latest = _latest(all_stamps, passed_ns)
    likely = _likely(all_stamps, passed_ns, latest)
    now_wall, powered_ns = latest[-1], sum(passed_ns)
    dated = []
    for passed, wall, told in zip(passed_ns[:-1], latest[:-1], likely[:-1], strict=True):
        powered_ns -= passed
        age_ns = powered_ns if wall is None or now_wall is None else now_wall - wall
        dated.append(Dated(age_ns, wall, told))
    return dated


def _passed_ns(one: Instant, next_one: Instant) -> int:
    """For how long at least the camera was on between two stamps that follow each other (rules 1 and 2)."""
    if one.boot_id == next_one.boot_id:
        return max(0, next_one.mono_ns - one.mono_ns)
    return next_one.mono_ns


def _latest(stamps: Sequence[Instant], passed_ns: Sequence[int]) -> list[int | None]:
    """The latest wall time that each stamp can be of, as far as synchronised clocks tell (rules 3 and 4).

    ``passed_ns[i]`` passed at least between the stamp before and stamp ``i``.
    """
    offsets: dict[bytes, int] = {}
    for stamp in stamps:
        if stamp.trust == TimeTrust.SYNCED:
            offsets.setdefault(stamp.boot_id, stamp.wall_ns - stamp.mono_ns)
    latest: list[int | None] = [None] * len(stamps)
    bound: int | None = None
    for i in range(len(stamps) - 1, -1, -1):
        offset = offsets.get(stamps[i].boot_id)
        if offset is not None:
            own = offset + stamps[i].mono_ns
            bound = own if bound is None else min(own, bound)
        latest[i] = bound
        if bound is not None:
            bound -= passed_ns[i]
    return latest


def _likely(stamps: Sequence[Instant], passed_ns: Sequence[int], latest: Sequence[int | None]) -> list[int | None]:
    """The wall time at which each stamp was most likely taken (rule 5)."""
    best: dict[bytes, TimeTrust] = {}
    for stamp in stamps:
        best[stamp.boot_id] = max(stamp.trust, best.get(stamp.boot_id, stamp.trust))
    likely = _told(stamps, best)
    earliest: int | None = None  # it was later than what came before its boot
    for i, stamp in enumerate(stamps):
        own = likely[i]
        if i and stamps[i - 1].boot_id != stamp.boot_id and likely[i - 1] is not None:
            earliest = likely[i - 1]
        if earliest is not None:
            earliest += passed_ns[i]
        if own is not None and best[stamp.boot_id] == TimeTrust.RESTORED:
            likely[i] = _between(own, earliest, latest[i])
    return likely


def _told(stamps: Sequence[Instant], best: dict[bytes, TimeTrust]) -> list[int | None]:
    """What each boot's clock said while it was trusted most; before and after that, counted from there."""
    told: list[int | None] = [None] * len(stamps)
    # Backwards first: what was recorded before the clock was set is told by that setting.
    for order in (range(len(stamps) - 1, -1, -1), range(len(stamps))):
        offsets: dict[bytes, int] = {}
        for i in order:
            stamp = stamps[i]
            if stamp.trust == best[stamp.boot_id] != TimeTrust.UNSET:
                offsets[stamp.boot_id] = stamp.wall_ns - stamp.mono_ns
            if told[i] is None and stamp.boot_id in offsets:
                told[i] = stamp.mono_ns + offsets[stamp.boot_id]
    return told


def _between(wall_ns: int, earliest: int | None, latest: int | None) -> int:
    if earliest is not None:
        wall_ns = max(wall_ns, earliest)
    return wall_ns if latest is None else min(wall_ns, latest)
