"""The aim guard notices every movement within two seconds, and nothing else."""

import tracemalloc

import numpy as np
import pytest
from aimstand import COVERED, HEIGHT, LOOK_NS, WIDTH, DrawnCamera, guarded

from edgecam.core.aim import AimState
from edgecam.core.errors import BadInput
from edgecam.masking.aimguard import DECIDING_LOOKS, RULES, Aim, AimGuard, Evidence
from edgecam.masking.geometry import pixels_of

pytestmark = pytest.mark.row("M4")


def untrusted_after_s(judged: list[Aim]) -> float:
    """Seconds until trust was lost, for good."""
    lost = next(number for number, aim in enumerate(judged) if not aim.trust)
    assert not any(aim.trust for aim in judged[lost:])
    return (lost + 1) / 5


def test_it_begins_without_trust_and_finds_the_scene() -> None:
    camera = DrawnCamera()
    judged = camera.looked_at(AimGuard(camera.reference()), 4)
    assert not judged[0].trust
    assert all(aim.state is AimState.STEADY for aim in judged[10:])


@pytest.mark.parametrize(
    ("dx", "dy", "roll_deg", "zoom"),
    [
        (0.03, 0.0, 0.0, 1.0),
        (0.0, -0.04, 0.0, 1.0),
        (-0.09, 0.05, 0.0, 1.0),
        (0.3, 0.0, 0.0, 1.0),
        (0.0, 0.0, 2.5, 1.0),
        (0.0, 0.0, -15.0, 1.0),
        (0.0, 0.0, 0.0, 1.06),
        (0.0, 0.0, 0.0, 0.85),
        (0.1, 0.05, 5.0, 1.1),
    ],
)
def test_a_knock_is_noticed_within_two_seconds(dx: float, dy: float, roll_deg: float, zoom: float) -> None:
    camera, guard = guarded()
    camera.dx, camera.dy, camera.roll_deg, camera.zoom = dx, dy, roll_deg, zoom
    judged = camera.looked_at(guard, 4)
    assert untrusted_after_s(judged) <= 2.0
    assert judged[-1].state in (AimState.MOVED, AimState.LOST)


@pytest.mark.parametrize(("dx", "dy"), [(0.04, 0.0), (-0.02, 0.04), (0.15, -0.1), (-0.3, 0.0)])
def test_a_shift_is_told_with_direction_and_size_and_latches(dx: float, dy: float) -> None:
    camera, guard = guarded()
    camera.dx, camera.dy = dx, dy
    aim = camera.looked_at(guard, 3)[-1]
    assert aim.state is AimState.MOVED
    assert aim.latched
    assert aim.shift is not None
    # The camera turns right, the scene goes left.
    assert (aim.shift.dx, aim.shift.dy) == pytest.approx((-dx, -dy), abs=0.01)
    camera.dx = camera.dy = 0.0
    assert camera.looked_at(guard, 5)[-1].state is AimState.MOVED


def test_a_small_drift_is_told_so_exactly_that_masks_can_follow() -> None:
    camera, guard = guarded()
    camera.dx, camera.roll_deg = 0.011, 0.4
    aim = camera.looked_at(guard, 3)[-1]
    assert aim.state is AimState.DRIFTED
    assert not aim.trust
    assert not aim.latched
    assert aim.shift is not None
    assert aim.shift.dx == pytest.approx(-0.011, abs=0.003)
    assert aim.shift.roll_deg == pytest.approx(-0.4, abs=0.25)
    camera.dx = camera.roll_deg = 0.0
    assert camera.looked_at(guard, 3)[-1].state is AimState.STEADY


def test_a_creeping_camera_is_compared_with_where_it_stood() -> None:
    camera, guard = guarded()
    trusted_at = 0.0
    for step in range(600):
        camera.dx = 0.03 * step / 600
        if camera.looked_at(guard, 0.2)[-1].trust:
            trusted_at = camera.dx
    assert trusted_at < 0.015


def test_what_it_learned_never_follows_a_creeping_camera() -> None:
    camera, guard = guarded()
    for step in range(8):
        camera.dx = 0.0015 * step
        # Long stays at every step: time jumps, so that the layer is renewed each time.
        for _ in range(3):
            camera.looks += 400
            camera.looked_at(guard, 3)
    again = AimGuard(guard.reference)
    camera.dx = 0.015
    assert camera.looked_at(again, 3)[-1].state is AimState.DRIFTED


def test_light_that_changes_is_no_movement() -> None:
    camera, guard = guarded()
    for gain in (1.0, 0.2, 1.6, 0.1, 0.9):
        camera.gain = gain
        assert all(aim.trust for aim in camera.looked_at(guard, 3))


def test_a_lorry_before_half_of_the_view_is_no_movement() -> None:
    camera, guard = guarded()
    for share in (0.25, 0.5, 0.0):
        camera.put_before(share)
        assert all(aim.trust for aim in camera.looked_at(guard, 5))


@pytest.mark.row("M4")
def test_what_stands_for_minutes_before_half_of_a_bare_view_needs_no_person() -> None:
    camera = DrawnCamera(31, blocks=60)
    guard = AimGuard(camera.reference())
    assert camera.looked_at(guard, 3)[-1].trust
    camera.put_before(0.6, seed=1031)
    stood = camera.looked_at(guard, 120)
    assert not stood[-1].trust
    assert not any(aim.latched for aim in stood)
    camera.put_before(0)
    assert camera.looked_at(guard, 3)[-1].trust


def test_one_white_look_is_no_movement() -> None:
    camera, guard = guarded()
    white = np.full((HEIGHT, WIDTH), 255, np.uint8)
    assert guard.look(white, COVERED, (camera.looks + 1) * LOOK_NS).trust
    camera.looks += 1
    assert all(aim.trust for aim in camera.looked_at(guard, 3))


def test_a_covered_lens_is_blind_and_sees_again_by_itself() -> None:
    camera, guard = guarded()
    camera.lens_covered = True
    judged = camera.looked_at(guard, 4)
    assert untrusted_after_s(judged) <= 2.0
    assert judged[-1].state is AimState.BLIND
    camera.lens_covered = False
    assert camera.looked_at(guard, 3)[-1].state is AimState.STEADY


def test_no_look_is_trusted_when_the_lens_is_uncovered_elsewhere() -> None:
    camera, guard = guarded()
    camera.lens_covered = True
    camera.looked_at(guard, 3)
    camera.lens_covered, camera.dx = False, 0.08
    judged = camera.looked_at(guard, 5)
    assert not any(aim.trust for aim in judged)
    assert judged[-1].state is AimState.MOVED


def test_another_scene_loses_trust_at_once_and_latches_in_the_end() -> None:
    camera, guard = guarded()
    other = DrawnCamera(seed=99)
    other.looks = camera.looks
    judged = other.looked_at(guard, 4)
    assert untrusted_after_s(judged) <= 2.0
    assert not judged[-1].latched
    assert other.looked_at(guard, 92)[-1].latched


def test_the_mask_itself_is_no_evidence() -> None:
    """A turned camera whose masks stay where they are in the picture, and little else to see."""
    camera, guard = guarded()
    grey = np.random.default_rng(3).normal(110, 2, (HEIGHT, WIDTH)).astype(np.uint8)
    grey[pixels_of(COVERED, WIDTH, HEIGHT)] = 32
    judged = [guard.look(grey, COVERED, (camera.looks + n) * LOOK_NS) for n in range(1, 16)]
    assert judged[-1].state is AimState.BLIND


def test_a_person_confirms_the_new_view() -> None:
    camera, guard = guarded()
    camera.dx = 0.1
    assert camera.looked_at(guard, 3)[-1].latched
    guard.confirm(camera.reference())
    assert not guard.aim.trust
    assert camera.looked_at(guard, 2)[-1].trust


def test_a_person_releases_a_camera_that_was_put_back() -> None:
    camera, guard = guarded()
    camera.dx = 0.1
    camera.looked_at(guard, 3)
    guard.release()
    assert not camera.looked_at(guard, 3)[-1].trust
    camera.dx = 0.0
    guard.release()
    assert camera.looked_at(guard, 3)[-1].trust


def test_masks_that_follow_a_drift_do_not_disturb_it() -> None:
    """The guard may be told other masks than the reference was taken under."""
    camera, guard = guarded()
    bare = DrawnCamera(covered=np.roll(COVERED, 1, axis=1))
    bare.looks = camera.looks
    assert all(aim.trust for aim in bare.looked_at(guard, 3))


def test_after_a_pause_nothing_is_trusted_on_old_looks() -> None:
    camera, guard = guarded()
    camera.looks += 100
    camera.dx = 0.1
    judged = camera.looked_at(guard, 3)
    assert untrusted_after_s(judged) <= 2.0


def test_a_picture_of_another_size_is_refused() -> None:
    _, guard = guarded()
    with pytest.raises(BadInput):
        guard.look(np.zeros((180, 320), np.uint8), np.zeros((23, 40), np.bool_), 10**12)


def test_the_table_answers_any_looks() -> None:
    assert RULES[-1][0] == frozenset(Evidence)
    assert all(0 < least <= DECIDING_LOOKS for _, least, _ in RULES)


def test_looking_keeps_no_memory() -> None:
    camera, guard = guarded()
    looks = [camera.look() for _ in range(5)]
    for number in range(20):
        guard.look(looks[number % 5], COVERED, (camera.looks + number) * LOOK_NS)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(20, 60):
        guard.look(looks[number % 5], COVERED, (camera.looks + number) * LOOK_NS)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 20_000
