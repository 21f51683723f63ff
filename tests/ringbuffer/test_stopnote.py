"""The note of a stop is believed for the stop it was written at, and for no other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringstand import RamMedium, append, at, make_ring, open_writer

from edgecam.core.clock import Instant
from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.stopnote import StopNote, cause_of_start


def last_segment() -> SegmentHeader:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    return append(open_writer(medium), 5)


def note_of(moment: Instant, cause: GapCause = GapCause.PLANNED_STOP) -> bytes:
    return StopNote(moment.boot_id, moment.mono_ns, cause).encode()


@pytest.mark.row("C4")
@pytest.mark.parametrize(
    ("note", "cause"),
    [
        (note_of(at(13)), GapCause.PLANNED_STOP),
        (note_of(at(500), GapCause.SOURCE_LOST), GapCause.SOURCE_LOST),
        (None, GapCause.RESTART),
        # Of a stop before the newest footage: whatever left it there, something else ended that footage.
        (note_of(at(9)), GapCause.RESTART),
        (note_of(at(13, boot=1)), GapCause.RESTART),
        (b"", GapCause.RESTART),
        (b'{"boot_id": "00", "mono_ns": 1, "cause": "planned_stop"}', GapCause.RESTART),
    ],
)
def test_a_start_knows_from_the_note_why_nothing_was_recorded(note: bytes | None, cause: GapCause) -> None:
    assert cause_of_start(note, last_segment()) is cause


def test_a_note_on_an_empty_ring_is_believed() -> None:
    assert cause_of_start(note_of(at(3)), None) is GapCause.PLANNED_STOP


@given(
    st.binary(max_size=60) | st.recursive(st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    try:
        note = StopNote.decode(data)
    except DataLoss:
        return
    assert StopNote.decode(note.encode()) == note


@given(st.binary(min_size=16, max_size=16), st.integers(0, 1 << 62), st.sampled_from(GapCause))
def test_what_is_noted_is_read_again(boot_id: bytes, mono_ns: int, cause: GapCause) -> None:
    note = StopNote(boot_id, mono_ns, cause)
    assert StopNote.decode(note.encode()) == note
