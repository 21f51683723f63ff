"""Health made of what the parts say."""

from __future__ import annotations

import math

import pytest
from stand import BOARD, CLOCK

from edgecam.core.status import Fault, RecorderStatus
from edgecam.telemetry.board import BoardReading
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.messages import Health


def _told(recorder: RecorderStatus | None, board: BoardReading = BOARD) -> Health:
    return tell_health(
        now=CLOCK.now(),
        version="0.1.0",
        recorder=recorder,
        board=board,
        faults=[Fault("mask_missing", "there is no mask file")],
        outbox_events=3,
        outbox_lost=2,
    )


@pytest.mark.row("T4")
def test_a_silent_recorder_does_not_record_and_is_private() -> None:
    told = _told(None)
    assert (told.recording, told.private) == (False, True)
    assert (told.outbox_events, told.outbox_lost) == (3, 2)
    assert [fault.code for fault in told.faults] == ["mask_missing"]


def test_numbers_that_json_does_not_have_are_left_out() -> None:
    told = _told(RecorderStatus(days_forecast=math.inf, fps=math.nan, bit_rate_kbps=1234.5678))
    assert (told.days_forecast, told.fps, told.bit_rate_kbps) == (None, None, 1234.568)


@pytest.mark.row("R9")
def test_the_medium_is_told_as_far_as_it_is_known() -> None:
    worn = "eMMC, 30-40 % of its life used"
    told = _told(RecorderStatus(wear_percent=30.0, medium_life=worn, damaged_segments=2))
    assert (told.wear_percent, told.medium_life, told.damaged_segments) == (30, worn, 2)
    told = _told(RecorderStatus())
    assert (told.wear_percent, told.medium_life, told.damaged_segments) == (None, None, 0)


def test_a_board_without_sensors_is_told_as_unknown() -> None:
    told = _told(RecorderStatus(), BoardReading(None, None, None, None, None, None))
    assert (told.cpu_temperature_c, told.disk_free_bytes, told.uptime_s) == (None, None, None)
