"""Keeps the album and the log of events in a thread of its own: what is slow there keeps no alarm waiting."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

from edgecam.analysis.digest import Digest, Movement
from edgecam.analysis.thumbnails import Shot, Thumbnails
from edgecam.analysis.track import Track
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.events import Event
from edgecam.core.smallframes import SmallFrame
from edgecam.core.status import Fault
from edgecam.places import Places
from edgecam.sealedalbum import Job, SealedAlbum
from edgecam.settings import Settings
from edgecam.writtenevents import WrittenEvents

_TENDED_EVERY_S: Final = 10.0
# While the medium hangs. A movement may take six megabytes.
_MOST_SHOTS, _MOST_MOVEMENTS, _MOST_EVENTS = 32, 2, 1000
_LAST_TRY_S: Final = 5.0
_log = logging.getLogger(__name__)


class AlbumKeeper:
    """`look`, `forget` and `close` belong to the thread that looks; everything slow is done in another."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        """Never raises: what is wrong with the album is a fault, and analysis goes on."""
        self._clock = clock
        self._thumbnails, self._digest = Thumbnails(), Digest()
        self._album = SealedAlbum(settings, places, clock)
        self._log = WrittenEvents(settings, places, clock)
        self._wanted = settings.album.enabled
        self._size = (0, 0)
        self._awake = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._events: deque[Event] = deque(maxlen=_MOST_EVENTS)
        self._closed = False
        self._broken: Fault | None = None
        self._thread = threading.Thread(target=self._run, name="edgecam.album", daemon=True)
        self._thread.start()

    @property
    def faults(self) -> list[Fault]:
        """What keeps pictures or the log from being kept now."""
        album = self._album
        maybe = (self._broken, album.fault, album.unregistered, album.unerased, self._log.fault)
        return [fault for fault in maybe if fault is not None]

    def look(self, frame: SmallFrame | None, events: Sequence[Event], tracks: Sequence[Track]) -> None:
        """What one look showed, after it was told: ``events`` opened or ended with it. Copies what it keeps."""
        if frame is not None:
            self._size = frame.picture.width, frame.picture.height
        jobs: list[Shot | Movement] = []
        if self._wanted:
            jobs += self._thumbnails.observe(frame, events, tracks)
            jobs += self._digest.observe(frame, events, tracks)
        self._hand_over(jobs, events)

    def forget(self, events: Sequence[Event] = ()) -> None:
        """The scene or the analysis begins anew; ``events`` ended by that."""
        jobs: list[Shot | Movement] = list(self._thumbnails.forget())
        jobs += self._digest.forget(self._clock.mono_ns() / NS_PER_S)
        self._hand_over(jobs, events)

    def close(self) -> None:
        """Keep what waits, for five seconds at most."""
        self.forget()
        with self._awake:
            self._closed = True
            self._awake.notify()
        self._thread.join(_LAST_TRY_S)

    def _hand_over(self, found: Sequence[Shot | Movement], events: Sequence[Event]) -> None:
        if not found and not events:
            return
        # Nothing that is handed over from now on will show anything older: that is what dates the segments.
        waiting = [one for one in (self._thumbnails.oldest_mono_ns, self._digest.oldest_mono_ns) if one is not None]
        oldest_ns = min([*waiting, *map(_began_ns, found)], default=0)
        with self._awake:
            if not self._broken:
                self._jobs.extend(Job(one, oldest_ns, self._size) for one in found if self._has_room(one))
                self._events.extend(events)
            self._awake.notify()

    def _has_room(self, one: Shot | Movement) -> bool:
        alike = sum(isinstance(job.found, type(one)) for job in self._jobs)
        return alike < (_MOST_MOVEMENTS if isinstance(one, Movement) else _MOST_SHOTS)

    def _run(self) -> None:
        try:
            self._keep_on()
        except Exception as bug:  # noqa: BLE001 - pictures are not worth the analysis, whatever is wrong with them
            _log.exception("the album stopped")
            self._broken = Fault("album", f"no pictures are kept until the next start: {type(bug).__name__}: {bug}")

    def _keep_on(self) -> None:
        tended_ns = 0
        while True:
            with self._awake:
                if not (self._jobs or self._events or self._closed):
                    self._awake.wait(_TENDED_EVERY_S)
                closed = self._closed
                events, jobs = list(self._events), list(self._jobs)
                self._events.clear()
            self._log.append(events)
            now_ns = self._clock.mono_ns()
            if not tended_ns or now_ns - tended_ns >= _TENDED_EVERY_S * NS_PER_S:
                tended_ns = now_ns
                self._album.tend()
                self._log.tend()
            for job in jobs:
                self._album.keep(job)
                with self._awake:
                    self._jobs.popleft()
            if closed:
                self._album.close()
                return


def _began_ns(found: Shot | Movement) -> int:
    return found.captured_mono_ns if isinstance(found, Shot) else found.from_mono_ns
