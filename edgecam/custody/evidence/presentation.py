"""Where each segment stands on the time line of an export: from 0, in order, with long gaps shortened.

Pure, and a function of the segments alone, so whoever verifies an export finds the same places again.
"""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S
from edgecam.custody.evidence.boxes import FragmentFacts
from edgecam.ringbuffer.format import SegmentHeader

LONGEST_GAP_S = 5
SHORTENED_GAP_S = 1
# Fragments of one recorder run agree with the boot clock to the tick; a new run starts at 0 again.
_SAME_RUN_WITHIN_NS = NS_PER_S // 4


class Presentation:
    """Gives every segment of one file its decode time, in ticks of ``timescale`` per second."""

    def __init__(self, timescale: int) -> None:
        self._timescale = timescale
        self._last: tuple[SegmentHeader, FragmentFacts] | None = None
        self._at = 0

    def place(self, header: SegmentHeader, facts: FragmentFacts) -> int:
        """The decode time of the next segment. A gap longer than `LONGEST_GAP_S` lasts `SHORTENED_GAP_S`."""
        if self._last is not None:
            self._at = self._after(*self._last, header, facts)
        self._last = header, facts
        return self._at

    def _after(
        self, last: SegmentHeader, last_facts: FragmentFacts, header: SegmentHeader, facts: FragmentFacts
    ) -> int:
        end = self._at + last_facts.duration
        in_run = facts.decode_time - last_facts.decode_time
        elapsed = self._ticks(elapsed_ns(last, header))
        if header.boot_id == last.boot_id and in_run > 0 and self._agree(in_run, elapsed):
            # The muxer guesses how long a fragment's last frame lasts; where the next one begins is exact.
            at = self._at + in_run
        else:
            at = max(end, self._at + elapsed)
        if at - end > LONGEST_GAP_S * self._timescale:
            return end + SHORTENED_GAP_S * self._timescale
        return at

    def _agree(self, in_run: int, elapsed: int) -> bool:
        return abs(in_run - elapsed) <= self._ticks(_SAME_RUN_WITHIN_NS)

    def _ticks(self, duration_ns: int) -> int:
        return (duration_ns * self._timescale + NS_PER_S // 2) // NS_PER_S


def elapsed_ns(earlier: SegmentHeader, later: SegmentHeader) -> int:
    """From the start of one segment to the start of another: by the boot clock where one boot saw both."""
    if earlier.boot_id == later.boot_id:
        return later.start_mono_ns - earlier.start_mono_ns
    return later.start_wall_ns - earlier.start_wall_ns
