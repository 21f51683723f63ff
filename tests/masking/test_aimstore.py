"""A confirmation is signed, asks for its reference, and nothing else makes a lost one good."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from aimstand import DrawnCamera
from fakes.masksets import CAMERA
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.camera import CameraKey, create_camera_key
from edgecam.masking.aimconfirmation import AimConfirmation, decode_aim_confirmation
from edgecam.masking.aimreference import AimReference
from edgecam.masking.aimstore import AimStore, Moved

pytestmark = pytest.mark.row("M4")
NOW = Instant(1_800_000_000_000_000_000, 5, bytes(16), TimeTrust.SYNCED)
LATER = Instant(NOW.wall_ns + 1, 6, bytes(16), TimeTrust.SYNCED)
MASKS = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> AimStore:
    return AimStore(tmp_path / "masks.json", CAMERA)


def reference_for(confirmation: AimConfirmation) -> AimReference:
    drawn = DrawnCamera().reference()
    return AimReference(drawn.width, drawn.height, confirmation.digest, drawn.anchor)


def test_nothing_is_confirmed_at_first(store: AimStore) -> None:
    assert store.confirmation() is None
    assert store.identity() is None


def test_a_confirmation_asks_for_a_reference_and_gets_it(store: AimStore) -> None:
    confirmation = store.confirm("M. Tanaka", NOW, MASKS)
    assert store.confirmation() == confirmation
    assert (confirmation.step.by, confirmation.mask_hash) == ("M. Tanaka", MASKS)
    assert store.kept(confirmation) is None
    store.keep(reference_for(confirmation))
    kept = store.kept(confirmation)
    assert isinstance(kept, AimReference)
    assert kept.confirmed == confirmation.digest


def test_moved_lasts_until_the_next_confirmation(store: AimStore) -> None:
    first = store.confirm("M. Tanaka", NOW, MASKS)
    store.note_moved(first)
    assert store.kept(first) == Moved()
    second = store.confirm("M. Tanaka", LATER, MASKS)
    assert store.kept(second) is None
    store.keep(reference_for(first))  # what an elder one left behind counts no more
    assert store.kept(second) is None


def test_a_reference_that_is_lost_is_not_taken_anew_without_a_person(store: AimStore, tmp_path: Path) -> None:
    confirmation = store.confirm("M. Tanaka", NOW, MASKS)
    kept = tmp_path / "masks.aim"
    kept.unlink()
    with pytest.raises(DataLoss, match="lost"):
        store.kept(confirmation)
    again = store.confirm("M. Tanaka", LATER, MASKS)
    assert store.kept(again) is None


@given(st.binary(max_size=300) | st.binary(max_size=20).map(lambda tail: b"edgecam: moved since " + tail))
def test_any_bytes_kept_are_no_reference(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("aim")
    store = AimStore(folder / "masks.json", CAMERA)
    confirmation = store.confirm("M. Tanaka", NOW, MASKS)
    (folder / "masks.aim").write_bytes(data)
    with suppress(BadInput, DataLoss):
        assert not isinstance(store.kept(confirmation), AimReference)


def test_a_confirmation_of_another_camera_is_none(store: AimStore, tmp_path: Path) -> None:
    other: CameraKey = create_camera_key(tmp_path / "other.key")
    AimStore(tmp_path / "masks.json", other).confirm("M. Tanaka", NOW, MASKS)
    with pytest.raises(BadInput, match="another camera"):
        store.confirmation()


def test_a_changed_confirmation_is_none(store: AimStore, tmp_path: Path) -> None:
    data = store.confirm("M. Tanaka", NOW, MASKS).encode()
    for changed in (data.replace(b"Tanaka", b"Nakata"), data[:-3], data + b" ", b"", b"{}", b"[1]"):
        with pytest.raises(BadInput, match="confirm the aim again"):
            decode_aim_confirmation(changed, CAMERA.public)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_confirmation_or_bad_input(data: bytes) -> None:
    with pytest.raises(BadInput):
        decode_aim_confirmation(data, CAMERA.public)


def test_nobody_cannot_confirm(store: AimStore) -> None:
    with pytest.raises(BadInput, match="who acts"):
        store.confirm("  ", NOW, MASKS)
    assert store.confirmation() is None
