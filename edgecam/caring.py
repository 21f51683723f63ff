"""The hub's side of the screen "care": the register's pages, and the holds of this camera."""

from __future__ import annotations

from functools import partial

from edgecam.choices import retention_of
from edgecam.core.clock import Clock
from edgecam.custody.holds import HoldOrder, Holds, Standing
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.registerpage import read_page
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.holdstore import HoldStore
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import live_epochs
from edgecam.settings import Settings
from edgecam.web.careparts import CareParts


def care_of(settings: Settings, places: Places, key: CameraKey, register: Register, clock: Clock) -> CareParts:
    """What the page's screen "care" is made of."""
    holds = holds_of(settings, places, key, register, clock)
    prove = partial(verify_register, places.register, key.public)
    return CareParts(partial(read_page, places.register), prove, _Desk(holds, places))


def holds_of(settings: Settings, places: Places, key: CameraKey, register: Register, clock: Clock) -> Holds:
    """The camera's holds."""
    store = HoldStore(places.holds, key.public, key.sign, int(settings.ring.hold_gib * 2**30))
    return Holds(store, register, retention_of(settings), clock)


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
