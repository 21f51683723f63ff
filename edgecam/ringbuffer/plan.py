"""What a ring can promise: days kept by frame rate and quality, and the settings that hold a floor.

Pure. The constants of its model come from `edgecam bench storage`; see ``docs/design/plan.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.ringbuffer.budget import SHARE, Budget
from edgecam.ringbuffer.creation import plan as superblock_for
from edgecam.ringbuffer.format import EPOCH_DURATION_NS, SLOT_SIZE, EpochSlot
from edgecam.ringbuffer.rates import Rates
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention


@dataclass(frozen=True, slots=True)
class Quality:
    """``crf`` as libx264 counts it; ``rate`` is what it takes beside the standard quality."""

    crf: int
    rate: float


# In the order of the plan's table, from left to right.
QUALITIES = {
    "best": Quality(19, 1.56),
    "high": Quality(21, 1.26),
    "standard": Quality(23, 1.0),
    "low": Quality(26, 0.72),
    "lowest": Quality(29, 0.52),
}
FRAME_RATES = (30.0, 15.0, 10.0, 6.0)
# Kilobits a second of busy footage at 1280x720, 15 frames a second, standard quality: median of the clips.
BUSY_KBPS = 2150.0
# The lowest cap at that size and rate under which every clip still shows who does what.
LEAST_KBPS = 200.0
# How both grow. A keyframe a second is most of the cost, so the frame rate matters little.
FPS_EXPONENT, PIXEL_EXPONENT = 0.23, 0.86
_PIXELS, _FPS = 1280 * 720, 15.0
_LOWEST_KBPS = 64.0
# The cap of picked settings, beside what they need on a busy day.
_CAP_OVER_BUSY = 1.5
_MEASURED_EPOCHS = 2016  # two weeks
_LEAST_MEASURED_NS = 600 * NS_PER_S
_A_DAYS_SHARE_NS = NS_PER_DAY // 4


class Verdict(Enum):
    """Whether a cell of the table keeps the floor."""

    KEPT = "kept"
    SQUEEZED = "squeezed"  # kept by the cap, with a worse picture than named most of the time
    SHORT = "short"  # not even at the lowest useful bit rate


@dataclass(frozen=True, slots=True)
class Camera:
    """The picture that is planned for: its size, what it is set to, and how long a fragment is."""

    width: int
    height: int
    fps: float
    quality: str
    fragment_s: float
    cap_kbps: int

    @property
    def _scale(self) -> float:
        return math.pow(self.width * self.height / _PIXELS, PIXEL_EXPONENT)

    def busy_kbps(self, fps: float, quality: str) -> float:
        """What the model expects of busy footage."""
        return BUSY_KBPS * self._scale * math.pow(fps / _FPS, FPS_EXPONENT) * QUALITIES[quality].rate

    def least_kbps(self, fps: float) -> int:
        """The lowest useful cap."""
        return round(max(_LOWEST_KBPS, LEAST_KBPS * self._scale * math.pow(fps / _FPS, FPS_EXPONENT)))

    @property
    def present_rates(self) -> Rates:
        """The rates of the settings as they are."""
        return self.rates(self.fps)

    def rates(self, fps: float) -> Rates:
        """The rates of this camera with ``fps`` frames a second."""
        least = min(self.least_kbps(fps), self.cap_kbps)
        return Rates(self.cap_kbps, least, fps, self.fragment_s)


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes a second that this camera's own footage took on the medium: on average, and on its worst day."""

    mean_rate: float
    worst_rate: float
    days: float


def measured(live: Sequence[EpochSlot]) -> Measured | None:
    """From the positions and times of a ring's live epochs; ``None`` with less than ten minutes of them.

    Only epochs with the newest one's init count: with other settings footage takes other room.
    """
    spans: dict[int, list[int]] = {}
    recent = live[-_MEASURED_EPOCHS:]
    for slot, follower in pairwise(recent):
        lasted_ns = follower.start.mono_ns - slot.start.mono_ns
        joined = slot.start.boot_id == follower.start.boot_id and 0 < lasted_ns <= EPOCH_DURATION_NS + NS_PER_S
        if joined and slot.init_hash == recent[-1].init_hash:
            day = spans.setdefault(slot.start.wall_ns // NS_PER_DAY, [0, 0])
            day[0] += follower.position - slot.position
            day[1] += lasted_ns
    size, lasted_ns = (sum(day[i] for day in spans.values()) for i in (0, 1))
    if lasted_ns < _LEAST_MEASURED_NS or not size:
        return None
    mean = size * NS_PER_S / lasted_ns
    worst = max((day[0] * NS_PER_S / day[1] for day in spans.values() if day[1] >= _A_DAYS_SHARE_NS), default=mean)
    return Measured(mean, max(mean, worst), lasted_ns / NS_PER_DAY)


@dataclass(frozen=True, slots=True)
class Cell:
    """One frame rate and quality: what it takes (bytes a second), for how long the ring holds it (days).

    ``days_at_worst`` if every day were like the worst. ``least_kbps`` is the lowest useful cap at this frame rate.
    """

    fps: float
    quality: str
    rate: float
    days: float
    days_at_worst: float
    least_kbps: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """What a ring with ``data_size`` bytes of data area can promise to ``retention``."""

    data_size: int
    retention: Retention
    camera: Camera
    measured: Measured | None = None

    @property
    def budget(self) -> Budget:
        highest = self.camera.rates(self.camera.fps).on_medium(self.camera.cap_kbps)
        return Budget(self.data_size, self.retention.floor_ns, highest)

    def cell(self, fps: float, quality: str) -> Cell:
        """One cell of the table."""
        mean, worst = self._rates(fps, quality)
        least = self.camera.rates(fps).least_kbps
        sustained = self.budget.sustained
        if self.camera.rates(fps).on_medium(least) > sustained:
            verdict = Verdict.SHORT
        else:
            verdict = Verdict.KEPT if mean <= sustained else Verdict.SQUEEZED
        return Cell(fps, quality, mean, self._days(mean), self._days(worst), least, verdict)

    @property
    def present(self) -> Cell:
        """The cell of the settings as they are."""
        return self.cell(self.camera.fps, self.camera.quality)

    def rows(self) -> Iterator[tuple[float, list[Cell]]]:
        """The table: frame rates, the settings' own among them, and for each the five qualities."""
        for fps in sorted({*FRAME_RATES, self.camera.fps}, reverse=True):
            yield fps, [self.cell(fps, quality) for quality in QUALITIES]

    def pick(self) -> Cell | None:
        """The best cell that keeps the floor; ``None`` where none does.

        The settings as they are, if they do. Else a frame rate no higher than theirs and as few steps down from
        the best picture and that rate as possible, the picture first; squeezed ones only if there is no other.
        """
        if self.present.verdict is Verdict.KEPT:
            return self.present
        rows = [cells for fps, cells in self.rows() if fps <= self.camera.fps]
        steps = [(r + q, q, cell) for r, cells in enumerate(rows) for q, cell in enumerate(cells)]
        kept = [step for step in steps if step[2].verdict is Verdict.KEPT]
        if kept:
            return min(kept, key=lambda step: step[:2])[2]
        squeezed = [cell for _, _, cell in steps if cell.verdict is Verdict.SQUEEZED]
        return min(squeezed, key=lambda cell: cell.rate, default=None)

    def cap_kbps(self, cell: Cell) -> int:
        """The ``bit_rate_kbps`` that goes with ``cell``: room for a busy moment, a round number."""
        if (cell.fps, cell.quality) == (self.camera.fps, self.camera.quality):
            return self.camera.cap_kbps
        _, worst = self._rates(cell.fps, cell.quality)
        wanted = _CAP_OVER_BUSY * max(self.camera.rates(cell.fps).of_video(worst), cell.least_kbps)
        return min(50_000, max(100, round(wanted / 100) * 100))

    def size_for(self, rate: float) -> int:
        """The size in bytes of a ring that sustains ``rate`` bytes a second for the floor."""
        budget = self.budget
        data_size = rate * (self.retention.floor_ns + budget.guard_ns) / NS_PER_S / SHARE
        spare = min(data_size / 7, budget.spare_wanted)  # an eighth of the whole is a seventh of the rest
        slots = superblock_for(1 << 50, bytes(32), self.retention, _ANY_TIME).slot_count
        return round(data_size + spare) + (slots + 4) * SLOT_SIZE

    def least_size(self, fps: float) -> int:
        """The size in bytes of the smallest ring that keeps the floor with ``fps`` frames a second."""
        rates = self.camera.rates(fps)
        return self.size_for(rates.on_medium(rates.least_kbps))

    def most_days(self) -> float:
        """The longest floor that this ring keeps, at the lowest frame rate of the table."""
        rates = self.camera.rates(min(self.camera.fps, *FRAME_RATES))
        return SHARE * self.budget.room / rates.on_medium(rates.least_kbps) / 86_400

    def _rates(self, fps: float, quality: str) -> tuple[float, float]:
        """Bytes a second on average and on the worst day."""
        model = self.camera.busy_kbps(fps, quality)
        rates = self.camera.rates(fps)
        if self.measured is None:
            return rates.on_medium(model), rates.on_medium(model)
        # What was measured was under the settings as they are; the model tells how others differ.
        ratio = model / self.camera.busy_kbps(self.camera.fps, self.camera.quality)
        return self.measured.mean_rate * ratio, self.measured.worst_rate * ratio

    def _days(self, rate: float) -> float:
        return self.budget.room / rate / 86_400


_ANY_TIME = Instant(0, 0, bytes(16), TimeTrust.UNSET)


def data_size_of(size_bytes: int, retention: Retention) -> int:
    """The data area of a new ring of ``size_bytes``. Raises: BadInput when it is too small."""
    return superblock_for(size_bytes, bytes(32), retention, _ANY_TIME).data_size
