"""The recorder: source, mask, encode, fragment, ring. The only process that ever holds an unmasked pixel."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from edgecam.capture.encoder import X264Encoder
from edgecam.capture.picamera import PicameraSource
from edgecam.capture.pipeline import PICTURES, Burns, Collaborators, Pipeline, ShowSmall
from edgecam.capture.source import Wanted, make_source
from edgecam.capture.uri import SourceUri, parse_source
from edgecam.choices import retention_of, source_of
from edgecam.core.clock import NS_PER_S, Clock, boot_id
from edgecam.core.durable import flush_directory, replace_durably
from edgecam.core.errors import BadInput, MediaFailing
from edgecam.core.frames import Encoder, Fragment, MaskedFrame, Source, SourceFormat
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.core.status import Fault, RecorderStatus, publish_status
from edgecam.custody.register import Register
from edgecam.custody.register_line import Act
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import Recipients
from edgecam.masking.burn import Burner, small_size_for
from edgecam.masking.maskset import MaskSet, load_mask_set
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.writer import RingWriter
from edgecam.settings import Settings

_STATUS_EVERY_S = 1.0
# Footage older than this without a commit is no longer "recording".
_SILENT_AFTER_S = 5.0
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_log = logging.getLogger(__name__)


class Recorder:
    """Composes the recording process; `run` blocks until it is told to stop or the footage is over."""

    def __init__(self, settings: Settings, places: Places, source_uri: SourceUri, clock: Clock) -> None:
        self._settings, self._places, self._uri, self._clock = settings, places, source_uri, clock
        self._key = load_camera_key(places.camera_key)
        self._recipients = Recipients.parse(_text_of(places.recipients))
        self._masks, self._mask_fault = _masks_or_private(places.masks, self._key.camera_id)
        self._register = Register(places.register, self._key.sign, self._key.public)
        self._retention = retention_of(settings)
        self._burner: Burner | None = None
        self._small: SmallFrameWriter | None = None
        self._committer = Committer(
            self._open_ring(), self._open_ring, clock, self._register_erasures, _first_cause(places.stop_note)
        )
        self._pipeline = Pipeline(self._collaborators(), clock, 1.0 / max(settings.analysis.rate_fps, 5.0))

    def run(self, stop: threading.Event) -> None:
        """Record. Raises: BadInput when the source can never work."""
        committing = threading.Thread(target=self._committer.run, name="edgecam.ring")
        reporting = threading.Event()
        status = threading.Thread(target=self._report, args=(reporting,), name="edgecam.status", daemon=True)
        committing.start()
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
            interrupted=lambda cause: self._committer.interrupted(GapCause[cause.upper()]),
        )

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
        return RingWriter(
            FileMedium.open(self._places.ring, writable=True),
            sign=self._key.sign,
            camera_public=self._key.public,
            seal=self._recipients.seal,
            retention=self._retention,
            now=self._clock.now(),
        )

    def _register_erasures(self, erasures: list[Erasure]) -> None:
        for erasure in erasures:
            self._register.write(
                Act.ERASURE,
                who="recorder",
                purpose="retention",
                footage=(erasure.from_wall_ns, erasure.to_wall_ns),
                detail={
                    "epoch": str(erasure.epoch),
                    "reason": erasure.reason.name.lower(),
                    "verified": str(erasure.verified),
                },
            )

    def _note_clean_stop(self) -> None:
        note = {"boot_id": boot_id().hex(), "mono_ns": self._clock.mono_ns()}
        replace_durably(self._places.stop_note, json.dumps(note).encode())

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
        status.days_policy = round(self._retention.days, 2)
        status.ring_size_bytes = int(self._settings.ring.size_gib * 2**30)
        status.time_trust = int(self._clock.now().trust)
        status.private = self._masks is None or (self._burner is not None and self._burner.fault is not None)
        status.mask_hash = self._masks.mask_hash.hex() if self._masks else ""
        status.last_gap_s = round(committer.last_gap[0], 2)
        status.last_gap_cause = committer.last_gap[1].name.lower()
        burning = self._burner.fault if self._burner else None
        status.faults = [
            f
            for f in (
                self._mask_fault,
                burning,
                pipeline.fault,
                committer.fault,
                committer.unerased,
                committer.unregistered,
            )
            if f
        ]
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


def _first_cause(stop_note: Path) -> GapCause:
    """Why nothing was recorded until now; takes the note of a clean stop away, so that it is told once."""
    try:
        stop_note.unlink()
        flush_directory(stop_note.parent)
    except FileNotFoundError:
        return GapCause.RESTART
    except OSError as refused:
        raise MediaFailing(
            f"{stop_note} could not be taken away ({refused.strerror})", do="check the permissions of its folder"
        ) from refused
    return GapCause.PLANNED_STOP


def _text_of(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as missing:
        raise BadInput(f"the owner's public key {path} cannot be read", do="run `edgecam setup`") from missing


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
