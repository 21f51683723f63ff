"""The folder of holds: quota, locks, leftovers, and what it answers to the recorder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from holdstand import QUOTA, TERM, hold_in_folder, new_store, opened, planned, record_for, ring_with
from ringstand import CAMERA, OTHER_CAMERA, at

from edgecam.core.errors import BadInput, MediaFailing, Unavailable
from edgecam.ringbuffer import holdstore
from edgecam.ringbuffer.holdfile import begin, destroy, read_record
from edgecam.ringbuffer.holdrecord import SLOTS_OFFSET, HoldState
from edgecam.ringbuffer.holdstore import HoldEnd, HoldErasure, HoldStore
from edgecam.ringbuffer.medium import FileMedium, Medium
from edgecam.ringbuffer.reader import RingReader

pytestmark = pytest.mark.row("R4")
RING, _ = ring_with(20)


@pytest.fixture
def store(tmp_path: Path) -> HoldStore:
    return new_store(tmp_path / "holds")


def path_of(store: HoldStore, hold_id: str) -> Path:
    return store.folder / f"{hold_id}.hold"


def erased_by_leftovers(store: HoldStore) -> list[HoldErasure]:
    told: list[HoldErasure] = []
    store.erase_leftovers(told.append)
    return told


def test_a_hold_is_listed_found_and_read(store: HoldStore) -> None:
    record = hold_in_folder(store, RING, 8, 24)
    assert [hold.hold_id for hold in store.kept()] == [record.hold_id]
    assert store.find(record.hold_id) == (path_of(store, record.hold_id), record)
    with store.footage(record.hold_id) as held:
        assert opened(held).keys() == set(range(4, 12))
    assert store.used_bytes() == planned(RING, 8, 24).size_bytes
    with pytest.raises(BadInput, match=f"there is {record.hold_id}"):
        store.find("20200101-000000")


def test_a_store_without_a_folder_is_empty(store: HoldStore) -> None:
    assert store.all() == []
    assert not store.holds_epoch(0)
    assert erased_by_leftovers(store) == []
    assert not store.folder.exists()


def test_ids_of_one_second_differ_and_sort(store: HoldStore) -> None:
    ids = [hold_in_folder(store, RING, 0, 4).hold_id for _ in range(3)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 3


def test_it_answers_for_the_epochs_it_has_and_no_other(store: HoldStore) -> None:
    hold_in_folder(store, RING, 10, 30)  # segments 5 to 14: epochs 1 and 2
    assert [store.holds_epoch(epoch) for epoch in range(5)] == [False, True, True, False, False]
    (record,) = [hold.record for hold in store.kept()]
    assert record is not None
    store.erase(record.hold_id, HoldEnd.RELEASED, lambda erasure: None)
    assert not store.holds_epoch(1)


def test_a_half_made_hold_answers_too_and_a_file_without_a_head_does_not(store: HoldStore) -> None:
    plan = planned(RING, 10, 30)
    with store.room(at(1), plan.size_bytes, lambda erasure: None) as (hold_id, medium):
        assert not store.holds_epoch(1), "nothing can have been copied into it yet"
        begin_one(medium, hold_id)
        assert store.holds_epoch(1)
        assert not store.holds_epoch(0)


def begin_one(medium: Medium, hold_id: str) -> None:
    record = record_for(planned(RING, 10, 30), RING, hold_id=hold_id)
    begin(medium, RingReader(RING).superblock, record, CAMERA.sign)


def test_one_that_lost_its_record_answers_yes_for_all(store: HoldStore) -> None:
    record = hold_in_folder(store, RING, 10, 30)
    with path_of(store, record.hold_id).open("r+b") as file:
        for offset in (4096, 16384):
            file.seek(offset + 200)
            file.write(b"rot")
    assert new_store(store.folder).holds_epoch(77)
    (erasure,) = erased_by_leftovers(new_store(store.folder))
    assert (erasure.end, erasure.verified, erasure.from_wall_ns) == (HoldEnd.UNREADABLE, True, None)
    assert store.all() == []


def test_more_than_the_quota_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    plan = planned(RING, 0, 40)
    store = new_store(tmp_path / "holds", 2 * plan.size_bytes - 1)
    hold_in_folder(store, RING, 0, 40)
    with pytest.raises(BadInput, match=r"of the .* for holds .* are taken: hold less, release another hold"):
        hold_in_folder(store, RING, 0, 40)
    assert len(store.all()) == 1


def test_a_disk_without_room_is_refused_and_nothing_is_left(
    store: HoldStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdstore, "SPARE_BYTES", 1 << 60)
    with pytest.raises(MediaFailing, match="are free beside the ring"):
        hold_in_folder(store, RING, 0, 40)
    assert store.all() == []


def test_what_fails_while_it_is_made_leaves_nothing(store: HoldStore) -> None:
    told: list[HoldErasure] = []

    def interrupted() -> None:
        with store.room(at(1), planned(RING, 10, 30).size_bytes, told.append) as (hold_id, medium):
            begin_one(medium, hold_id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert store.all() == []
    assert [erasure.end for erasure in told] == [HoldEnd.INTERRUPTED]


def test_what_is_being_made_is_no_leftover(store: HoldStore) -> None:
    with store.room(at(1), planned(RING, 10, 30).size_bytes, lambda erasure: None) as (hold_id, medium):
        begin_one(medium, hold_id)
        assert erased_by_leftovers(new_store(store.folder)) == []
        with pytest.raises(Unavailable, match="being made or changed"):
            new_store(store.folder).erase(hold_id, HoldEnd.RELEASED, lambda erasure: None)
        with pytest.raises(Unavailable):
            new_store(store.folder).erase_all(lambda erasure: None)


@pytest.mark.parametrize("state", ["begun", "erasing", "blank", "empty"])
def test_leftovers_are_erased_and_told_of(store: HoldStore, state: str) -> None:
    record = hold_in_folder(store, RING, 10, 30)
    medium = FileMedium.open(path_of(store, record.hold_id), writable=True)
    if state == "begun":
        begin(
            medium,
            RingReader(RING).superblock,
            replace(record, state=HoldState.COPYING, revision=5),
            CAMERA.sign,
        )
    elif state == "erasing":
        destroy(medium, read_record(medium, CAMERA.public), CAMERA.sign)
    else:
        medium.write_at(0, bytes(medium.size_bytes))
    medium.close()
    if state == "empty":
        os.truncate(path_of(store, record.hold_id), 0)

    told = erased_by_leftovers(new_store(store.folder))

    assert [erasure.end for erasure in told] == ([] if state in ("blank", "empty") else [HoldEnd.INTERRUPTED])
    assert store.all() == []


def test_an_erasure_that_could_not_be_told_of_is_told_of_later(store: HoldStore) -> None:
    record = hold_in_folder(store, RING, 10, 30)

    def refuse(_erasure: HoldErasure) -> None:
        raise MediaFailing("the register is full")

    with pytest.raises(MediaFailing, match="register"):
        store.erase(record.hold_id, HoldEnd.EXPIRED, refuse)
    assert not any(path_of(store, record.hold_id).read_bytes()[SLOTS_OFFSET:])
    (told,) = erased_by_leftovers(store)
    assert (told.hold_id, told.from_wall_ns) == (record.hold_id, record.from_wall_ns)
    assert store.all() == []


def test_another_cameras_hold_is_left_reported_and_disposed_of(store: HoldStore) -> None:
    record = hold_in_folder(store, RING, 10, 30)
    stranger = HoldStore(store.folder, OTHER_CAMERA.public, OTHER_CAMERA.sign, QUOTA)
    (found,) = stranger.all()
    assert "not made by this camera" in found.trouble
    assert erased_by_leftovers(stranger) == []
    assert stranger.holds_epoch(1)
    assert path_of(store, record.hold_id).exists()
    told: list[HoldErasure] = []
    stranger.erase_all(told.append)
    assert [erasure.verified for erasure in told] == [True]
    assert store.all() == []


def test_a_changed_record_is_read_back_and_a_foreign_change_is_refused(store: HoldStore) -> None:
    record = hold_in_folder(store, RING, 10, 30)
    longer = store.rewrite(record.hold_id, lambda old: replace(old, term=replace(TERM, life_ns=7)))
    assert longer.term.life_ns == 7
    assert store.find(record.hold_id)[1] == longer
    assert longer.revision == record.revision + 1


def test_all_slots_are_replaced_when_recipients_change(store: HoldStore) -> None:
    record = hold_in_folder(store, RING, 10, 30)
    assert store.reseal(lambda slot: replace(slot, sealed_key=b"x" * 200).signed(CAMERA.sign)) == 2
    with store.footage(record.hold_id) as held:
        assert {slot.sealed_key for slot in held.epochs()} == {b"x" * 200}
    assert store.reseal(lambda slot: None) == 0
