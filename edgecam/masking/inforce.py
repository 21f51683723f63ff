"""The mask set in force, followed while it records: a change is burnt from one frame to the next."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Protocol

from edgecam.core.aim import UNCONFIRMED_AIM, AimReading, AimState
from edgecam.core.durable import identity_of
from edgecam.core.errors import BadInput
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.status import Fault
from edgecam.masking.aiming import Aiming
from edgecam.masking.burn import Burner
from edgecam.masking.maskset import MaskSet, load_mask_set
from edgecam.masking.privacy import FollowedPrivacy
from edgecam.masking.realignment import is_near
from edgecam.masking.shrink import small_size_for

LOOK_EVERY_S = 1.0
_NOBODY_LOOKS = Fault("masks", "Nobody follows the masks any more: the whole picture is masked until a restart.")
_log = logging.getLogger(__name__)


class View(Protocol):
    """Where frames are shown before they are burnt, while that is permitted."""

    def look_for_permit(self) -> None: ...

    def show(self, raw: RawFrame) -> None: ...

    def close(self) -> None: ...


class FollowingBurner:
    """Burns with ``burner``, which another thread may replace between two frames. Used by one thread."""

    def __init__(self, burner: Burner, unmasked: View) -> None:
        self.burner, self._unmasked = burner, unmasked

    def burn(self, raw: RawFrame, want_small: bool) -> MaskedFrame:
        """As `Burner.burn`."""
        if want_small:
            self._unmasked.show(raw)
        return self.burner.burn(raw, want_small)


class MasksInForce:
    """Reads the file in force, and again whenever it changed; in doubt there are no masks, and all is private.

    The source's thread burns; `run` looks in a thread of its own, so that no frame waits for a file.
    """

    def __init__(
        self,
        path: Path,
        camera_public: bytes,
        rotation: int,
        aiming: Aiming,
        unmasked: View,
        privacy: FollowedPrivacy | None = None,
    ) -> None:
        """``rotation`` of the pictures, in degrees clockwise. While ``privacy`` stands, all is private."""
        self._path, self._camera_public, self._rotation = path, camera_public, rotation
        self._aiming, self._unmasked, self._privacy = aiming, unmasked, privacy
        self._ordered = privacy is not None and privacy.stands
        self._lock = threading.Lock()
        self._size: tuple[int, int] | None = None
        self._following: FollowingBurner | None = None
        self._seen = identity_of(path)
        self.masks, self._refusal = self._load()
        aiming.follow(self.masks.mask_hash if self.masks else None)
        self._tell()

    @property
    def faults(self) -> list[Fault]:
        """Why all is private, if it is, and what a person should know of the aim."""
        burning = self._following.burner.fault if self._following else None
        unsure = self._privacy.fault if self._privacy else None
        told = [fault for fault in (unsure, self._refusal, burning) if fault is not None]
        return told or [fault for fault in (self._aiming.fault,) if fault is not None]

    @property
    def aim(self) -> AimReading:
        """The newest judgement of the aim."""
        burner = self._following.burner if self._following else None
        return burner.aim if burner is not None else UNCONFIRMED_AIM

    @property
    def private(self) -> bool:
        """Whether the whole picture is fill."""
        burner = self._following.burner if self._following else None
        return self._refusal is not None or burner is None or burner.private

    @property
    def mask_hash(self) -> str:
        """Hex; empty when there are no masks."""
        masks = self.masks
        return masks.mask_hash.hex() if masks else ""

    def burner(self, size: tuple[int, int]) -> FollowingBurner:
        """What burns into pictures of ``size`` (width, height); one given before follows no more."""
        with self._lock:
            self._size = size
            self._following = FollowingBurner(self._new_burner(size, self.masks), self._unmasked)
            return self._following

    def run(self, done: threading.Event) -> None:
        """Look every `LOOK_EVERY_S` until ``done``; whatever ends it before that leaves all private."""
        try:
            while not done.wait(LOOK_EVERY_S):
                self.look()
        except BaseException:
            with self._lock:
                self._give_up(_NOBODY_LOOKS)
            raise

    def look(self) -> None:
        """Take over what is in force now, if that is not what it was; and follow the aim."""
        self._look_at_privacy()
        if not self._ordered:
            self._unmasked.look_for_permit()
        self._look_at_masks()
        self._aiming.follow(self.masks.mask_hash if self.masks else None)
        self._realign()

    def _look_at_privacy(self) -> None:
        """Burn everything while that is ordered; nobody is shown the picture from before the mask then either."""
        if self._privacy is None:
            return
        ordered = self._privacy.look()
        if ordered != self._ordered:
            with self._lock:
                self._ordered = ordered
                self._take_over(self.masks)
        if ordered:
            self._unmasked.close()

    def _look_at_masks(self) -> None:
        seen = identity_of(self._path)
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
                self._give_up(Fault("masks", "New masks could not be taken over: the whole picture is masked."))
                raise

    def _realign(self) -> None:
        """Let the masks follow a small drift, and go back with it."""
        with self._lock:
            if self._following is None or self._size is None or self.masks is None:
                return
            burner, aim = self._following.burner, self._following.burner.aim
            drifted = aim.state is AimState.DRIFTED
            shape = self._size[1] / self._size[0]
            if drifted and not (burner.drift and is_near(burner.drift, aim, shape, caution=2.0)):
                self._following.burner = self._new_burner(self._size, self.masks, aim)
                _log.warning("the masks follow a drift of %.1f %% of the width", 100 * aim.off)
            elif aim.state is AimState.STEADY and burner.drift is not None:
                self._following.burner = self._new_burner(self._size, self.masks)

    def _take_over(self, masks: MaskSet | None) -> None:
        if self._following is not None and self._size is not None:
            self._following.burner = self._new_burner(self._size, masks)
        self.masks = masks
        self._tell()

    def _give_up(self, why: Fault) -> None:
        self._take_over(None)
        self._refusal = why

    def _tell(self) -> None:
        if self._ordered:
            _log.warning("the whole picture is masked, as ordered")
        elif self.masks is None:
            _log.warning("%s", self._refusal.sentence if self._refusal else "the whole picture is masked")
        else:
            _log.info("masks version %d, %s, are in force", self.masks.version, self.mask_hash[:16])

    def _new_burner(self, size: tuple[int, int], masks: MaskSet | None, drift: AimReading | None = None) -> Burner:
        burnt = None if self._ordered else masks
        return Burner(burnt, size, small_size_for(*size), self._rotation, aiming=self._aiming, drift=drift)

    def _load(self) -> tuple[MaskSet | None, Fault | None]:
        try:
            return load_mask_set(self._path, self._camera_public), None
        except BadInput as refused:
            return None, Fault("masks", str(refused))
