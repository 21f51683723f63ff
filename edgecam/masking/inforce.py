"""The mask set in force, followed while it records: a change is burnt from one frame to the next."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from edgecam.core.errors import BadInput
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.status import Fault
from edgecam.masking.burn import Burner, small_size_for
from edgecam.masking.maskset import MaskSet, load_mask_set

LOOK_EVERY_S = 1.0
_log = logging.getLogger(__name__)


class FollowingBurner:
    """Burns with ``burner``, which another thread may replace between two frames. Used by one thread."""

    def __init__(self, burner: Burner) -> None:
        self.burner = burner

    def burn(self, raw: RawFrame, want_small: bool) -> MaskedFrame:
        """As `Burner.burn`."""
        return self.burner.burn(raw, want_small)


class MasksInForce:
    """Reads the file in force, and again whenever it changed; in doubt there are no masks, and all is private.

    The source's thread burns; `run` looks in a thread of its own, so that no frame waits for a file.
    """

    def __init__(self, path: Path, camera_public: bytes, rotation: int) -> None:
        """``rotation`` of the pictures, in degrees clockwise."""
        self._path, self._camera_public, self._rotation = path, camera_public, rotation
        self._lock = threading.Lock()
        self._size: tuple[int, int] | None = None
        self._following: FollowingBurner | None = None
        self._seen = _identity(path)
        self.masks, self._refusal = self._load()
        self._tell()

    @property
    def faults(self) -> list[Fault]:
        """Why all is private, if it is."""
        burning = self._following.burner.fault if self._following else None
        return [fault for fault in (self._refusal, burning) if fault is not None]

    @property
    def private(self) -> bool:
        """Whether the whole picture is fill."""
        return bool(self.faults)

    @property
    def mask_hash(self) -> str:
        """Hex; empty when there are no masks."""
        masks = self.masks
        return masks.mask_hash.hex() if masks else ""

    def burner(self, size: tuple[int, int]) -> FollowingBurner:
        """What burns into pictures of ``size`` (width, height); one given before follows no more."""
        with self._lock:
            self._size = size
            self._following = FollowingBurner(self._new_burner(size, self.masks))
            return self._following

    def run(self, done: threading.Event) -> None:
        """Look every `LOOK_EVERY_S` until ``done``."""
        while not done.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Take over what is in force now, if that is not what it was."""
        seen = _identity(self._path)
        # While there are none each look is a new try: a medium that could not be read may be readable again.
        if seen == self._seen and self.masks is not None:
            return
        with self._lock:
            self._seen = seen
            before = self.masks
            masks, self._refusal = self._load()
            if masks == before:
                return
            try:
                self._take_over(masks)
            except BaseException:
                # Nobody knows what is to be hidden now.
                self._take_over(None)
                self._refusal = Fault("masks", "New masks could not be taken over: the whole picture is masked.")
                raise

    def _take_over(self, masks: MaskSet | None) -> None:
        if self._following is not None and self._size is not None:
            self._following.burner = self._new_burner(self._size, masks)
        self.masks = masks
        self._tell()

    def _tell(self) -> None:
        if self.masks is None:
            _log.warning("%s", self._refusal.sentence if self._refusal else "the whole picture is masked")
        else:
            _log.info("masks version %d, %s, are in force", self.masks.version, self.mask_hash[:16])

    def _new_burner(self, size: tuple[int, int], masks: MaskSet | None) -> Burner:
        return Burner(masks, size, small_size_for(*size), self._rotation)

    def _load(self) -> tuple[MaskSet | None, Fault | None]:
        try:
            return load_mask_set(self._path, self._camera_public), None
        except BadInput as refused:
            return None, Fault("masks", str(refused))


def _identity(path: Path) -> tuple[int, ...] | None:
    """What tells one state of a file from another; ``None`` when it cannot be looked at."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
