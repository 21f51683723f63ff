"""Fragments into the ring, in order, whatever the medium does: a reserve in RAM, retries, erasures on time."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence

from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.core.frames import Fragment
from edgecam.core.status import Fault
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.gaps import Gap, Rests, gap_before, gap_before_all, gap_of
from edgecam.ringbuffer.reserve import RESERVE as RESERVE
from edgecam.ringbuffer.reserve import Reserve, Waiting
from edgecam.ringbuffer.writer import RingWriter

_ERASE_EVERY_S = 10.0
_REOPEN_AFTER_S = 1.0
# After the close nobody can wait for a broken medium for ever.
_LAST_TRIES = 3
# One act of the medium that takes longer is no slowness any more.
_STUCK_S = 30.0
_RATE_OVER_S = 10
# Gaps that the register did not take and that are told when it works again; the ring itself tells of all.
_UNTOLD_GAPS = 1000
_log = logging.getLogger(__name__)

Task = Callable[[RingWriter, Instant], None]


def _never_rests(_from_wall_ns: int, _to_wall_ns: int) -> bool:
    return False


def _tell_nobody(_gap: Gap) -> None:
    return None


def _never_slept() -> int:
    return 0


class Committer:
    """The one thread that writes the ring.

    `deliver`, `interrupted` and `stalled` belong to the capturing side, one thread at a time; `close` may be called
    from any thread.
    """

    def __init__(
        self,
        writer: RingWriter,
        reopen: Callable[[], RingWriter],
        clock: Clock,
        on_erasures: Callable[[list[Erasure]], None],
        first_cause: GapCause,
        tasks: Sequence[Task] = (),
        *,
        on_gap: Callable[[Gap], None] = _tell_nobody,
        rests: Rests = _never_rests,
        slept_ns: Callable[[], int] = _never_slept,
    ) -> None:
        """``tasks`` are done in the writing thread every ten seconds, after what is due was erased.

        ``first_cause`` says why nothing was recorded until now, ``on_gap`` registers a gap that has ended,
        ``rests`` says whether nothing was to be recorded between two wall times, ``slept_ns`` how long the machine
        has slept since it booted.
        """
        self._writer: RingWriter | None = writer
        self._tasks = tuple(tasks)
        self._reopen, self._clock, self._on_erasures, self._on_gap = reopen, clock, on_erasures, on_gap
        self._rests, self._slept_ns = rests, slept_ns
        self._reserve = Reserve()
        self._item: Waiting | None = None
        self._tended, self._last_tries = False, _LAST_TRIES
        self._next_cause = first_cause
        self._stalls: deque[int] = deque(maxlen=16)
        self._gave_up = False
        # As told at the last two deliveries; see `deliver`.
        self._slept_before = (slept_ns(),) * 2
        self._last: SegmentHeader | None = writer.last
        self._was_used = writer.written_bytes > 0
        self._failing = False
        self._busy_since_ns: int | None = None
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
        self._untold_gaps: deque[Gap] = deque(maxlen=_UNTOLD_GAPS)
        # The process before this one may have died between a commit and its line in the register.
        self._note_gap(writer.last)

    def interrupted(self, cause: GapCause) -> None:
        """What comes next does not follow what came before; of several causes in a row the first one counts."""
        if self._next_cause is GapCause.NONE:
            self._next_cause = cause

    def stalled(self, until_mono_ns: int) -> None:
        """The source gave no frame for a while, although it did not fail; the next came at ``until_mono_ns``."""
        self._stalls.append(until_mono_ns)

    def deliver(self, fragment: Fragment) -> None:
        """Hand a fragment over; when the reserve is full the oldest one is given up, as a gap."""
        cause, self._next_cause = self._next_cause, GapCause.NONE
        if cause is GapCause.NONE and fragment.start_mono_ns in self._stalls:
            cause = GapCause.SOURCE_LOST
        # A fragment is complete only with the frame after it, which comes when the machine is awake again: the
        # sleep right before this one began before the delivery of the last one, so it is measured from the one
        # before that.
        slept_ns = self._slept_ns()
        item = Waiting(fragment, cause, slept_ns - self._slept_before[0])
        self._slept_before = self._slept_before[1], slept_ns
        given_up = self._reserve.put(item, self._why_full)
        if given_up and not self._gave_up:
            _log.warning("the medium is too slow or away: footage is given up")
        self._gave_up = given_up > 0

    @property
    def unfinished_cause(self) -> GapCause:
        """Why there will be no footage right after what is committed; NONE when nothing but a stop ends it."""
        return GapCause.MEDIUM if self.waiting else self._next_cause

    @property
    def waiting(self) -> int:
        """How many fragments are not committed yet."""
        return len(self._reserve) + (self._item is not None)

    def close(self) -> None:
        """No more fragments come; `run` commits what waits and returns."""
        self._reserve.close()

    def bit_rate_kbps(self) -> float:
        """Of the last ten fragments, payload only."""
        recent = list(self._recent)
        duration_ns = sum(duration for duration, _ in recent)
        return 8e6 * sum(size for _, size in recent) / duration_ns if duration_ns else 0.0

    def run(self) -> None:
        """Erase what is due, then commit until closed and empty."""
        while self.turn(1.0):
            pass
        self._drop_writer()

    def turn(self, wait_s: float) -> bool:
        """Tend the ring and commit one fragment, waiting for it for ``wait_s``; whether more is to be done."""
        try:
            # Before the first fragment is waited for: nothing outlives its time because a camera is slow.
            self._tend()
            self._tended = True
            self._item = self._item or self._reserve.take(wait_s)
            if self._item is not None:
                self._busy_since_ns = self._clock.mono_ns()
                self._commit(self._item)
            self._item, self.fault, self._failing = None, None, False
        except BadInput as too_large:
            # This fragment can never be kept; the next one may.
            self._item, self.fault = None, Fault("ring", str(too_large))
        except (MediaFailing, DataLoss, Unavailable) as failing:
            self._failed(failing)
            self._last_tries -= self._reserve.closed
            self._clock.sleep(_REOPEN_AFTER_S)
        finally:
            self._busy_since_ns = None
        return bool(self._last_tries) and not (self._tended and self._item is None and self._reserve.finished)

    def _why_full(self) -> GapCause:
        """Why the reserve is full: the medium refuses, or hangs; or else it is merely too slow."""
        since_ns = self._busy_since_ns
        stuck = since_ns is not None and self._clock.mono_ns() - since_ns > _STUCK_S * NS_PER_S
        return GapCause.MEDIUM if self._failing or stuck else GapCause.OVERLOAD

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
            while self._untold_gaps:
                self._on_gap(self._untold_gaps[0])
                self._untold_gaps.popleft()
        except (BadInput, DataLoss, MediaFailing) as refused:
            self.unregistered = Fault("register", str(refused))
        else:
            self.unregistered = None

    def _failed(self, failing: MediaFailing | DataLoss | Unavailable) -> None:
        fault = Fault("medium", str(failing))
        if fault != self.fault:
            _log.warning("%s", failing)
        self.fault, self._failing = fault, True
        self._drop_writer()

    def _tend(self) -> None:
        """See that there is a writer, and that nothing outlives its time."""
        if self._writer is None:
            self._writer = self._reopen()
            # A ring that lost all of it to time still has what this process committed last.
            self._last = self._writer.last or self._last
        now = self._clock.now()
        if now.mono_ns - self._erased_ns >= _ERASE_EVERY_S * NS_PER_S:
            self._erased_ns = now.mono_ns
            self._report(self._writer.erase_due(now))
            for task in self._tasks:
                task(self._writer, now)
            self.kept = self._writer.kept(now)

    def _commit(self, item: Waiting) -> None:
        assert self._writer is not None
        fragment = item.fragment
        now = self._clock.now()
        # It may have reached the medium although the flush failed.
        if self._last is None or not _holds(self._last, fragment, now):
            self._append(self._writer, item, now)
        self.segments += 1
        self.last_commit_mono_ns = self._clock.mono_ns()
        if self.segments == 1:
            after_s = self.last_commit_mono_ns / NS_PER_S
            _log.info("recording: the first segment is kept %.1f s after power-on", after_s)
        self._recent.append((fragment.end_mono_ns - fragment.start_mono_ns, len(fragment.data)))

    def _append(self, writer: RingWriter, item: Waiting, now: Instant) -> None:
        start_ns = item.fragment.start_mono_ns
        start = Instant(now.wall_ns - (now.mono_ns - start_ns), start_ns, now.boot_id, now.trust)
        if self._last is None:
            gap_ns, cause = gap_before_all(item.cause, self._was_used)
        else:
            gap_ns, cause = gap_before(self._last, start, item.cause, item.slept_ns, self._rests)
        self._last = writer.append(item.fragment, start, gap_ns, cause)
        self._note_gap(self._last)
        self._report(writer.take_erasures())
        if cause is not GapCause.NONE:
            self.last_gap = (gap_ns / NS_PER_S, cause)

    def _note_gap(self, header: SegmentHeader | None) -> None:
        gap = gap_of(header) if header is not None else None
        if gap is not None:
            self._untold_gaps.append(gap)

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            self._report(writer.take_erasures())
            writer.close()


def _holds(header: SegmentHeader, fragment: Fragment, now: Instant) -> bool:
    """Whether the segment of ``header`` holds ``fragment``."""
    return (header.boot_id, header.start_mono_ns) == (now.boot_id, fragment.start_mono_ns)
