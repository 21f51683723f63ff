from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.statistics import Statistics
from edgecam.analysis.tally import DayTally
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.picture import Picture
from edgecam.daytallies import DAYS_KEPT, DayTallies
from edgecam.tallywriter import TallyWriter

SEOUL = ZoneInfo("Asia/Seoul")
MONDAY = date(2026, 3, 2)
DAY = MONDAY.toordinal()


def _tally(day: int, people: int) -> DayTally:
    tally = DayTally.begin(day)
    tally.counts[9, 0] = people
    return tally


@dataclass
class _Counting:
    """Statistics that watch for a second a day, and whoever writes them down."""

    folder: Path
    statistics: Statistics = field(default_factory=lambda: Statistics(SEOUL))

    def __post_init__(self) -> None:
        self.statistics.at_trust(2)
        self.tallies = DayTallies(self.folder)
        self.writer = TallyWriter(self.statistics, self.tallies, mono_ns=0)

    def see(self, day: date) -> None:
        wall_ns = _noon_ns(day)
        self.statistics.observe(Look(0.0, wall_ns, 1.0, Picture(64, 36), MotionModel(64, 36), [], []))

    def keep(self, day: date, after_s: int, trust: TimeTrust = TimeTrust.SYNCED, due: bool = False) -> None:
        self.writer.keep(Instant(_noon_ns(day), after_s * NS_PER_S, bytes(16), trust), due=due)

    @property
    def trouble(self) -> str:
        return self.writer.fault.sentence if self.writer.fault else ""

    def count(self, day: date) -> int:
        tally = self.tallies.read(day.toordinal())
        return -1 if tally is None else int(tally.watched_s.sum())


def _noon_ns(day: date) -> int:
    return round(datetime.combine(day, time(12), SEOUL).timestamp()) * NS_PER_S


def test_what_is_counted_reaches_its_day_after_ten_minutes(tmp_path: Path) -> None:
    counting = _Counting(tmp_path / "statistics")
    counting.see(MONDAY)
    counting.keep(MONDAY, after_s=599)
    assert counting.count(MONDAY) == -1
    counting.keep(MONDAY, after_s=600)
    assert counting.count(MONDAY) == 1
    assert counting.statistics.unsaved == []


def test_a_restart_within_a_day_adds_up(tmp_path: Path) -> None:
    for _ in range(2):
        counting = _Counting(tmp_path)
        counting.see(MONDAY)
        counting.keep(MONDAY, after_s=1, due=True)
        assert counting.trouble == ""
    assert counting.count(MONDAY) == 2


def test_a_damaged_day_begins_anew_and_is_told(tmp_path: Path) -> None:
    counting = _Counting(tmp_path)
    (tmp_path / f"{MONDAY.isoformat()}.tally").write_bytes(b"EDGETLY1 and no more")
    with pytest.raises(DataLoss):
        counting.count(MONDAY)
    counting.see(MONDAY)
    counting.keep(MONDAY, after_s=1, due=True)
    assert "damaged" in counting.trouble
    assert counting.count(MONDAY) == 1
    counting.keep(MONDAY, after_s=2, due=True)
    assert counting.trouble == ""


def test_a_medium_that_refuses_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "statistics"
    place.write_bytes(b"in the way")
    counting = _Counting(place)
    counting.see(MONDAY)
    counting.keep(MONDAY, after_s=1, due=True)
    assert "cannot be kept" in counting.trouble
    place.unlink()
    counting.keep(MONDAY, after_s=2, due=True)
    assert counting.trouble == ""
    assert counting.count(MONDAY) == 1


@pytest.mark.row("A7")
def test_old_days_are_erased_by_a_clock_that_is_believed(tmp_path: Path) -> None:
    counting = _Counting(tmp_path)
    for ago in (0, DAYS_KEPT, DAYS_KEPT + 1):
        counting.tallies.add(_tally(DAY - ago, people=1))
    counting.keep(MONDAY, after_s=1, trust=TimeTrust.RESTORED, due=True)
    assert len(counting.tallies.days()) == 3
    counting.keep(MONDAY + timedelta(days=4000), after_s=2, trust=TimeTrust.UNSET, due=True)
    assert len(counting.tallies.days()) == 3
    counting.keep(MONDAY, after_s=3, due=True)
    assert counting.tallies.days() == [DAY - DAYS_KEPT, DAY]


def test_the_folder_is_bounded_whatever_the_clock_claims(tmp_path: Path) -> None:
    tallies = DayTallies(tmp_path)
    for day in range(1, DAYS_KEPT + 11):
        (tmp_path / f"{date.fromordinal(day * 300).isoformat()}.tally").touch()
    assert tallies.erase_old(None) == 10
    assert len(tallies.days()) == DAYS_KEPT


def test_a_file_that_tells_of_another_day_is_damage(tmp_path: Path) -> None:
    tallies = DayTallies(tmp_path)
    tallies.add(_tally(DAY, people=1))
    (tmp_path / "2026-03-02.tally").rename(tmp_path / "2026-03-03.tally")
    with pytest.raises(DataLoss, match="another day"):
        tallies.read(DAY + 1)
    (tmp_path / "notes.txt").touch()
    assert tallies.days() == [DAY + 1]
