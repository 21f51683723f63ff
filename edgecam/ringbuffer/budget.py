"""How fast the ring may be filled now so that nothing is overwritten before its floor, whatever comes; pure.

The law and its proof are in ``docs/design/plan.md``. Rates are bytes a second on the medium.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.chronology import Dated
from edgecam.ringbuffer.format import EPOCH_DURATION_NS, EpochSlot, Superblock
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention

# Of the data area, what the sustained rate fills in one floor; the rest is there for busy days.
SHARE = 0.75
HORIZON_NS = NS_PER_DAY
# What may be written before a lowered rate shows: two seconds of the encoder's buffer, two until its next
# keyframe, the fragments in flight; and what a record that starts the next lap leaves empty. In seconds of the
# highest rate.
_SPARE_S = 20
# No data area gives more than this part to it: a tiny ring keeps nothing for long whatever one does.
_SPARE_SHARE = 8
_LONGEST_GUARD_NS = EPOCH_DURATION_NS
_GUARD_SHARE = 64


@dataclass(frozen=True, slots=True)
class Claim:
    """A live epoch: where it begins, and for how long it must not be overwritten."""

    position: int
    remaining_ns: int


@dataclass(frozen=True, slots=True)
class Claims:
    """The ring as the law sees it; ``epochs`` are the live ones that are below their floor, oldest first."""

    head: int
    data_size: int
    slot_count: int
    epochs: Sequence[Claim]


def claims_of(
    superblock: Superblock, live: Sequence[EpochSlot], dated: Sequence[Dated], head: int, retention: Retention
) -> Claims:
    """``dated`` are the starts of the epochs ``live``, ``head`` is the position that is written next."""
    epochs: list[Claim] = []
    newer_ns = 0
    for slot, start in zip(reversed(live), reversed(dated), strict=True):
        # An epoch goes as a whole: its last footage has the say, but nobody owes it more than the ceiling gives.
        end_ns = max(newer_ns, start.age_ns - EPOCH_DURATION_NS)
        remaining_ns = min(retention.floor_ns - end_ns, retention.shortest_ns - start.age_ns)
        newer_ns = start.age_ns
        if remaining_ns > 0:
            epochs.append(Claim(slot.position, remaining_ns))
    return Claims(head, superblock.data_size, superblock.slot_count, epochs[::-1])


@dataclass(frozen=True, slots=True)
class Budget:
    """The law for one data area and one floor; ``highest_rate`` is the most that ever comes."""

    data_size: int
    floor_ns: int
    highest_rate: float

    @property
    def room(self) -> float:
        """Bytes of the data area that footage can be planned into."""
        return self.data_size - min(self.spare_wanted, self.data_size / _SPARE_SHARE)

    @property
    def spare_wanted(self) -> float:
        """Bytes kept free for what an encoder writes before it obeys."""
        return _SPARE_S * self.highest_rate

    @property
    def guard_ns(self) -> int:
        """The law aims at a floor that is longer by this, so that it need not react within seconds."""
        return max(1, min(_LONGEST_GUARD_NS, self.floor_ns // _GUARD_SHARE))

    @property
    def sustained(self) -> float:
        """The rate that is always allowed once the ring is lawful."""
        return SHARE * self.most

    @property
    def most(self) -> float:
        """The rate at which the data area just holds the floor, if nothing ever varies."""
        return self.room * NS_PER_S / (self.floor_ns + self.guard_ns)

    def allowed(self, claims: Claims) -> float:
        """The rate at which the ring may be filled now; below `sustained`, even 0, in an unlawful state."""
        # Footage that begins now.
        rate = self._allowed_by(self.room, self.floor_ns + self.guard_ns)
        for claim in claims.epochs:
            slack = claim.position + self.room - claims.head
            rate = min(rate, self._allowed_by(slack, claim.remaining_ns + self.guard_ns))
        return max(0.0, rate)

    def missing_ns(self, claims: Claims, rate: float) -> int:
        """By how much some epoch misses its floor, at worst, when ``rate`` comes from now on; 0 for not at all."""
        worst_ns = 0
        for claim in claims.epochs:
            until_ns = (claim.position + self.data_size - claims.head) / rate * NS_PER_S
            worst_ns = max(worst_ns, round(claim.remaining_ns - until_ns))
        return worst_ns

    def _allowed_by(self, slack: float, remaining_ns: int) -> float:
        """What an epoch allows that lies ``slack`` bytes ahead of the head and must stay ``remaining_ns``."""
        kept_back = self.sustained * max(0, remaining_ns - HORIZON_NS) / NS_PER_S
        return (slack - kept_back) * NS_PER_S / min(HORIZON_NS, remaining_ns)
