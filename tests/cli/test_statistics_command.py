"""`edgecam statistics`: the same numbers as table, JSON and CSV; small groups in none of them."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from edgecam.__main__ import app
from edgecam.analysis.tally import DayTally
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput
from edgecam.daytallies import DayTallies

pytestmark = pytest.mark.row("A7")
DAY = date(2025, 3, 3)


def _tally(day: date) -> DayTally:
    tally = DayTally.begin(day.toordinal(), ["gate"])
    tally.watched_s[:] = 3600
    tally.counts[[8, 9, 10], 0] = 12, 3, 7
    tally.counts[9, 1] = 40
    tally.stays[9, 0, 1] = 22
    tally.lines["gate"][0, 8] = 9
    tally.visits[8, 0, 9, 16], tally.heat_s[8, 0, 9, 16] = 12, 60
    tally.visits[9, 0, 2, 2], tally.heat_s[9, 0, 2, 2] = 1, 500
    return tally


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDGECAM_SETTINGS", raising=False)
    (tmp_path / "edgecam.toml").write_text('[paths]\nstate_dir = "."\n')
    DayTallies(tmp_path / "statistics").add(_tally(DAY))
    return tmp_path


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["statistics", *arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return str(done.output)


def _refused(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["statistics", *arguments])
    assert isinstance(done.exception, BadInput), done.output
    return str(done.exception)


def test_json_withholds_the_small_number_and_the_one_it_follows_from(camera: Path) -> None:
    told = json.loads(_run("--day", "2025-03-03", "--json"))
    people = told["kinds"]["person"]["count"]
    assert people["numbers"][7:11] == [0, 12, None, None]
    assert people["total"] == 22
    assert told["kinds"]["vehicle"]["count"]["numbers"][9] == 40
    assert told["lines"]["gate"]["in"]["total"] == 9
    assert told["least_group"] == 5


def test_csv_is_the_same(camera: Path) -> None:
    rows = list(csv.DictReader(_run("--day", "2025-03-03", "--csv").splitlines()))
    assert len(rows) == 25
    assert [row["person"] for row in rows[7:11]] == ["0", "12", "", ""]
    assert rows[-1]["hour"] == "all"
    assert rows[-1]["person"] == "22"
    assert rows[8]["gate in"] == "9"


def test_the_table_has_a_heat_map_without_the_one_who_stood_alone(camera: Path) -> None:
    said = _run("--day", "2025-03-03")
    assert "2025-03-03" in said
    heat = said.splitlines()[-18:]
    assert heat[9][16] == "@"
    assert heat[2].strip() == ""
    # A larger group needs more company.
    assert "@" not in _run("--day", "2025-03-03", "--least-group", "20").splitlines()[-9]


def test_the_heat_map_is_a_new_picture_of_its_own(camera: Path) -> None:
    _run("--day", "2025-03-03", "--hour", "8", "--heat-map", "heat.png")
    assert (camera / "heat.png").read_bytes().startswith(b"\x89PNG")
    assert "exists already" in _refused("--day", "2025-03-03", "--heat-map", "heat.png")


def test_today_is_not_told(camera: Path) -> None:
    today = date.fromtimestamp(SystemClock().now().wall_ns / 1e9)
    # In the camera's zone it may be tomorrow already.
    for ahead in (0, 1, 2):
        day = date.fromordinal(today.toordinal() + ahead)
        DayTallies(camera / "statistics").add(_tally(day))
    told = _refused("--day", date.fromordinal(today.toordinal() + 2).isoformat())
    assert "when the day is over" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--day", "yesterday"), "is not a day"),
        (("--day", "2025-03-04"), "there are some from 2025-03-03 to 2025-03-03"),
        (("--day", "2025-03-03", "--least-group", "1"), "groups of 1 are too small"),
        (("--day", "2025-03-03", "--kind", "face"), "is nothing that is counted"),
    ],
)
def test_what_cannot_be_is_one_sentence(camera: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in _refused(*arguments)


def test_a_damaged_day_is_told(camera: Path) -> None:
    path = camera / "statistics" / "2025-03-03.tally"
    damaged = np.frombuffer(path.read_bytes(), np.uint8).copy()
    damaged[60] ^= 1
    path.write_bytes(damaged.tobytes())
    done = CliRunner().invoke(app, ["statistics", "--day", "2025-03-03"])
    assert "does not authenticate" in str(done.exception)
