"""The hub's side of the screen "care": the register's pages, and the holds of this camera."""

from __future__ import annotations

from functools import partial

from edgecam.custody.holds import HoldOrder, Holds, Standing
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.registerpage import read_page
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import live_epochs
from edgecam.web.careparts import CareParts


def care_of(places: Places, key: CameraKey, holds: Holds) -> CareParts:
    """What the page's screen "care" is made of."""
    prove = partial(verify_register, places.register, key.public)
    return CareParts(partial(read_page, places.register), prove, _Desk(holds, places))


class _Desk:
    """Opens the ring for each call: the hub keeps no file of it open while nobody asks."""

    def __init__(self, holds: Holds, places: Places) -> None:
        self._holds, self._places = holds, places

    def standing(self) -> list[Standing]:
        return [held for held in self._holds.standing(live_epochs(self._places.ring)) if not held.ended]

    def place(self, order: HoldOrder) -> Standing:
        medium = FileMedium.open(self._places.ring, writable=False)
        try:
            return self._holds.place(medium, order).standing
        finally:
            medium.close()

    def release(self, hold_id: str, by: str, reason: str) -> None:
        self._holds.release(hold_id, by, reason)
