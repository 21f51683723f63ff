"""Holds are made, changed and ended with a line of the register, last as long as was said, and export."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from custodystand import BOOT_B, START_WALL_NS, Camera, Recorded, moment

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.custody.evidence.export import CopyLife, Purpose, export_footage
from edgecam.custody.evidence.playback import HeldPlayback
from edgecam.custody.evidence.verify import verify_export
from edgecam.custody.holds import HoldEndTime, HoldOrder, Holds, Placed
from edgecam.custody.holdwatch import HoldWatch
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.ringbuffer.format import EpochSlot, GapCause
from edgecam.ringbuffer.holdrecord import HoldWhy
from edgecam.ringbuffer.holdstore import HoldEnd, HoldErasure, HoldStore
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention

pytestmark = pytest.mark.row("R4")

WHY = HoldWhy("事故の捜査", "佐藤", "熊谷警察署", "R8-1")
DAYS = 86_400.0


@dataclass
class Standstill:
    """A clock that shows what it is told."""

    moment: Instant

    def now(self) -> Instant:
        return self.moment

    def mono_ns(self) -> int:
        return self.moment.mono_ns

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("nothing here waits")


class Custodian:
    """A camera with eight seconds of footage, its holds, and a clock."""

    def __init__(self, camera: Camera, recorded: Recorded) -> None:
        self.camera = camera
        camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
        camera.run(recorded, moment(5), gap_ns=3_300_000_000)
        self.clock = Standstill(moment(60))
        self.store = HoldStore(camera.folder / "holds", camera.key.public, camera.key.sign, 1 << 22)
        self.holds = Holds(self.store, camera.register(), Retention(14), self.clock)

    @property
    def epochs(self) -> list[EpochSlot]:
        return self.camera.reader().epochs()

    def place(self, end: HoldEndTime | None = None, from_s: float = 0, to_s: float = 60) -> Placed:
        order = HoldOrder(
            START_WALL_NS + round(from_s * NS_PER_S), START_WALL_NS + round(to_s * NS_PER_S), WHY, end
        )
        medium = FileMedium.open(self.camera.ring, writable=False)
        try:
            return self.holds.place(medium, order)
        finally:
            medium.close()

    def lines(self) -> list[RegisterLine]:
        path = self.camera.register().path
        return [decode_line(line) for line in path.read_bytes().splitlines(keepends=True)] if path.exists() else []

    def told(self) -> list[tuple[Act, str, int | None]]:
        return [(line.act, line.who, line.completes) for line in self.lines()]


@pytest.fixture
def held(camera: Camera, recorded: Recorded) -> Custodian:
    return Custodian(camera, recorded)


def fault_of(watch: HoldWatch) -> str:
    return watch.fault.sentence if watch.fault else ""


FOR_A_YEAR = HoldEndTime(for_ns=365 * NS_PER_DAY)


def test_a_hold_is_registered_before_and_after(held: Custodian) -> None:
    placed = held.place(FOR_A_YEAR)
    assert held.told() == [(Act.HOLD, "佐藤", None), (Act.HOLD, "佐藤", 1)]
    begun, done = held.lines()
    record = placed.standing.record
    assert (begun.from_wall_ns, begun.to_wall_ns) == (record.from_wall_ns, record.to_wall_ns)
    assert begun.purpose == WHY.reason
    assert begun.detail["hold"] == record.hold_id
    assert begun.detail["original_end"] == "2026-03-15 08:00:00.000 UTC"
    assert begun.detail["end"] == "2027-03-01 08:01:00.000 UTC"
    assert begun.detail["asked_by"] == "熊谷警察署"
    assert done.detail == {"outcome": "done", "segments": "6", "damaged": "0", "erased_meanwhile": "0"}
    assert [gap.cause for gap in placed.account.gaps] == ["restart"]


@pytest.mark.row("R5")
def test_without_an_end_it_lasts_the_rest_of_the_originals_life(held: Custodian) -> None:
    held.clock.moment = moment(3 * DAYS)
    term = held.place().standing.record.term
    assert term.life_ns == term.original_life_ns == 11 * NS_PER_DAY


def test_an_end_may_be_a_date_or_a_length(held: Custodian) -> None:
    until = HoldEndTime(until_wall_ns=START_WALL_NS + 100 * NS_PER_DAY)
    assert held.place(until).standing.record.term.life_ns == 100 * NS_PER_DAY - 60 * NS_PER_S
    assert held.place(FOR_A_YEAR).standing.record.term.life_ns == 365 * NS_PER_DAY


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (HoldEndTime(until_wall_ns=START_WALL_NS), "in the past"),
        (HoldEndTime(for_ns=0), "in the past"),
        (HoldEndTime(for_ns=3651 * NS_PER_DAY), "ten years at most"),
        (HoldEndTime(), "the end is missing"),
        (HoldEndTime(1, 1), "give one of them"),
    ],
)
def test_an_end_that_cannot_be_is_refused_and_nothing_is_held(
    held: Custodian, end: HoldEndTime, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        held.place(end)
    assert held.store.all() == []
    assert held.lines() == []


@pytest.mark.row("R8")
def test_a_clock_that_was_never_set_knows_lengths_and_no_dates(held: Custodian) -> None:
    held.clock.moment = replace(moment(60), trust=TimeTrust.UNSET)
    with pytest.raises(BadInput, match=r"clock was never set.*--for 90d"):
        held.place(HoldEndTime(until_wall_ns=START_WALL_NS + 100 * NS_PER_DAY))
    standing = held.place(FOR_A_YEAR).standing
    assert standing.told(standing.record.term.life_ns) == "365.0 days after it was made"


@pytest.mark.parametrize("why", [HoldWhy("", "佐藤"), HoldWhy("theft", " "), HoldWhy("a\x1b[31m", "佐藤")])
def test_reason_and_name_are_required(held: Custodian, why: HoldWhy) -> None:
    medium = FileMedium.open(held.camera.ring, writable=False)
    with pytest.raises(BadInput):
        held.holds.place(medium, HoldOrder(START_WALL_NS, START_WALL_NS + NS_PER_S, why))
    medium.close()
    assert held.lines() == []


def test_nothing_found_is_refused_and_tells_what_there_is(held: Custodian) -> None:
    with pytest.raises(BadInput, match=r"no footage in that range: there is 2026-03-01 08:00:00.000 UTC to"):
        held.place(from_s=3600, to_s=7200)
    assert held.store.all() == []


def test_what_is_past_its_time_is_not_held(held: Custodian) -> None:
    held.clock.moment = moment(14 * DAYS + 10)
    with pytest.raises(BadInput, match="no footage"):
        held.place(FOR_A_YEAR)


def test_what_cannot_be_read_is_registered_as_failed(held: Custodian) -> None:
    reader = held.camera.reader()
    with held.camera.ring.open("r+b") as file:
        for stored in reader.segments():
            file.seek(reader.superblock.byte_offset(stored.position) + 600)
            file.write(b"rot")
    with pytest.raises(DataLoss):
        held.place(FOR_A_YEAR)
    assert held.store.all() == []
    assert [(line.act, line.detail.get("outcome")) for line in held.lines()] == [
        (Act.HOLD, None),
        (Act.HOLD, "failed"),
        (Act.ERASURE, None),
    ]


@pytest.mark.row("R5")
@pytest.mark.row("K4")
def test_a_copy_out_of_a_hold_is_that_out_of_the_ring(held: Custodian) -> None:
    record = held.place(FOR_A_YEAR).standing.record
    copies = [held.camera.folder / name for name in ("ring.mp4", "hold.mp4")]
    life = CopyLife(record.term.life_ns, held.clock.now())
    begin, end = record.from_wall_ns, record.to_wall_ns
    by = Purpose("佐藤", "police")
    register = held.camera.register()
    ring = export_footage(held.camera.reader(), held.camera.owner, begin, end, copies[0], register, by)
    with held.store.footage(record.hold_id) as footage:
        hold = export_footage(
            footage, held.camera.owner, begin, end, copies[1], register, by, life=life, hold_id=record.hold_id
        )
    assert copies[0].read_bytes() == copies[1].read_bytes()
    assert verify_export(copies[1], held.camera.key.public).genuine
    assert ring.account == hold.account
    line = next(line for line in held.lines() if line.detail.get("file") == "hold.mp4")
    assert line.detail["erase_by"] == "2027-03-01 08:01:00.000 UTC"
    assert line.detail["hold"] == record.hold_id


def test_a_hold_plays(held: Custodian) -> None:
    record = held.place(FOR_A_YEAR).standing.record
    path, _ = held.store.find(record.hold_id)
    playback = HeldPlayback(path, held.camera.owner.unseal, held.camera.key.public)
    played = playback.open(record.from_wall_ns, record.to_wall_ns)
    assert played is not None
    assert played.start_wall_ns == START_WALL_NS
    assert sum(len(piece) for piece in played.pieces) > 3000


@pytest.mark.row("R5")
def test_the_life_of_a_copy_is_told_in_days_by_a_clock_that_was_never_set() -> None:
    rest_ns = 3 * NS_PER_DAY
    assert str(CopyLife(rest_ns, moment(0))) == "2026-03-04 08:00:00.000 UTC"
    assert str(CopyLife(rest_ns, replace(moment(0), trust=TimeTrust.UNSET))) == "3.0 days after it was made"


def test_a_review_is_due_and_is_registered(held: Custodian) -> None:
    hold_id = held.place(FOR_A_YEAR).standing.record.hold_id
    held.clock.moment = moment(29 * DAYS)
    assert not held.holds.find(hold_id, held.epochs).review_is_due
    held.clock.moment = moment(31 * DAYS)
    assert held.holds.find(hold_id, held.epochs).review_is_due

    reviewed = held.holds.review(hold_id, held.epochs, "鈴木", "still needed")

    assert not reviewed.review_is_due
    term = held.holds.find(hold_id, held.epochs).record.term
    assert (term.reviewed_by, term.review_note, term.life_ns) == ("鈴木", "still needed", 365 * NS_PER_DAY)
    assert term.review_due_ns == pytest.approx(61 * NS_PER_DAY, abs=61 * NS_PER_S)
    assert held.lines()[-2].detail["change"] == "review"
    with pytest.raises(BadInput, match="who decides"):
        held.holds.review(hold_id, held.epochs, "", "still needed")


def test_an_extension_keeps_the_original_end(held: Custodian) -> None:
    before = held.place().standing.record
    held.clock.moment = moment(10 * DAYS)
    until = HoldEndTime(until_wall_ns=START_WALL_NS + 60 * NS_PER_DAY)
    after = held.holds.extend(before.hold_id, held.epochs, until, "鈴木", "the police asks again")
    assert after.record.term.life_ns == 60 * NS_PER_DAY - 60 * NS_PER_S
    assert after.record.term.original_life_ns == before.term.original_life_ns
    assert after.record.why == before.why
    line = held.lines()[-2]
    assert (line.who, line.purpose) == ("鈴木", "the police asks again")
    assert line.detail["end_before"] == "2026-03-15 08:00:00.000 UTC"
    assert line.detail["end"] == "2026-04-30 08:00:00.000 UTC"
    far = HoldEndTime(for_ns=3645 * NS_PER_DAY)
    with pytest.raises(BadInput, match="ten years"):
        held.holds.extend(before.hold_id, held.epochs, far, "鈴木", "for ever")


def test_a_release_is_registered_destroys_and_is_final(held: Custodian) -> None:
    hold_id = held.place(FOR_A_YEAR).standing.record.hold_id
    path, _ = held.store.find(hold_id)
    with path.open("rb") as open_before:
        erasure = held.holds.release(hold_id, "佐藤", "case closed")
        assert not any(open_before.read()), "what was unlinked was not destroyed"
    assert erasure.verified
    assert [(line.act, line.completes) for line in held.lines()[2:]] == [
        (Act.RELEASE, None),
        (Act.ERASURE, None),
        (Act.RELEASE, 3),
    ]
    assert held.lines()[3].detail == {"hold": hold_id, "reason": "released", "verified": "True"}
    with pytest.raises(BadInput, match="there is none"):
        held.holds.release(hold_id, "佐藤", "case closed")


@pytest.mark.row("R3")
@pytest.mark.row("R8")
def test_what_has_ended_is_erased_and_nothing_before(held: Custodian) -> None:
    short = held.place(HoldEndTime(for_ns=NS_PER_DAY)).standing.record.hold_id
    held.place(FOR_A_YEAR)
    leapt = moment(0.5 * DAYS)
    held.clock.moment = replace(leapt, wall_ns=leapt.wall_ns + 3650 * NS_PER_DAY)
    assert held.holds.tend(held.epochs, "recorder") == []
    held.clock.moment = moment(1 * DAYS + 60)
    assert [(one.hold_id, one.end) for one in held.holds.tend(held.epochs, "recorder")] == [
        (short, HoldEnd.EXPIRED)
    ]
    assert held.told()[-1] == (Act.ERASURE, "recorder", None)
    held.clock.moment = moment(366 * DAYS, BOOT_B)
    assert len(held.holds.tend(held.epochs, "recorder")) == 1
    assert held.store.all() == []


def test_a_hold_that_somebody_copied_ends_too(held: Custodian) -> None:
    hold_id = held.place(HoldEndTime(for_ns=NS_PER_DAY)).standing.record.hold_id
    path, _ = held.store.find(hold_id)
    path.with_name("copied.hold").write_bytes(path.read_bytes())
    held.clock.moment = moment(2 * DAYS)
    assert {one.hold_id for one in held.holds.tend(held.epochs, "recorder")} == {hold_id, "copied"}
    assert held.store.all() == []


def test_what_has_ended_is_neither_found_nor_extended(held: Custodian) -> None:
    hold_id = held.place(HoldEndTime(for_ns=NS_PER_DAY)).standing.record.hold_id
    held.clock.moment = moment(2 * DAYS)
    with pytest.raises(BadInput, match="there is no hold"):
        held.holds.extend(hold_id, held.epochs, FOR_A_YEAR, "佐藤", "still needed")


def test_the_watch_counts_tells_and_goes_on_in_trouble(held: Custodian) -> None:
    watch = HoldWatch(held.holds, held.camera.ring, "recorder")
    watch.look()
    assert (watch.count, watch.size_bytes, watch.reviews_due, watch.fault) == (0, 0, 0, None)
    hold_id = held.place(FOR_A_YEAR).standing.record.hold_id
    path, _ = held.store.find(hold_id)
    held.clock.moment = moment(40 * DAYS)
    watch.look()
    assert (watch.count, watch.size_bytes, watch.reviews_due) == (1, path.stat().st_size, 1)
    ring = held.camera.ring.rename(held.camera.folder / "away")
    fresh = HoldWatch(held.holds, held.camera.ring, "recorder")
    fresh.look()
    assert fresh.fault is not None
    assert fresh.fault.code == "holds"
    ring.rename(held.camera.ring)
    fresh.look()
    assert fresh.count == 1
    assert not fault_of(fresh)


def test_a_key_that_can_be_read_back_is_a_fault_that_stays(
    held: Custodian, monkeypatch: pytest.MonkeyPatch
) -> None:
    held.place(HoldEndTime(for_ns=NS_PER_DAY))
    hold_id = held.place(FOR_A_YEAR).standing.record.hold_id
    real = FileMedium.reread_at

    def stale(medium: FileMedium, offset: int, size: int) -> bytes:
        return b"\1" + real(medium, offset, size)[1:]

    monkeypatch.setattr(FileMedium, "reread_at", stale)
    with pytest.raises(MediaFailing, match="could still be read back"):
        held.holds.release(hold_id, "佐藤", "case closed")
    watch = HoldWatch(held.holds, held.camera.ring, "recorder")
    held.clock.moment = moment(2 * DAYS)
    watch.look()
    watch.look()
    assert watch.unerased is not None
    assert held.lines()[-1].detail["verified"] == "False"


def test_a_full_register_forgets_no_erasure(held: Custodian) -> None:
    held.place(HoldEndTime(for_ns=NS_PER_DAY))
    held.clock.moment = moment(2 * DAYS)
    register = held.camera.register().path
    kept = register.rename(register.with_name("kept"))
    register.mkdir()
    watch = HoldWatch(held.holds, held.camera.ring, "recorder")
    watch.look()
    assert "register" in fault_of(watch)
    register.rmdir()
    kept.rename(register)
    watch.look()
    assert not fault_of(watch)
    assert [line.detail["reason"] for line in held.lines() if line.act is Act.ERASURE] == ["interrupted"]
    assert held.store.all() == []


def test_a_disposal_erases_all_of_them(held: Custodian) -> None:
    for _ in range(2):
        held.place(FOR_A_YEAR)
    erased: list[HoldErasure] = held.holds.erase_all("佐藤")
    assert [one.end for one in erased] == [HoldEnd.DISPOSED] * 2
    assert [name for name in os.listdir(held.store.folder) if name != ".lock"] == []


def test_holding_needs_no_right_to_write_the_ring(held: Custodian, tmp_path: Path) -> None:
    before = held.camera.ring.read_bytes()
    writer = FileMedium.open(held.camera.ring, writable=True)  # as a running recorder
    held.place(FOR_A_YEAR)
    writer.close()
    assert held.camera.ring.read_bytes() == before
