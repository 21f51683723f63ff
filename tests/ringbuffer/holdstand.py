"""What every test of holds needs: a ring with footage, a hold made from it in RAM or in a folder."""

from __future__ import annotations

from pathlib import Path

from fakes.medium import RamMedium
from ringstand import CAMERA, DAY_S, OWNER, SMALL_RING, append, at, make_ring, open_writer

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.heldfootage import HeldFootage
from edgecam.ringbuffer.holdcopy import HoldCopy, HoldPlan, plan_hold
from edgecam.ringbuffer.holdrecord import HoldRecord, HoldTerm, HoldWhy
from edgecam.ringbuffer.holdstore import HoldStore
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.writer import RingWriter

WHY = HoldWhy("事故の捜査", "佐藤", asked_by="熊谷警察署", case="R8-123", note="")
DAY_NS = DAY_S * NS_PER_S
TERM = HoldTerm(14 * DAY_NS, 90 * DAY_NS, 30 * DAY_NS, 30 * DAY_NS)
QUOTA = 4 << 20


def ring_with(segments: int, epochs_every: int = 5, size: int = 3500) -> tuple[RamMedium, RingWriter]:
    """A ring of ``segments`` of two seconds each; every ``epochs_every`` of them are an epoch."""
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for number in range(segments):
        if number % epochs_every == 0:
            writer.end_epoch()
        append(writer, number, size=size)
    return medium, writer


def wall_ns(seconds: float) -> int:
    return at(seconds).wall_ns


def planned(ring: Medium, from_s: float, to_s: float) -> HoldPlan:
    plan = plan_hold(RingReader(ring), wall_ns(from_s), wall_ns(to_s))
    assert plan is not None
    return plan


def record_for(plan: HoldPlan, ring: Medium, created: Instant | None = None, hold_id: str = "h") -> HoldRecord:
    return HoldRecord(
        hold_id=hold_id,
        ring_id=RingReader(ring).superblock.ring_id,
        created=created or at(100),
        newest_epoch=plan.newest_epoch,
        first_epoch=plan.first_epoch,
        last_epoch=plan.last_epoch,
        from_wall_ns=plan.from_wall_ns,
        to_wall_ns=plan.to_wall_ns,
        why=WHY,
        term=TERM,
    )


def hold_in(
    medium: Medium, ring: Medium, from_s: float, to_s: float, plan: HoldPlan | None = None, hold_id: str = "h"
) -> HoldRecord:
    """Make a hold of the range in ``medium``, which has the size of its plan."""
    plan = plan or planned(ring, from_s, to_s)
    record = record_for(plan, ring, hold_id=hold_id)
    copy = HoldCopy(ring, RingReader(ring), medium, record, CAMERA.sign)
    return copy.run(plan, wall_ns(from_s), wall_ns(to_s))


def hold_in_ram(ring: Medium, from_s: float, to_s: float) -> RamMedium:
    medium = RamMedium(planned(ring, from_s, to_s).size_bytes)
    hold_in(medium, ring, from_s, to_s)
    return medium


def hold_in_folder(store: HoldStore, ring: Medium, from_s: float, to_s: float) -> HoldRecord:
    """Make a hold as a file of ``store``."""
    plan, moment = planned(ring, from_s, to_s), at(100)
    with store.room(moment, plan.size_bytes, lambda erasure: None) as (hold_id, medium):
        record = record_for(plan, ring, moment, hold_id)
        return HoldCopy(ring, RingReader(ring), medium, record, CAMERA.sign).run(
            plan, wall_ns(from_s), wall_ns(to_s)
        )


def new_store(folder: Path, quota_bytes: int = QUOTA) -> HoldStore:
    return HoldStore(folder, CAMERA.public, CAMERA.sign, quota_bytes)


def opened(footage: Footage) -> dict[int, bytes]:
    """Every fragment that the owner can open, by sequence number."""
    found: dict[int, bytes] = {}
    epochs = {slot.epoch: footage.open_epoch(slot, OWNER.unseal) for slot in footage.epochs()}
    for stored in footage.segments():
        payload = footage.sealed_payload(stored)
        found[stored.header.sequence] = epochs[stored.header.epoch].open(stored.header, payload).fragment
    return found


def opened_hold(medium: Medium) -> dict[int, bytes]:
    return opened(HeldFootage(medium, CAMERA.public))
