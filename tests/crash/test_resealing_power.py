"""Power fails at every instant of resealing; the rows are those of docs/design/ring-format.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyrage
import pytest
from fakes.medium import Act, Flushed, PowerCut, RamMedium, Written, apply, power_cuts
from ringstand import CAMERA, DAY_S, OWNER, SMALL_RING, TWO_WEEKS, append, at, make_ring, open_all, open_writer

from edgecam.core.errors import MediaFailing, NotAllowed
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.resealing import Resealed, reseal
from edgecam.ringbuffer.table import SlotTable, read_table
from edgecam.ringbuffer.writer import RingWriter

pytestmark = [pytest.mark.row("K1"), pytest.mark.row("R7")]

# `ringstand.OWNER` is in both sets; one leaves, one comes.
LEAVING, COMING = (OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(2))
BEFORE = Recipients([OWNER.recipient(), LEAVING.recipient()])
AFTER = Recipients([OWNER.recipient(), COMING.recipient()])


def writer_on(medium: RamMedium) -> RingWriter:
    return RingWriter(
        medium, sign=CAMERA.sign, camera_public=CAMERA.public, seal=BEFORE.seal, retention=TWO_WEEKS, now=at(0)
    )


def record(medium: RamMedium, epochs: int, first: int = 0) -> None:
    """So many epochs of one segment."""
    for number in range(first, first + epochs):
        append(writer_on(medium), number, size=600)


def new_ring() -> RamMedium:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    return medium


def single() -> RamMedium:
    medium = new_ring()
    record(medium, 1)
    return medium


def several() -> RamMedium:
    medium = new_ring()
    record(medium, 4)
    return medium


def with_an_empty_newest() -> RamMedium:
    medium = several()
    data_offset = read_superblock(medium).data_offset
    medium.refuse = lambda verb, offset, size: (
        MediaFailing("refused") if verb == "write" and offset >= data_offset else None
    )
    with pytest.raises(MediaFailing):
        record(medium, 1, first=4)
    medium.refuse = lambda verb, offset, size: None
    assert len(table_of(medium.image).live) == 5
    return medium


def after_an_erasure() -> RamMedium:
    """Erased slots everywhere but where three epochs live: the spare place holds one too."""
    medium = new_ring()
    slots = read_superblock(medium).slot_count
    record(medium, slots + 3)
    open_writer(medium).erase_due(at(15 * DAY_S))
    record(medium, 3, first=slots + 3)
    table = table_of(medium.image)
    assert (len(table.live), len(table.erased)) == (3, slots - 3)
    return medium


def nearly_full() -> RamMedium:
    """As many live epochs as may be."""
    medium = new_ring()
    record(medium, read_superblock(medium).slot_count - 2)
    return medium


RINGS = (single, several, with_an_empty_newest, after_an_erasure, nearly_full)


def table_of(image: bytes | bytearray) -> SlotTable:
    medium = RamMedium(len(image), image)
    return read_table(medium, read_superblock(medium))


def resealed(medium: RamMedium) -> Resealed:
    return reseal(medium, camera_public=CAMERA.public, sign=CAMERA.sign, unseal=OWNER.unseal, seal=AFTER.seal)


@dataclass(frozen=True)
class Story:
    """One resealing: the ring before it, what was written when, and the footage in it."""

    before: bytes
    journal: Sequence[Act]
    footage: dict[int, bytes]


def story_of(make: Callable[[], RamMedium]) -> Story:
    medium = make()
    before, footage = medium.start_journal(), open_all(medium)
    assert resealed(medium) == Resealed(len(table_of(before).live), 0)
    assert medium.journal is not None
    return Story(before, medium.journal, footage)


def openers(medium: RamMedium) -> list[str]:
    """For each live epoch, oldest first, who of the two opens it besides the owner, who always does."""
    reader, found = RingReader(medium), []
    for slot in reader.epochs():
        reader.open_epoch(slot, OWNER.unseal)
        found.append(
            "".join(name for name, who in (("-", LEAVING), ("+", COMING)) if _opens(reader, slot.epoch, who))
        )
    return found


def _opens(reader: RingReader, epoch: int, who: OwnerIdentity) -> bool:
    slot = next(slot for slot in reader.epochs() if slot.epoch == epoch)
    try:
        reader.open_epoch(slot, who.unseal)
    except NotAllowed:
        return False
    return True


def check_recovery(story: Story, cut: PowerCut) -> list[str]:
    """The promise: no epoch is lost, each opens for the old or the new set, and the ring goes on unharmed."""
    beside = RamMedium(SMALL_RING, cut.image)  # a reader that comes before the recovery
    read = open_all(beside)
    assert all(story.footage[sequence] == data for sequence, data in read.items()), cut.how
    medium = RamMedium(SMALL_RING, cut.image)
    writer = writer_on(medium)
    assert writer.take_erasures() == [], cut.how
    live = [slot.epoch for slot in table_of(story.before).live]
    table = table_of(medium.image)
    assert [slot.epoch for slot in table.live] == live, cut.how
    assert (table.strays, table.damaged) == ((), ()), cut.how
    assert check_ring(medium) == [], cut.how
    assert open_all(medium) == story.footage, cut.how
    found = openers(medium)
    assert set(found) <= {"-", "+"}, cut.how
    # A key that lay at two places would outlive the erasure of one.
    assert all(medium.image.count(slot.sealed_key) == 1 for slot in table.live), cut.how
    header = append(writer, 10_000, at(20_000, boot=1, booted_s=0))
    assert header.sequence == max(story.footage) + 1, cut.how
    assert check_ring(medium) == [], cut.how
    return found


@pytest.mark.parametrize("make", RINGS)
def test_any_cut(make: Callable[[], RamMedium]) -> None:
    story = story_of(make)
    for cut in list(power_cuts(story.before, story.journal, seed=1, thorough=False))[
        :: 3 if make is nearly_full else 1
    ]:
        found = check_recovery(story, cut)
        # Oldest first: nobody has to search where it stopped.
        assert found == sorted(found), cut.how


@pytest.mark.long
@pytest.mark.parametrize("make", RINGS)
def test_any_cut_at_every_sector(make: Callable[[], RamMedium]) -> None:
    story = story_of(make)
    for cut in power_cuts(story.before, story.journal, seed=2, thorough=True):
        check_recovery(story, cut)


def test_cut_off_it_is_completed_by_doing_it_again() -> None:
    story = story_of(several)
    for cut in power_cuts(story.before, story.journal, seed=3, thorough=False):
        medium = RamMedium(SMALL_RING, cut.image)
        assert resealed(medium) == Resealed(4, 0), cut.how
        assert openers(medium) == ["+"] * 4, cut.how
        assert table_of(medium.image).damaged == ()
        assert check_ring(medium) == []


def test_a_recovery_that_is_cut_off_is_done_again() -> None:
    story, cuts = story_of(several), 0
    for first in list(power_cuts(story.before, story.journal, seed=4, thorough=False))[::3]:
        medium = RamMedium(SMALL_RING, first.image)
        before = medium.start_journal()
        writer_on(medium)
        assert medium.journal is not None
        for second in power_cuts(before, medium.journal, seed=5, thorough=False):
            check_recovery(story, PowerCut(first.acts, f"{first.how}, then {second.how}", second.image))
            cuts += 1
    assert cuts > 100


# --- the rows ---------------------------------------------------------------------------------------------------


def cut_at(story: Story, count: int, sectors: int = 0) -> tuple[SlotTable, list[str]]:
    """The table after ``count`` acts and so many sectors of the next, and who opens what after the recovery."""
    torn = list(_written(story, count).sectors())[:sectors] if sectors else []
    image = apply(story.before, [*story.journal[:count], *torn])
    return table_of(image), check_recovery(story, PowerCut(count, "row", image))


def _written(story: Story, count: int) -> Written:
    act = story.journal[count]
    assert isinstance(act, Written)
    return act


def row_reseal_stray_torn() -> None:
    table, found = cut_at(story_of(several), 0, sectors=2)
    assert (table.damaged, table.strays) == ((4,), ())
    assert found == ["-"] * 4


def row_reseal_stray() -> None:
    story = story_of(several)
    assert isinstance(story.journal[1], Flushed)
    table, found = cut_at(story, 2)
    assert [(place, slot.epoch) for place, slot in table.strays] == [(4, 0)]
    assert len(table.live) == 4
    assert found == ["-"] * 4


def row_reseal_home_torn() -> None:
    table, found = cut_at(story_of(several), 2, sectors=2)
    assert [slot.epoch for slot in table.live] == [1, 2, 3]
    assert table.damaged == (0, 4)
    assert found == ["+", "-", "-", "-"]


def row_reseal_home() -> None:
    story = story_of(several)
    assert isinstance(story.journal[3], Flushed)
    table, found = cut_at(story, 4)
    assert len(table.strays) == 1
    assert found == ["+", "-", "-", "-"]


def row_reseal_blank_torn() -> None:
    story = story_of(several)
    table, found = cut_at(story, len(story.journal) - 2, sectors=3)
    assert (table.damaged, table.strays) == ((4,), ())
    assert found == ["+"] * 4


ROWS = {
    name.removeprefix("row_").replace("_", "-"): test
    for name, test in sorted(globals().items())
    if name.startswith("row_")
}


@pytest.mark.parametrize("row", ROWS)
def test_row_of_resealing(row: str) -> None:
    ROWS[row]()


def test_without_the_stray_an_epoch_would_be_lost() -> None:
    """Guards the tests above: the second copy is what saves a slot whose overwrite is torn."""
    story = story_of(several)
    spare = _written(story, 0)
    without = [act for act in story.journal if not (isinstance(act, Written) and act.offset == spare.offset)]
    with pytest.raises(AssertionError):
        _check_all(story, power_cuts(story.before, without, seed=6, thorough=False))


def _check_all(story: Story, cuts: Iterable[PowerCut]) -> None:
    for cut in cuts:
        check_recovery(story, cut)
