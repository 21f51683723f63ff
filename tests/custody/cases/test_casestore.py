"""Cases on a real disk: registered before each step, followed between processes, believed only by the register."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from casestand import PURPOSE, CaseStand
from page_camera import NOW_WALL_NS, ObedientClock

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed, Unavailable
from edgecam.custody.cases import casestore
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, CaseState, Decision, Party, Step, Use, Want
from edgecam.custody.cases.casefile import case_sha256
from edgecam.custody.cases.caselines import CaseLines
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line

pytestmark = pytest.mark.row("G4")


@pytest.fixture
def clock() -> ObedientClock:
    return ObedientClock()


@pytest.fixture
def stand(tmp_path: Path, clock: ObedientClock) -> CaseStand:
    return CaseStand(tmp_path, clock, NOW_WALL_NS - 10**15, NOW_WALL_NS)


@pytest.fixture
def store(stand: CaseStand) -> CaseStore:
    return stand.store


def wish(stand: CaseStand, kind: CaseKind = CaseKind.LOOK, **fields: Any) -> Case:
    made = Case(
        case_id="",
        kind=kind,
        want=Want.VIEW,
        state=CaseState.ASKED,
        asked=stand.clock.now(),
        asked_by="operator",
        asker=Party("operator", "shop"),
        asker_kind=AskerKind.INSIDE,
        use=Use.WITHIN,
        purpose=PURPOSE,
        from_wall_ns=NOW_WALL_NS - 3600 * NS_PER_S,
        to_wall_ns=NOW_WALL_NS - 1800 * NS_PER_S,
        asked_by_id="2" * 32,
    )
    return replace(made, **fields)


def yes(stand: CaseStand) -> Decision:
    return Decision(True, "owner", stand.clock.now(), "")


def lines(stand: CaseStand) -> list[RegisterLine]:
    data = (stand.folder / "register.jsonl").read_bytes()
    return [decode_line(line) for line in data.splitlines(keepends=True)]


def path_of(stand: CaseStand, case: Case) -> Path:
    return stand.folder / "cases" / f"{case.case_id}.json"


@pytest.mark.row("G1")
def test_a_step_is_a_line_first_that_names_the_bytes_of_the_case(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    assert case.case_id == "20261121-100000"
    begun, done = lines(stand)
    assert (begun.act, begun.who, begun.purpose) == (Act.REQUEST, "operator", PURPOSE)
    assert (begun.from_wall_ns, begun.to_wall_ns) == (case.from_wall_ns, case.to_wall_ns)
    assert begun.detail["case_sha256"] == case_sha256(path_of(stand, case).read_bytes())
    assert {key: begun.detail[key] for key in ("case", "step", "affiliation", "use", "form", "kind")} == {
        "case": case.case_id,
        "step": "ask",
        "affiliation": "shop",
        "use": "within",
        "form": "view",
        "kind": "look",
    }
    assert (done.completes, done.detail["outcome"]) == (begun.sequence, "done")


def test_steps_go_on_by_the_table_and_are_read_back_by_others(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    granted = store.step(case.case_id, Step.GRANT, "owner", decision=yes(stand))
    assert (granted.state, granted.revision) == (CaseState.GRANTED, 1)
    other = stand.another_store()
    assert other.find(case.case_id) == granted
    assert [one.case_id for one in other.open_cases()] == [case.case_id]
    closed = other.step(case.case_id, Step.CLOSE, "operator", found=True)
    assert store.find(case.case_id) == closed
    assert store.open_cases() == []
    assert [line.act for line in lines(stand) if line.completes is None] == [
        Act.REQUEST,
        Act.DECISION,
        Act.REQUEST,
    ]
    assert not store.stands(granted)
    assert store.stands(closed)


def test_what_cannot_be_done_with_it_now_is_refused_and_not_registered(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    before = len(lines(stand))
    with pytest.raises(NotAllowed, match="cannot be reported"):
        store.step(case.case_id, Step.REPORT, "operator", report="x")
    with pytest.raises(NotAllowed, match="a look, is asked: it cannot be answered"):
        store.step(case.case_id, Step.ANSWER, "owner", answer="x")
    for strange in ("20200101-000000", "../accounts", ""):
        with pytest.raises(BadInput, match="there is no case"):
            store.step(strange, Step.GRANT, "owner")
    assert len(lines(stand)) == before


def test_two_of_one_second_have_two_names(stand: CaseStand, store: CaseStore) -> None:
    found = [store.ask(wish(stand)).case_id for _ in range(3)]
    assert found == ["20261121-100000", "20261121-100000a", "20261121-100000b"]


def test_too_many_open_ones_are_refused(
    stand: CaseStand, store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casestore, "MOST_OPEN", 2)
    first = store.ask(wish(stand))
    store.ask(wish(stand))
    with pytest.raises(Unavailable, match="are open already"):
        store.ask(wish(stand))
    store.step(first.case_id, Step.WITHDRAW, "operator")
    store.ask(wish(stand))


@pytest.mark.row("G3")
def test_an_earlier_state_put_back_is_refused_by_name(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    store.step(case.case_id, Step.GRANT, "owner", decision=yes(stand))
    granted = path_of(stand, case).read_bytes()
    store.step(case.case_id, Step.REVOKE, "owner", decision=replace(yes(stand), granted=False))
    path_of(stand, case).write_bytes(granted)
    for one in (store, stand.another_store()):
        with pytest.raises(DataLoss, match=f"case {case.case_id} was changed behind the register's back"):
            one.find(case.case_id)
        assert one.all() == []
        assert one.troubles() == [f"case {case.case_id} was changed behind the register's back"]


@pytest.mark.row("G3")
def test_a_case_that_was_taken_away_or_put_there_is_named(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    data = path_of(stand, case).read_bytes()
    path_of(stand, case).unlink()
    assert store.troubles() == [f"case {case.case_id} was taken away behind the register's back"]
    (stand.folder / "register.jsonl").unlink()
    path_of(stand, case).write_bytes(data)
    assert stand.another_store().troubles() == [f"case {case.case_id} was changed behind the register's back"]


def test_the_register_is_followed_into_a_new_book(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    register = stand.folder / "register.jsonl"
    register.rename(stand.folder / "register-2026.jsonl")
    register.write_bytes(b"")
    assert store.find(case.case_id) == case
    assert stand.another_store().find(case.case_id) == case


def test_a_full_disk_leaves_the_case_as_it_was_and_says_so(
    stand: CaseStand, store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = store.ask(wish(stand))

    def full(path: Path, data: bytes, mode: int = 0o600) -> None:
        raise MediaFailing(f"{path} could not be written (No space left on device)")

    monkeypatch.setattr(casestore, "replace_durably", full)
    with pytest.raises(MediaFailing, match="No space left"):
        store.step(case.case_id, Step.GRANT, "owner", decision=yes(stand))
    monkeypatch.undo()
    assert store.find(case.case_id) == case
    assert lines(stand)[-1].detail["outcome"] == "failed"
    assert store.settle() == []
    assert store.step(case.case_id, Step.WITHDRAW, "operator").state is CaseState.WITHDRAWN


def test_a_case_whose_time_is_over_is_erased_and_that_is_registered(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    with pytest.raises(BadInput, match="still open"):
        store.forget(case.case_id, "edgecam")
    store.step(case.case_id, Step.WITHDRAW, "operator")
    store.forget(case.case_id, "edgecam")
    assert not path_of(stand, case).exists()
    assert lines(stand)[-1].act is Act.ERASURE
    for one in (store, stand.another_store()):
        assert one.troubles() == []
        assert one.all() == []
    # Its name is never given to another one.
    assert store.ask(wish(stand)).case_id == "20261121-100000a"


def test_lines_that_are_not_the_cameras_count_for_nothing(stand: CaseStand, store: CaseStore) -> None:
    case = store.ask(wish(stand))
    last = lines(stand)[-1]
    forged = replace(last, sequence=3, completes=None, detail=dict(last.detail) | {"case_sha256": "00" * 32})
    with open(stand.folder / "register.jsonl", "ab") as file:
        file.write(forged.encode())
        file.write(b'{"case_sha256":"')
    found = CaseLines(stand.folder / "register.jsonl", bytes(32))
    found.follow()
    assert found.ids() == []
    assert stand.another_store().find(case.case_id) == case


def _ask_ten(folder: Path, number: int) -> None:
    stand = CaseStand(folder, ObedientClock(), NOW_WALL_NS - 10**15, NOW_WALL_NS)
    for _ in range(6):
        case = stand.store.ask(wish(stand, asked_by=f"operator{number}"))
        stand.store.step(case.case_id, Step.WITHDRAW, f"operator{number}")


def test_processes_that_ask_at_once_all_stand(stand: CaseStand, store: CaseStore) -> None:
    spawning = multiprocessing.get_context("fork")
    asking = [spawning.Process(target=_ask_ten, args=(stand.folder, number)) for number in range(3)]
    for process in asking:
        process.start()
    for process in asking:
        process.join(60)
    assert [process.exitcode for process in asking] == [0, 0, 0]
    found = store.all()
    assert len({case.case_id for case in found}) == 18
    assert {case.state for case in found} == {CaseState.WITHDRAWN}
    assert store.troubles() == []
    assert len(lines(stand)) == 72
