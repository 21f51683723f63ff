"""Power fails at every instant of a hold's life; the rows are those of docs/design/holds.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.medium import PowerCut, RamMedium, power_cuts
from holdstand import TERM, hold_in, opened_hold, planned, ring_with
from ringstand import CAMERA, OWNER, open_all
from ringstand import RECIPIENTS as ANEW

from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.format import SLOT_SIZE, UNIT, EpochSlot, decode_slot
from edgecam.ringbuffer.holdfile import blank_record, destroy, read_record, reseal, rewrite
from edgecam.ringbuffer.holdrecord import SLOTS_OFFSET, HoldRecord, HoldState

pytestmark = [pytest.mark.row("R4"), pytest.mark.row("R7")]

PAGE = Path(__file__).parents[2] / "docs/design/holds.md"
RING, _ = ring_with(12)
BEFORE = bytes(RING.image)
FOOTAGE = {sequence: data for sequence, data in open_all(RING).items() if 2 <= sequence < 9}
PLAN = planned(RING, 4, 18)


def whole_hold() -> RamMedium:
    medium = RamMedium(PLAN.size_bytes)
    hold_in(medium, RING, 4, 18, PLAN)
    return medium


def record_in(medium: RamMedium) -> HoldRecord:
    record = read_record(medium, CAMERA.public)
    assert record is not None
    return record


def keys_in(medium: RamMedium) -> list[EpochSlot]:
    """Every live slot, wherever it lies."""
    found: list[EpochSlot] = []
    for offset in range(0, medium.size_bytes, UNIT):
        try:
            slot = decode_slot(medium.read_at(offset, SLOT_SIZE))
        except DataLoss:
            continue
        if isinstance(slot, EpochSlot):
            found.append(slot)
    return found


def check(cut: PowerCut) -> str:
    """The promise: a whole hold or none, and no key without a record that says so. Returns which it was."""
    medium = RamMedium(PLAN.size_bytes, cut.image)
    record, keys = read_record(medium, CAMERA.public), keys_in(medium)
    assert all(record is not None and record.may_hold(slot.epoch) for slot in keys), (cut.acts, cut.how)
    if record is not None and record.state is HoldState.KEPT:
        assert opened_hold(medium) == FOOTAGE, (cut.acts, cut.how)
        return "whole"
    destroy(medium, record, CAMERA.sign)
    assert not keys_in(medium), (cut.acts, cut.how)
    assert not any(medium.image[SLOTS_OFFSET:]), (cut.acts, cut.how)
    blank_record(medium)
    assert not any(medium.image), (cut.acts, cut.how)
    return record.state if record is not None else "nothing"


def create(medium: RamMedium) -> None:
    hold_in(medium, RING, 4, 18, PLAN)


def extend(medium: RamMedium) -> None:
    rewrite(medium, replace(record_in(medium), term=replace(TERM, life_ns=1)), CAMERA.sign)


def erase(medium: RamMedium) -> None:
    assert destroy(medium, record_in(medium), CAMERA.sign)
    blank_record(medium)


def sealed_anew(slot: EpochSlot) -> EpochSlot:
    return replace(slot, sealed_key=ANEW.seal(OWNER.unseal(slot.sealed_key))).signed(CAMERA.sign)


def seal_anew(medium: RamMedium) -> None:
    assert reseal(medium, record_in(medium), sealed_anew) == 2


def cuts_of(act: Callable[[RamMedium], None], seed: int, *, thorough: bool) -> list[PowerCut]:
    medium = RamMedium(PLAN.size_bytes) if act is create else whole_hold()
    before = medium.start_journal()
    act(medium)
    assert medium.journal is not None
    return list(power_cuts(before, medium.journal, seed, thorough))


@pytest.mark.parametrize(
    ("act", "found"),
    [
        (create, {"nothing", "copying", "whole"}),
        (extend, {"whole"}),
        (erase, {"whole", "erasing", "nothing"}),
        (seal_anew, {"whole"}),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_any_cut(act: Callable[[RamMedium], None], found: set[str], seed: int) -> None:
    assert {check(cut) for cut in cuts_of(act, seed, thorough=seed == 2)} == found
    assert bytes(RING.image) == BEFORE, "the ring was touched"


def test_an_extension_is_either_made_or_not() -> None:
    lives = set()
    for cut in cuts_of(extend, 3, thorough=True):
        record = record_in(RamMedium(PLAN.size_bytes, cut.image))
        assert record.term.original_life_ns == TERM.original_life_ns
        lives.add(record.term.life_ns)
    assert lives == {1, TERM.life_ns}


def test_an_erasure_cut_anywhere_is_finished_by_doing_it_again() -> None:
    for cut in cuts_of(erase, 4, thorough=False):
        medium = RamMedium(PLAN.size_bytes, cut.image)
        assert destroy(medium, read_record(medium, CAMERA.public), CAMERA.sign), cut.how
        assert not keys_in(medium), cut.how


ROWS = {
    "hold-reserved": (create, "nothing"),
    "hold-begun": (create, "copying"),
    "hold-whole": (create, "whole"),
    "change-torn": (extend, "whole"),
    "erase-decided": (erase, "erasing"),
    "erase-blanked": (erase, "nothing"),
    "reseal-torn": (seal_anew, "whole"),
}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    act, expected = ROWS[row]
    assert expected in {check(cut) for cut in cuts_of(act, 5, thorough=False)}


def test_every_row_of_the_page_is_tested() -> None:
    section = PAGE.read_text().partition("## Where power can fail")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == set(ROWS)
