"""What the plan says a ring holds is what a ring holds; what it picks keeps the floor; what it refuses cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ringstand import RamMedium, append, at, make_ring, open_writer

from edgecam.core.errors import BadInput
from edgecam.ringbuffer.budget import SHARE, Claims
from edgecam.ringbuffer.plan import (
    FRAME_RATES,
    QUALITIES,
    Camera,
    Cell,
    Measured,
    Plan,
    Verdict,
    data_size_of,
    measured,
)
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import PRESETS, Retention

pytestmark = pytest.mark.row("R2")

GIB = 1 << 30
CAMERA = Camera(1280, 720, 15.0, "standard", fragment_s=1.0, cap_kbps=2000)
cameras = st.builds(
    Camera,
    st.integers(32, 2048).map(lambda half: 2 * half),
    st.integers(32, 1536).map(lambda half: 2 * half),
    st.floats(0.1, 120),
    st.sampled_from(sorted(QUALITIES)),
    st.floats(0.2, 2),
    st.integers(64, 50_000),
)


def plan(size_gib: float, policy: str = "kumagaya", camera: Camera = CAMERA, seen: Measured | None = None) -> Plan:
    retention = PRESETS[policy]
    return Plan(data_size_of(round(size_gib * GIB), retention), retention, camera, seen)


def all_cells(made: Plan) -> list[Cell]:
    return [cell for _, cells in made.rows() for cell in cells]


def test_the_table_has_the_shape_of_its_source() -> None:
    """Four frame rates, five qualities; fewer frames and a worse picture are always more days."""
    rows = list(plan(1000).rows())
    assert [fps for fps, _ in rows] == list(FRAME_RATES)
    for _, cells in rows:
        assert [cell.quality for cell in cells] == ["best", "high", "standard", "low", "lowest"]
        assert [cell.days for cell in cells] == sorted(cell.days for cell in cells)
    for column in range(5):
        days = [cells[column].days for _, cells in rows]
        assert days == sorted(days)


def test_an_own_frame_rate_has_a_row() -> None:
    fps = [told for told, _ in plan(100, camera=replace(CAMERA, fps=12.5)).rows()]
    assert fps == [30.0, 15.0, 12.5, 10.0, 6.0]


def test_settings_that_keep_the_floor_are_left_alone() -> None:
    made = plan(500)
    assert made.pick() == made.present
    assert made.cap_kbps(made.present) == 2000


def test_the_best_that_keeps_the_floor_is_picked() -> None:
    made = plan(300)
    picked = made.pick()
    assert picked is not None
    assert picked.verdict is Verdict.KEPT
    assert (picked.fps, picked.quality) == (15.0, "low")
    assert made.present.verdict is Verdict.SQUEEZED
    assert made.cap_kbps(picked) > picked.least_kbps


def test_where_all_are_squeezed_the_least_squeezed_is_picked() -> None:
    made = plan(60)
    picked = made.pick()
    assert picked is not None
    assert (picked.fps, picked.quality, picked.verdict) == (6.0, "lowest", Verdict.SQUEEZED)


def test_a_ring_on_which_nothing_useful_keeps_the_floor_is_refused() -> None:
    assert plan(8).pick() is None
    assert {cell.verdict for cell in all_cells(plan(8))} == {Verdict.SHORT}


def test_what_a_refusal_names_would_do() -> None:
    made = plan(8)
    enough = plan(made.size_for(made.present.rate) / GIB)
    assert enough.present.verdict is Verdict.KEPT
    barely = plan(made.least_size(15.0) / GIB)
    assert barely.present.verdict is Verdict.SQUEEZED
    shorter = replace(made, retention=Retention(made.most_days() * 0.99))
    assert shorter.pick() is not None
    assert replace(made, retention=Retention(made.most_days() * 1.02)).pick() is None


@given(st.floats(0.02, 4000), st.sampled_from(sorted(PRESETS)), cameras)
def test_what_is_picked_may_always_be_recorded_at_a_useful_rate(
    size_gib: float, policy: str, camera: Camera
) -> None:
    made = plan(size_gib, policy, camera)
    picked = made.pick()
    for cell in all_cells(made):
        useful = made.camera.rates(cell.fps).on_medium(cell.least_kbps)
        assert (cell.verdict is Verdict.SHORT) == (useful > made.budget.sustained)
    if picked is None:
        assert all(c.verdict is Verdict.SHORT for c in all_cells(made) if c.fps <= camera.fps)
        return
    assert picked.fps <= camera.fps
    assert picked.verdict is not Verdict.SHORT
    # What the law allows in a ring as full as the policy makes it is no less than that.
    full = Claims(0, made.data_size, 1 << 20, ())
    assert made.budget.allowed(full) >= made.camera.rates(picked.fps).on_medium(picked.least_kbps)
    assert 64 <= made.cap_kbps(picked) <= 50_000


@given(st.floats(1, 4000), st.sampled_from(sorted(PRESETS)), cameras)
def test_sizes_that_are_named_suffice(size_gib: float, policy: str, camera: Camera) -> None:
    made = plan(size_gib, policy, camera)
    size = made.size_for(made.present.rate)
    assume(size < (1 << 49))
    enough = plan(size / GIB + 1e-5, policy, camera)
    assert enough.budget.sustained >= made.present.rate * 0.9999


def test_days_are_what_the_data_area_holds() -> None:
    cell = plan(100).present
    assert cell.days * cell.rate * 86_400 == pytest.approx(plan(100).budget.room)
    assert plan(100).budget.sustained == pytest.approx(SHARE * plan(100).budget.most)


def test_a_quiet_camera_s_own_footage_counts_more_than_the_model() -> None:
    seen = Measured(mean_rate=40_000, worst_rate=90_000, days=3)
    made = plan(100, seen=seen)
    assert made.present.rate == 40_000
    assert made.present.verdict is Verdict.KEPT
    assert made.present.days_at_worst == pytest.approx(made.present.days * 40 / 90)
    best = made.cell(15.0, "best")
    assert best.rate == pytest.approx(40_000 * QUALITIES["best"].rate)


def test_a_ring_s_own_epochs_are_measured() -> None:
    medium = RamMedium(4 << 20)
    make_ring(medium, Retention(1))
    writer = open_writer(medium, retention=Retention(1))
    assert measured(RingReader(medium).epochs()) is None
    for number in range(700):
        append(writer, number, at(2 * number), size=1000)
    seen = measured(RingReader(medium).epochs())
    assert seen is not None
    # Records of 4096 bytes every two seconds; the newest epoch has no end yet.
    assert seen.mean_rate == pytest.approx(2048)
    assert seen.worst_rate == seen.mean_rate
    assert 600 / 86_400 < seen.days < 1400 / 86_400


def test_time_without_footage_is_not_measured() -> None:
    medium = RamMedium(4 << 20)
    make_ring(medium, Retention(1))
    writer = open_writer(medium, retention=Retention(1))
    for number in range(700):
        append(writer, number, at(2 * number + (5000 if number >= 320 else 0)), size=1000)
    seen = measured(RingReader(medium).epochs())
    assert seen is not None
    assert seen.mean_rate == pytest.approx(2048)


def test_footage_of_other_settings_is_not_measured() -> None:
    medium = RamMedium(4 << 20)
    make_ring(medium, Retention(1))
    writer = open_writer(medium, retention=Retention(1))
    for number in range(400):
        append(writer, number, at(2 * number), size=1000)
    slots = RingReader(medium).epochs()
    assert measured([*slots[:-1], replace(slots[-1], init_hash=bytes(32))]) is None


def test_a_medium_too_small_for_a_ring_is_refused() -> None:
    with pytest.raises(BadInput, match="too small"):
        data_size_of(1000, PRESETS["inzai"])
