"""How much of the medium's life is used: by what the ring wrote, and by what the medium says of itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.status import Fault
from edgecam.ringbuffer.disklife import DiskLife

# Bytes that reach the disk per byte of the ring; measured, docs/design/ring-format.md "What it costs".
ON_A_BLOCK_DEVICE = 1.0
IN_A_FILE = 1.07 / 1.016
_FAULT_FROM_PERCENT = 80.0
_TB = 10**12
_RATE_FROM_S, _RATE_EVERY_S, _RATE_SAMPLES = 600, 3600, 25  # up to a day, so that a night counts too
# Nobody plans for the day after.
_FORESEEN_S = 50 * 365 * 86_400


class WriteRate:
    """Bytes per second that one ring wrote during the last day, or since the first look in this process."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=_RATE_SAMPLES)
        self._newest: tuple[int, int] | None = None

    def note(self, written_bytes: int, mono_ns: int) -> None:
        """The ring had written ``written_bytes`` in its life at ``mono_ns``."""
        self._newest = mono_ns, written_bytes
        if not self._samples or mono_ns - self._samples[-1][0] >= _RATE_EVERY_S * NS_PER_S:
            self._samples.append(self._newest)

    def bytes_per_s(self) -> float | None:
        """``None`` until there are ten minutes to tell it from."""
        if self._newest is None:
            return None
        since_ns, before = self._samples[0]
        passed_ns = self._newest[0] - since_ns
        if passed_ns < _RATE_FROM_S * NS_PER_S:
            return None
        return (self._newest[1] - before) * NS_PER_S / passed_ns


@dataclass(frozen=True, slots=True)
class RingWear:
    """What the ring and those beside it took of a medium that may take ``rated_tb`` terabytes.

    ``used_up`` is when nothing will be left at the present rate, ``None`` when not known or in no one's lifetime.
    """

    written_tb: float
    rated_tb: float
    used_up: datetime | None

    @property
    def used_percent(self) -> float:
        return 100 * self.written_tb / self.rated_tb

    @property
    def words(self) -> str:
        told = f"what is recorded has written {_tb(self.written_tb)} of the {_tb(self.rated_tb)} TB it is rated for"
        return f"{told}, all of it by {self.used_up:%Y-%m} at this rate" if self.used_up else told


def ring_wear(
    written_bytes: int, bytes_per_s: float | None, amplification: float, rated_tb: float, now: Instant
) -> RingWear | None:
    """The wear by ``written_bytes`` of all rings; ``None`` when nobody said what the medium is rated for."""
    if rated_tb <= 0:
        return None
    written_tb = written_bytes * amplification / _TB
    used_up = None
    if bytes_per_s and now.trust is not TimeTrust.UNSET:
        left_s = max(0.0, rated_tb - written_tb) * _TB / (bytes_per_s * amplification)
        if left_s < _FORESEEN_S:
            used_up = datetime.fromtimestamp(now.wall_ns / NS_PER_S + left_s, UTC)
    return RingWear(written_tb, rated_tb, used_up)


@dataclass(frozen=True, slots=True)
class Wear:
    """Both views of the medium's life; either may know nothing."""

    by_ring: RingWear | None = None
    by_disks: tuple[DiskLife, ...] = ()

    @property
    def used_percent(self) -> float | None:
        """The worse of both, ``None`` when neither knows."""
        told = [self.by_ring.used_percent] if self.by_ring else []
        told += [disk.used_percent for disk in self.by_disks if disk.used_percent is not None]
        return max(told, default=None)

    @property
    def words(self) -> str:
        """One line for a person; empty when nothing is known."""
        told = [disk.words for disk in self.by_disks]
        return "; ".join(told + ([self.by_ring.words] if self.by_ring else []))

    @property
    def fault(self) -> Fault | None:
        """From four fifths of its life on, or when the medium asks for it."""
        warning = next((disk.warning for disk in self.by_disks if disk.warning), "")
        used = self.used_percent
        if not warning and (used is None or used < _FAULT_FROM_PERCENT):
            return None
        why = warning or f"{min(used or 0, 999):.0f} % of its life is used"
        return Fault("wear", f"The medium wears out ({why}; {self.words}): replace it soon. Recording goes on.")


def _tb(terabytes: float) -> str:
    return f"{terabytes:.3g}" if terabytes < 1000 else f"{terabytes:.0f}"
