"""The page's view of what was recorded: what there is, and sealed footage for browsers that open it themselves."""

from __future__ import annotations

import threading
from pathlib import Path

from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput
from edgecam.custody.ciphertext import Ciphertext
from edgecam.custody.register import Register
from edgecam.custody.register_line import Act
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.overview import Covered, Overview
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.stretches import Stretches
from edgecam.web.parts import Stretch
from edgecam.web.sealedparts import SealedParts

_PURPOSES = {Act.VIEW: "viewing on the camera's page", Act.SEARCH: "looking for a moment on the camera's page"}


class PastFootage:
    """What one ring holds, opened when first asked for; the page's threads share it."""

    def __init__(self, ring: Path, retention: Retention, clock: Clock) -> None:
        self._ring, self._retention, self._clock = ring, retention, clock
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
        return found

    def overview(self, from_wall_ns: int, to_wall_ns: int) -> list[Covered]:
        """The same for long times, at a glance. Raises: BadInput, MediaFailing."""
        with self._looking:
            return self._opened()[1].between(from_wall_ns, to_wall_ns)

    def _opened(self) -> tuple[Stretches, Overview]:
        if self._stretches is None or self._overview is None:
            reader = RingReader(FileMedium.open(self._ring, writable=False), self._retention, self._clock.now)
            self._stretches = Stretches(reader)
            self._overview = Overview(reader, self._stretches)
        return self._stretches, self._overview


def sealed_parts(
    past: PastFootage, places: Places, register: Register, retention: Retention, clock: Clock
) -> SealedParts:
    """The page's parts around sealed footage."""

    def locked_owner() -> bytes:
        try:
            return places.locked_owner.read_bytes()
        except OSError as missing:
            raise BadInput("the owner's key file cannot be read", do="restore it from your backup") from missing

    def record(who: str, act: Act, from_wall_ns: int, to_wall_ns: int) -> None:
        register.write(act, who=who, purpose=_PURPOSES[act], footage=(from_wall_ns, to_wall_ns))

    footage = Ciphertext(places.ring, retention, clock.now)
    return SealedParts(footage, locked_owner, record, past.overview)
