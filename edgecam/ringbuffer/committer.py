"""Fragments into the ring, in order, whatever the medium does: a reserve in RAM, retries, erasures on time."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgecam.core.channel import Channel
from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.core.frames import Fragment
from edgecam.core.status import Fault
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.writer import RingWriter

# Fragments of a second each that wait in RAM while the medium is away; then the oldest make room.
RESERVE = 60
_ERASE_EVERY_S = 10.0
_REOPEN_AFTER_S = 1.0
# After the close nobody can wait for a broken medium for ever.
_LAST_TRIES = 3
# Shorter than this between two segments is jitter, not a gap.
GAP_FROM_S = 0.25
_RATE_OVER_S = 10
_log = logging.getLogger(__name__)

Task = Callable[[RingWriter, Instant], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    fragment: Fragment
    cause: GapCause


class Committer:
    """The one thread that writes the ring. `deliver`, `interrupted` and `close` may be called from any thread."""

    def __init__(
        self,
        writer: RingWriter,
        reopen: Callable[[], RingWriter],
        clock: Clock,
        on_erasures: Callable[[list[Erasure]], None],
        first_cause: GapCause,
        tasks: Sequence[Task] = (),
    ) -> None:
        """``tasks`` are done in the writing thread every ten seconds, after what is due was erased."""
        self._writer: RingWriter | None = writer
        self._tasks = tuple(tasks)
        self._reopen, self._clock, self._on_erasures = reopen, clock, on_erasures
        self._waiting: Channel[_Waiting] = Channel(RESERVE)
        self._next_cause = first_cause
        self._last: SegmentHeader | None = writer.last
        self._recent: deque[tuple[int, int]] = deque(maxlen=_RATE_OVER_S)
        self._erased_ns = -int(_ERASE_EVERY_S * NS_PER_S)
        self.kept = writer.kept(clock.now())
        self.segments = 0
        self.last_commit_mono_ns = 0
        self.last_gap: tuple[float, GapCause] = (0.0, GapCause.NONE)
        self.fault: Fault | None = None
        # Stays until the process ends: such a medium cannot be trusted again.
        self.unerased: Fault | None = None
        self.unregistered: Fault | None = None
        self._untold: deque[Erasure] = deque()

    def interrupted(self, cause: GapCause) -> None:
        """What comes next does not follow what came before; says why."""
        self._next_cause = cause

    def deliver(self, fragment: Fragment) -> None:
        """Hand a fragment over; when the reserve is full the oldest one is given up, as a gap."""
        cause, self._next_cause = self._next_cause, GapCause.NONE
        if self._waiting.offer_newest(_Waiting(fragment, cause)) is not None:
            _log.warning("the medium is too slow: a second of footage was given up")

    def close(self) -> None:
        """No more fragments come; `run` commits what waits and returns."""
        self._waiting.close()

    def bit_rate_kbps(self) -> float:
        """Of the last ten fragments, payload only."""
        recent = list(self._recent)
        duration_ns = sum(duration for duration, _ in recent)
        return 8e6 * sum(size for _, size in recent) / duration_ns if duration_ns else 0.0

    def run(self) -> None:
        """Erase what is due, then commit until closed and empty."""
        item: _Waiting | None = None
        tended, last_tries = False, _LAST_TRIES
        while last_tries and not (tended and item is None and self._waiting.finished):
            try:
                # Before the first fragment is waited for: nothing outlives its time because a camera is slow.
                self._tend()
                tended = True
                item = item or self._waiting.take(1.0)
                if item is not None:
                    self._commit(item)
                item, self.fault = None, None
            except BadInput as too_large:
                # This fragment can never be kept; the next one may.
                item, self.fault = None, Fault("ring", str(too_large))
            except (MediaFailing, DataLoss, Unavailable) as failing:
                self._failed(failing)
                last_tries -= self._waiting.closed
                self._clock.sleep(_REOPEN_AFTER_S)
        self._drop_writer()

    def _report(self, erasures: list[Erasure]) -> None:
        """Tell of ``erasures`` once each, at once or when it works again: footage never waits for that."""
        self._untold += erasures
        if not all(erasure.verified for erasure in erasures):
            self.unerased = Fault(
                "erasure", "A key that was to be destroyed could still be read back: replace the medium."
            )
        try:
            while self._untold:
                self._on_erasures([self._untold[0]])
                self._untold.popleft()
        except (BadInput, DataLoss, MediaFailing) as refused:
            self.unregistered = Fault("register", str(refused))
        else:
            self.unregistered = None

    def _failed(self, failing: MediaFailing | DataLoss | Unavailable) -> None:
        fault = Fault("medium", str(failing))
        if fault != self.fault:
            _log.warning("%s", failing)
        self.fault = fault
        self._drop_writer()

    def _tend(self) -> None:
        """See that there is a writer, and that nothing outlives its time."""
        if self._writer is None:
            self._writer = self._reopen()
            self._last = self._writer.last
        now = self._clock.now()
        if now.mono_ns - self._erased_ns >= _ERASE_EVERY_S * NS_PER_S:
            self._erased_ns = now.mono_ns
            self._report(self._writer.erase_due(now))
            for task in self._tasks:
                task(self._writer, now)
            self.kept = self._writer.kept(now)

    def _commit(self, item: _Waiting) -> None:
        assert self._writer is not None
        fragment = item.fragment
        now = self._clock.now()
        start = Instant(
            now.wall_ns - (now.mono_ns - fragment.start_mono_ns), fragment.start_mono_ns, now.boot_id, now.trust
        )
        gap_ns, cause = self._gap(start, item.cause)
        self._last = self._writer.append(fragment, start, gap_ns, cause)
        self._report(self._writer.take_erasures())
        if cause is not GapCause.NONE:
            self.last_gap = (gap_ns / NS_PER_S, cause)
        self.segments += 1
        self.last_commit_mono_ns = self._clock.mono_ns()
        self._recent.append((fragment.end_mono_ns - fragment.start_mono_ns, len(fragment.data)))

    def _gap(self, start: Instant, told: GapCause) -> tuple[int, GapCause]:
        """Length of the gap before ``start`` and its cause; (0, NONE) when footage goes on without one."""
        last = self._last
        if last is None:
            return 0, GapCause.FIRST_START
        if last.boot_id == start.boot_id:
            gap_ns = start.mono_ns - (last.start_mono_ns + last.duration_ns)
        else:
            gap_ns = max(0, start.wall_ns - last.end_wall_ns)
            # Nobody stopped it cleanly, and the machine started anew.
            told = GapCause.POWER if told in (GapCause.NONE, GapCause.RESTART) else told
        if told is GapCause.NONE and gap_ns < GAP_FROM_S * NS_PER_S:
            return 0, GapCause.NONE
        return max(0, gap_ns), told if told is not GapCause.NONE else GapCause.OVERLOAD

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            self._report(writer.take_erasures())
            writer.close()
