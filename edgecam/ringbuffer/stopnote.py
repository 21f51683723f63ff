"""The note that a recorder leaves when it stops: that it did so cleanly, when, and what had ended the footage."""

from __future__ import annotations

import json
from dataclasses import dataclass

from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.format import GapCause, SegmentHeader


@dataclass(frozen=True, slots=True)
class StopNote:
    """A stop in the boot ``boot_id`` (16 bytes) at ``mono_ns``; ``cause`` is why there is no footage from then on.

    That is PLANNED_STOP, or what had interrupted the footage before the stop came.
    """

    boot_id: bytes
    mono_ns: int
    cause: GapCause

    def encode(self) -> bytes:
        """The note as JSON."""
        fields = {"boot_id": self.boot_id.hex(), "mono_ns": self.mono_ns, "cause": self.cause.name.lower()}
        return json.dumps(fields).encode()

    @classmethod
    def decode(cls, data: bytes) -> StopNote:
        """Raises: DataLoss."""
        try:
            fields = json.loads(data)
            note = cls(bytes.fromhex(fields["boot_id"]), fields["mono_ns"], GapCause[fields["cause"].upper()])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
            raise DataLoss("the note of the last stop does not parse") from broken
        if type(note.mono_ns) is not int or len(note.boot_id) != 16:
            raise DataLoss("the note of the last stop does not parse")
        return note

    def follows(self, last: SegmentHeader | None) -> bool:
        """Whether ``last``, the newest segment, was committed before this stop, in the same boot."""
        return last is None or (last.boot_id == self.boot_id and last.start_mono_ns < self.mono_ns)


def cause_of_start(note: bytes | None, last: SegmentHeader | None) -> GapCause:
    """Why nothing was recorded until a recorder starts that finds ``note`` and, on the ring, ``last``.

    Without a note that follows ``last``, the recorder before it died.
    """
    try:
        found = StopNote.decode(note) if note is not None else None
    except DataLoss:
        found = None
    return found.cause if found is not None and found.follows(last) else GapCause.RESTART
