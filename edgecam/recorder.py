"""The recorder: source, mask, encode, fragment, ring. The only process that ever holds an unmasked pixel."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edgecam.capture.encoder import X264Encoder
from edgecam.capture.picamera import PicameraSource
from edgecam.capture.pipeline import PICTURES, Burns, Collaborators, Pipeline, ShowSmall
from edgecam.capture.source import Wanted, make_source
from edgecam.capture.timetable import Timetable
from edgecam.capture.uri import SourceUri, parse_source
from edgecam.choices import camera_of, retention_of, source_of
from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust, slept_ns
from edgecam.core.durable import flush_directory, replace_durably
from edgecam.core.errors import BadInput, MediaFailing
from edgecam.core.frames import Encoder, Fragment, MaskedFrame, Source, SourceFormat
from edgecam.core.picture import Picture
from edgecam.core.process import is_orphaned
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.core.status import Fault, RecorderStatus, publish_status
from edgecam.custody.erasures import register_erasures
from edgecam.custody.gap_line import register_gap
from edgecam.custody.holds import Holds
from edgecam.custody.holdwatch import HoldWatch
from edgecam.custody.register import Register
from edgecam.keys.camera import load_camera_key
from edgecam.keys.recipients import FollowedRecipients
from edgecam.masking.burn import Burner, small_size_for
from edgecam.masking.maskset import MaskSet, load_mask_set
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.holdstore import HoldStore
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.mediumwatch import MediumWatch
from edgecam.ringbuffer.plan import QUALITIES
from edgecam.ringbuffer.resealing import MOST_RECIPIENTS
from edgecam.ringbuffer.scrub import Scrub
from edgecam.ringbuffer.stopnote import StopNote, cause_of_start
from edgecam.ringbuffer.throttle import Throttle
from edgecam.ringbuffer.writer import RingWriter
from edgecam.settings import Settings

_STATUS_EVERY_S = 1.0
# Footage older than this without a commit is no longer "recording".
_SILENT_AFTER_S = 5.0
_HOURS_LOOK_EVERY_NS = 60 * NS_PER_S
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_log = logging.getLogger(__name__)


class Recorder:
    """Composes the recording process; `run` blocks until it is told to stop or the footage is over."""

    def __init__(self, settings: Settings, places: Places, source_uri: SourceUri, clock: Clock) -> None:
        self._settings, self._places, self._uri, self._clock = settings, places, source_uri, clock
        self._key = load_camera_key(places.camera_key)
        self._recipients = FollowedRecipients(places.recipients, MOST_RECIPIENTS)
        self._masks, self._mask_fault = _masks_or_private(places.masks, self._key.camera_id)
        self._register = Register(places.register, self._key.sign, self._key.public)
        self._retention = retention_of(settings)
        self._burner: Burner | None = None
        self._small: SmallFrameWriter | None = None
        self._encoder: Encoder | None = None
        self._throttle = Throttle(camera_of(settings).present_rates, self._retention, self._set_bit_rate)
        self._bad = BadPlaces(places.bad_places)
        self._medium_watch = MediumWatch(places.ring, settings.ring.rated_writes_tb, clock)
        self._scrub = Scrub(lambda: FileMedium.open(places.ring, writable=False))
        self._hours_looked_ns = -_HOURS_LOOK_EVERY_NS
        self._hours = Timetable.parse(settings.recording.hours, settings.retention.timezone)
        hold_bytes = int(settings.ring.hold_gib * 2**30)
        store = HoldStore(places.holds, self._key.public, self._key.sign, hold_bytes)
        self._holds = Holds(store, self._register, self._retention, clock)
        self._hold_watch = HoldWatch(self._holds, places.ring, "recorder")
        # Before anything is recorded: what ended while the camera was off ends now.
        self._hold_watch.look()
        writer = self._open_ring()
        self._committer = Committer(
            writer,
            self._reopen_ring,
            clock,
            self._register_erasures,
            cause_of_start(_take_note(places.stop_note), writer.last),
            tasks=(self._throttle, self._medium_watch.note, self._follow_recipients, self._hold_watch.note),
            on_gap=lambda gap: register_gap(self._register, gap),
            rests=self._hours.is_closed_throughout,
            slept_ns=slept_ns,
        )
        self._pipeline = Pipeline(self._collaborators(), clock, 1.0 / max(settings.analysis.rate_fps, 5.0))

    def run(self, stop: threading.Event) -> None:
        """Record. Raises: BadInput when the source can never work."""
        committing = threading.Thread(target=self._committer.run, name="edgecam.ring")
        reporting = threading.Event()
        status = threading.Thread(target=self._report, args=(reporting,), name="edgecam.status", daemon=True)
        committing.start()
        # Daemons that are not waited for: they only read, and a failing medium may hold them up for long.
        for name, look in (("edgecam.medium", self._medium_watch.run), ("edgecam.scrub", self._scrub.run)):
            threading.Thread(target=look, args=(reporting,), name=name, daemon=True).start()
        status.start()
        try:
            self._pipeline.run(stop)
        finally:
            self._committer.close()
            committing.join()
            reporting.set()
            status.join()
            if self._small is not None:
                self._places.small_frames.unlink(missing_ok=True)
        self._note_clean_stop()

    def _collaborators(self) -> Collaborators:
        return Collaborators(
            source=lambda: make_source(self._uri, wanted=self._wanted(), pictures=PICTURES, clock=self._clock),
            burner=self._new_burner,
            encoder=self._new_encoder,
            show_small=self._new_small,
            deliver=self._committer.deliver,
            interrupted=self._interrupted,
            stalled=self._committer.stalled,
            is_open=self._is_open,
        )

    def _is_open(self) -> bool:
        """Whether it films now. While the clock was never set nobody knows the hour: rather filmed than missed."""
        now = self._clock.now()
        return now.trust is TimeTrust.UNSET or self._hours.is_open(now.wall_ns)

    def _interrupted(self, cause: str) -> None:
        self._committer.interrupted(GapCause[cause.upper()])
        if cause == "timetable" and self._small is not None:
            # Nobody is to look at the last picture of the day all night.
            self._places.small_frames.unlink(missing_ok=True)

    def _wanted(self) -> Wanted:
        camera = self._settings.camera
        return Wanted(camera.width, camera.height, camera.fps, camera.rotation)

    def _new_burner(self, source_format: SourceFormat) -> Burns:
        size = source_format.width, source_format.height
        self._burner = Burner(self._masks, size, small_size_for(*size))
        return self._burner

    def _new_encoder(
        self, source: Source, source_format: SourceFormat, on_fragment: Callable[[Fragment], None]
    ) -> Encoder:
        self._throttle.rates = replace(
            camera_of(self._settings), width=source_format.width, height=source_format.height, fps=source_format.fps
        ).present_rates
        self._encoder = self._make_encoder(source, source_format, on_fragment)
        self._encoder.set_bit_rate_kbps(self._throttle.kbps)
        return self._encoder

    def _set_bit_rate(self, rate_kbps: int) -> None:
        """Called in the committing thread; an encoder that is made meanwhile asks the throttle itself."""
        if self._encoder is not None:
            self._encoder.set_bit_rate_kbps(rate_kbps)

    def _make_encoder(
        self, source: Source, source_format: SourceFormat, on_fragment: Callable[[Fragment], None]
    ) -> Encoder:
        encoder = self._settings.encoder
        if isinstance(source, PicameraSource):
            hardware = source.make_encoder(
                bit_rate_kbps=encoder.bit_rate_kbps,
                on_fragment=on_fragment,
                keyframe_interval_s=encoder.keyframe_interval_s,
            )
            if hardware is not None:
                return hardware
        return X264Encoder(
            source_format,
            bit_rate_kbps=encoder.bit_rate_kbps,
            on_fragment=on_fragment,
            crf=QUALITIES[encoder.quality].crf,
            preset=encoder.preset,
            keyframe_interval_s=encoder.keyframe_interval_s,
            threads=encoder.threads,
        )

    def _new_small(self, source_format: SourceFormat) -> ShowSmall:
        small = SmallFrameWriter(
            self._places.small_frames, *small_size_for(source_format.width, source_format.height)
        )
        self._small = small

        def show(picture: Picture, frame: MaskedFrame) -> None:
            now = self._clock.now()
            wall_ns = now.wall_ns - (now.mono_ns - frame.captured_mono_ns)
            small.publish(picture, frame.captured_mono_ns, wall_ns, frame.sequence, frame.private)

        return show

    def _open_ring(self) -> RingWriter:
        medium = FileMedium.open(self._places.ring, writable=True)
        try:
            return RingWriter(
                medium,
                sign=self._key.sign,
                camera_public=self._key.public,
                seal=self._recipients.seal,
                retention=self._retention,
                now=self._clock.now(),
                is_held=self._holds.store.holds_epoch,
                bad=self._bad,
            )
        except BaseException:
            # Its lock would keep the next try out.
            medium.close()
            raise

    def _reopen_ring(self) -> RingWriter:
        try:
            return self._open_ring()
        except BadInput as missing:
            # It was there at the start: a card that was pulled out may be put back.
            raise MediaFailing(missing.what, do="check the card and its contacts", safe=missing.safe) from missing

    def _register_erasures(self, erasures: list[Erasure]) -> None:
        register_erasures(self._register, erasures, "recorder")

    def _follow_recipients(self, writer: RingWriter, _now: Instant) -> None:
        if self._recipients.look():
            _log.info("the recipients have changed: a new epoch is sealed to them")
            writer.end_epoch()

    def _note_clean_stop(self) -> None:
        if is_orphaned():
            return
        now, cause = self._clock.now(), self._committer.unfinished_cause
        note = StopNote(now.boot_id, now.mono_ns, GapCause.PLANNED_STOP if cause is GapCause.NONE else cause)
        replace_durably(self._places.stop_note, note.encode())

    def _report(self, done: threading.Event) -> None:
        status = RecorderStatus(pid=os.getpid())
        frames, since_ns = 0, self._clock.mono_ns()
        while not done.wait(_STATUS_EVERY_S):
            now_ns = self._clock.mono_ns()
            status.fps = round((self._pipeline.frames - frames) * NS_PER_S / max(1, now_ns - since_ns), 2)
            frames, since_ns = self._pipeline.frames, now_ns
            self._fill(status, now_ns)
            publish_status(self._places.status_of("recorder"), status)

    def _fill(self, status: RecorderStatus, now_ns: int) -> None:
        pipeline, committer = self._pipeline, self._committer
        status.beat_mono_ns = now_ns
        status.source = str(self._uri)
        if pipeline.format is not None:
            status.width, status.height = pipeline.format.width, pipeline.format.height
            status.audio_dropped = pipeline.format.audio_dropped
        status.frames, status.frames_dropped = pipeline.frames, pipeline.frames_dropped
        status.segments = committer.segments
        status.last_commit_mono_ns = committer.last_commit_mono_ns
        status.recording = now_ns - committer.last_commit_mono_ns < _SILENT_AFTER_S * NS_PER_S
        status.bit_rate_kbps = round(committer.bit_rate_kbps(), 1)
        status.days_kept = round(committer.kept.days_kept, 4)
        status.days_owed = committer.kept.days_owed
        status.days_forecast = round(committer.kept.days_forecast, 3)
        status.days_policy = round(self._retention.floor_days or self._retention.days, 2)
        status.ring_size_bytes = int(self._settings.ring.size_gib * 2**30)
        status.time_trust = int(self._clock.now().trust)
        status.private = self._masks is None or (self._burner is not None and self._burner.fault is not None)
        status.mask_hash = self._masks.mask_hash.hex() if self._masks else ""
        status.last_gap_s = round(committer.last_gap[0], 2)
        status.last_gap_cause = committer.last_gap[1].name.lower()
        wear = self._medium_watch.wear()
        used = wear.used_percent
        status.wear_percent, status.medium_life = None if used is None else round(used, 2), wear.words
        status.damaged_segments = self._scrub.damaged_segments
        status.holds, status.hold_bytes = self._hold_watch.count, self._hold_watch.size_bytes
        status.holds_review_due = self._hold_watch.reviews_due
        burning = self._burner.fault if self._burner else None
        status.faults = [
            f
            for f in (
                self._mask_fault,
                self._recipients.fault,
                burning,
                pipeline.fault,
                committer.fault,
                _avoiding(self._bad.size_bytes),
                self._scrub.fault,
                wear.fault,
                committer.unerased,
                self._hold_watch.fault,
                self._hold_watch.unerased,
                self._medium_watch.kept_keys,
                committer.unregistered,
                self._throttle.fault,
            )
            if f
        ]
        status.resting = pipeline.resting
        if pipeline.resting and now_ns - self._hours_looked_ns > _HOURS_LOOK_EVERY_NS:
            self._hours_looked_ns = now_ns
            status.resting_until_wall_ns = self._hours.next_change(self._clock.now().wall_ns) or 0
        if not status.time_trust and self._settings.recording.hours:
            status.faults.append(
                Fault("recording_hours", "The clock was never set, so nobody knows the hour: it records always.")
            )
        if not status.time_trust:
            status.faults.append(
                Fault("clock", "The clock was never set; footage is kept and its times are marked untrusted.")
            )


def _masks_or_private(path: Path, camera_id: str) -> tuple[MaskSet | None, Fault | None]:
    try:
        return load_mask_set(path, camera_id), None
    except BadInput as refused:
        _log.warning("%s", refused)
        return None, Fault("masks", str(refused))


def _avoiding(size_bytes: int) -> Fault | None:
    if not size_bytes:
        return None
    told = f"{size_bytes // 1024} KiB of the medium cannot be written and are left out"
    return Fault("medium", f"{told}: check or replace it soon. Recording goes on.")


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


def _keep_freed_memory() -> None:
    """Let glibc keep a frame's worth of freed memory for the next frame, instead of asking the kernel again.

    Taking 3 MB anew 15 times a second costs page faults worth a twentieth of encoding. Other C libraries have no
    ``mallopt`` and are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        mallopt(_M_TRIM_THRESHOLD, 96 << 20)


def _compose(settings: Settings, places: Places, clock: Clock) -> Recorder:
    _keep_freed_memory()
    uri = parse_source(source_of(settings, os.environ.get("EDGECAM_SOURCE")))
    return Recorder(settings, places, uri, clock)


if __name__ == "__main__":
    # python -m edgecam.recorder SETTINGS
    run_part("recorder", _compose)
