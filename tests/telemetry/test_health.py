"""Health made of what the parts say."""

from __future__ import annotations

import json
import math
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from stand import BOARD, CLOCK

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.telemetry.board import BoardReading
from edgecam.telemetry.contract import KINDS, schema_of
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.healthmessage import Filming, Health, HealthMessage, Keeping, PartHealth, Running
from edgecam.telemetry.throttling import ThrottlingReading

NOW = CLOCK.now()
CONTRACT = Draft202012Validator(schema_of(next(kind for kind in KINDS if kind.model is HealthMessage)))


def _told(
    recorder: RecorderStatus | None,
    board: BoardReading = BOARD,
    *,
    observer: ObserverStatus | None = None,
    hub: HubStatus | None = None,
    silent: Collection[str] = (),
    mask_state: str = "confirmed",
    now: Instant = NOW,
) -> Health:
    return tell_health(
        now=now,
        version="0.1.0",
        recorder=recorder,
        observer=observer,
        hub=hub,
        board=board,
        faults=[Fault("mask_missing", "there is no mask file")],
        silent=silent,
        mask_state=mask_state,
        memory_of={7: 70_000_000}.get,
    )


@pytest.mark.row("T4")
def test_a_silent_recorder_does_not_record_and_is_private_and_the_rest_is_unknown() -> None:
    beat_ns = NOW.mono_ns - 40 * NS_PER_S
    said = RecorderStatus(pid=8, beat_mono_ns=beat_ns, recording=True, private=False, days_kept=12.0, restarts=3)
    for told in (_told(None), _told(said, silent=["recorder"])):
        assert (told.recording, told.resting, told.private) == (False, False, True)
        values = told.model_dump()
        names = {*Filming.model_fields, *Keeping.model_fields} - {"recording", "resting", "private"}
        assert {name for name in names if values[name] is not None} == set()
        assert [fault.code for fault in told.faults] == ["mask_missing"]
    assert _told(None).parts.recorder is None
    assert _told(said, silent=["recorder"]).parts.recorder == PartHealth(
        beat_age_s=40, restarts=3, memory_bytes=None
    )


@pytest.mark.row("T4")
def test_what_the_recorder_says_is_told() -> None:
    told = _told(
        RecorderStatus(
            recording=True, private=False, source="rtsp://10.0.0.7/street", width=1280, height=720, encoder="x264",
            bit_rate_limit_kbps=1500, last_commit_mono_ns=NOW.mono_ns - NS_PER_S, days_policy=14, gaps_24h=2,
            gaps_24h_s=7.25, ring_size_bytes=1 << 30, holds=2, hold_bytes=99, holds_review_due=1, mask_hash="ab",
            aim="moved", aim_off=0.07,
        )
    )  # fmt: skip
    assert (told.source, told.width, told.height, told.encoder) == ("rtsp", 1280, 720, "x264")
    assert "10.0.0.7" not in told.model_dump_json()
    assert (told.bit_rate_limit_kbps, told.last_commit_age_s, told.days_policy) == (1500, 1, 14)
    assert (told.gaps_24h, told.gaps_24h_s, told.ring_size_bytes) == (2, 7.25, 1 << 30)
    assert (told.holds, told.hold_bytes, told.holds_review_due) == (2, 99, 1)
    assert (told.mask_state, told.mask_hash, told.aim, told.aim_off_percent) == ("confirmed", "ab", "moved", 7)


@pytest.mark.row("T4")
def test_the_parts_are_told_with_their_age_restarts_and_memory() -> None:
    observer = ObserverStatus(pid=7, beat_mono_ns=NOW.mono_ns, frames=5, detector="ssd", look_ms=41.5, restarts=2)
    hub = HubStatus(
        pid=9, beat_mono_ns=NOW.mono_ns + NS_PER_S, outbox=4, outbox_lost=3, outbox_losses={"full": 2, "age": 1}
    )
    told = _told(RecorderStatus(), observer=observer, hub=hub)
    assert (told.detector, told.look_ms) == ("ssd", 41.5)
    assert told.parts.observer == PartHealth(beat_age_s=0, restarts=2, memory_bytes=70_000_000)
    assert told.parts.hub == PartHealth(beat_age_s=0, restarts=0, memory_bytes=None)
    assert (told.outbox_events, told.outbox_lost, told.outbox_losses) == (4, 3, {"full": 2, "age": 1})
    told = _told(RecorderStatus(), observer=observer, silent=["observer"])
    assert (told.detector, told.look_ms) == (None, None)


def test_who_does_not_look_has_no_time_of_a_look_and_no_process() -> None:
    told = _told(RecorderStatus(), observer=ObserverStatus(beat_mono_ns=NOW.mono_ns, detector="off"))
    assert (told.detector, told.look_ms, told.parts.observer) == ("off", None, None)


def test_numbers_that_json_does_not_have_are_left_out() -> None:
    told = _told(RecorderStatus(days_forecast=math.inf, fps=math.nan, bit_rate_kbps=1234.5678))
    assert (told.days_forecast, told.fps, told.bit_rate_kbps) == (None, None, 1234.568)


_counts, _numbers = st.integers(0, 1 << 62), st.floats()
_said = st.builds(
    RecorderStatus,
    beat_mono_ns=_counts, recording=st.booleans(), source=st.text(), width=_counts, height=_counts, fps=_numbers,
    frames_dropped=_counts, bit_rate_kbps=_numbers, last_commit_mono_ns=_counts, days_kept=_numbers,
    days_owed=_numbers, days_forecast=_numbers, days_policy=_numbers, mask_hash=st.text(), aim=st.text(),
    aim_off=_numbers, last_gap_s=_numbers, last_gap_cause=st.text(), gaps_24h=_counts, gaps_24h_s=_numbers,
    wear_percent=st.none() | _numbers, medium_life=st.text(), holds=_counts,
)  # fmt: skip


@given(_said, st.floats(), st.text())
def test_whatever_is_said_health_can_be_told_within_the_contract(
    said: RecorderStatus, number: float, word: str
) -> None:
    board = BoardReading(cpu_temperature_c=number, uptime_s=number, wifi_signal_dbm=number)
    health = _told(said, board, mask_state=word)
    message = HealthMessage(**health.model_dump(), camera="c", site="s", session="0" * 16, sequence=0)
    CONTRACT.validate(json.loads(message.model_dump_json()))


def test_words_that_the_contract_does_not_know_are_unknown() -> None:
    told = _told(RecorderStatus(source="hologram:0", encoder="av9", aim="sideways"), mask_state="torn")
    assert (told.source, told.encoder, told.aim, told.mask_state) == (None, None, None, None)


@pytest.mark.row("R9")
def test_the_medium_is_told_as_far_as_it_is_known() -> None:
    worn = "eMMC, 30-40 % of its life used"
    told = _told(RecorderStatus(wear_percent=30.0, medium_life=worn, damaged_segments=2))
    assert (told.wear_percent, told.medium_life, told.damaged_segments) == (30, worn, 2)
    told = _told(RecorderStatus())
    assert (told.wear_percent, told.medium_life, told.damaged_segments) == (None, None, 0)


@pytest.mark.row("T4")
def test_the_board_is_told_as_far_as_it_has_sensors() -> None:
    told = _told(RecorderStatus(), BoardReading())
    assert (told.cpu_temperature_c, told.disk_free_bytes, told.uptime_s, told.throttled_now) == (None,) * 4
    hot = BoardReading(
        cpu_temperature_c=84.0, throttling=ThrottlingReading((), ("undervoltage",)), disk_read_only=True
    )
    told = _told(RecorderStatus(), hot)
    assert (told.throttled_now, told.throttled_since_boot) == ((), ("undervoltage",))
    assert (told.cpu_temperature_c, told.disk_read_only) == (84, True)


def test_every_name_has_one_meaning() -> None:
    """Side by side on the wire, a name in two subjects would be one field."""
    bases = [base for base in Health.__bases__ if base is not Running]
    names = [name for base in (*bases, Running) for name in base.model_fields]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))
