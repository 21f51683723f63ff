"""The saved time: what is kept of a clock that was right, and what a clock is set to."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.turningclock import TurningClock
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.savedtime import SavedTime, decode_saved_time, read_saved_time, restore_time
from edgecam.core.clock import NS_PER_S, SAVED_TIME, TimeTrust, _trust
from edgecam.core.errors import DataLoss

pytestmark = pytest.mark.row("R8")
TODAY_NS = 1_800_000_000 * NS_PER_S


def test_a_synced_clock_is_saved_at_once_and_every_ten_minutes(tmp_path: Path) -> None:
    place, clock = tmp_path / "saved", TurningClock()
    saved = SavedTime(place, clock)
    assert saved.keep()
    assert read_saved_time(place) == clock.wall_ns
    kept = 0
    for _ in range(360):
        clock.turn(10)
        kept += saved.keep()
    assert kept == 6
    clock.turn(1)
    assert saved.keep(due=True)
    assert read_saved_time(place) == clock.wall_ns


def test_a_clock_that_nobody_set_is_never_saved(tmp_path: Path) -> None:
    clock = TurningClock(trust=TimeTrust.UNSET)
    saved = SavedTime(tmp_path / "saved", clock)
    for _ in range(4):
        assert not saved.keep(due=True)
        clock.turn(600)
    assert not (tmp_path / "saved").exists()
    clock.trust = TimeTrust.SYNCED
    assert saved.keep()


def test_a_restored_time_goes_on(tmp_path: Path) -> None:
    """Day after day without a network it must not begin where it was last synced."""
    clock = TurningClock(trust=TimeTrust.RESTORED)
    saved = SavedTime(tmp_path / "saved", clock)
    saved.keep()
    clock.turn(86_400)
    assert saved.keep()
    assert restore_time(tmp_path / "saved", TODAY_NS) == clock.wall_ns
    clock.turn(1)
    clock.trust = TimeTrust.SYNCED
    assert saved.keep()


def test_the_clock_only_goes_forward_by_it(tmp_path: Path) -> None:
    place = tmp_path / "saved"
    assert restore_time(place, 0) is None
    place.write_bytes(b"%d\n" % TODAY_NS)
    assert restore_time(place, TODAY_NS - 1) == TODAY_NS
    assert restore_time(place, TODAY_NS) is None


@given(st.binary(max_size=60) | st.integers().map(lambda number: b"%d" % number))
def test_any_bytes_are_a_time_or_our_error(data: bytes) -> None:
    with suppress(DataLoss):
        assert 0 < decode_saved_time(data) < 1 << 62


@pytest.mark.parametrize("year_s", [0, 1_600_000_000, 4_200_000_000])
def test_a_time_that_cannot_be_is_refused(year_s: int) -> None:
    with pytest.raises(DataLoss):
        decode_saved_time(b"%d" % (year_s * NS_PER_S))


def test_without_a_saved_time_a_clock_that_an_init_moved_was_never_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SAVED_TIME, str(tmp_path / "saved"))
    assert _trust(TODAY_NS) in (TimeTrust.UNSET, TimeTrust.SYNCED)
    without = _trust(TODAY_NS)
    (tmp_path / "saved").write_text("1")
    assert _trust(TODAY_NS) >= TimeTrust.RESTORED
    assert without is TimeTrust.SYNCED or _trust(TODAY_NS) is TimeTrust.RESTORED
    assert _trust(0) is TimeTrust.UNSET


def test_the_program_needs_no_leave_when_there_is_nothing_to_set(tmp_path: Path) -> None:
    """A file that lies is removed, so that nobody believes it the next time either."""
    place = tmp_path / "saved"
    for content in (None, b"rubbish", b"%d" % (1_740_000_000 * NS_PER_S)):
        if content is not None:
            place.write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-m", "edgecam.appliance.savedtime", str(place)],
            capture_output=True,
            check=False,
            env=dict(os.environ),
        )
        assert done.returncode == 0, done.stderr
        assert place.exists() is (content is not None and content != b"rubbish")
