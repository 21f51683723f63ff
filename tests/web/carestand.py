"""What the screen "care" shows, in RAM: a real register in a folder, and holds that cost no footage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from accountstand import camera_key

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput
from edgecam.custody.holds import HoldOrder, Standing
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.registerpage import read_page
from edgecam.ringbuffer.holdrecord import HoldRecord, HoldTerm
from edgecam.ringbuffer.retention import NS_PER_DAY
from edgecam.web.careparts import CareParts


@dataclass
class PageHolds:
    """Holds that need no ring; dated as real ones are."""

    clock: Clock
    held: dict[str, Standing] = field(default_factory=dict)
    released: list[tuple[str, str, str]] = field(default_factory=list)

    def standing(self) -> list[Standing]:
        now = self.clock.now()
        aged = [
            replace(held, age_ns=now.mono_ns - held.record.created.mono_ns, now=now) for held in self.held.values()
        ]
        return [held for held in aged if not held.ended]

    def place(self, order: HoldOrder) -> Standing:
        order.why.check()
        now = self.clock.now()
        life_ns = 14 * NS_PER_DAY if order.end is None else order.end.rest_ns(now)
        term = HoldTerm(14 * NS_PER_DAY, life_ns, order.review_every_ns, order.review_every_ns)
        record = HoldRecord(
            f"h{len(self.held) + 1}", bytes(16), now, 3, 1, 2, order.from_wall_ns, order.to_wall_ns, order.why, term
        )
        size_bytes = (order.to_wall_ns - order.from_wall_ns) // NS_PER_S * 230_000
        self.held[record.hold_id] = Standing(record, size_bytes, 0, now)
        return self.held[record.hold_id]

    def release(self, hold_id: str, by: str, reason: str) -> None:
        if hold_id not in self.held:
            raise BadInput(f"there is no hold {hold_id!r}", do="there is none")
        del self.held[hold_id]
        self.released.append((hold_id, by, reason))


def care_parts(holds: PageHolds, folder: Path) -> CareParts:
    """Over ``holds`` and the register that stands in ``folder``."""
    register = folder / "register.jsonl"
    return CareParts(partial(read_page, register), partial(verify_register, register, camera_key().public), holds)
