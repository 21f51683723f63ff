"""The recorder's half that stores: ring, holds, recipients, budget, scrub and wear, composed for one camera."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from edgecam.choices import camera_of, retention_of
from edgecam.core.clock import NS_PER_S, Clock, Instant, slept_ns
from edgecam.core.durable import flush_directory, replace_durably
from edgecam.core.errors import BadInput, MediaFailing
from edgecam.core.process import is_orphaned
from edgecam.core.status import Fault, RecorderStatus
from edgecam.custody.cases.permitkeys import PermitKeys
from edgecam.custody.holds import Holds
from edgecam.custody.holdwatch import HoldWatch
from edgecam.custody.register.bookwatch import BookWatch
from edgecam.custody.register.erasures import register_erasures
from edgecam.custody.register.gap_line import register_gap
from edgecam.custody.register.gapday import GapDay
from edgecam.custody.register.register import Register
from edgecam.custody.register.registerbooks import RegisterBooks
from edgecam.holding import hold_store_of
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.gaps import Gap, Rests
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.mediumwatch import MediumWatch
from edgecam.ringbuffer.scrub import Scrub
from edgecam.ringbuffer.stopnote import StopNote, cause_of_start
from edgecam.ringbuffer.throttle import Throttle
from edgecam.ringbuffer.writer import RingWriter
from edgecam.sealedto import followed_sealing
from edgecam.settings import Settings

# Footage older than this without a commit is no longer "recording".
_SILENT_AFTER_S = 5.0
_WHO = "recorder"
_log = logging.getLogger(__name__)


class Storing:
    """``committer`` takes the fragments, ``throttle`` says how large they may be. Made before anything is filmed:
    what ended while the camera was off is erased first.
    """

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key: CameraKey,
        clock: Clock,
        rests: Rests,
        set_bit_rate_kbps: Callable[[int], None],
    ) -> None:
        """``rests`` says whether nothing was to be recorded between two wall times.

        Raises: BadInput when there is no ring, part of one, another camera's, or nobody to seal to; Unavailable
        when another recorder writes to it; MediaFailing.
        """
        self._places, self._key, self._clock = places, key, clock
        self._size_bytes = int(settings.ring.size_gib * 2**30)
        self._retention = retention_of(settings)
        zone = settings.retention.timezone
        self._register = Register(places.register, key.sign, key.public, zone=zone)
        books = RegisterBooks(self._register, settings.custody.kept_years, zone, clock)
        self._book_watch = BookWatch(books, clock, _WHO)
        self._sealing = followed_sealing(places, key, remembers=True)
        self._bad = BadPlaces(places.bad_places)
        self._gap_day = GapDay(places.register, clock)
        self._medium_watch = MediumWatch(places.ring, settings.ring.rated_writes_tb, clock, beside=places.album)
        self._scrub = Scrub(lambda: FileMedium.open(places.ring, writable=False))
        self._holds, self._permit_keys = hold_store_of(settings, places, key), PermitKeys(places.cases, key)
        self._hold_watch = HoldWatch(Holds(self._holds, self._register, self._retention, clock), places.ring, _WHO)
        self._hold_watch.look()
        # Else the observer sees to it.
        self._tend_album = None if settings.analysis.enabled else _tending_album(settings, places, clock)
        self.throttle = Throttle(camera_of(settings).present_rates, self._retention, set_bit_rate_kbps)
        writer = self._open_ring()
        self.committer = Committer(
            writer,
            self._reopen_ring,
            clock,
            lambda erasures: register_erasures(self._register, erasures, _WHO),
            cause_of_start(_take_note(places.stop_note), writer.last),
            tasks=(
                self.throttle,
                self._medium_watch.note,
                self._follow_recipients,
                self._hold_watch.note,
                self._book_watch.note,
            ),
            on_gap=self._note_gap,
            rests=rests,
            slept_ns=slept_ns,
        )
        self._committing = threading.Thread(target=self.committer.run, name="edgecam.ring")

    def start(self, done: threading.Event) -> None:
        """Commit what is delivered until `finish`, and look after the medium until ``done``."""
        self._committing.start()
        # Daemons that are not waited for: they only read, and a failing medium may hold them up for long.
        looks: list[tuple[str, Callable[[threading.Event], None]]] = [
            ("edgecam.medium", self._medium_watch.run),
            ("edgecam.scrub", self._scrub.run),
        ]
        if self._tend_album is not None:
            looks.append(("edgecam.album", self._tend_album))
        for name, look in looks:
            threading.Thread(target=look, args=(done,), name=name, daemon=True).start()

    def finish(self) -> None:
        """Commit what waits, and return when nothing does."""
        self.committer.close()
        self._committing.join()

    def note_clean_stop(self) -> None:
        """Write down that this end was meant. Raises: MediaFailing."""
        if is_orphaned():
            return
        now, cause = self._clock.now(), self.committer.unfinished_cause
        note = StopNote(now.boot_id, now.mono_ns, GapCause.PLANNED_STOP if cause is GapCause.NONE else cause)
        replace_durably(self._places.stop_note, note.encode())

    def fill(self, status: RecorderStatus, now_ns: int) -> None:
        """Everything in ``status`` that is about storing, but for the faults."""
        committer = self.committer
        status.segments = committer.segments
        status.last_commit_mono_ns = committer.last_commit_mono_ns
        status.recording = now_ns - committer.last_commit_mono_ns < _SILENT_AFTER_S * NS_PER_S
        status.bit_rate_kbps = round(committer.bit_rate_kbps(), 1)
        status.bit_rate_limit_kbps = self.throttle.kbps
        status.days_kept = round(committer.kept.days_kept, 4)
        status.days_owed = committer.kept.days_owed
        status.days_forecast = round(committer.kept.days_forecast, 3)
        status.days_policy = round(self._retention.floor_days or self._retention.days, 2)
        status.ring_size_bytes = self._size_bytes
        status.last_gap_s = round(committer.last_gap[0], 2)
        status.last_gap_cause = committer.last_gap[1].name.lower()
        status.gaps_24h, gaps_24h_s = self._gap_day.tally()
        status.gaps_24h_s = round(gaps_24h_s, 2)
        wear = self._medium_watch.wear()
        used = wear.used_percent
        status.wear_percent, status.medium_life = None if used is None else round(used, 2), wear.words
        status.damaged_segments = self._scrub.damaged_segments
        status.holds, status.hold_bytes = self._hold_watch.count, self._hold_watch.size_bytes
        status.holds_review_due = self._hold_watch.reviews_due

    def faults(self) -> list[Fault]:
        """What is wrong with storing, most pressing first."""
        told = (
            self._sealing.fault,
            self.committer.fault,
            _avoiding(self._bad.size_bytes),
            self._scrub.fault,
            self._medium_watch.wear().fault,
            self.committer.unerased,
            self._hold_watch.fault,
            self._hold_watch.unerased,
            self._book_watch.fault,
            self._medium_watch.kept_keys,
            self.committer.unregistered,
            self.throttle.fault,
        )
        return [fault for fault in told if fault is not None]

    def _open_ring(self) -> RingWriter:
        medium = FileMedium.open(self._places.ring, writable=True)
        try:
            return RingWriter(
                medium,
                sign=self._key.sign,
                camera_public=self._key.public,
                seal=self._sealing.seal,
                retention=self._retention,
                now=self._clock.now(),
                is_held=self._is_held,
                bad=self._bad,
            )
        except BaseException:
            # Its lock would keep the next try out.
            medium.close()
            raise

    def _is_held(self, epoch: int) -> bool:
        """Whether a copy of the key may lie in a hold or in a permit."""
        return self._holds.holds_epoch(epoch) or self._permit_keys.holds_epoch(epoch)

    def _reopen_ring(self) -> RingWriter:
        try:
            return self._open_ring()
        except BadInput as missing:
            # It was there at the start: a card that was pulled out may be put back.
            raise MediaFailing(missing.what, do="check the card and its contacts", safe=missing.safe) from missing

    def _note_gap(self, gap: Gap) -> None:
        # Counted before it is registered: what the register does not take is asked again.
        self._gap_day.note(gap)
        register_gap(self._register, gap)

    def _follow_recipients(self, writer: RingWriter, _now: Instant) -> None:
        if self._sealing.look():
            _log.info("the recipients have changed: a new epoch is sealed to them")
            writer.end_epoch()


def _avoiding(size_bytes: int) -> Fault | None:
    if not size_bytes:
        return None
    told = f"{size_bytes // 1024} KiB of the medium cannot be written and are left out"
    return Fault("medium", f"{told}: check or replace it soon. Recording goes on.")


def _tending_album(settings: Settings, places: Places, clock: Clock) -> Callable[[threading.Event], None]:
    # Only here: it brings the analysis along, which has a process of its own wherever there is any.
    from edgecam.albumerasure import AlbumErasure

    return AlbumErasure(settings, places, clock).run


def _take_note(stop_note: Path) -> bytes | None:
    """The note of a clean stop, if there is one; it is gone afterwards, so that it is told once."""
    try:
        note = stop_note.read_bytes()
        stop_note.unlink()
        flush_directory(stop_note.parent)
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise MediaFailing(
            f"{stop_note} could not be taken away ({refused.strerror})", do="check the permissions of its folder"
        ) from refused
    return note
