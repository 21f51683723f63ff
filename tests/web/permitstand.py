"""Keys of people and permits for the page in tests: a folder of identities, and footage of two epochs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from accountstand import camera_key
from casestand import CaseStand
from pyrage import x25519

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.accounts.identities import Identities
from edgecam.custody.cases.permitkeys import PermitKeys, Permits
from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.custody.register.register import Register
from edgecam.keys.owner import OwnerIdentity
from edgecam.keys.sealing import SealingKind, sealing
from edgecam.ringbuffer.format import EpochSlot
from edgecam.web.permitparts import PermitParts

OWNER = OwnerIdentity(x25519.Identity.generate())
RING, KEY = bytes(range(16)), bytes(range(32))
_ROOM = 1 << 16


@dataclass
class SlotsOnly:
    """Footage whose slots are all there is of it: ``count`` epochs of the minute before ``end_wall_ns``."""

    slots: list[EpochSlot]
    end_wall_ns: int

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Sequence[SealedEpoch]:
        begun_ns, public = self.end_wall_ns - 60 * NS_PER_S, camera_key().public
        return [SealedEpoch(slot, begun_ns, self.end_wall_ns, False, public) for slot in self.slots]

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        yield from ()


def permit_parts(cases: CaseStand, accounts: AccountStore, folder: Path, clock: Clock) -> PermitParts:
    """What the page needs, over cases and accounts of the same folder."""
    key = camera_key()
    owner = sealing(SealingKind.OWNER, [OWNER.recipient()], [], _ROOM)
    slots = [
        EpochSlot(7 + n, clock.now(), 0, 4200, owner.seal(KEY), b"init", bytes(32), ring_id=RING) for n in range(2)
    ]
    shared = cases.rules.sealing is SealingKind.SHARED
    return PermitParts(
        identities=Identities(folder / "identities", accounts),
        permits=Permits(PermitKeys(folder / "cases", key), cases.store.find, clock, shared=shared),
        rules=cases.rules,
        register=Register(folder / "register.jsonl", key.sign, key.public, clock),
        locked_owner=lambda: b"age-encryption.org/v1",
        owners=lambda: [OWNER.recipient()],
        sources={"ring": SlotsOnly(slots, cases.end_wall_ns)},
    )
