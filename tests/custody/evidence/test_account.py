"""A gap in a copy is as long as the camera's clocks can say, and of unknown length where they cannot."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
from custodystand import BOOT_B, Camera, Recorded, moment

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.custody.evidence.account import gap_between
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader


@pytest.fixture
def pair(camera: Camera, recorded: Recorded) -> tuple[SegmentHeader, SegmentHeader]:
    """Two segments that follow each other, the second one an hour later in another boot."""
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    medium = FileMedium.open(camera.ring, writable=False)
    last, header = (stored.header for stored in islice(RingReader(medium).segments(), 2))
    medium.close()
    later = replace(header, boot_id=BOOT_B, start_wall_ns=last.end_wall_ns + 3600 * NS_PER_S, start_mono_ns=1)
    return last, replace(later, gap_cause=GapCause.POWER)


@pytest.mark.row("C4")
def test_a_length_that_the_camera_knew_is_told(pair: tuple[SegmentHeader, SegmentHeader]) -> None:
    last, header = pair
    gap = gap_between(last, replace(header, gap_ns=3600 * NS_PER_S))
    assert gap is not None
    assert (gap.length, gap.cause) == ("3600.0 s", "power")


@pytest.mark.row("C4")
@pytest.mark.parametrize("unset", [0, 1])
def test_a_length_that_nobody_knows_is_not_made_up(pair: tuple[SegmentHeader, SegmentHeader], unset: int) -> None:
    last, header = pair
    if unset:
        last = replace(last, trust=TimeTrust.UNSET)
        header = replace(header, gap_ns=7 * NS_PER_S)
    gap = gap_between(last, header)
    assert gap is not None
    assert (gap.length, gap.duration_ns, gap.cause) == ("unknown length", None, "power")
