"""The guard at work: what is confirmed is taken, kept, watched, and a movement outlives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from aimstand import COVERED, LOOK_NS, DrawnCamera
from fakes.masksets import CAMERA

from edgecam.core.aim import AimState
from edgecam.core.clock import Instant, TimeTrust
from edgecam.masking.aiming import UNGUARDED, Aiming
from edgecam.masking.aimreference import AimReference
from edgecam.masking.aimstore import AimStore, Film, Moved

pytestmark = pytest.mark.row("M4")
MASKS, OTHER_MASKS = bytes(range(32)), bytes(32)


class Stand:
    """A drawn camera, its files, and a recorder's aiming that may be started anew."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.camera = folder, DrawnCamera()
        self.store = AimStore(folder / "masks.json", CAMERA)
        self.looks = 0
        self.restart()

    def restart(self) -> None:
        self.aiming = Aiming(self.store)
        self.aiming.follow(MASKS)
        self.looks += 50

    def confirm(self, mask_hash: bytes = MASKS) -> None:
        now = Instant(1_800_000_000_000_000_000 + self.looks, self.looks, bytes(16), TimeTrust.SYNCED)
        self.store.confirm("M. Tanaka", now, mask_hash)

    def seconds(self, duration_s: float, masks: bytes = MASKS) -> list[AimState]:
        """States over ``duration_s`` of looks; the files are followed once a second."""
        states = []
        for number in range(round(duration_s * 5)):
            if number % 5 == 0:
                self.aiming.follow(masks)
            self.looks += 1
            states.append(self.aiming.look(self.camera.look(), COVERED, self.looks * LOOK_NS).state)
        return states


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


@pytest.fixture
def steady(stand: Stand) -> Stand:
    """Confirmed, taken, kept, watched."""
    stand.confirm()
    assert stand.seconds(8)[-1] is AimState.STEADY
    return stand


def test_nobody_confirmed_and_nothing_is_trusted(stand: Stand) -> None:
    assert set(stand.seconds(8)) == {AimState.UNCONFIRMED}
    assert stand.aiming.fault is not None
    assert "edgecam aim confirm" in stand.aiming.fault.sentence


def test_a_confirmed_view_is_taken_and_trusted_after_that(steady: Stand) -> None:
    assert steady.aiming.fault is None
    confirmation = steady.aiming.confirmation
    assert confirmation is not None
    assert isinstance(steady.store.kept(confirmation), AimReference)


def test_while_the_first_reference_is_taken_nothing_is_wrong_and_nothing_trusted(stand: Stand) -> None:
    stand.confirm()
    assert set(stand.seconds(3)) == {AimState.UNCONFIRMED}
    assert stand.aiming.fault is None


def test_after_a_restart_the_view_is_found_again_before_it_is_trusted(steady: Stand) -> None:
    steady.restart()
    states = steady.seconds(4)
    assert states[0] is AimState.LOST
    assert states[-1] is AimState.STEADY
    assert steady.aiming.fault is None


def test_a_camera_that_was_turned_while_nobody_looked_is_never_trusted(steady: Stand) -> None:
    steady.camera.dx = 0.1
    steady.restart()
    states = steady.seconds(4)
    assert AimState.STEADY not in states
    assert states[-1] is AimState.MOVED


def test_a_pause_ends_trust_until_the_view_is_found_again(steady: Stand) -> None:
    steady.looks += 100
    steady.camera.dx = 0.1
    assert AimState.STEADY not in steady.seconds(4)


def test_moved_outlives_a_restart_and_ends_by_a_person(steady: Stand) -> None:
    steady.camera.dx = 0.08
    assert steady.seconds(4)[-1] is AimState.MOVED
    assert steady.aiming.fault is not None
    assert "8.1 % of the width to the left" in steady.aiming.fault.sentence
    steady.camera.dx = 0.0
    assert set(steady.seconds(3)) == {AimState.MOVED}
    confirmation = steady.aiming.confirmation
    assert confirmation is not None
    assert steady.store.kept(confirmation) == Moved()
    steady.restart()
    assert set(steady.seconds(8)) == {AimState.MOVED}
    steady.confirm()
    states = steady.seconds(10)
    assert states[0] is AimState.UNCONFIRMED
    assert states[-1] is AimState.STEADY


def test_a_new_confirmation_of_a_view_that_is_trusted_hides_nothing_meanwhile(steady: Stand) -> None:
    steady.confirm()
    assert set(steady.seconds(10)) == {AimState.STEADY}
    confirmation = steady.aiming.confirmation
    assert confirmation is not None
    assert isinstance(steady.store.kept(confirmation), AimReference)


def test_other_masks_want_their_own_confirmation(steady: Stand) -> None:
    assert set(steady.seconds(2, OTHER_MASKS)) == {AimState.UNCONFIRMED}
    steady.confirm(OTHER_MASKS)
    # The view was trusted all the time: nothing more is hidden while its reference is taken anew.
    assert set(steady.seconds(10, OTHER_MASKS)) == {AimState.STEADY}


def test_what_was_kept_and_is_lost_or_broken_makes_private(steady: Stand) -> None:
    kept = steady.folder / "masks.aim"
    for damage in (lambda: kept.write_bytes(kept.read_bytes()[:-7]), kept.unlink):
        damage()
        steady.restart()
        assert set(steady.seconds(8)) == {AimState.UNCONFIRMED}
        assert steady.aiming.fault is not None
        assert "confirm the aim again" in steady.aiming.fault.sentence


def test_a_broken_confirmation_makes_private(steady: Stand) -> None:
    (steady.folder / "masks.aim.json").write_bytes(b"{}")
    assert steady.seconds(2)[-1] is AimState.UNCONFIRMED
    assert steady.aiming.fault is not None


def test_a_covered_lens_is_blind_and_its_picture_is_told_in_numbers(steady: Stand) -> None:
    steady.camera.lens_covered = True
    assert steady.seconds(3)[-1] is AimState.BLIND
    newest = steady.aiming.reading_at(steady.looks * LOOK_NS)
    assert newest.brightness < 40
    assert newest.contrast < 10
    assert newest.structure < 0.2
    steady.camera.lens_covered = False
    assert steady.seconds(3)[-1] is AimState.STEADY


def test_an_old_judgement_is_none(steady: Stand) -> None:
    assert steady.aiming.reading_at(steady.looks * LOOK_NS + LOOK_NS).state is AimState.STEADY
    assert steady.aiming.reading_at((steady.looks + 20) * LOOK_NS).state is AimState.UNCONFIRMED


def test_a_full_disk_keeps_nobody_from_judging(steady: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    (steady.folder / "masks.aim").unlink()
    (steady.folder / "masks.aim").mkdir()
    steady.camera.dx = 0.08
    assert steady.seconds(5)[-1] is AimState.MOVED
    (steady.folder / "masks.aim").rmdir()
    steady.seconds(1)
    confirmation = steady.aiming.confirmation
    assert confirmation is not None
    assert steady.store.kept(confirmation) == Moved()


def test_without_a_guard_every_view_is_trusted_and_says_so() -> None:
    assert UNGUARDED.reading_at(5).state is AimState.UNGUARDED
    assert UNGUARDED.look(DrawnCamera().look(), COVERED, 7).state is AimState.UNGUARDED
    assert UNGUARDED.fault is None


class StoppedClock:
    """Any moment, each later than the one before."""

    def __init__(self) -> None:
        self.asked = 0

    def now(self) -> Instant:
        self.asked += 1
        return Instant(1_800_000_000_000_000_000 + self.asked, self.asked, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return self.now().mono_ns

    def sleep(self, duration_s: float) -> None:
        raise AssertionError(duration_s)


CLOCK = StoppedClock()


def filmed(stand: Stand, name: str) -> list[AimState]:
    """Ten seconds of a recorder that plays the film ``name``."""
    stand.aiming = Aiming(stand.store, Film(name, CLOCK))
    stand.looks += 50
    return stand.seconds(10)


def test_a_film_is_confirmed_by_itself_and_guarded_then(stand: Stand) -> None:
    assert filmed(stand, "file:a.mp4")[-1] is AimState.STEADY
    stand.camera.dx = 0.1
    assert stand.seconds(3)[-1] is AimState.MOVED
    stand.camera.dx = 0.0
    assert set(filmed(stand, "file:a.mp4")) == {AimState.MOVED}
    assert filmed(stand, "file:b.mp4")[-1] is AimState.STEADY
    assert stand.seconds(10, OTHER_MASKS)[-1] is AimState.STEADY


def test_what_a_film_confirmed_is_worth_nothing_for_a_camera(stand: Stand) -> None:
    stand.aiming = Aiming(stand.store, Film("file:a.mp4", CLOCK))
    stand.seconds(1)
    stand.restart()
    assert set(stand.seconds(8)) == {AimState.UNCONFIRMED}
