"""The page's view of what was recorded: what there is, and sealed footage for browsers that open it themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from edgecam.core.clock import Clock
from edgecam.custody.cases.permission import Leave
from edgecam.custody.evidence.ciphertext import Ciphertext, SealedEpoch
from edgecam.custody.evidence.heldciphertext import TOGETHER_NS, HeldCiphertext
from edgecam.custody.holds import Holds
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.places import Places, read_locked_owner
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.overview import Covered, Overview
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.stretches import Stretches
from edgecam.web.parts import Stretch
from edgecam.web.sealedparts import Permitted, SealedParts, slots_key

# What stands where no hold has what the ring has forgotten.
_ERASED = "erased"
_PURPOSES = {Act.VIEW: "viewing on the camera's page", Act.SEARCH: "looking for a moment on the camera's page"}


class PastFootage:
    """What one ring and its holds have, opened when first asked for; the page's threads share it."""

    def __init__(self, ring: Path, retention: Retention, clock: Clock, holds: Holds) -> None:
        self._ring, self._retention, self._clock = ring, retention, clock
        self.sealed = _Sealed(Ciphertext(ring, retention, clock.now), holds, ring)
        self._looking = threading.Lock()
        self._stretches: Stretches | None = None
        self._overview: Overview | None = None

    def recordings(self, from_wall_ns: int, to_wall_ns: int) -> list[Stretch]:
        """Footage, private times and gaps with their cause, exactly. Raises: BadInput, MediaFailing."""
        with self._looking:
            known = self._opened()[0].between(from_wall_ns, to_wall_ns)
        found: list[Stretch] = []
        for stretch in known:
            if found and stretch.gap_ns > 0 and found[-1].end_wall_ns < stretch.start_wall_ns:
                found.append(Stretch(found[-1].end_wall_ns, stretch.start_wall_ns, gap_cause=stretch.gap_cause))
            found.append(Stretch(stretch.start_wall_ns, stretch.end_wall_ns, stretch.private))
        held = [
            Stretch(of.start_wall_ns, of.end_wall_ns, of.private) for of in self._held(from_wall_ns, to_wall_ns)
        ]
        return [*_told(held, found[0].start_wall_ns if found else None), *found]

    def overview(self, from_wall_ns: int, to_wall_ns: int) -> list[Covered]:
        """The same for long times, at a glance. Raises: BadInput, MediaFailing."""
        with self._looking:
            found = self._opened()[1].between(from_wall_ns, to_wall_ns)
        return [*self._held(from_wall_ns, to_wall_ns), *found]

    def _held(self, from_wall_ns: int, to_wall_ns: int) -> list[Covered]:
        return self.sealed.held.covered(from_wall_ns, to_wall_ns)

    def _opened(self) -> tuple[Stretches, Overview]:
        if self._stretches is None or self._overview is None:
            reader = RingReader(FileMedium.open(self._ring, writable=False), self._retention, self._clock.now)
            self._stretches = Stretches(reader)
            self._overview = Overview(reader, self._stretches)
        return self._stretches, self._overview


class _Sealed:
    """What lies in holds alone, then what the ring has."""

    def __init__(self, ring: Ciphertext, holds: Holds, path: Path) -> None:
        self._ring, self.held = ring, HeldCiphertext(holds, path, ring.live)

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> list[SealedEpoch]:
        found = self._ring.epochs(from_wall_ns, to_wall_ns, every_ns)
        return [*self.held.epochs(from_wall_ns, to_wall_ns), *found]

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        yield from self.held.segments(from_wall_ns, to_wall_ns, every_ns)
        yield from self._ring.segments(from_wall_ns, to_wall_ns, every_ns)


def _told(held: list[Stretch], ring_begins_ns: int | None) -> Iterator[Stretch]:
    """``held``, oldest first, with what was erased between."""
    begins_ns = [*(stretch.start_wall_ns for stretch in held), ring_begins_ns]
    for stretch, next_ns in zip(held, begins_ns[1:], strict=True):
        yield stretch
        if next_ns is not None and next_ns - stretch.end_wall_ns > TOGETHER_NS:
            yield Stretch(stretch.end_wall_ns, next_ns, gap_cause=_ERASED)


def sealed_parts(
    past: PastFootage, places: Places, register: Register, permitted: Permitted = slots_key
) -> SealedParts:
    """The page's parts around sealed footage."""

    def record(who: str, act: Act, from_wall_ns: int, to_wall_ns: int, leave: Leave) -> None:
        purpose, footage = leave.purpose or _PURPOSES[act], (from_wall_ns, to_wall_ns)
        register.write(act, who=who, purpose=purpose, footage=footage, detail=leave.detail)

    return SealedParts(past.sealed, partial(read_locked_owner, places), record, past.overview, permitted)
