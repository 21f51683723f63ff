"""Who may do what with masks, read off the table and against it."""

import pytest

from edgecam.core.errors import NotAllowed
from edgecam.masking.lifecycle import TRANSITIONS, MaskAct, MaskState, Role, after, check_two_people

pytestmark = pytest.mark.row("M5")

WAY = [
    (MaskAct.DRAW, Role.INSTALLER, MaskState.DRAFT),
    (MaskAct.PROPOSE, Role.INSTALLER, MaskState.PROPOSED),
    (MaskAct.CONFIRM, Role.OWNER, MaskState.CONFIRMED),
    (MaskAct.LOCK, Role.OWNER, MaskState.LOCKED),
]


def test_the_way_from_nothing_to_locked() -> None:
    state = MaskState.NONE
    for act, role, reached in WAY:
        state = after(state, act, role)
        assert state is reached


@pytest.mark.parametrize("state", MaskState)
@pytest.mark.parametrize("act", MaskAct)
def test_what_is_not_in_the_table_is_refused_and_says_what_is_possible(state: MaskState, act: MaskAct) -> None:
    if (state, act) in TRANSITIONS:
        return
    with pytest.raises(NotAllowed, match=f"masks that are {state.value} cannot be") as refused:
        after(state, act, Role.OWNER)
    possible = {a for s, a in TRANSITIONS if s is state}
    assert possible
    assert all(step.value in str(refused.value) for step in possible)


@pytest.mark.parametrize("act", [MaskAct.CONFIRM, MaskAct.LOCK])
def test_only_the_owner_puts_masks_in_force(act: MaskAct) -> None:
    state = next(s for s, a in TRANSITIONS if a is act)
    with pytest.raises(NotAllowed, match="only the owner"):
        after(state, act, Role.INSTALLER)


def test_nothing_leads_into_force_but_a_confirmation() -> None:
    into = {act for (_, act), (to, _) in TRANSITIONS.items() if to is MaskState.CONFIRMED}
    assert into == {MaskAct.CONFIRM}


def test_locked_masks_take_two_people() -> None:
    check_two_people("M. Tanaka", "M. Tanaka", was_locked=False)
    check_two_people("M. Tanaka", "Y. Sato", was_locked=True)
    with pytest.raises(NotAllowed, match="two people"):
        check_two_people("M. Tanaka", " m. tanaka", was_locked=True)
