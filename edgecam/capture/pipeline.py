"""Light to fragments without end: opens the source in its hours, burns, encodes, opens it again when lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edgecam.capture.source import CountingSource
from edgecam.core.channel import Channel
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, EdgecamError, Unavailable
from edgecam.core.frames import Encoder, Fragment, MaskedFrame, RawFrame, Source, SourceFormat
from edgecam.core.picture import Picture
from edgecam.core.status import Fault

# Frames that may wait for the encoder; the source's pool is as large, so a file source waits instead of dropping.
PICTURES = 6
_log = logging.getLogger(__name__)
# Waits before the second, third ... try to open a lost source.
_REOPEN_S = (0.2, 0.5, 1.0, 2.0, 5.0)
# Outside the recording hours the clock is looked at this often: it may be set at any moment.
_REST_LOOK_S = 0.5


class Burns(Protocol):
    """What makes masked frames of raw ones, for one size of picture."""

    def burn(self, raw: RawFrame, want_small: bool) -> MaskedFrame: ...


ShowSmall = Callable[[Picture, MaskedFrame], None]


def _always() -> bool:
    return True


def _tell_nobody(_until_mono_ns: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the pipeline is made of; source, burner, encoder and small frames anew whenever the source was opened.

    ``interrupted`` hears why footage breaks off: ``source_lost``, ``encoder`` or ``timetable``. ``stalled`` hears
    that no frame had come for a while, and when one came again. Unless ``is_open()``, nothing is filmed.
    """

    source: Callable[[], CountingSource]
    burner: Callable[[SourceFormat], Burns]
    encoder: Callable[[Source, SourceFormat, Callable[[Fragment], None]], Encoder]
    show_small: Callable[[SourceFormat], ShowSmall]
    deliver: Callable[[Fragment], None]
    interrupted: Callable[[str], None]
    stalled: Callable[[int], None] = _tell_nobody
    is_open: Callable[[], bool] = _always


class Pipeline:
    """Runs in the thread that calls `run`, and one encoder thread of its own.

    Counters are written by those two threads and may be read by any.
    """

    def __init__(self, parts: Collaborators, clock: Clock, small_interval_s: float) -> None:
        self._parts, self._clock = parts, clock
        self._small_interval_ns = int(small_interval_s * NS_PER_S)
        self.format: SourceFormat | None = None
        self.frames = 0
        self._dropped = 0
        self._source: CountingSource | None = None
        self.fault: Fault | None = None
        self.resting = False

    @property
    def frames_dropped(self) -> int:
        """Frames that were captured and not encoded, because the encoder was too slow for them."""
        return self._dropped + (self._source.dropped if self._source is not None else 0)

    def count_frame(self) -> None:
        self.frames += 1
        self.fault = None

    def count_dropped(self, frames: int = 1) -> None:
        self._dropped += frames

    def run(self, stop: threading.Event) -> None:
        """Capture, in the recording hours, until ``stop`` or until the footage is over.

        Raises: BadInput when the source can never work.
        """
        tries = 0
        while not stop.is_set():
            if not self._parts.is_open():
                self._rest(stop)
                continue
            before = self.frames
            try:
                self._session(stop)
                if stop.is_set() or self._parts.is_open():
                    return
                continue
            except (Unavailable, BadInput) as lost:
                if isinstance(lost, BadInput) and self.frames == 0:
                    raise
                cause, trouble = "source_lost", str(lost)
            except EncoderFailed as broken:
                cause, trouble = "encoder", str(broken.cause)
            tries = 1 if self.frames > before else tries + 1
            self.fault = Fault(cause, trouble)
            _log.warning("%s", trouble)
            self._parts.interrupted(cause)
            stop.wait(_REOPEN_S[min(tries, len(_REOPEN_S)) - 1])

    def _rest(self, stop: threading.Event) -> None:
        """Outside the recording hours: the camera is closed, and nothing is wrong."""
        self._parts.interrupted("timetable")
        self.fault, self.resting = None, True
        while not stop.is_set() and not self._parts.is_open():
            stop.wait(_REST_LOOK_S)
        self.resting = False

    def _session(self, stop: threading.Event) -> None:
        source = self._source = self._parts.source()
        try:
            self.format = source.open()
            session = _Session(self, self._parts, source, self.format)
            session.run(stop)
        finally:
            self._source = None
            self.count_dropped(source.dropped)
            source.close()

    def small_due(self, captured_mono_ns: int, shown_mono_ns: int) -> bool:
        # Half a frame early counts as due: otherwise 5 a second out of 15 becomes 3.75.
        return captured_mono_ns - shown_mono_ns >= self._small_interval_ns - NS_PER_S // 60


class EncoderFailed(Exception):
    """The encoder thread ended; ``cause`` says why."""

    def __init__(self, cause: EdgecamError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Session:
    """One opening of the source, from the first frame to its end."""

    def __init__(
        self, pipeline: Pipeline, parts: Collaborators, source: CountingSource, format_: SourceFormat
    ) -> None:
        self._pipeline, self._parts, self._source, self._format = pipeline, parts, source, format_
        self._burner = parts.burner(format_)
        self._show_small = parts.show_small(format_)
        self._waiting: Channel[MaskedFrame] = Channel(PICTURES)
        self._shown_mono_ns = -NS_PER_S
        self._captured_mono_ns: int | None = None
        self._dropped = 0
        # As long as for the fragmenter, which ends a fragment before such a silence.
        self._silent_ns = max(NS_PER_S, round(3 * NS_PER_S / format_.fps))
        self._encoder: Encoder | None = None
        self._failure: EdgecamError | None = None

    def run(self, stop: threading.Event) -> None:
        encoder = self._encoder = self._parts.encoder(self._source, self._format, self._parts.deliver)
        thread = threading.Thread(target=self._encode, args=(encoder,), name="edgecam.encode", daemon=True)
        thread.start()
        try:
            self._source.run(self._take, lambda: self._is_over(stop))
        finally:
            self._waiting.close()
            thread.join()
            encoder.close()
        if self._failure is not None:
            raise EncoderFailed(self._failure)

    def _is_over(self, stop: threading.Event) -> bool:
        return stop.is_set() or self._failure is not None or not self._parts.is_open()

    def _take(self, raw: RawFrame) -> None:
        """Called by the source for each frame: the one place where raw becomes masked."""
        self._notice_stall(raw.captured_mono_ns)
        want_small = self._pipeline.small_due(raw.captured_mono_ns, self._shown_mono_ns)
        masked = self._burner.burn(raw, want_small)
        if want_small and masked.small is not None:
            self._show_small(masked.small, masked)
            self._shown_mono_ns = masked.captured_mono_ns
        if self._encoder is not None and self._encoder.inline:
            self._encode_one(self._encoder, masked)
            self._pipeline.count_frame()
        elif self._waiting.offer(masked):
            self._pipeline.count_frame()
        else:
            self._pipeline.count_dropped()
            masked.release()

    def _notice_stall(self, captured_mono_ns: int) -> None:
        before, self._captured_mono_ns = self._captured_mono_ns, captured_mono_ns
        # Frames that the source had no picture for did come: then this is not the source's silence.
        dropped, self._dropped = self._dropped, self._source.dropped
        if before is not None and captured_mono_ns - before > self._silent_ns and dropped == self._source.dropped:
            self._parts.stalled(captured_mono_ns)

    def _encode(self, encoder: Encoder) -> None:
        while (frame := self._waiting.take()) is not None:
            self._encode_one(encoder, frame)

    def _encode_one(self, encoder: Encoder, frame: MaskedFrame) -> None:
        try:
            if self._failure is None:
                encoder.encode(frame)
        except EdgecamError as broken:
            self._failure = broken
        finally:
            frame.release()
