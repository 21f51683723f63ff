"""Power fails at every instant of every procedure of the ring; the rows are those of docs/design/ring-format.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes.medium import Act, Flushed, PowerCut, RamMedium, Written, apply, power_cuts
from ringstand import DAY_S, SMALL_RING, append, at, fragment, make_ring, open_all, open_writer
from test_resealing_power import ROWS as ROWS_OF_RESEALING

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import BadInput, DataLoss
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.creation import is_unfinished
from edgecam.ringbuffer.disposal import dispose_ring
from edgecam.ringbuffer.format import (
    HEADER_SIZE,
    NO_HASH,
    SLOT_SIZE,
    ErasedSlot,
    ErasureReason,
    GapCause,
    SegmentHeader,
    Superblock,
    decode_slot,
    header_hash,
)
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.table import SlotTable, read_table
from edgecam.ringbuffer.writer import RingWriter

pytestmark = pytest.mark.row("R7")

FORMAT = Path(__file__).parents[2] / "docs/design/ring-format.md"


@dataclass
class Story:
    """A ring's life while a journal is kept: what was committed after how many acts."""

    medium: RamMedium
    writer: RingWriter
    before: bytes
    committed: list[tuple[int, SegmentHeader, bytes]] = field(default_factory=list)
    number: int = 0
    now: Instant = field(default_factory=lambda: at(0))
    due: set[int] = field(default_factory=set)

    @property
    def journal(self) -> Sequence[Act]:
        assert self.medium.journal is not None
        return self.medium.journal

    def record(self, count: int, size: int = 9000, start: Instant | None = None) -> None:
        for _ in range(count):
            moment = start or at(2 * self.number)
            piece = fragment(self.number, moment, size)
            header = self.writer.append(piece, moment, 0, GapCause.NONE)
            self.committed.append((len(self.journal), header, piece.data))
            self.number += 1

    def forget(self) -> None:
        """Begin the journal anew; what lives now has been committed before it."""
        self.before = self.medium.start_journal()
        alive = open_all(self.medium)
        self.committed = [(0, header, data) for _, header, data in self.committed if header.sequence in alive]

    def restart(self) -> None:
        self.writer = open_writer(self.medium, at(2 * self.number))

    def committed_by(self, acts: int) -> dict[int, tuple[int, bytes]]:
        """Sequence → (epoch, fragment) of all that was committed within the first ``acts`` acts."""
        return {header.sequence: (header.epoch, data) for done, header, data in self.committed if done <= acts}

    def in_flight(self, acts: int) -> dict[int, bytes]:
        return {header.sequence: data for done, header, data in self.committed if done > acts}

    def doomed_by(self, acts: int) -> set[int]:
        """The epochs whose destruction had at least been handed to the medium."""
        superblock = self.writer.superblock
        table_end = superblock.table_offset + superblock.slot_count * SLOT_SIZE
        doomed = set(self.due)
        for act in self.journal[:acts]:
            if isinstance(act, Written) and superblock.table_offset <= act.offset < table_end:
                slot = decode_slot(act.data)
                if isinstance(slot, ErasedSlot):
                    doomed.add(slot.epoch)
        return doomed


def begin(recorded: int = 0, size: int = 9000) -> Story:
    """A story whose journal starts once ``recorded`` segments are in the ring."""
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    story = Story(medium, open_writer(medium), medium.start_journal())
    story.record(recorded, size)
    story.forget()
    return story


def check_recovery(story: Story, cut: PowerCut) -> None:
    """The promise: all committed footage opens, at most the segment in flight is missing, nothing is broken."""
    committed, doomed = story.committed_by(cut.acts), story.doomed_by(cut.acts)
    medium = RamMedium(SMALL_RING, cut.image)
    writer = open_writer(medium, story.now)
    writer.erase_due(story.now)
    assert check_ring(medium) == [], cut.how
    opened = open_all(medium)
    for sequence, (epoch, data) in committed.items():
        if epoch not in doomed:
            assert opened.get(sequence) == data, (cut.acts, cut.how, sequence)
    for sequence, data in opened.items():
        expected = committed[sequence][1] if sequence in committed else story.in_flight(cut.acts)[sequence]
        assert data == expected, (cut.acts, cut.how, sequence)
    assert len(opened.keys() - committed.keys()) <= 1
    _goes_on(medium, writer, max([-1, *opened, *committed]), cut)


def _goes_on(medium: RamMedium, writer: RingWriter, newest: int, cut: PowerCut) -> None:
    header = append(writer, 10_000, at(20_000, boot=1, booted_s=0))
    assert header.sequence == newest + 1, cut.how
    assert check_ring(medium) == [], cut.how


def write_a_little(story: Story) -> None:
    story.record(4)


def write_large_ones(story: Story) -> None:
    story.record(3, size=50_000)


def wrap_around(story: Story) -> None:
    story.record(9, size=21_000)


def restart_and_write(story: Story) -> None:
    for _ in range(3):
        story.restart()
        story.record(1)


def use_up_the_table(story: Story) -> None:
    for _ in range(story.writer.superblock.slot_count + 2):
        story.restart()
        story.record(1, size=2000)


def erase(story: Story, now: Instant, expected: int) -> None:
    story.now = now
    story.writer.take_erasures()
    story.due = {erasure.epoch for erasure in story.writer.erase_due(now)}
    assert len(story.due) == expected


def erase_half(story: Story) -> None:
    live = table_of(story.medium.image).live
    middle = live[len(live) // 2].start
    age_ns = 14 * DAY_S * NS_PER_S
    erase(
        story, replace(middle, wall_ns=middle.wall_ns + age_ns, mono_ns=middle.mono_ns + age_ns), len(live) // 2 + 1
    )


def erase_everything(story: Story) -> None:
    erase(story, at(15 * DAY_S), len(table_of(story.medium.image).live))
    story.record(2, start=at(15 * DAY_S))


ACTS = [write_a_little, write_large_ones, wrap_around, restart_and_write, erase_half, erase_everything]


@pytest.mark.parametrize("recorded", [0, 5, 50])
@pytest.mark.parametrize("act", ACTS)
def test_any_cut(act: Callable[[Story], None], recorded: int) -> None:
    # Fifty of this size are more than the ring holds.
    story = begin(max(recorded, act in (erase_half, erase_everything)), size=19_000)
    act(story)
    cuts = list(power_cuts(story.before, story.journal, seed=recorded, thorough=False))
    assert len(cuts) > 10
    for cut in cuts if recorded < 50 else cuts[::3]:
        check_recovery(story, cut)


def test_any_cut_while_restarts_use_up_the_table() -> None:
    story = begin()
    use_up_the_table(story)
    for cut in list(power_cuts(story.before, story.journal, seed=1, thorough=False))[::3]:
        check_recovery(story, cut)


@pytest.mark.long
@pytest.mark.parametrize("act", ACTS)
def test_any_cut_at_every_sector(act: Callable[[Story], None]) -> None:
    for recorded in (1, 47, 52):
        story = begin(recorded, size=19_000)
        act(story)
        for cut in power_cuts(story.before, story.journal, seed=recorded, thorough=True):
            check_recovery(story, cut)


def test_a_recovery_that_is_cut_off_is_done_again() -> None:
    story = begin(20, size=19_000)
    erase_half(story)
    cuts = 0
    for first in list(power_cuts(story.before, story.journal, seed=3, thorough=False))[::29]:
        medium = RamMedium(SMALL_RING, first.image)
        before = medium.start_journal()
        open_writer(medium)
        assert medium.journal is not None
        for second in list(power_cuts(before, medium.journal, seed=4, thorough=False))[::4]:
            check_recovery(story, PowerCut(first.acts, f"{first.how}, then {second.how}", second.image))
            cuts += 1
    assert cuts > 20


# --- the rows ---------------------------------------------------------------------------------------------------


def flushes(journal: Sequence[Act]) -> list[int]:
    """How many acts had been done right after each flush."""
    return [done for done, act in enumerate(journal, 1) if isinstance(act, Flushed)]


def first_sectors(act: Act, count: int) -> list[Act]:
    assert isinstance(act, Written)
    return [*list(act.sectors())[:count]]


def write_at_act(story: Story, index: int) -> Written:
    act = story.journal[index]
    assert isinstance(act, Written)
    return act


def recovered(story: Story, acts: Sequence[Act], count: int) -> tuple[RamMedium, RingWriter]:
    """The ring after ``acts`` reached the medium, ``count`` of the journal; the promise is checked on the way."""
    image = apply(story.before, acts)
    check_recovery(story, PowerCut(count, "row", bytearray(image)))
    medium = RamMedium(SMALL_RING, image)
    return medium, open_writer(medium)


def table_of(image: bytes | bytearray) -> SlotTable:
    medium = RamMedium(len(image), image)
    return read_table(medium, read_superblock(medium))


def creation() -> list[Act]:
    medium = RamMedium(SMALL_RING)
    medium.start_journal()
    make_ring(medium)
    assert medium.journal is not None
    return medium.journal


def row_create_zeroed() -> None:
    acts = creation()
    medium = RamMedium(SMALL_RING, apply(bytes(SMALL_RING), acts[: flushes(acts)[0]]))
    assert is_unfinished(medium)
    with pytest.raises(BadInput, match="not a ring"):
        open_writer(medium)
    make_ring(medium)
    append(open_writer(medium), 0)


def row_create_torn() -> None:
    acts = creation()
    begun = flushes(acts)[0]
    # The fields lie in the first sector and the checksum in the last: a tear anywhere between is seen.
    for sectors in range(1, 8):
        torn = apply(bytes(SMALL_RING), [*acts[:begun], *first_sectors(acts[begun], sectors)])
        medium = RamMedium(SMALL_RING, torn)
        assert is_unfinished(medium)
        make_ring(medium)
        append(open_writer(medium), 0)


def row_create_single() -> None:
    acts = creation()
    medium = RamMedium(SMALL_RING, apply(bytes(SMALL_RING), acts[: flushes(acts)[1]]))
    assert not is_unfinished(medium)
    append(open_writer(medium), 0)
    assert [finding.invariant for finding in check_ring(medium)] == [1]


def row_append_nothing() -> None:
    story = begin(5)
    story.record(1)
    _, writer = recovered(story, [], 0)
    assert writer.last is not None
    assert writer.last.sequence == 4


def row_append_header() -> None:
    story = begin(5)
    story.record(1)
    torn = first_sectors(story.journal[0], 1)
    assert SegmentHeader.decode(torn[0].data).sequence == 5  # type: ignore[union-attr]
    _, writer = recovered(story, torn, 0)
    assert writer.last is not None
    assert writer.last.sequence == 4
    assert append(writer, 99).sequence == 5


def row_append_body() -> None:
    story = begin(5)
    story.record(1)
    body = list(write_at_act(story, 0).sectors())[1:]
    _, writer = recovered(story, body, 0)
    assert writer.last is not None
    assert writer.last.sequence == 4


def row_append_written() -> None:
    story = begin(5)
    story.record(1)
    medium, writer = recovered(story, story.journal[:1], 1)
    assert writer.last is not None
    assert writer.last.sequence == 5
    assert 5 in open_all(medium)


def row_append_committed() -> None:
    story = begin(5)
    story.record(1)
    assert isinstance(story.journal[-1], Flushed)
    medium, _ = recovered(story, story.journal, len(story.journal))
    assert sorted(open_all(medium)) == list(range(6))


def restarted(recorded: int = 4) -> Story:
    """A story at whose next segment a new epoch begins."""
    story = begin(recorded)
    story.restart()
    return story


def row_epoch_torn() -> None:
    story = restarted()
    story.record(1)
    torn = first_sectors(story.journal[0], 1)
    assert len(table_of(apply(story.before, torn)).damaged) == 1
    medium, writer = recovered(story, torn, 0)
    assert table_of(medium.image).damaged == ()
    assert append(writer, 99).epoch == 2


def row_epoch_empty() -> None:
    story = restarted()
    story.record(1)
    begun = flushes(story.journal)[0]
    assert len(table_of(apply(story.before, story.journal[:begun])).live) == 2
    medium, writer = recovered(story, story.journal[:begun], begun)
    empty = table_of(medium.image).live[-1]
    assert writer.last is not None
    assert writer.last.sequence == 3
    assert append(writer, 99).epoch == empty.epoch
    assert table_of(medium.image).live[-1].sealed_key != empty.sealed_key


def row_epoch_replaced_torn() -> None:
    story = restarted()
    story.record(1)
    medium = RamMedium(SMALL_RING, apply(story.before, story.journal[: flushes(story.journal)[0]]))
    again = Story(medium, open_writer(medium), medium.start_journal(), list(story.committed[:4]), 4)
    again.record(1)
    torn = first_sectors(again.journal[0], 3)
    assert len(table_of(apply(again.before, torn)).damaged) == 1
    _, writer = recovered(again, torn, 0)
    assert append(writer, 99).epoch == 2


def about_to_wrap() -> Story:
    """A full ring whose next segment needs the oldest epoch's place."""
    story = begin(70)
    while True:
        probe = RamMedium(SMALL_RING, story.medium.image)
        writer = open_writer(probe)
        append(writer, 0)
        if [erasure.reason for erasure in writer.take_erasures()] == [ErasureReason.OVERWRITTEN]:
            story.restart()
            return story
        story.record(1)
        story.forget()


def row_wrap_torn() -> None:
    story = about_to_wrap()
    oldest = table_of(story.before).live[0].epoch
    story.record(1)
    torn = first_sectors(story.journal[0], 1)
    medium, writer = recovered(story, torn, 1)
    assert [(e.epoch, e.reason) for e in writer.take_erasures()] == [(oldest, ErasureReason.INTERRUPTED)]
    assert table_of(medium.image).damaged == ()


def row_wrap_destroyed() -> None:
    story = about_to_wrap()
    oldest = table_of(story.before).live[0].epoch
    story.record(1)
    erased = flushes(story.journal)[0]
    medium, writer = recovered(story, story.journal[:erased], erased)
    assert writer.take_erasures() == []
    kept = {sequence for sequence, (epoch, _) in story.committed_by(0).items() if epoch != oldest}
    assert kept <= set(open_all(medium))


def row_wrap_header() -> None:
    story = begin(1, size=21_000)
    size = story.writer.superblock.data_size
    while story.writer._coming.position % size + 24_576 <= size:
        story.record(1, size=21_000)
    story.forget()
    story.record(1, size=21_000)
    last = max(i for i, act in enumerate(story.journal) if isinstance(act, Written))
    assert write_at_act(story, last).offset == story.writer.superblock.data_offset
    torn = [*story.journal[:last], *first_sectors(story.journal[last], 1)]
    medium, writer = recovered(story, torn, last)
    header = append(writer, 99, size=21_000)
    assert header.sequence == story.committed[-1][1].sequence
    data_offset = story.writer.superblock.data_offset
    assert medium.image[data_offset : data_offset + HEADER_SIZE] == header.encode()


def about_to_erase() -> Story:
    """A story that has just erased the older half of its epochs."""
    story = begin(60)
    erase_half(story)
    return story


def row_erase_first_torn() -> None:
    story = about_to_erase()
    newest_due = max(story.due)
    image = apply(story.before, first_sectors(story.journal[0], 2))
    damaged = RamMedium(SMALL_RING, image)
    writer = open_writer(damaged)
    assert writer.take_erasures() == []
    assert table_of(damaged.image).damaged == (newest_due,)
    assert {finding.invariant for finding in check_ring(damaged)} == {2, 5}
    assert {erasure.epoch for erasure in writer.erase_due(story.now)} == story.due
    recovered(story, first_sectors(story.journal[0], 2), 1)


def row_erase_some() -> None:
    story = about_to_erase()
    first, second = flushes(story.journal)[:2]
    assert second - first > 2
    torn = [*story.journal[:first], *first_sectors(story.journal[first + 1], 3)]
    medium, writer = recovered(story, torn, first + 2)
    assert {erasure.epoch for erasure in writer.take_erasures()} == story.due
    assert table_of(medium.image).live[0].epoch == max(story.due) + 1


def row_erase_torn() -> None:
    story = begin(60)
    erase(story, at(14 * DAY_S), 1)
    medium, writer = recovered(story, first_sectors(story.journal[0], 2), 1)
    assert [(e.epoch, e.reason) for e in writer.take_erasures()] == [(0, ErasureReason.INTERRUPTED)]
    assert table_of(medium.image).live[0].epoch == 1


def row_erase_destroyed() -> None:
    story = about_to_erase()
    flushed = flushes(story.journal)[1]
    image = apply(story.before, story.journal[:flushed])
    destroyed = [dug for dug in table_of(image).erased if not dug.discarded]
    assert {dug.epoch for dug in destroyed} == story.due
    medium, writer = recovered(story, story.journal[:flushed], flushed)
    assert {erasure.epoch for erasure in writer.take_erasures()} == story.due
    assert all(dug.discarded for dug in table_of(medium.image).erased)
    for dug in destroyed:
        for offset, size in writer.superblock.pieces(dug.position, dug.end_position):
            assert not any(medium.image[offset : offset + size])


def row_erase_newest_anchored() -> None:
    story = begin(30)
    last = story.committed[-1][1]
    erase_everything(story)
    anchored = flushes(story.journal)[0]
    medium, writer = recovered(story, story.journal[:anchored], anchored)
    assert table_of(medium.image).live == ()
    assert writer.last is None
    header = append(writer, 99)
    assert header.sequence == last.sequence + 1
    assert header.previous_hash == header_hash(last.encode())


def row_erase_last_torn() -> None:
    story = begin(3)
    last = story.committed[-1][1]
    erase(story, at(15 * DAY_S), 1)
    anchored = flushes(story.journal)[0]
    torn = [*story.journal[:anchored], *first_sectors(story.journal[anchored], 1)]
    medium, writer = recovered(story, torn, anchored + 1)
    assert open_all(medium) == {}
    header = append(writer, 99)
    assert (header.sequence, header.previous_hash) == (3, header_hash(last.encode()))
    assert header.previous_hash != NO_HASH


def row_dispose_torn() -> None:
    story = begin(40)
    dispose_ring(story.medium)
    seen = set()
    for cut in power_cuts(story.before, story.journal, seed=5, thorough=False):
        medium = RamMedium(SMALL_RING, cut.image)
        try:
            read_superblock(medium)
        except BadInput:
            # The superblocks go last: with them gone, so is every key.
            superblock = Superblock.decode(bytes(story.before[:SLOT_SIZE]))
            table_end = superblock.data_offset
            assert not any(medium.image[superblock.table_offset : table_end])
            seen.add("no ring")
            continue
        assert dispose_ring(medium).verified
        assert not any(medium.image)
        seen.add("again")
    assert seen == {"no ring", "again"}


ROWS = {
    name.removeprefix("row_").replace("_", "-"): test
    for name, test in sorted(globals().items())
    if name.startswith("row_")
}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    ROWS[row]()


def test_every_row_of_the_document_is_a_test() -> None:
    section = FORMAT.read_text().split("## Where power can fail")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == set(ROWS) | set(ROWS_OF_RESEALING)


def test_the_simulated_medium_really_tears() -> None:
    """Guards the tests above: a writer that commits without a flush would be found out."""
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    medium.flush = lambda: None  # type: ignore[method-assign]
    story = Story(medium, open_writer(medium), medium.start_journal())
    story.record(6)
    cuts = power_cuts(story.before, story.journal, seed=6, thorough=False)
    with pytest.raises((AssertionError, DataLoss)):
        _check_all(story, cuts)


def _check_all(story: Story, cuts: Iterable[PowerCut]) -> None:
    for cut in cuts:
        check_recovery(story, cut)
