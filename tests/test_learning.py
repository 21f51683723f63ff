"""What is learned and counted outlives the observer; a damaged file is told and begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.rule import NO_RULES
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.picture import Picture
from edgecam.learning import Learning
from edgecam.places import Places, find_places
from edgecam.settings import Settings

WALL_NS = 1_800_000_000 * NS_PER_S


class _Clock:
    def now(self) -> Instant:
        return Instant(WALL_NS, 0, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return 0

    def sleep(self, duration_s: float) -> None:
        raise AssertionError(duration_s)


@pytest.fixture
def camera(tmp_path: Path) -> tuple[Settings, Places]:
    path = tmp_path / "edgecam.toml"
    path.write_text('[paths]\nstate_dir = "."\n')
    return find_places(path)


def _begun(camera: tuple[Settings, Places]) -> Learning:
    settings, places = camera
    return Learning(settings, NO_RULES, places, _Clock())


def _watch(learning: Learning, seconds: int) -> None:
    picture, motion = Picture(64, 36), MotionModel(64, 36)
    for judge in (learning.normality, learning.statistics):
        assert judge is not None
        judge.at_trust(int(TimeTrust.SYNCED))
        for second in range(0, seconds, 2):
            judge.observe(Look(second, WALL_NS + second * NS_PER_S, 2.0, picture, motion, [], []))


@pytest.mark.row("A4")
@pytest.mark.row("A7")
def test_a_restart_goes_on_where_it_stopped(camera: tuple[Settings, Places]) -> None:
    first = _begun(camera)
    _watch(first, seconds=1900)
    assert first.progress == "learning, 1 of 14 afternoons"
    first.keep(_Clock().now(), due=True)
    second = _begun(camera)
    assert second.faults == []
    assert second.normality is not None
    assert first.normality is not None
    assert second.normality.state() == first.normality.state()
    assert len(list(camera[1].statistics.iterdir())) == 1


@pytest.mark.row("A4")
def test_damaged_habits_begin_anew_and_are_told(camera: tuple[Settings, Places]) -> None:
    camera[1].habits.write_bytes(b"EDGENRM1 and no more")
    learning = _begun(camera)
    assert [fault.code for fault in learning.faults] == ["habits"]
    _watch(learning, seconds=100)
    learning.keep(_Clock().now(), due=True)
    assert _begun(camera).faults == []


def test_what_is_switched_off_keeps_nothing(camera: tuple[Settings, Places]) -> None:
    settings, places = camera
    off = settings.analysis.model_copy(update={"unusual": False, "statistics": False})
    learning = Learning(settings.model_copy(update={"analysis": off}), NO_RULES, places, _Clock())
    assert learning.normality is None
    assert learning.statistics is None
    assert learning.progress == ""
    learning.keep(_Clock().now(), due=True)
    assert not places.habits.exists()
    assert not places.statistics.exists()
