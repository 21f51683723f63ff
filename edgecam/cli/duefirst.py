"""Before footage is served: what is past its time goes first, also while no agent runs."""

from __future__ import annotations

from edgecam.choices import retention_of
from edgecam.cli.holding import holds_of
from edgecam.core.clock import SystemClock
from edgecam.core.errors import Bug, MediaFailing, Unavailable
from edgecam.custody.cases.permitkeys import PermitKeys
from edgecam.custody.register.erasures import register_erasures
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.writer import RingWriter
from edgecam.settings import Settings

_WHO = "edgecam"


def erase_what_is_due(settings: Settings, places: Places, key: CameraKey) -> None:
    """Erase and register what the recorder would at its start: ended holds, then the ring's epochs.

    While a recorder runs, it does so itself. Raises: BadInput when there is no ring, MediaFailing, DataLoss when
    the register's end is not this camera's.
    """
    try:
        medium = FileMedium.open(places.ring, writable=True)
    except Unavailable:
        return
    except MediaFailing:
        return  # only readable, such as a card in another machine: readers show nothing that is due
    try:
        holds, permit_keys = holds_of(settings, places, key), PermitKeys(places.cases, key)
        holds.tend(RingReader(medium).epochs(), _WHO)
        writer = RingWriter(
            medium,
            sign=key.sign,
            camera_public=key.public,
            seal=_seal_nothing,
            retention=retention_of(settings),
            now=SystemClock().now(),
            is_held=lambda epoch: holds.store.holds_epoch(epoch) or permit_keys.holds_epoch(epoch),
            bad=BadPlaces(places.bad_places),
        )
        register_erasures(Register(places.register, key.sign, key.public), writer.take_erasures(), _WHO)
    finally:
        medium.close()


def _seal_nothing(_secret: bytes) -> bytes:
    raise Bug("a ring that was opened to erase was recorded to")
