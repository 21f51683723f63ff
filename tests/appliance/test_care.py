"""The care as a whole, on a clock, a chip and a board of its own: what it does, says, and goes on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes.lines import FakeChip
from fakes.turningclock import TurningClock

from edgecam.appliance.boardhealth import is_hot
from edgecam.appliance.brightness import brightness
from edgecam.appliance.care import Care, Surroundings
from edgecam.appliance.daynight import Light
from edgecam.appliance.restartlog import Ended, Evidence, read_restarts
from edgecam.appliance.savedtime import read_saved_time
from edgecam.core.announcement import Announcement, FollowedAnnouncement, announce, decode_announcement
from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame, SmallFrameWriter
from edgecam.core.status import CareStatus, read_status
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.places import Places
from edgecam.reports import Reports
from edgecam.settings import decode_settings
from edgecam.telemetry.board import Board, BoardReading
from edgecam.telemetry.throttling import ThrottlingReading

WIRED = """
[daynight]
filter_line = 0
filter_out_line = 1
lamp_line = 2
[button]
line = 3
sign_line = 4
"""
UP = True


@dataclass
class Stand:
    """One camera's care in folders of its own."""

    folder: Path
    settings: str = WIRED
    chip: FakeChip = field(default_factory=FakeChip)
    clock: TurningClock = field(default_factory=TurningClock)
    evidence: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        self.run_dir = Path(f"/dev/shm/edgecam-care-{os.getpid()}-{self.folder.name}")
        self.run_dir.mkdir(exist_ok=True)
        for name in ("care", "thermal/class/thermal/thermal_zone0"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.warm(45.0)
        self.places = Places(
            self.folder / "edgecam.toml",
            self.folder,
            self.run_dir,
            self.folder / "ring",
            self.folder / "masks.json",
        )
        self.frames = SmallFrameWriter(self.places.small_frames, 64, 36)
        self.sequence = 0
        self.care = self.begin()
        self.chip.pull(3, UP)

    def begin(self) -> Care:
        around = Surroundings(
            clock=self.clock,
            board=Board(self.folder, self.folder / "proc", self.folder / "thermal", programs=""),
            evidence=lambda: self.evidence,
            opens=self.chip.open,
            saved_time=self.folder / "saved",
            log_folder=self.folder / "care",
            reset_order=self.folder / "factory-reset",
        )
        return Care(decode_settings(self.settings), self.places, around)

    def warm(self, celsius: float) -> None:
        zone = self.folder / "thermal/class/thermal/thermal_zone0"
        (zone / "type").write_text("cpu-thermal\n")
        (zone / "temp").write_text(f"{celsius * 1000:.0f}\n")

    def show(self, luma: int, private: bool = False) -> None:
        picture = Picture(64, 36)
        picture.y[:], picture.u[:], picture.v[:] = luma, 120, 130
        picture.y[:, :32], picture.u[:, :16], picture.v[:, :16] = FILL_Y, FILL_U, FILL_V
        self.frames.publish(picture, self.clock.mono_ns_, self.clock.wall_ns, self.sequence, private)
        self.sequence += 1

    def live(self, seconds: float, luma: int | None = None) -> None:
        for _ in range(round(seconds * 10)):
            if luma is not None:
                self.show(luma)
            self.care.turn()
            self.clock.turn(0.1)

    def status(self) -> CareStatus:
        said = read_status(self.places.status_of("care"), CareStatus)
        assert said is not None
        return said

    def told(self) -> Announcement:
        told = FollowedAnnouncement(self.places.light_switch).newest()
        assert told is not None
        return told

    def end(self) -> None:
        self.frames.close()
        for path in self.run_dir.iterdir():
            path.unlink()
        self.run_dir.rmdir()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path)
    yield made
    made.end()


@pytest.mark.row("C8")
def test_a_dark_picture_is_announced_then_switched(stand: Stand) -> None:
    stand.live(10, luma=110)
    assert stand.status().light == Light.DAY
    assert stand.status().brightness == 110.0
    assert stand.chip.levels[:3] == [False, False, False]
    words: list[tuple[str, bool]] = []
    for _ in range(400):
        stand.live(0.1, luma=40)
        words.append((stand.told().what, stand.chip.levels[2]))
    order = list(dict.fromkeys(words))
    assert order == [("day", False), ("night_comes", False), ("night", True)]
    assert stand.status().switches == 1
    assert stand.told().until_mono_ns - stand.told().from_mono_ns >= 4 * NS_PER_S


@pytest.mark.row("C8")
def test_a_care_that_begins_anew_at_night_stays_in_it(stand: Stand) -> None:
    stand.live(40, luma=40)
    stand.care.close()
    assert not stand.chip.levels[2]
    stand.care = stand.begin()
    stand.chip.pull(3, UP)
    stand.live(5, luma=40)
    assert stand.status().light == Light.NIGHT
    assert stand.chip.levels[2]


@pytest.mark.row("C8")
def test_without_a_picture_nothing_is_switched(stand: Stand) -> None:
    for _ in range(60):
        stand.show(20, private=True)
        stand.live(1)
    assert stand.status().light == Light.DAY
    assert stand.status().brightness is None


@pytest.mark.row("C8")
def test_a_timetable_needs_a_time(tmp_path: Path) -> None:
    text = '[daynight]\nmode = "timetable"\nnight_hours = ["daily 00:00-24:00"]\nlamp_line = 2\n'
    stand = Stand(tmp_path, text)
    stand.clock.trust = TimeTrust.UNSET
    stand.live(30, luma=110)
    assert stand.status().light == Light.DAY
    stand.clock.trust = TimeTrust.RESTORED
    stand.live(5, luma=110)
    assert stand.status().light == Light.NIGHT
    stand.end()


def test_the_masks_are_left_out_of_the_brightness() -> None:
    picture = Picture(64, 36)
    picture.y[:], picture.u[:], picture.v[:] = FILL_Y, FILL_U, FILL_V
    frame = SmallFrame(picture, 0, 0, 0, private=False)
    assert brightness(frame) == FILL_Y
    picture.y[:18, :] = 200
    picture.u[:9, :] = 90
    assert brightness(frame) == 200.0
    assert brightness(SmallFrame(picture, 0, 0, 0, private=True)) is None


def test_the_button_orders_once_and_blinks_meanwhile(stand: Stand) -> None:
    stand.live(1)
    stand.chip.pull(3, not UP)
    stand.live(9)
    order = stand.folder / "factory-reset"
    assert not order.exists()
    blinks = [high for line, high in stand.chip.history if line == 4]
    assert len(blinks) > 20
    stand.live(2)
    assert order.exists()
    assert stand.status().button == "ordered"
    order.unlink()
    stand.live(20)
    assert not order.exists()


@pytest.mark.row("C5")
def test_a_chip_that_goes_is_a_fault_and_the_rest_goes_on(stand: Stand) -> None:
    stand.live(2, luma=110)
    stand.chip.gone = True
    stand.live(2, luma=110)
    codes = {fault.code for fault in stand.status().faults}
    assert codes == {"care_button"}
    assert stand.status().temperature_c == 45.0
    stand.chip.gone = False
    stand.live(12, luma=110)
    assert stand.status().faults == []


@pytest.mark.row("T4")
def test_heat_is_told_until_it_is_clearly_cooler(stand: Stand) -> None:
    heat = FollowedAnnouncement(stand.places.heat)
    stand.live(6)
    assert heat.newest() is None
    stand.warm(80.5)
    stand.live(6)
    assert heat.covers(stand.clock.mono_ns())
    stand.warm(76.0)
    stand.live(20)
    assert heat.covers(stand.clock.mono_ns())
    stand.warm(74.0)
    stand.live(21)
    assert not heat.covers(stand.clock.mono_ns())
    assert not stand.status().hot


@pytest.mark.row("T4")
@pytest.mark.parametrize(
    ("celsius", "now", "was_hot", "hot"),
    [
        (None, (), False, False),
        (79.9, (), False, False),
        (79.9, (), True, True),
        (60.0, ("throttled",), False, True),
        (60.0, ("soft_temperature_limit",), False, True),
        (60.0, ("undervoltage",), False, False),
        (90.0, ("undervoltage",), False, True),
    ],
)
def test_what_counts_as_hot(celsius: float | None, now: tuple[str, ...], was_hot: bool, hot: bool) -> None:
    throttling = ThrottlingReading(now, ())  # type: ignore[arg-type]
    assert is_hot(BoardReading(cpu_temperature_c=celsius, throttling=throttling), was_hot) is hot


@pytest.mark.row("C5")
def test_time_and_starts_are_kept(stand: Stand) -> None:
    stand.live(2)
    assert stand.status().last_ended == Ended.FIRST
    stand.care.close()
    assert read_saved_time(stand.folder / "saved") == stand.clock.wall_ns
    stand.clock = TurningClock(boot_id=bytes([1] * 16))
    stand.care = stand.begin()
    stand.live(1.5)
    assert stand.status().last_ended == Ended.CLEAN
    stand.clock = TurningClock(boot_id=bytes([2] * 16))
    stand.evidence = Evidence(watchdog=True)
    stand.care = stand.begin()
    stand.live(1.5)
    assert [one.ended for one in read_restarts(stand.folder / "care/restarts.jsonl")] == [
        "first",
        "clean",
        "watchdog",
    ]
    assert stand.status().starts == 3


def test_what_the_care_finds_wrong_the_hub_tells(stand: Stand) -> None:
    reports = Reports(stand.places, stand.clock, observes=True)
    assert reports.care_faults() == []
    stand.chip.gone = True
    stand.live(2)
    assert "care_daynight" in {fault.code for fault in reports.care_faults()}
    stand.clock.turn(60)
    assert [fault.code for fault in reports.care_faults()] == ["care_silent"]


def test_any_announcement_is_read_or_none(tmp_path: Path) -> None:
    place = tmp_path / "daynight.json"
    followed = FollowedAnnouncement(place)
    assert followed.newest() is None
    announce(place, Announcement("night", 5, 9))
    assert [followed.covers(at) for at in (4, 5, 8, 9)] == [False, True, True, False]
    announce(place, Announcement("day", 9, 10))
    assert followed.covers(9)
    for data in (b"", b"{}", b"[1]", b'{"what": "x", "from_mono_ns": -1, "until_mono_ns": 3}', b"\xff" * 50):
        assert decode_announcement(data) is None


@pytest.mark.parametrize(
    "wrong",
    [
        'mode = "timetable"',
        "filter_out_line = 3",
        "filter_line = 3\nlamp_line = 3",
        "dark_below = 100\nbright_above = 110",
        'night_hours = ["now and then"]',
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="daynight"):
        decode_settings(f"[daynight]\n{wrong}\n")


def test_without_a_line_nothing_is_opened(tmp_path: Path) -> None:
    stand = Stand(tmp_path, "")
    stand.chip.gone = True
    stand.live(3)
    assert stand.status().faults == []
    assert stand.status().light == stand.status().button == ""
    stand.end()


@pytest.mark.row("C5")
def test_the_process_runs_without_settings_and_ends_cleanly(tmp_path: Path) -> None:
    """As a process of its own: with no settings it keeps the time and the log, and says what is missing."""
    program = (
        "import sys, pathlib; from edgecam.appliance import care; from edgecam.appliance.imageplaces import *;"
        "from edgecam.core.clock import SystemClock; from edgecam.core.process import stop_on_signals;"
        "root = pathlib.Path(sys.argv[1]);"
        "image = ImagePlaces(system=root, run=root, orders=root, camera=root);"
        "stop = stop_on_signals();"
        "made = care.compose(root / 'none.toml', image, SystemClock()); made.turn(); print('ready', flush=True);"
        "made.run(stop)"
    )
    for name in ("care", "clock"):
        (tmp_path / name).mkdir()
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait() == 0
    status = json.loads((tmp_path / "care.json").read_text())
    assert status["faults"][0]["code"] == "care_settings"
    assert json.loads((tmp_path / "care/alive.json").read_text())["stopped"] is True


def test_without_pins_it_holds_nothing_that_looks_at_pictures() -> None:
    loads = "import sys, edgecam.appliance.care; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", loads], check=True)
