"""Power fails at every flush and every renaming of the first run; whoever comes back goes on, and ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.power import PowerFails, Supply
from newcamerastand import NewCameraStand, owner, take_all

from edgecam.stage import Stage, stage_of
from edgecam.web.firststeps import StepState

pytestmark = [pytest.mark.row("W1"), pytest.mark.row("R7")]
PEOPLE = {owner(number)[0]: owner(number)[1] for number in (0, 1)}
_DURABLE = ("fsync", "fdatasync", "replace", "unlink")


def check_promises(stand: NewCameraStand) -> None:
    """What holds at every moment, whatever was cut off."""
    places = stand.places
    if places.recipients.exists():
        recipient = places.recipients.read_text().strip()
        # Who is the owner can open what is recorded, and sign in.
        assert places.locked_owner.read_bytes() == PEOPLE[recipient]
        assert stand.accounts
    else:
        assert stage_of(places) is Stage.NEW
        assert not places.ring.exists()
    if places.masks.exists():
        assert places.ring.exists()


def test_the_first_run_survives_a_cut_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    supply = Supply(monkeypatch, _DURABLE)
    cuts, stages = 0, set()
    for moment in range(1, 1000):
        stand = NewCameraStand(tmp_path / str(moment))
        supply.count, supply.fails_at = 0, moment
        try:
            take_all(stand.first_run())
        except PowerFails:
            cuts += 1
        else:
            break
        supply.fails_at = 0
        check_promises(stand)
        stages.add(stage_of(stand.places))
        # The browser was closed too: the identity that it had made is lost.
        again = stand.first_run()
        take_all(again, person=1)
        check_promises(stand)
        assert set(again.shown().steps.values()) == {StepState.DONE}
        assert stage_of(stand.places) is Stage.READY
        stand.places.ring.unlink()
    assert cuts > 40
    assert stages == {Stage.NEW, Stage.OWNED, Stage.READY}
