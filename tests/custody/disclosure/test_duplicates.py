"""Duplicates live until their day by a clock that can be believed, then go for good; nothing half stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from custodystand import Camera
from disclosurestand import DAY_NS, DisclosureStand, disclosure_stand
from hypothesis import given as drawn
from hypothesis import strategies as st

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.cases.duedays import kept_until
from edgecam.custody.disclosure.disclosure import Given, Giving, give
from edgecam.custody.disclosure.duplicates import Duplicate
from edgecam.custody.register.register_line import Act, decode_line

pytestmark = [pytest.mark.row("R5")]


@pytest.fixture
def stand(street: Camera, tmp_path: Path) -> DisclosureStand:
    return disclosure_stand(street, tmp_path / "state")


def _give(stand: DisclosureStand, out: Path) -> Given:
    return give(stand.parts, stand.granted(), Giving("owner"), out, stand.camera.reader(), stand.camera.owner)


def _erasures(stand: DisclosureStand) -> list[str]:
    lines = [decode_line(line + b"\n") for line in stand.register.path.read_bytes().splitlines()]
    return [line.detail["reason"] for line in lines if line.act is Act.ERASURE and line.completes is None]


def test_a_duplicate_is_erased_after_its_last_day_and_that_is_registered(
    stand: DisclosureStand, tmp_path: Path
) -> None:
    given = _give(stand, tmp_path / "out")
    last = kept_until(stand.clock.now(), 5, "Asia/Tokyo")
    assert given.duplicate.kept_until_wall_ns == last
    assert last is not None

    stand.clock.after_ns += last - stand.clock.now().wall_ns
    assert stand.duplicates.tend() == []
    stand.clock.after_ns += 1
    assert stand.duplicates.tend() == [given.duplicate.duplicate_id]

    assert stand.duplicates.all() == []
    assert [path.name for path in (stand.folder / "disclosed").iterdir()] == [".lock"]
    assert _erasures(stand) == ["due"]
    assert stand.duplicates.tend() == []


@pytest.mark.parametrize("trust", [TimeTrust.UNSET, TimeTrust.RESTORED])
def test_no_clock_that_might_lie_erases_one(stand: DisclosureStand, tmp_path: Path, trust: TimeTrust) -> None:
    _give(stand, tmp_path / "out")
    stand.clock.after_ns += 3650 * DAY_NS
    stand.clock.trust = trust
    assert stand.duplicates.tend() == []
    assert len(stand.duplicates.all()) == 1


def test_one_made_by_a_clock_that_was_never_set_stays_until_the_owner_ends_it(
    stand: DisclosureStand, tmp_path: Path
) -> None:
    stand.clock.trust = TimeTrust.UNSET
    given = _give(stand, tmp_path / "out")
    assert given.duplicate.kept_until_wall_ns is None
    stand.clock.trust = TimeTrust.SYNCED
    stand.clock.after_ns += 3650 * DAY_NS
    assert stand.duplicates.tend() == []

    with pytest.raises(BadInput, match="why"):
        stand.duplicates.erase(given.duplicate.duplicate_id, "owner", " ")
    stand.duplicates.erase(given.duplicate.duplicate_id, "owner", "the court said so")
    assert stand.duplicates.all() == []
    assert _erasures(stand) == ["the court said so"]
    with pytest.raises(BadInput, match="no duplicate"):
        stand.duplicates.erase(given.duplicate.duplicate_id, "owner", "again")
    with pytest.raises(BadInput, match="no duplicate"):
        stand.duplicates.erase("../register", "owner", "again")


def test_a_record_that_was_changed_is_told_and_erases_nothing(stand: DisclosureStand, tmp_path: Path) -> None:
    given = _give(stand, tmp_path / "out")
    record = stand.folder / "disclosed" / f"{given.duplicate.duplicate_id}.json"
    record.write_bytes(record.read_bytes().replace(b"Inspector", b"inspector"))

    (trouble,) = stand.duplicates.troubles()
    assert "not as this camera wrote it" in trouble
    assert stand.duplicates.tend() == []
    assert (stand.folder / "disclosed" / f"{given.duplicate.duplicate_id}.age").exists()


def test_two_of_one_case_have_names_of_their_own_and_share_the_quota(
    stand: DisclosureStand, tmp_path: Path
) -> None:
    case = stand.granted()
    camera = stand.camera
    first = give(stand.parts, case, Giving("owner"), tmp_path / "a", camera.reader(), camera.owner)
    second = give(stand.parts, first.case, Giving("owner"), tmp_path / "b", camera.reader(), camera.owner)

    assert [one.duplicate_id for one in stand.duplicates.all()] == [f"{case.case_id}-1", f"{case.case_id}-2"]
    assert len(second.case.handed_over) == 2
    assert stand.duplicates.used_bytes() == first.duplicate.size_bytes + second.duplicate.size_bytes


@drawn(st.binary(max_size=300))
def test_any_bytes_are_a_duplicate_or_a_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        Duplicate.decode(data, bytes(32))
