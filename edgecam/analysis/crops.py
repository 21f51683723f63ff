"""Which squares of the picture the detector looks at, and how many it may: a budget of crops a second.

New objects come first, then motion nobody has named, longest not looked at first, then known objects that are due
for another look. Motion in which nothing was found is left alone for longer and longer, so that a waving bush does
not eat the budget. What is small is looked at through a small crop, which the network's input enlarges.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from edgecam.analysis.box import Box, around, share_inside
from edgecam.analysis.motion import Region

_USUAL_SIDE_SHARE: Final = 0.3
"""The crop side of all but small and large objects, as a share of the picture's width: 192 pixels of 640."""
_SMALLEST_SIDE_SHARE: Final = 0.125
_ZOOM_MARGIN: Final = 4.0
_ROOM: Final = 0.75
_MARGIN: Final = 1.6
_ALIKE: Final = 0.6
_GRID: Final = (8, 6)
_FIRST_PAUSE_S: Final = 0.3
_LONGEST_PAUSE_S: Final = 5.0
_BURST_S: Final = 1.0
_WHOLE: Final = 1.0 - 1e-6


@dataclass(slots=True)
class _Place:
    """A place of motion: how long to leave it alone because nothing was found there, until when, when the detector
    last looked at it (capture time), and whether it should look closely next time.
    """

    pause_s: float = 0.0
    until_s: float = 0.0
    looked_s: float = float("-inf")
    closely: bool = False


class _Want(NamedTuple):
    """Something to look at, and how large a square around it the detector should see, in pixels."""

    box: Box
    side: float


class CropPlanner:
    """Plans one look at a time; holds the budget and the places not worth a look. Memory is fixed."""

    def __init__(self, width: int, height: int, crops_per_s: float, crops_per_look: int) -> None:
        self._width, self._height = width, height
        self._rate, self._most = crops_per_s, crops_per_look
        self._tokens = self._full = max(crops_per_s * _BURST_S, 1.0)
        self._places = [_Place() for _ in range(_GRID[0] * _GRID[1])]

    def forget(self) -> None:
        """Every place is worth a look again."""
        self._places = [_Place() for _ in self._places]

    def plan(
        self, now_s: float, elapsed_s: float, urgent: Iterable[Box], fresh: list[Region], due: list[Box]
    ) -> list[Box]:
        """The crops of this look, at most what the budget holds: around ``urgent`` boxes, then ``fresh`` motion
        that is not resting, then ``due`` boxes. A box in the middle of a chosen crop needs none of its own.
        """
        self._tokens = min(self._full, self._tokens + self._rate * elapsed_s)
        wanted = [_Want(box, self._side(box)) for box in urgent]
        wanted += self._unnamed(now_s, fresh)
        wanted += [_Want(box, self._side(box)) for box in due]
        chosen: list[Box] = []
        for want in wanted:
            if len(chosen) >= self._most or self._tokens < _WHOLE:
                break
            if not any(_serves(crop, want) for crop in chosen):
                chosen.append(self._square(self._joined(want, wanted), want.side))
                self._tokens -= 1.0
        return chosen

    def _unnamed(self, now_s: float, fresh: list[Region]) -> list[_Want]:
        """Motion worth a look: longest not looked at first, then the larger, as ``fresh`` is ordered."""
        worth = [(self._place(region.box), region.box) for region in fresh]
        usual = _USUAL_SIDE_SHARE * self._width
        return [
            # A small region may be all there is of something far, or a part of something near: both are tried.
            _Want(box, self._side(box) if place.closely else max(self._side(box), usual))
            for place, box in sorted(worth, key=lambda one: round(one[0].looked_s, 1))
            if place.until_s <= now_s
        ]

    def _joined(self, want: _Want, others: list[_Want]) -> Box:
        """The wanted box with as many of ``others`` as fit into its crop and want one of about that size."""
        box, room = want.box, min(_ROOM * want.side, 0.85 * self._height)
        for other in others:
            both = around([box, other.box])
            if max(both.width, both.height) <= room and other.side >= _ALIKE * want.side:
                box = both
        return box

    def judge(self, now_s: float, crops: list[Box], fresh: list[Region], found: list[Box]) -> None:
        """Remember for each inspected place of motion whether anything was found there."""
        for region in fresh:
            if not any(share_inside(region.box, crop) > 0.5 for crop in crops):
                continue
            place = self._place(region.box)
            place.looked_s = now_s
            if any(share_inside(box, region.box.grown_by(0.3)) > 0.3 for box in found):
                place.pause_s, place.until_s, place.closely = 0.0, 0.0, False
            else:
                place.closely = not place.closely
                place.pause_s = min(max(place.pause_s * 1.7, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
                if region.stir < 0.05:
                    place.pause_s = _LONGEST_PAUSE_S
                place.until_s = now_s + place.pause_s

    def _place(self, box: Box) -> _Place:
        x, y = box.centre
        column = min(max(int(x * _GRID[0] / self._width), 0), _GRID[0] - 1)
        row = min(max(int(y * _GRID[1] / self._height), 0), _GRID[1] - 1)
        return self._places[row * _GRID[0] + column]

    def _side(self, box: Box) -> float:
        """How large a square the detector wants to see around ``box``, in pixels."""
        longest, usual = max(box.width, box.height), _USUAL_SIDE_SHARE * self._width
        zoomed = max(_ZOOM_MARGIN * longest, _SMALLEST_SIDE_SHARE * self._width)
        if zoomed < usual or longest <= _ROOM * usual:
            return min(zoomed, usual)
        return _MARGIN * longest

    def _square(self, box: Box, side: float) -> Box:
        """A square of ``side`` around ``box``, moved into the picture; the whole picture if ``box`` is too big."""
        if max(box.width, box.height) > 0.9 * self._height:
            return Box(0, 0, self._width, self._height)
        side = min(side, self._height, self._width)
        x, y = box.centre
        left = min(max(x - side / 2, 0), self._width - side)
        top = min(max(y - side / 2, 0), self._height - side)
        return Box(left, top, left + side, top + side)


def _serves(crop: Box, want: _Want) -> bool:
    """Whether what is wanted lies well inside ``crop`` and is large enough in it."""
    return want.side >= _ALIKE * crop.width and share_inside(want.box, crop.grown_by(-0.06)) > 0.98


def merged(regions: list[Region], reach: float) -> list[Region]:
    """Regions that lie within ``reach`` pixels of each other as one: a body often falls into parts.

    The result is at most as long, largest first; a merged stir is the areas' weighted mean.
    """
    groups: list[list[Region]] = []
    for region in regions:
        wide = Box(region.box.x0 - reach, region.box.y0 - reach, region.box.x1 + reach, region.box.y1 + reach)
        near = [group for group in groups if any(share_inside(one.box, wide) > 0 for one in group)]
        rest = [group for group in groups if group not in near]
        groups = [*rest, [region, *(one for group in near for one in group)]]
    whole: list[Region] = []
    for group in groups:
        area = sum(one.area for one in group)
        stir = sum(one.stir * one.area for one in group) / area
        whole.append(Region(around([one.box for one in group]), area, stir))
    return sorted(whole, key=lambda region: (-region.area, region.box))
