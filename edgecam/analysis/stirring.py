"""Motion that nobody could name: one event for all of it, opened late and closed late, so it does not flood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgecam.analysis.box import Box, around, share_inside
from edgecam.analysis.look import Look
from edgecam.analysis.motion import Region
from edgecam.analysis.settings import AnalysisSettings

_EXPLAINED_SHARE: Final = 0.4
_AROUND: Final = 0.35


@dataclass(slots=True)
class Stir:
    """A stretch of unnamed motion: from when to when, where, and the largest share of the picture it took."""

    first_s: float
    first_wall_ns: int
    seen_s: float
    seen_wall_ns: int
    box: Box
    area: float
    opened: bool = False


class Stirring:
    """Watches the regions that belong to no known object, look by look."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._evidence_s = 0.0
        self._stir: Stir | None = None
        self._opened_s = float("-inf")

    def forget(self) -> Stir | None:
        """Start anew; gives back the open stretch that ends by it."""
        ended, self._stir, self._evidence_s = self._stir, None, 0.0
        return ended if ended is not None and ended.opened else None

    def observe(
        self, now_s: float, wall_ns: int, elapsed_s: float, unnamed: list[Region]
    ) -> tuple[Stir | None, Stir | None]:
        """Take in one look's `unnamed_regions`. Gives the stretch that opened now and the one that ended now."""
        area = sum(region.area for region in unnamed)
        if area >= self._settings.motion_area:
            self._evidence_s += elapsed_s
            self._note(now_s, wall_ns, around([region.box for region in unnamed]), area)
        else:
            self._evidence_s = max(0.0, self._evidence_s - elapsed_s)
        return self._opening(now_s), self._ending(now_s)

    def _note(self, now_s: float, wall_ns: int, box: Box, area: float) -> None:
        if self._stir is None:
            self._stir = Stir(now_s, wall_ns, now_s, wall_ns, box, area)
        stir = self._stir
        if area >= stir.area:
            stir.box, stir.area = box, area
        stir.seen_s, stir.seen_wall_ns = now_s, wall_ns

    def _opening(self, now_s: float) -> Stir | None:
        stir = self._stir
        if stir is None or stir.opened or self._evidence_s < self._settings.motion_after_s:
            return None
        if now_s - self._opened_s < self._settings.motion_pause_s:
            return None
        stir.opened, self._opened_s = True, now_s
        return stir

    def _ending(self, now_s: float) -> Stir | None:
        stir = self._stir
        if stir is None or now_s - stir.seen_s <= (self._settings.motion_quiet_s if stir.opened else 1.5):
            return None
        self._stir, self._evidence_s = None, 0.0
        return stir if stir.opened else None


def unnamed_regions(look: Look) -> list[Region]:
    """What stirs and belongs to no live object, confirmed or not."""
    known = [track.predicted(look.now_s).grown_by(_AROUND) for track in look.tracks]
    return [
        region
        for region in look.regions
        if region.stirs and sum(share_inside(region.box, box) for box in known) < _EXPLAINED_SHARE
    ]
