"""How old each epoch is, from stamps that may lie: the rules under *Time* in ``docs/design/ring-format.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgecam.core.clock import Instant, TimeTrust


@dataclass(frozen=True, slots=True)
class Dated:
    """A stamp's age now, and the wall time it most likely had; ``None`` where no trusted clock tells."""

    age_ns: int
    wall_ns: int | None


def date(stamps: Sequence[Instant], now: Instant, believable_off_ns: int) -> list[Dated]:
    """Age and wall time of each stamp, given in the order in which they were taken, at ``now``.

    A clock that is only restored and claims that the camera was off for more than ``believable_off_ns`` is not
    believed.
    """
    all_stamps = [*stamps, now]
    walls = _in_order(all_stamps, _walls(all_stamps))
    now_wall = walls[-1]
    if now_wall is not None and _is_doubtful(all_stamps, walls, believable_off_ns):
        now_wall = None
    ages = [
        _age_ns(stamp, now, wall, now_wall, powered_ns)
        for stamp, wall, powered_ns in zip(stamps, walls, _powered_ns(all_stamps), strict=False)
    ]
    for older in range(len(ages) - 2, -1, -1):
        ages[older] = max(ages[older], ages[older + 1])
    return [
        Dated(age_ns, wall if now_wall is None else now_wall - age_ns)
        for age_ns, wall in zip(ages, walls, strict=False)
    ]


def _age_ns(stamp: Instant, now: Instant, wall: int | None, now_wall: int | None, powered_ns: int) -> int:
    if stamp.boot_id == now.boot_id:
        return max(0, now.mono_ns - stamp.mono_ns)
    if wall is None or now_wall is None:
        return powered_ns
    return max(powered_ns, now_wall - wall)


def _believed(stamps: Sequence[Instant]) -> dict[bytes, tuple[TimeTrust, int]]:
    """Each boot's trust, and its wall time minus boot time: those of its first stamp of the highest trust."""
    believed: dict[bytes, tuple[TimeTrust, int]] = {}
    for stamp in stamps:
        known = believed.get(stamp.boot_id)
        if known is None or stamp.trust > known[0]:
            believed[stamp.boot_id] = stamp.trust, stamp.wall_ns - stamp.mono_ns
    return believed


def _walls(stamps: Sequence[Instant]) -> list[tuple[TimeTrust, int]]:
    believed = _believed(stamps)
    return [(believed[s.boot_id][0], s.mono_ns + believed[s.boot_id][1]) for s in stamps]


def _in_order(stamps: Sequence[Instant], walls: list[tuple[TimeTrust, int]]) -> list[int | None]:
    """Wall times that never go backwards: less trusted ones give way, among equals the earlier one stands."""
    ordered: list[int | None] = [None] * len(stamps)
    synced_later: int | None = None
    for i in range(len(stamps) - 1, -1, -1):
        trust, wall = walls[i]
        if trust == TimeTrust.SYNCED:
            synced_later = wall if synced_later is None else min(wall, synced_later)
        if trust != TimeTrust.UNSET:
            ordered[i] = wall if synced_later is None else min(wall, synced_later)
    latest: int | None = None
    for i, own in enumerate(ordered):
        if own is not None:
            latest = own if latest is None else max(own, latest)
            ordered[i] = latest
    return ordered


def _is_doubtful(stamps: Sequence[Instant], walls: Sequence[int | None], believable_off_ns: int) -> bool:
    now = stamps[-1]
    if any(s.trust == TimeTrust.SYNCED and s.boot_id == now.boot_id for s in stamps):
        return False
    before = [w for s, w in zip(stamps, walls, strict=True) if w is not None and s.boot_id != now.boot_id]
    booted = None if walls[-1] is None else walls[-1] - now.mono_ns
    return bool(before) and booted is not None and booted - before[-1] > believable_off_ns


def _powered_ns(stamps: Sequence[Instant]) -> list[int]:
    """For how long at least the camera has been on since each stamp: boot times added up (rule 2)."""
    powered = [0] * len(stamps)
    later_boots_ns, last = 0, stamps[-1]
    for i in range(len(stamps) - 1, -1, -1):
        stamp = stamps[i]
        if stamp.boot_id != last.boot_id:
            later_boots_ns += last.mono_ns
            last = stamp
        powered[i] = later_boots_ns + max(0, last.mono_ns - stamp.mono_ns)
    return powered
