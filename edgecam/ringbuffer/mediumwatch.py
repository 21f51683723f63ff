"""Looks every ten minutes how the medium is: how worn, and whether it still destroys what is overwritten."""

from __future__ import annotations

import logging
import os
import stat
import threading
from pathlib import Path

from edgecam.core.clock import Clock, Instant
from edgecam.core.errors import EdgecamError
from edgecam.core.status import Fault
from edgecam.ringbuffer.disklife import AskSmart, DiskLife, ask_smartctl, device_under, disks_under, life_of
from edgecam.ringbuffer.filesystem import why_not_in_place
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.table import read_table
from edgecam.ringbuffer.wear import IN_A_FILE, ON_A_BLOCK_DEVICE, Wear, WriteRate, ring_wear
from edgecam.ringbuffer.writer import RingWriter

_LOOK_EVERY_S = 600.0
_log = logging.getLogger(__name__)


class MediumWatch:
    """A thread of its own, because a failing disk may take long to answer; it only reads.

    Any thread may ask for `wear` and `kept_keys`.
    """

    def __init__(
        self,
        ring: Path,
        rated_writes_tb: float,
        clock: Clock,
        *,
        beside: Path | None = None,
        sys: Path = Path("/sys"),
        ask_smart: AskSmart = ask_smartctl,
    ) -> None:
        """``rated_writes_tb`` is what the medium may take in its life, 0 for unknown; ``sys`` is where sysfs is.

        ``beside`` is another process's ring, which counts as well where it is and shares a disk with ``ring``.
        """
        self._ring, self._rated_writes_tb, self._clock = ring, rated_writes_tb, clock
        self._beside, self._beside_rate = beside, WriteRate()
        self._beside_bytes = 0
        self._sys, self._ask_smart = sys, ask_smart
        self._rate = WriteRate()
        # Set by the writing thread: bytes in the ring's life, bytes per second.
        self._written: tuple[int, float | None] | None = None
        # Replaced whole by `look`.
        self._disks: tuple[DiskLife, ...] = ()
        self._amplification = IN_A_FILE
        # Stands while destroyed keys could be found again.
        self.kept_keys: Fault | None = None

    def note(self, writer: RingWriter, now: Instant) -> None:
        """A task of the committer: how much the ring has written by ``now``."""
        self._rate.note(writer.written_bytes, now.mono_ns)
        self._written = writer.written_bytes, self._rate.bytes_per_s()

    def run(self, stop: threading.Event) -> None:
        """Look now, then again and again until ``stop``."""
        self.look()
        while not stop.wait(_LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Look once; what cannot be seen counts as unknown."""
        self._look_at_file_system()
        disks = disks_under(self._ring, self._sys)
        lives = [life_of(disk, self._ask_smart) for disk in disks]
        self._disks = tuple(life for life in lives if life is not None)
        if self._beside is not None and self._shares(self._beside, disks):
            self._look_beside(self._beside)

    def wear(self) -> Wear:
        """As of the last look, and of what the ring has written by now."""
        written = self._written
        if written is None:
            return Wear(None, self._disks)
        written_bytes, bytes_per_s = written
        if bytes_per_s is not None:
            bytes_per_s += self._beside_rate.bytes_per_s() or 0
        by_rings = ring_wear(
            written_bytes + self._beside_bytes,
            bytes_per_s,
            self._amplification,
            self._rated_writes_tb,
            self._clock.now(),
        )
        return Wear(by_rings, self._disks)

    def _shares(self, beside: Path, disks: list[Path]) -> bool:
        device = device_under(beside)
        return device is not None and (
            device == device_under(self._ring) or not set(disks).isdisjoint(disks_under(beside, self._sys))
        )

    def _look_beside(self, beside: Path) -> None:
        try:
            medium = FileMedium.open(beside, writable=False)
        except EdgecamError:
            return
        try:
            self._beside_bytes = read_table(medium, read_superblock(medium)).written_bytes
        except EdgecamError:
            return  # no ring, or not all of one: its own process tells of that
        finally:
            medium.close()
        self._beside_rate.note(self._beside_bytes, self._clock.mono_ns())

    def _look_at_file_system(self) -> None:
        try:
            descriptor = os.open(self._ring, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return
        try:
            is_device = stat.S_ISBLK(os.fstat(descriptor).st_mode)
            why = "" if is_device else why_not_in_place(descriptor, self._ring)
        finally:
            os.close(descriptor)
        self._amplification = ON_A_BLOCK_DEVICE if is_device else IN_A_FILE
        fault = Fault("erasure", _KEPT_KEYS.format(why=why)) if why else None
        if fault is not None and fault != self.kept_keys:
            _log.warning("%s", fault.sentence)
        self.kept_keys = fault


_KEPT_KEYS = "A key that is destroyed may be found again, because {why}: move the ring to ext4 or a block device."
