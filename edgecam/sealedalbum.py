"""Pictures into the album: encoded, rationed, sealed and committed; erased on time. Used by one thread."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edgecam.album import day_of_digest, day_of_thumbnails, make_album
from edgecam.analysis.digest import FRAMES_PER_S, Movement
from edgecam.analysis.framing import within
from edgecam.analysis.ration import Ration
from edgecam.analysis.thumbnails import Shot
from edgecam.choices import album_size_of, retention_of
from edgecam.core.albumrecord import Piece, Thumbnail
from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.errors import BadInput, Bug, DataLoss, MediaFailing, Unavailable
from edgecam.core.events import EventKind
from edgecam.core.frames import Fragment
from edgecam.core.jpeg import JpegEncoder
from edgecam.core.status import Fault
from edgecam.custody.cases.permitkeys import PermitKeys
from edgecam.custody.register.erasures import register_erasures
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.keys.sealing import FollowedSealing
from edgecam.places import Places
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.writer import RingWriter
from edgecam.sealedto import followed_sealing
from edgecam.settings import Settings

if TYPE_CHECKING:
    from edgecam.capture.digestfilm import DigestFilm

_WHO: Final = "observer"
_PURPOSE: Final = "retention of the album"
_NS_PER_MS: Final = 1_000_000
_REOPENED_EVERY_NS: Final = 10 * NS_PER_S
# So that the first ones of a quiet hour fit even into a small album.
_LEAST_THUMBNAILS, _LEAST_DIGEST = 512 << 10, 2 << 20
_MOST_UNTOLD: Final = 5000
_PLAIN: Final = frozenset(
    {EventKind.MOTION, EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL, EventKind.COUNTING}
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to keep. Neither this nor what is kept after it shows anything from before ``oldest_mono_ns``.

    ``scene`` is the small picture's width and height.
    """

    found: Shot | Movement
    oldest_mono_ns: int
    scene: tuple[int, int]


class SealedAlbum:
    """``fault`` says what is wrong; then pictures are given up, one by one, and nothing else suffers."""

    def __init__(self, settings: Settings, places: Places, clock: Clock, *, makes: bool = True) -> None:
        """Opens nothing yet. ``makes``: if one is wanted and not there; else what there is is looked after."""
        self._settings, self._places, self._clock = settings, places, clock
        self._makes = makes and album_size_of(settings) > 0
        self._writer: RingWriter | None = None
        self._sealing: FollowedSealing | None = None
        self._register: Register | None = None
        self._untold: list[Erasure] = []
        self._film: DigestFilm | None = None
        self._jpeg = JpegEncoder()
        self._thumbnails = Ration(day_of_thumbnails(settings), least_saved=_LEAST_THUMBNAILS)
        self._digest = Ration(day_of_digest(settings), least_saved=_LEAST_DIGEST)
        self._opened_ns: int | None = None
        self.fault: Fault | None = None
        self.unregistered: Fault | None = None
        # Stays until the process ends: such a medium cannot be trusted again.
        self.unerased: Fault | None = None
        self.passed_over = 0

    def tend(self) -> None:
        """Open the album if it is not, erase what is due, follow the owners; every ten seconds or so.

        One that is not wanted any more is looked after until all of it is gone.
        """
        try:
            writer = self._opened()
            if writer is None:
                return
            self._report(writer.erase_due(self._clock.now()))
            if self._sealing is not None and self._sealing.look():
                writer.end_epoch()
        except (BadInput, DataLoss, MediaFailing, Unavailable) as failing:
            self._failed(failing)
        else:
            self.fault = None

    def keep(self, job: Job) -> None:
        """Commit the picture of ``job`` if its day has room for it; given up when the medium refuses it twice."""
        for _ in range(2):
            try:
                writer = self._opened()
                if writer is None:
                    return None
                self._commit(writer, job)
            except MediaFailing as failing:
                # Once more with a new writer: one bad place is stepped over.
                self._failed(failing)
                self._opened_ns = None
            except (BadInput, DataLoss, Unavailable, Bug) as failing:
                return self._failed(failing)
            else:
                self.fault = None
                return None
        self._opened_ns = self._clock.mono_ns()
        return None

    def close(self) -> None:
        """Let go of the album."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _commit(self, writer: RingWriter, job: Job) -> None:
        now, film = self._clock.now(), self._film_for(job.scene)
        if isinstance(job.found, Shot):
            fragment = self._thumbnail(job.found, job, film, now)
        else:
            fragment = self._piece(job.found, job, film, now)
        if fragment is None:
            self.passed_over += 1
            return
        start_ns = fragment.start_mono_ns
        start = Instant(now.wall_ns - (now.mono_ns - start_ns), start_ns, now.boot_id, now.trust)
        writer.append(fragment, start, 0, GapCause.NONE)
        self._report(writer.take_erasures())

    def _thumbnail(self, shot: Shot, job: Job, film: DigestFilm, now: Instant) -> Fragment | None:
        event = shot.event
        record = Thumbnail(
            event_id=event.event_id,
            kind=event.kind,
            zone=event.zone,
            direction=event.direction,
            at_ms=max(0, shot.wall_ns // _NS_PER_MS),
            trust=int(now.trust),
            part=shot.part,
            box=None if shot.box is None else within(shot.box, shot.part),
            better=shot.better,
            jpeg=self._jpeg.encode(shot.picture),
        ).encode()
        self._jpeg.forget()
        if not _granted(self._thumbnails, now, len(record), first=event.kind not in _PLAIN):
            return None
        return _fragment(film, record, job.oldest_mono_ns, shot.captured_mono_ns, 1, shot.mask_hash)

    def _piece(self, movement: Movement, job: Job, film: DigestFilm, now: Instant) -> Fragment | None:
        count = len(movement.pictures)
        from_ms = max(0, movement.from_wall_ns // _NS_PER_MS)
        record = Piece(
            piece_id=os.urandom(8).hex(),
            from_ms=from_ms,
            to_ms=max(from_ms, movement.to_wall_ns // _NS_PER_MS),
            trust=int(now.trust),
            kinds=movement.kinds,
            zones=movement.zones,
            events=movement.events,
            frames=count,
            duration_ms=round(1000 * count / FRAMES_PER_S),
            fragment=film.film(movement.pictures),
        ).encode()
        if not _granted(self._digest, now, len(record), first=not movement.is_plain):
            return None
        return _fragment(film, record, job.oldest_mono_ns, movement.to_mono_ns, count, movement.mask_hash)

    def _film_for(self, scene: tuple[int, int]) -> DigestFilm:
        if self._film is None or self._film.size != scene:
            # Only here: it brings FFmpeg along, which an observer that sees nothing need not carry.
            from edgecam.capture.digestfilm import DigestFilm

            self._film = DigestFilm(*scene, FRAMES_PER_S)
        return self._film

    def _opened(self) -> RingWriter | None:
        """The writer; ``None`` while there is nothing to write to and it is too soon to try again.

        Raises: BadInput, DataLoss, MediaFailing, Unavailable.
        """
        now = self._clock.now()
        if self._writer is None:
            if self._opened_ns is not None and now.mono_ns - self._opened_ns < _REOPENED_EVERY_NS:
                return None
            self._opened_ns = now.mono_ns
            self._writer = self._open(now)
        return self._writer

    def _open(self, now: Instant) -> RingWriter | None:
        if not self._places.album.exists() and not (self._makes and self._places.ring.exists()):
            return None  # none is wanted, or the camera is being set up
        key = load_camera_key(self._places.camera_key)
        sealing = self._sealing or followed_sealing(self._places, key, remembers=False)
        self._register = Register(self._places.register, key.sign, key.public)
        if self._makes:
            make_album(self._places, self._settings, key, now)
        writer = self._writer_over(FileMedium.open(self._places.album, writable=True), key, sealing, now)
        self._sealing = sealing
        self._report(writer.take_erasures())
        return writer

    def _writer_over(
        self, medium: FileMedium, key: CameraKey, sealing: FollowedSealing, now: Instant
    ) -> RingWriter:
        try:
            return RingWriter(
                medium,
                sign=key.sign,
                camera_public=key.public,
                seal=sealing.seal,
                retention=retention_of(self._settings),
                now=now,
                is_held=PermitKeys(self._places.cases, key).holds_epoch,
            )
        except BaseException:
            # Its lock would keep the next try out.
            medium.close()
            raise

    def _report(self, erasures: list[Erasure]) -> None:
        """Tell of ``erasures`` once each, at once or when the register works again."""
        self._untold = [*self._untold, *erasures][-_MOST_UNTOLD:]
        if not all(erasure.verified for erasure in erasures):
            sentence = "A key of the album that was to be destroyed could still be read back: replace the medium."
            self.unerased = Fault("erasure", sentence)
        try:
            while self._untold and self._register is not None:
                register_erasures(self._register, self._untold[:1], _WHO, _PURPOSE)
                del self._untold[0]
        except (BadInput, DataLoss, MediaFailing) as refused:
            self.unregistered = Fault("register", str(refused))
        else:
            self.unregistered = None

    def _failed(self, failing: BadInput | DataLoss | MediaFailing | Unavailable | Bug) -> None:
        fault = Fault("album", f"no pictures of events are kept ({failing.what}); events and recording go on")
        if fault != self.fault:
            _log.warning("the album: %s", failing)
        self.fault = fault
        self.close()


def _granted(ration: Ration, now: Instant, size: int, *, first: bool) -> bool:
    granted = ration.may(now.mono_ns / NS_PER_S, size, first=first)
    if granted:
        ration.use(size)
    return granted


def _fragment(
    film: DigestFilm, record: bytes, from_mono_ns: int, to_mono_ns: int, frames: int, mask_hash: bytes
) -> Fragment:
    return Fragment(film.init, record, from_mono_ns, max(from_mono_ns, to_mono_ns), frames, mask_hash, False)
