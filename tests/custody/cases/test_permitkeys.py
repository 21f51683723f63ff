"""Permits that are keys: served to one person while a case allows it, gone with its end, never believed broken."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringstand import CAMERA, OTHER_CAMERA, at

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.core.term import Term
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, CaseState, Decision, Party, Use, Want
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.cases.permitkeys import (
    CaseKeys,
    Left,
    PermitKey,
    PermitKeys,
    Permits,
    decode_case_keys,
    offered_key,
    permit_key,
)
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.keys.sealing import Sealing, SealingKind

pytestmark = pytest.mark.row("K6")

OWNER, KIM, PARK = (OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(3))
OPERATORS = (KIM.recipient(), PARK.recipient())
KEY = bytes(range(32))
ID, ACCOUNT, RING = "20270115-080000", "2" * 32, bytes(range(16))
HOUR_NS = 3600 * NS_PER_S


def sealed_to(one: OwnerIdentity) -> bytes:
    return Recipients([one.recipient()]).seal(KEY)


def case(state: CaseState = CaseState.ASKED, permit: Term | None = None) -> Case:
    asked = Case(
        case_id=ID, kind=CaseKind.LOOK, want=Want.VIEW, state=state, asked=at(0), asked_by="kim",
        asker=Party("kim"), asker_kind=AskerKind.INSIDE, use=Use.WITHIN, purpose="theft",
        from_wall_ns=0, to_wall_ns=10**19, asked_by_id=ACCOUNT, asked_by_role=AccountRole.OPERATOR,
    )  # fmt: skip
    return replace(asked, decision=Decision(True, "owner", at(0), "", permit)) if permit else asked


class Desk:
    """One case that a test changes, a clock that it moves, and the keys of the case."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self.case: Case | None = case()
        self.now_is: Instant = at(0)
        self.keys = PermitKeys(folder, CAMERA)
        self.permits = Permits(self.keys, self.find, self, shared=shared)

    def find(self, case_id: str) -> Case:
        if self.case is None or case_id != ID:
            raise BadInput("there is no such case")
        return self.case

    def now(self) -> Instant:
        return self.now_is

    def mono_ns(self) -> int:
        return self.now_is.mono_ns

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("nothing here waits")

    def leave(self, left: Left = Left.GRANTED, *epochs: int) -> None:
        keys = [PermitKey(RING, epoch, sealed_to(KIM)) for epoch in epochs or (7,)]
        self.keys.leave(ID, ACCOUNT, left, "owner", keys)

    def grant(self, hours: float = 1) -> None:
        self.case = case(CaseState.GRANTED, Term(at(0), int(hours * HOUR_NS)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# --- what is made -------------------------------------------------------------------------------------------


def test_an_owner_who_allows_never_holds_the_key_of_two_people() -> None:
    slot = Sealing(SealingKind.TWO_PERSON, (OWNER.recipient(),), OPERATORS).seal(KEY)
    permit = permit_key(OWNER, slot, Recipients([KIM.recipient()]))
    assert KIM.unseal(permit) == KEY
    for other in (OWNER, PARK):
        with pytest.raises(NotAllowed):
            other.unseal(permit)


def test_an_operator_allows_an_owner_who_offered() -> None:
    slot = Sealing(SealingKind.TWO_PERSON, (OWNER.recipient(),), OPERATORS).seal(KEY)
    with pytest.raises(NotAllowed):
        permit_key(PARK, slot, Recipients([OWNER.recipient()]))
    permit = permit_key(PARK, offered_key(OWNER, slot), Recipients([OWNER.recipient()]))
    assert OWNER.unseal(permit) == KEY
    with pytest.raises(NotAllowed):
        PARK.unseal(permit)


def test_a_key_that_no_second_person_seals_is_not_offered() -> None:
    with pytest.raises(BadInput, match="not sealed to two people"):
        offered_key(OWNER, sealed_to(OWNER))
    assert KIM.unseal(permit_key(OWNER, sealed_to(OWNER), Recipients([KIM.recipient()]))) == KEY


# --- when it is served --------------------------------------------------------------------------------------


def test_keys_are_served_to_the_asker_alone_while_the_permit_lasts(desk: Desk) -> None:
    desk.leave(Left.GRANTED, 7, 8)
    assert desk.permits.key_for(ACCOUNT, RING, 7) is None
    desk.grant()
    served = desk.permits.key_for(ACCOUNT, RING, 7)
    assert served is not None
    assert KIM.unseal(served) == KEY
    assert desk.permits.key_for("3" * 32, RING, 7) is None
    assert desk.permits.key_for("", RING, 7) is None
    assert desk.permits.key_for(ACCOUNT, bytes(16), 7) is None
    assert desk.permits.key_for(ACCOUNT, RING, 9) is None
    assert desk.permits.tend() == []
    desk.now_is = at(3600)
    assert desk.permits.key_for(ACCOUNT, RING, 7) is None


def test_what_was_only_offered_is_served_to_nobody(desk: Desk) -> None:
    desk.leave(Left.OFFERED)
    desk.grant()
    assert desk.permits.key_for(ACCOUNT, RING, 7) is None


def test_a_clock_that_cannot_tell_serves_nothing_and_erases_nothing(desk: Desk) -> None:
    desk.leave()
    desk.grant()
    desk.now_is = at(60, boot=1, booted_s=30, trust=TimeTrust.UNSET)
    assert desk.permits.key_for(ACCOUNT, RING, 7) is None
    assert desk.permits.tend() == []
    desk.now_is = at(90, boot=1, booted_s=30)
    assert desk.permits.key_for(ACCOUNT, RING, 7) is not None


def test_what_is_left_in_pieces_is_whole_and_another_permit_replaces_it(desk: Desk) -> None:
    desk.leave(Left.OFFERED, 1, 2)
    desk.leave(Left.GRANTED, 7)
    desk.leave(Left.GRANTED, 8)
    held = desk.keys.of(ID)
    assert held is not None
    assert [one.epoch for one in held.keys] == [7, 8]
    assert held.left is Left.GRANTED


def test_only_sealed_keys_are_kept(desk: Desk, tmp_path: Path) -> None:
    for wrong in (KEY, b"", b"age-encryption.org/v1", sealed_to(KIM) + bytes(10_000)):
        with pytest.raises(BadInput, match="age file"):
            desk.keys.leave(ID, ACCOUNT, Left.GRANTED, "owner", [PermitKey(RING, 7, wrong)])
    for path in ("../owner", "", "a/b", ID + "x" * 40):
        with pytest.raises(BadInput, match="no case"):
            desk.keys.leave(path, ACCOUNT, Left.GRANTED, "owner", [PermitKey(RING, 7, sealed_to(KIM))])
    assert not list(tmp_path.glob("*.keys"))


# --- before a grant, and after its end ----------------------------------------------------------------------


def test_nobody_is_allowed_what_they_could_not_open(desk: Desk, tmp_path: Path) -> None:
    owner = Actor("owner", AccountRole.OWNER, "1" * 32)
    with pytest.raises(NotAllowed, match="kim could open nothing"):
        desk.permits.require(case(), owner)
    desk.leave(Left.OFFERED)
    with pytest.raises(NotAllowed, match="kim could open nothing"):
        desk.permits.require(case(), owner)
    desk.leave(Left.GRANTED)
    desk.permits.require(case(), owner)
    # Where operators' own keys open, or nothing is to be seen, there is nothing to leave.
    empty = tmp_path / "other"
    empty.mkdir()
    Desk(empty, shared=True).permits.require(case(), owner)
    Desk(empty).permits.require(replace(case(), want=Want.EXISTENCE), owner)


@pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.ASKED, CaseState.GRANTED}))
def test_the_end_of_a_case_overwrites_its_keys(desk: Desk, tmp_path: Path, state: CaseState) -> None:
    desk.leave()
    path = tmp_path / f"{ID}.keys"
    with open(path, "rb") as held:
        before = held.read()
        desk.case = case(state)
        assert desk.permits.tend() == [ID]
        assert not path.exists()
        held.seek(0)
        assert held.read() == bytes(len(before))
    assert desk.keys.of(ID) is None
    assert desk.permits.tend() == []


def test_keys_go_with_the_permit_and_with_a_case_that_is_gone(desk: Desk) -> None:
    desk.leave()
    desk.grant()
    desk.now_is = at(3601)
    assert desk.permits.tend() == [ID]
    desk.now_is = at(0)
    desk.leave()
    desk.case = None
    assert desk.permits.tend() == [ID]
    desk.leave()
    desk.permits.end(ID)
    assert desk.keys.of(ID) is None
    desk.permits.end(ID)


# --- any bytes ----------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_are_keys_or_data_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_case_keys(data, CAMERA.public)


def test_what_was_touched_or_is_another_cameras_is_served_to_nobody(desk: Desk, tmp_path: Path) -> None:
    desk.leave()
    desk.grant()
    path = tmp_path / f"{ID}.keys"
    good = path.read_bytes()
    assert isinstance(decode_case_keys(good, CAMERA.public), CaseKeys)
    with pytest.raises(DataLoss, match="not this camera's"):
        decode_case_keys(good, OTHER_CAMERA.public)
    path.write_bytes(good.replace(ACCOUNT.encode(), b"3" * 32))
    assert desk.permits.key_for("3" * 32, RING, 7) is None
    path.write_bytes(good[: len(good) // 2])
    assert desk.permits.key_for(ACCOUNT, RING, 7) is None
    os.rename(path, tmp_path / "20270115-090000.keys")
    (tmp_path / "20270115-090000.keys").write_bytes(good)
    assert desk.keys.of("20270115-090000") is None


# --- keys are copies ----------------------------------------------------------------------------------------


@pytest.mark.row("R3")
def test_who_erases_an_epoch_learns_of_its_key_here(desk: Desk, tmp_path: Path) -> None:
    assert not desk.keys.holds_epoch(7)
    desk.leave(Left.OFFERED, 7, 8)
    assert [desk.keys.holds_epoch(epoch) for epoch in (6, 7, 8)] == [False, True, True]
    # What cannot be read may hold any.
    (tmp_path / f"{ID}.keys").write_bytes(b"torn")
    assert desk.keys.holds_epoch(6)


def test_the_key_of_erased_footage_goes_with_it(desk: Desk, tmp_path: Path) -> None:
    desk.leave(Left.GRANTED, 7, 8)
    desk.grant()
    assert desk.keys.keep_only(ID, {(RING, 7), (RING, 8), (RING, 9)}) == 0
    assert desk.keys.keep_only(ID, {(RING, 8)}) == 1
    assert desk.permits.key_for(ACCOUNT, RING, 7) is None
    assert desk.permits.key_for(ACCOUNT, RING, 8) is not None
    assert desk.keys.keep_only(ID, {(bytes(16), 8)}) == 1
    assert not list(tmp_path.glob("*.keys"))
    assert desk.keys.keep_only(ID, set()) == 0
