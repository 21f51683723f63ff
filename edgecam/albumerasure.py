"""Erases from the album and the log of events on time where no observer does, for the owner wants no analysis."""

from __future__ import annotations

import threading
from typing import Final

from edgecam.core.clock import Clock
from edgecam.places import Places
from edgecam.sealedalbum import SealedAlbum
from edgecam.settings import Settings
from edgecam.writtenevents import WrittenEvents

_EVERY_S: Final = 10.0


class AlbumErasure:
    """For a thread of its own: a failing medium may hold it up for long."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._album = SealedAlbum(settings, places, clock, makes=False)
        self._log = WrittenEvents(settings, places, clock)

    def run(self, done: threading.Event) -> None:
        """Until ``done``; what is wrong is logged, and tried again."""
        while not done.is_set():
            self._album.tend()
            self._log.tend()
            done.wait(_EVERY_S)
        self._album.close()
