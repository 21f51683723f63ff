"""Why something is unusual, in one English sentence a person can check."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from edgecam.analysis.habits import KINDS, PARTS, Aspect, Mark, Usualness, part_of
from edgecam.analysis.passage import SHORTEST_STAY_S, STAY_STEP
from edgecam.analysis.wording import many, one

_OCTANTS: Final = (
    "to the right",
    "to the lower right",
    "downwards",
    "to the lower left",
    "to the left",
    "to the upper left",
    "upwards",
    "to the upper right",
)


def reason_of(
    mark: Mark, usual: Usualness, place: str, moment: datetime | None, usual_stay: int, stayed_s: float
) -> str:
    """``a person at 03:12 in zone B: seen there around this hour on 0 of 21 nights``.

    ``place`` is in words, ``usual_stay`` the class that most days reach (-1: none), ``stayed_s`` seconds.
    """
    kind = KINDS[mark.kind]
    who, others = one(kind), many(kind)
    part = PARTS[part_of(mark.when) if mark.aspect == Aspect.PRESENCE else mark.when]
    on = f"{usual.seen_days} of {usual.of_days}"
    if mark.aspect == Aspect.PRESENCE:
        at = f" at {moment:%H:%M}" if moment else ""
        return f"{who}{at} {place}: seen there around this hour on {on} {part}"
    if mark.aspect == Aspect.DIRECTION:
        return f"{who} went {_OCTANTS[mark.bin]} {place}: {others} went so there on {on} days with {others}"
    if mark.aspect == Aspect.PACE:
        return f"{who} went faster {place} than {others} do: so fast on {on} days with {others}"
    longest_s = SHORTEST_STAY_S * STAY_STEP ** (usual_stay + 1)
    return (
        f"{who} stayed for {_duration(stayed_s)} {place}, where {others} mostly stay less than "
        f"{_duration(longest_s)}: so long on {on} {part} with {others}"
    )


def _duration(duration_s: float) -> str:
    return f"{duration_s:.0f} s" if duration_s < 60 else f"{duration_s / 60:.0f} min"
