"""Motion that nobody could name, as one finding for all of it."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.stirring import Stir, Stirring, unnamed_regions
from edgecam.core.events import EventKind

_FULL_SHARE: Final = 0.05


class Unnamed:
    """Tells of what stirs and belongs to no live track."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._stirring = Stirring(settings)

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        regions = unnamed_regions(look)
        opened, ended = self._stirring.observe(look.now_s, look.wall_ns, look.elapsed_s, regions)
        told = [_stirs(opened)] if opened is not None else []
        return told + ([_stirred(ended)] if ended is not None else [])

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`."""
        ended = self._stirring.forget()
        return [_stirred(ended)] if ended is not None else []


def _stirs(stir: Stir) -> Finding:
    reason = f"something unrecognised stirs, {stir.area:.1%} of the picture at most"
    return Finding("stir", EventKind.MOTION, stir.first_wall_ns, _confidence(stir), reason, box=stir.box)


def _stirred(stir: Stir) -> Finding:
    lasted_s = max(0.0, stir.seen_s - stir.first_s)
    reason = f"something unrecognised stirred for {lasted_s:.0f} s, {stir.area:.1%} of the picture at most"
    begin, end = stir.first_wall_ns, stir.seen_wall_ns
    return Finding("stir", EventKind.MOTION, begin, _confidence(stir), reason, end, box=stir.box)


def _confidence(stir: Stir) -> float:
    return 0.3 + 0.6 * min(1.0, stir.area / _FULL_SHARE)
