"""The recorder: source, mask, encode, fragment, ring. The only process that ever holds an unmasked pixel."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from dataclasses import replace

from edgecam.capture.encoder import X264Encoder
from edgecam.capture.picamera import PicameraSource
from edgecam.capture.pipeline import PICTURES, Burns, Collaborators, Pipeline, ShowSmall
from edgecam.capture.source import Wanted, make_source
from edgecam.capture.uri import FileUri, SceneUri, SourceUri, parse_source
from edgecam.choices import camera_of, source_of
from edgecam.core.clock import NS_PER_S, Clock, TimeTrust
from edgecam.core.frames import Encoder, Fragment, MaskedFrame, Source, SourceFormat
from edgecam.core.picture import Picture
from edgecam.core.process import restarts
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.core.status import Fault, RecorderStatus, publish_status
from edgecam.core.timetable import Timetable
from edgecam.keys.camera import load_camera_key
from edgecam.masking.aiming import Aiming
from edgecam.masking.aimstore import AimStore, Film
from edgecam.masking.inforce import MasksInForce
from edgecam.masking.privacy import FollowedPrivacy
from edgecam.masking.shrink import small_size_for
from edgecam.masking.unmasked import UnmaskedView
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.plan import QUALITIES
from edgecam.settings import Settings
from edgecam.storing import Storing

_STATUS_EVERY_S = 1.0
# Footage older than this without a commit is no longer "recording".
_SILENT_AFTER_S = 5.0
_HOURS_LOOK_EVERY_NS = 60 * NS_PER_S
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>


class Recorder:
    """Composes the recording process; `run` blocks until it is told to stop or the footage is over."""

    def __init__(self, settings: Settings, places: Places, source_uri: SourceUri, clock: Clock) -> None:
        self._settings, self._places, self._uri, self._clock = settings, places, source_uri, clock
        self._key = load_camera_key(places.camera_key)
        film = Film(str(source_uri), clock) if isinstance(source_uri, FileUri | SceneUri) else None
        self._aiming = Aiming(AimStore(places.masks, self._key) if settings.masking.guard_aim else None, film)
        self._unmasked = UnmaskedView(places.unmasked_permit, places.unmasked_frames, clock)
        self._privacy = FollowedPrivacy(places.privacy, clock)
        self._masks = MasksInForce(
            places.masks, self._key.public, settings.camera.rotation, self._aiming, self._unmasked, self._privacy
        )
        self._small: SmallFrameWriter | None = None
        self._encoder: Encoder | None = None
        self._hours_looked_ns = -_HOURS_LOOK_EVERY_NS
        self._hours = Timetable.parse(settings.recording.hours, settings.retention.timezone)
        self._storing = Storing(
            settings, places, self._key, clock, self._hours.is_closed_throughout, self._set_bit_rate
        )
        self._pipeline = Pipeline(self._collaborators(), clock, 1.0 / max(settings.analysis.rate_fps, 5.0))

    def run(self, stop: threading.Event) -> None:
        """Record. Raises: BadInput when the source can never work."""
        done = threading.Event()
        status = threading.Thread(target=self._report, args=(done,), name="edgecam.status", daemon=True)
        self._storing.start(done)
        status.start()
        threading.Thread(target=self._masks.run, args=(done,), name="edgecam.masks", daemon=True).start()
        try:
            self._pipeline.run(stop)
        finally:
            self._storing.finish()
            done.set()
            status.join()
            self._unmasked.close()
            if self._small is not None:
                self._places.small_frames.unlink(missing_ok=True)
        self._storing.note_clean_stop()

    def _collaborators(self) -> Collaborators:
        return Collaborators(
            source=lambda: make_source(self._uri, wanted=self._wanted(), pictures=PICTURES, clock=self._clock),
            burner=self._new_burner,
            encoder=self._new_encoder,
            show_small=self._new_small,
            deliver=self._storing.committer.deliver,
            interrupted=self._interrupted,
            stalled=self._storing.committer.stalled,
            is_open=self._is_open,
        )

    def _is_open(self) -> bool:
        """Whether it films now. While the clock was never set nobody knows the hour: rather filmed than missed."""
        now = self._clock.now()
        return now.trust is TimeTrust.UNSET or self._hours.is_open(now.wall_ns)

    def _interrupted(self, cause: str) -> None:
        self._storing.committer.interrupted(GapCause[cause.upper()])
        if cause == "timetable" and self._small is not None:
            # Nobody is to look at the last picture of the day all night.
            self._places.small_frames.unlink(missing_ok=True)

    def _wanted(self) -> Wanted:
        camera = self._settings.camera
        return Wanted(camera.width, camera.height, camera.fps, camera.rotation)

    def _new_burner(self, source_format: SourceFormat) -> Burns:
        return self._masks.burner((source_format.width, source_format.height))

    def _new_encoder(
        self, source: Source, source_format: SourceFormat, on_fragment: Callable[[Fragment], None]
    ) -> Encoder:
        self._storing.throttle.rates = replace(
            camera_of(self._settings), width=source_format.width, height=source_format.height, fps=source_format.fps
        ).present_rates
        self._encoder = self._make_encoder(source, source_format, on_fragment)
        self._encoder.set_bit_rate_kbps(self._storing.throttle.kbps)
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
            captured_ns, masks = frame.captured_mono_ns, frame.mask_hash
            small.publish(picture, captured_ns, wall_ns, frame.sequence, frame.private, frame.aim, masks)

        return show

    def _report(self, done: threading.Event) -> None:
        status = RecorderStatus(pid=os.getpid(), restarts=restarts())
        frames, since_ns = 0, self._clock.mono_ns()
        while not done.wait(_STATUS_EVERY_S):
            now_ns = self._clock.mono_ns()
            status.fps = round((self._pipeline.frames - frames) * NS_PER_S / max(1, now_ns - since_ns), 2)
            frames, since_ns = self._pipeline.frames, now_ns
            self._fill(status, now_ns)
            publish_status(self._places.status_of("recorder"), status)

    def _fill(self, status: RecorderStatus, now_ns: int) -> None:
        pipeline = self._pipeline
        status.beat_mono_ns = now_ns
        status.source = str(self._uri)
        if pipeline.format is not None:
            status.width, status.height = pipeline.format.width, pipeline.format.height
            status.audio_dropped = pipeline.format.audio_dropped
        status.frames, status.frames_dropped = pipeline.frames, pipeline.frames_dropped
        if self._encoder is not None:
            status.encoder = "x264" if isinstance(self._encoder, X264Encoder) else "board"
        trust = self._clock.now().trust
        status.time_trust = trust.name.lower()
        status.private, status.mask_hash = self._masks.private, self._masks.mask_hash
        status.private_by, status.private_until_wall_ns = self._privacy.by, self._privacy.until_wall_ns
        self._fill_aim(status)
        self._storing.fill(status, now_ns)
        filming = [*self._masks.faults, *([pipeline.fault] if pipeline.fault else [])]
        status.faults = [*filming, *self._storing.faults()]
        status.resting = pipeline.resting
        if pipeline.resting and now_ns - self._hours_looked_ns > _HOURS_LOOK_EVERY_NS:
            self._hours_looked_ns = now_ns
            status.resting_until_wall_ns = self._hours.next_change(self._clock.now().wall_ns) or 0
        if trust is TimeTrust.UNSET and self._settings.recording.hours:
            status.faults.append(
                Fault("recording_hours", "The clock was never set, so nobody knows the hour: it records always.")
            )
        if trust is TimeTrust.UNSET:
            status.faults.append(
                Fault("clock", "The clock was never set; footage is kept and its times are marked untrusted.")
            )

    def _fill_aim(self, status: RecorderStatus) -> None:
        aim, confirmation = self._masks.aim, self._aiming.confirmation
        status.aim = aim.state.name.lower()
        status.aim_right, status.aim_down, status.aim_off = (
            round(share, 4) for share in (aim.right, aim.down, aim.off)
        )
        status.aim_confirmed_by = confirmation.step.by if confirmation else ""
        status.aim_confirmed_wall_ns = confirmation.step.at_wall_ns if confirmation else 0


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
