"""The whole ring at a glance: told by its slots, so that a fortnight costs a few reads and not a million."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.dating import DatedEpoch
from edgecam.ringbuffer.format import MAX_EPOCH_SEGMENTS
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches

# What segments leave open between two epochs; a longer hole is a gap.
_TOGETHER_NS = 15 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Covered:
    """Footage from ``start_wall_ns`` to ``end_wall_ns``; what lies between two of them is a gap.

    Exact where something is missing or privacy changed from one epoch to the next; elsewhere an epoch counts as
    whole when its sequence numbers fill its time, so a private time that begins and ends inside one is not told.
    ``held`` says that it lies in a hold alone: what is around it was erased when its time was over.
    """

    start_wall_ns: int
    end_wall_ns: int
    private: bool
    held: bool = False


class Overview:
    """One thread uses it. It looks once at each epoch that is over: at one header, or all where it is not whole."""

    def __init__(self, reader: RingReader, stretches: Stretches) -> None:
        self._reader, self._stretches = reader, stretches
        self._first: dict[int, tuple[int, bool]] = {}

    def between(self, from_wall_ns: int, to_wall_ns: int) -> list[Covered]:
        """What is covered of the range, oldest first. Raises: MediaFailing."""
        self._reader.refresh()
        wanted = self._reader.dated_between(from_wall_ns, to_wall_ns)
        live = {dated.slot.epoch for dated in self._reader.dated()}
        self._first = {epoch: first for epoch, first in self._first.items() if epoch in live}
        found = [piece for dated, after in pairwise([*wanted, None]) if dated for piece in self._of(dated, after)]
        return [
            piece
            for piece in _joined(found)
            if piece.start_wall_ns < to_wall_ns and piece.end_wall_ns > from_wall_ns
        ]

    def _of(self, dated: DatedEpoch, after: DatedEpoch | None) -> Iterable[Covered]:
        count = after.slot.first_sequence - dated.slot.first_sequence if after else 0
        follows = after is not None and after.slot.start.boot_id == dated.slot.start.boot_id
        if after is not None and follows and 0 < count <= MAX_EPOCH_SEGMENTS:
            duration_ns, private = self._first_of(dated)
            extent_ns = after.slot.start.mono_ns - dated.slot.start.mono_ns
            is_same = private == self._first_of(after)[1]
            if is_same and duration_ns and abs(extent_ns - count * duration_ns) <= _TOGETHER_NS:
                yield Covered(dated.start_wall_ns, dated.start_wall_ns + extent_ns, private)
                return
        start_ns = dated.start_wall_ns
        end_ns = after.start_wall_ns if after is not None and follows else start_ns + 620 * NS_PER_S
        for stretch in self._stretches.between(start_ns, end_ns):
            yield Covered(max(start_ns, stretch.start_wall_ns), min(end_ns, stretch.end_wall_ns), stretch.private)

    def _first_of(self, dated: DatedEpoch) -> tuple[int, bool]:
        """How long the epoch's first segment lasts, 0 where it has none, and whether it is private."""
        known = self._first.get(dated.slot.epoch)
        if known is None:
            first = next(iter(self._reader.segments_of(dated.slot)), None)
            known = (0, False) if first is None else (first.header.duration_ns, first.header.private)
            if first is not None:
                self._first[dated.slot.epoch] = known
        return known


def _joined(pieces: Iterable[Covered]) -> Iterator[Covered]:
    growing: Covered | None = None
    for piece in pieces:
        if growing is None:
            growing = piece
        elif (
            piece.private == growing.private
            and -_TOGETHER_NS <= piece.start_wall_ns - growing.end_wall_ns <= _TOGETHER_NS
        ):
            growing = replace(growing, end_wall_ns=max(growing.end_wall_ns, piece.end_wall_ns))
        else:
            yield growing
            growing = piece
    if growing is not None:
        yield growing
