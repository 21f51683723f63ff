"""What the page needs to find a moment: the events of the whole retention, and their sealed pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgecam.core.eventquery import EventQuery
from edgecam.core.events import Event
from edgecam.web.sealedparts import SealedParts


@dataclass(frozen=True, slots=True)
class AlbumParts:
    """``find`` may block and is called by several threads. ``sealed`` is the album in place of the ring."""

    find: Callable[[EventQuery], Sequence[Event]]
    sealed: SealedParts
