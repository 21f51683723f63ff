"""Masks as files: every step of the table, what a cut in any step leaves, and what broken files do."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.masksets import CAMERA, SOMEBODY, drawing_of, mask_set_of
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed
from edgecam.masking.drawing import Drawing, Mask
from edgecam.masking.lifecycle import MaskAct, MaskState, Role
from edgecam.masking.maskset import NO_MASK_SET
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.proposal import Proposal, decode_proposal

pytestmark = pytest.mark.row("M5")

NOW = Instant(1_800_000_000_000_000_000, 5, bytes(16), TimeTrust.SYNCED)
LATER = replace(NOW, wall_ns=NOW.wall_ns + 1_000_000_000)
HOUSE = Drawing(masks=(Mask(name="隣の家", reason="neighbour", polygon=((0.7, 0.0), (1.0, 0.0), (1.0, 0.4))),))
ROAD = Drawing(masks=(Mask(name="road", reason="public_road", polygon=((0.0, 0.8), (1.0, 0.8), (1.0, 1.0))),))
PROPOSAL = Proposal(version=3, drawing=HOUSE, drawn=SOMEBODY)
TESTS = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path: Path) -> MaskStore:
    """A camera that was never masked."""
    return MaskStore(tmp_path / "masks.json", CAMERA)


def proposed(store: MaskStore, drawing: Drawing = HOUSE, by: str = "K. Sato") -> MaskStore:
    store.draw(drawing, Role.INSTALLER)
    store.propose(by, NOW, Role.INSTALLER)
    return store


def confirmed(store: MaskStore, drawing: Drawing = HOUSE, by: str = "M. Tanaka") -> MaskStore:
    proposed(store, drawing).confirm(by, LATER)
    return store


def test_the_way_of_a_drawing_into_force(store: MaskStore) -> None:
    assert (store.state(), store.in_force(), store.draft(), store.proposal()) == (MaskState.NONE, None, None, None)
    store.draw(HOUSE, Role.INSTALLER)
    assert (store.state(), store.draft()) == (MaskState.DRAFT, HOUSE)
    store.propose("K. Sato", NOW, Role.INSTALLER)
    assert (store.state(), store.draft()) == (MaskState.PROPOSED, None)
    first = store.confirm("M. Tanaka", LATER)
    assert (store.state(), store.in_force(), store.proposal()) == (MaskState.CONFIRMED, first, None)
    assert (first.version, first.previous, first.drawing, first.locked) == (1, NO_MASK_SET, HOUSE, None)
    assert (first.drawn.by, first.confirmed.by) == ("K. Sato", "M. Tanaka")
    assert first.drawn.at_wall_ns < first.confirmed.at_wall_ns
    locked = store.lock("M. Tanaka", LATER)
    assert (store.state(), store.history()) == (MaskState.LOCKED, (locked,))
    assert locked.mask_hash == first.mask_hash


def test_what_is_drawn_and_proposed_changes_nothing_that_is_burnt(store: MaskStore) -> None:
    burnt = confirmed(store).in_force()
    store.draw(ROAD, Role.INSTALLER)
    assert store.in_force() == burnt
    store.propose("K. Sato", NOW, Role.INSTALLER)
    assert store.in_force() == burnt
    store.withdraw(Role.INSTALLER)
    assert (store.state(), store.draft(), store.in_force()) == (MaskState.DRAFT, ROAD, burnt)


def test_every_version_names_the_one_before_and_stays_as_it_was(store: MaskStore) -> None:
    first = confirmed(store).check_in_force()
    second = confirmed(store, ROAD).check_in_force()
    assert (second.version, second.previous) == (2, first.mask_hash)
    assert store.history() == (first, second)


@pytest.mark.parametrize("name", ["masks", "a+b (1).json", "masks.v2.json"])
def test_the_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    store = MaskStore(tmp_path / name, CAMERA)
    confirmed(confirmed(store), ROAD)
    assert [masks.drawing for masks in store.history()] == [HOUSE, ROAD]


def test_once_locked_two_people_change_masks_and_the_change_is_locked(store: MaskStore) -> None:
    confirmed(store).lock("M. Tanaka", NOW)
    proposed(store, ROAD, by="m. tanaka ")
    with pytest.raises(NotAllowed, match="two people"):
        store.confirm("M. Tanaka", NOW)
    assert store.check_in_force().drawing == HOUSE
    second = store.confirm("Y. Abe", LATER)
    assert second.locked == second.confirmed
    assert store.state() is MaskState.LOCKED
    proposed(store, HOUSE)
    assert store.confirm("M. Tanaka", NOW).locked is not None


@pytest.mark.parametrize("trouble", ["missing", "empty", "another camera's"])
def test_a_broken_file_in_force_keeps_nobody_from_a_new_one(store: MaskStore, tmp_path: Path, trouble: str) -> None:
    confirmed(store).lock("M. Tanaka", NOW)
    path, first = tmp_path / "masks.json", store.check_in_force()
    if trouble == "missing":
        path.unlink()
    else:
        path.write_bytes(mask_set_of(*ROAD.masks, key=CAMERA).encode()[:-9] if trouble == "empty" else b"{}")
    assert (store.in_force(), store.state()) == (None, MaskState.NONE)
    # Also then it is remembered that masks were locked.
    proposed(store, ROAD, by="M. Tanaka")
    with pytest.raises(NotAllowed, match="two people"):
        store.confirm("M. Tanaka", NOW)
    second = store.confirm("Y. Abe", NOW)
    assert (second.version, second.previous, store.in_force()) == (2, first.mask_hash, second)


def test_an_older_version_put_back_by_hand_gets_no_number_again(store: MaskStore, tmp_path: Path) -> None:
    confirmed(store)
    confirmed(store, ROAD)
    (tmp_path / "masks.json").write_bytes((tmp_path / "masks.1.json").read_bytes())
    assert store.check_in_force().version == 1
    third = confirmed(store, drawing_of()).check_in_force()
    assert third.version == 3
    assert [masks.version for masks in store.history()] == [1, 2, 3]


def test_a_version_that_cannot_be_read_may_have_been_locked(store: MaskStore, tmp_path: Path) -> None:
    confirmed(store)
    confirmed(store, ROAD)
    (tmp_path / "masks.1.json").write_bytes(b"{}")
    proposed(store, by="M. Tanaka")
    with pytest.raises(NotAllowed, match="two people"):
        store.confirm("M. Tanaka", NOW)
    assert [masks.version for masks in store.history()] == [2]


def test_a_lock_taken_off_the_file_in_force_is_remembered(store: MaskStore, tmp_path: Path) -> None:
    confirmed(store)
    unlocked = (tmp_path / "masks.json").read_bytes()
    store.lock("M. Tanaka", NOW)
    (tmp_path / "masks.json").write_bytes(unlocked)
    proposed(store, ROAD, by="M. Tanaka")
    with pytest.raises(NotAllowed, match="two people"):
        store.confirm("M. Tanaka", NOW)


def test_only_the_first_of_all_needs_no_proposal(store: MaskStore) -> None:
    first = store.begin(HOUSE, "root", NOW)
    assert (first.version, store.in_force(), store.history()) == (1, first, (first,))
    with pytest.raises(NotAllowed, match="has masks"):
        store.begin(ROAD, "root", NOW)


def test_what_the_table_does_not_have_changes_nothing(store: MaskStore, tmp_path: Path) -> None:
    confirmed(store)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for act in (
        lambda: store.propose("K. Sato", NOW, Role.INSTALLER),
        lambda: store.withdraw(Role.INSTALLER),
        lambda: store.confirm("M. Tanaka", NOW),
    ):
        with pytest.raises(NotAllowed, match="masks that are confirmed"):
            act()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nobody_proposes_confirms_or_locks_without_a_name(store: MaskStore) -> None:
    store.draw(HOUSE, Role.INSTALLER)
    with pytest.raises(BadInput, match="who acts"):
        store.propose(" ", NOW, Role.INSTALLER)
    store.propose("K. Sato", NOW, Role.INSTALLER)
    with pytest.raises(BadInput, match="who acts"):
        store.confirm("", NOW)
    assert store.in_force() is None


def test_a_broken_draft_is_drawn_over(store: MaskStore, tmp_path: Path) -> None:
    (tmp_path / "masks.draft.json").write_bytes(b"{")
    with pytest.raises(BadInput, match="mend the drawing"):
        store.propose("K. Sato", NOW, Role.INSTALLER)
    assert confirmed(store).check_in_force().drawing == HOUSE


def test_a_broken_proposal_is_taken_back(store: MaskStore, tmp_path: Path) -> None:
    (tmp_path / "masks.proposed.json").write_bytes(b"{}")
    assert store.state() is MaskState.PROPOSED
    with pytest.raises(BadInput, match="masks withdraw"):
        store.confirm("M. Tanaka", NOW)
    store.withdraw(Role.INSTALLER)
    assert store.state() is MaskState.NONE


def test_a_folder_that_takes_nothing_says_so(tmp_path: Path) -> None:
    store = MaskStore(tmp_path / "gone" / "masks.json", CAMERA)
    with pytest.raises(MediaFailing, match="could not be"), store.alone():
        pass
    with pytest.raises(MediaFailing, match="could not be"):
        store.draw(HOUSE, Role.INSTALLER)


# Ends its process, as a power cut would, at the n-th change of a name in the folder.
_CUT = """
import os, sys
from pathlib import Path
from fakes.masksets import CAMERA
from masking.test_maskstore import LATER
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskstore import MaskStore
store, left = MaskStore(Path(sys.argv[1]), CAMERA), [int(sys.argv[3])]
def cut(event, _):
    if event in ("os.rename", "os.remove"):
        if left[0] == 0:
            os._exit(9)
        left[0] -= 1
sys.addaudithook(cut)
match sys.argv[2]:
    case "propose": store.propose("K. Sato", LATER, Role.INSTALLER)
    case "withdraw": store.withdraw(Role.INSTALLER)
    case "confirm": store.confirm("M. Tanaka", LATER)
    case "lock": store.lock("M. Tanaka", LATER)
"""


def cut_off(path: Path, act: MaskAct, changes: int) -> bool:
    """Whether ``act`` was cut off before it was over."""
    command = [sys.executable, "-c", _CUT, str(path), act.value, str(changes)]
    code = subprocess.run(command, env=_here(), check=False).returncode
    assert code in (0, 9)
    return code == 9


def _here() -> dict[str, str]:
    path = [str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def ready_for(store: MaskStore, act: MaskAct) -> None:
    confirmed(store)
    if act is not MaskAct.LOCK:
        store.draw(ROAD, Role.INSTALLER)
    if act in (MaskAct.WITHDRAW, MaskAct.CONFIRM):
        store.propose("K. Sato", NOW, Role.INSTALLER)


def repeat(store: MaskStore, act: MaskAct) -> None:
    match act:
        case MaskAct.PROPOSE:
            store.propose("K. Sato", LATER, Role.INSTALLER)
        case MaskAct.WITHDRAW:
            store.withdraw(Role.INSTALLER)
        case MaskAct.CONFIRM:
            store.confirm("M. Tanaka", LATER)
        case _:
            store.lock("M. Tanaka", LATER)


@pytest.mark.parametrize(
    ("act", "reached"),
    [
        (MaskAct.PROPOSE, MaskState.PROPOSED),
        (MaskAct.WITHDRAW, MaskState.DRAFT),
        (MaskAct.CONFIRM, MaskState.CONFIRMED),
        (MaskAct.LOCK, MaskState.LOCKED),
    ],
)
def test_a_step_cut_off_anywhere_is_done_or_can_be_done_again(
    tmp_path: Path, act: MaskAct, reached: MaskState
) -> None:
    changes, cuts = 0, True
    while cuts:
        folder = tmp_path / str(changes)
        folder.mkdir()
        store = MaskStore(folder / "masks.json", CAMERA)
        ready_for(store, act)
        before = store.state()
        cuts = cut_off(folder / "masks.json", act, changes)
        assert store.state() in (before, reached)
        if store.state() is not reached:
            repeat(store, act)
        assert store.state() is reached
        burnt = store.check_in_force()
        assert burnt.drawing == (ROAD if act is MaskAct.CONFIRM else HOUSE)
        assert [masks.version for masks in store.history()] == list(range(1, burnt.version + 1))
        assert store.history()[-1] == burnt
        # Whatever is left over does not come back later.
        if reached in (MaskState.CONFIRMED, MaskState.LOCKED):
            proposed(store, drawing_of(), by="A. Third").confirm("Y. Abe", LATER)
            assert store.check_in_force().version == burnt.version + 1
            assert len(store.history()) == burnt.version + 1
        changes += 1
    assert changes >= 2


def test_a_proposal_survives_its_file() -> None:
    assert decode_proposal(PROPOSAL.encode()) == PROPOSAL


@given(st.integers(0, len(PROPOSAL.encode()) - 1), st.integers(0, 7))
def test_one_bit_of_a_proposal_changed_is_a_proposal_or_bad_input(place: int, bit: int) -> None:
    data = bytearray(PROPOSAL.encode())
    data[place] ^= 1 << bit
    with contextlib.suppress(BadInput):
        assert isinstance(decode_proposal(bytes(data)), Proposal)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_proposal_or_bad_input(data: bytes) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(decode_proposal(data), Proposal)
