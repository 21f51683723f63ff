"""How a drawing becomes the masks in force, and who may take which step: one table.

The set in force stays in force while a later one is drawn and proposed; only its confirmation replaces it.
"""

from __future__ import annotations

from enum import StrEnum

from edgecam.core.errors import NotAllowed


class MaskState(StrEnum):
    """Where the newest set of masks stands; ``none`` is a camera that was never masked, and so shows nothing."""

    NONE = "none"
    DRAFT = "draft"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    LOCKED = "locked"


class MaskAct(StrEnum):
    """What is done to masks; the names stand in the register."""

    DRAW = "draw"
    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    LOCK = "lock"


class Role(StrEnum):
    """As whom somebody acts on masks."""

    INSTALLER = "installer"
    OWNER = "owner"


_EITHER = frozenset({Role.INSTALLER, Role.OWNER})
_OWNER = frozenset({Role.OWNER})
# (state, act) → the state after it, and who may.
TRANSITIONS: dict[tuple[MaskState, MaskAct], tuple[MaskState, frozenset[Role]]] = {
    (MaskState.NONE, MaskAct.DRAW): (MaskState.DRAFT, _EITHER),
    (MaskState.DRAFT, MaskAct.DRAW): (MaskState.DRAFT, _EITHER),
    (MaskState.DRAFT, MaskAct.PROPOSE): (MaskState.PROPOSED, _EITHER),
    (MaskState.PROPOSED, MaskAct.WITHDRAW): (MaskState.DRAFT, _EITHER),
    (MaskState.PROPOSED, MaskAct.CONFIRM): (MaskState.CONFIRMED, _OWNER),
    (MaskState.CONFIRMED, MaskAct.LOCK): (MaskState.LOCKED, _OWNER),
    (MaskState.CONFIRMED, MaskAct.DRAW): (MaskState.DRAFT, _EITHER),
    (MaskState.LOCKED, MaskAct.DRAW): (MaskState.DRAFT, _EITHER),
}


def after(state: MaskState, act: MaskAct, role: Role) -> MaskState:
    """The state after ``act``. Raises: NotAllowed when it cannot be done now, or not by ``role``."""
    step = TRANSITIONS.get((state, act))
    if step is None:
        possible = sorted({a.value for s, a in TRANSITIONS if s is state})
        raise NotAllowed(
            f"masks that are {state.value} cannot be {_DONE[act]}",
            do=f"possible now: {', '.join(possible)}",
            safe="the masks in force stay as they are",
        )
    to, roles = step
    if role not in roles:
        raise NotAllowed(f"only the {' or the '.join(sorted(roles))} may {act.value} masks")
    return to


def check_two_people(drawn_by: str, confirmed_by: str, was_locked: bool) -> None:
    """Once masks were locked, who draws and who confirms are two. Raises: NotAllowed."""
    if was_locked and drawn_by.strip().casefold() == confirmed_by.strip().casefold():
        raise NotAllowed(
            "locked masks are changed by two people: an installer who draws and the owner who confirms",
            do="let the installer propose",
            safe="the masks in force stay as they are",
        )


_DONE = {
    MaskAct.DRAW: "drawn",
    MaskAct.PROPOSE: "proposed",
    MaskAct.WITHDRAW: "withdrawn",
    MaskAct.CONFIRM: "confirmed",
    MaskAct.LOCK: "locked",
}
