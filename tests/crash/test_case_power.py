"""Power fails at every flush and renaming of a case's life; whoever comes back finds a whole case, and is told.

What was registered and not carried out is named; nothing was carried out that was not registered.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from casestand import PURPOSE, CaseStand
from fakes.power import PowerFails, Supply
from page_camera import NOW_WALL_NS, ObedientClock

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import EdgecamError
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import CaseKind, CaseState, Want
from edgecam.custody.cases.casedesk import Ask
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.register.register_line import RegisterLine, decode_line

pytestmark = [pytest.mark.row("G3"), pytest.mark.row("R7")]
OWNER, OPERATOR = Actor("owner", AccountRole.OWNER, "1" * 32), Actor("operator", AccountRole.OPERATOR, "2" * 32)
_DURABLE = ("fsync", "fdatasync", "replace", "unlink", "rename")


def live(stand: CaseStand) -> None:
    """Asked, granted, taken back."""
    desk = stand.desk()
    asked = Ask(
        CaseKind.LOOK,
        Want.VIEW,
        purpose=PURPOSE,
        from_wall_ns=NOW_WALL_NS - 3600 * NS_PER_S,
        to_wall_ns=NOW_WALL_NS - 60 * NS_PER_S,
    )
    case = desk.ask(OPERATOR, asked)
    desk.grant(OWNER, case.case_id)
    desk.revoke(OWNER, case.case_id, "it was a mistake")


def lines(folder: Path) -> list[RegisterLine]:
    try:
        data = (folder / "register.jsonl").read_bytes()
    except FileNotFoundError:
        return []
    return [decode_line(line) for line in data.splitlines(keepends=True) if line.endswith(b"\n")]


def test_a_cut_at_any_moment_leaves_a_whole_case_and_an_honest_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply = Supply(monkeypatch, _DURABLE)
    states, undone = set(), 0
    for moment in range(1, 200):
        folder = tmp_path / str(moment)
        folder.mkdir()
        supply.count, supply.fails_at = 0, moment
        try:
            live(CaseStand(folder, ObedientClock(), 0, NOW_WALL_NS))
        except PowerFails:
            pass
        else:
            break
        supply.fails_at = 0
        back = CaseStand(folder, ObedientClock(), 0, NOW_WALL_NS)
        told = back.store.settle()
        assert back.store.troubles() == []
        assert back.store.settle() == []
        found = back.store.all()
        states |= {case.state for case in found}
        # Each step that was begun is told to be done or not, and only what is done is so.
        open_lines = {line.sequence: line for line in lines(folder) if line.completes is None}
        ended = {line.completes: line.detail["outcome"] for line in lines(folder) if line.completes is not None}
        begun = {number for number, line in open_lines.items() if "case_sha256" in line.detail}
        assert begun == set(ended)
        assert sorted(ended.values()).count("failed") == len(told)
        done = [number for number in sorted(begun) if ended[number] == "done"]
        assert len(done) == (found[0].revision + 1 if found else 0)
        undone += len(told)
        # And it goes on.
        for case in found:
            if case.state is CaseState.GRANTED:
                back.desk().revoke(OWNER, case.case_id, "it was a mistake")
    assert moment > 15
    assert undone >= 3
    assert states == {CaseState.ASKED, CaseState.GRANTED, CaseState.REVOKED}


def test_what_was_cut_off_is_named_for_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand = CaseStand(tmp_path, ObedientClock(), 0, NOW_WALL_NS)
    live(stand)
    (case,) = stand.store.all()
    again = stand.desk().ask(
        OPERATOR,
        Ask(CaseKind.LOOK, Want.VIEW, purpose=PURPOSE, from_wall_ns=case.from_wall_ns, to_wall_ns=case.to_wall_ns),
    )
    with monkeypatch.context() as patch:
        supply = Supply(patch, _DURABLE)
        supply.fails_at = 2  # the line is flushed, the file is not
        with pytest.raises(PowerFails):
            stand.desk().grant(OWNER, again.case_id)
    (told,) = stand.another_store().settle()
    assert str(told).startswith(f"the step 'grant' of case {again.case_id} was registered (line ")
    assert stand.another_store().find(again.case_id).state is CaseState.ASKED
    with pytest.raises(EdgecamError):
        stand.desk().revoke(OWNER, again.case_id, "there is nothing to take back")
