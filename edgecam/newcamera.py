"""What makes a new camera: settings, keys, masks and ring; one way for the command line and for the page.

Each piece stays when it is there already, so whoever was interrupted begins again and goes on.
"""

from __future__ import annotations

import os
from pathlib import Path

from edgecam.choices import ring_beside_album_gib, source_of
from edgecam.core.clock import Instant
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.keys.camera import CameraKey, create_camera_key, load_camera_key
from edgecam.keys.owner import Recipients
from edgecam.masking.drawing import Drawing
from edgecam.masking.maskset import MaskSet
from edgecam.masking.maskstore import MaskStore
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringplan import GIB, begin_ring, needed_gib
from edgecam.settings import RingSettings, Settings, commented_toml
from edgecam.stage import setup_code

# Of the free disk: a first try must not fill somebody's machine.
_SHARE_OF_FREE_DISK = 0.1
# Of the whole disk, and at least: what a camera's system, its register and its outbox are left.
_RESERVE_SHARE, _RESERVE_GIB = 0.1, 2.0
_MIN_RING_GIB = 0.25


def write_first_settings(path: Path, source: str) -> Settings:
    """Write the settings file of a new camera, every key explained. Raises: MediaFailing."""
    first = Settings()
    first = first.model_copy(update={"camera": first.camera.model_copy(update={"source": source})})
    free_gib, whole_gib = disk_gib(path.absolute().parent)
    first = first.model_copy(update={"ring": RingSettings(size_gib=ring_gib(first, free_gib, whole_gib))})
    replace_durably(path, commented_toml(first).encode(), 0o644)
    return first


def disk_gib(folder: Path) -> tuple[float, float]:
    """The gibibytes that are free on the disk of ``folder``, and all that it has."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize / GIB, disk.f_blocks * disk.f_frsize / GIB


def ring_gib(first: Settings, free: float, whole: float) -> float:
    """What the policy needs, if there is room; of a first try, no more than a small part of what is free.

    ``free`` and ``whole`` are the disk's gibibytes.
    """
    affordable = free * _SHARE_OF_FREE_DISK if _is_first_try(first) else affordable_gib(first, free, whole)
    return round(max(_MIN_RING_GIB, min(needed_gib(first), affordable)), 2)


def affordable_gib(settings: Settings, free: float, whole: float) -> float:
    """The largest ring that leaves the album, the system, the register and held footage their room."""
    return ring_beside_album_gib(
        settings, free - settings.ring.hold_gib - max(_RESERVE_GIB, whole * _RESERVE_SHARE)
    )


def _is_first_try(settings: Settings) -> bool:
    """Whether the light is drawn, or that of a machine's own webcam which nobody asked for."""
    found = source_of(settings)
    asked_for = settings.camera.source != "auto" or found.startswith("picamera:")
    return found.startswith(("scene:", "file:")) or not asked_for


def device_gib(places: Places) -> float | None:
    """The gibibytes of the block device that is to be the ring, in whole hundredths; ``None`` where it is a file.

    Raises: MediaFailing, BadInput.
    """
    if not places.ring.is_block_device():
        return None
    medium = FileMedium.open(places.ring, writable=False)
    try:
        return whole_gib(medium.size_bytes)
    finally:
        medium.close()


def whole_gib(size_bytes: int) -> float:
    """``size_bytes`` in gibibytes, down to whole hundredths, so that what is told is there."""
    return size_bytes * 100 // GIB / 100


def _is_missing_device(ring: Path) -> bool:
    """A file made in its place would lie in RAM."""
    named = ring.is_relative_to("/dev") and not ring.is_relative_to("/dev/shm")
    return named and not ring.exists()


def make_state_dir(places: Places) -> None:
    """Raises: BadInput when it cannot be made there."""
    try:
        places.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refused:
        raise BadInput(
            f"{places.state_dir} cannot be made ({refused.strerror})", do="name another folder as paths.state_dir"
        ) from refused


def camera_key(places: Places) -> CameraKey:
    """The camera's key; made when there is none. Raises: BadInput, MediaFailing."""
    return (
        load_camera_key(places.camera_key) if places.camera_key.exists() else create_camera_key(places.camera_key)
    )


def begin_camera(places: Places) -> None:
    """What the first run itself needs: the state folder, the camera's key, the set-up code. Raises: as these."""
    make_state_dir(places)
    camera_key(places)
    setup_code(places)


def keep_owner(places: Places, recipient: str, locked: bytes | None) -> None:
    """Make ``recipient`` the owner; ``locked`` is the secret under the passphrase, an age file; ``None``: as it is.

    The recipients are written last: until they stand, nobody owns the camera.
    Raises: NotAllowed when it has an owner, BadInput for what is no age recipient, MediaFailing.
    """
    if places.recipients.exists():
        raise NotAllowed("this camera has an owner", do="sign in as its owner", safe="nothing was changed")
    Recipients([recipient])
    if locked is not None:
        replace_durably(places.locked_owner, locked)
    replace_durably(places.recipients, f"{recipient}\n".encode(), shared=True)


def put_in_force(places: Places, key: CameraKey, drawing: Drawing, by: str, now: Instant) -> MaskSet:
    """Make ``drawing`` the first masks of all. Raises: NotAllowed when there were some, BadInput, MediaFailing."""
    # Only here: it brings OpenCV along, 17 MB that neither supervisor nor hub need carry.
    from edgecam.masking.aimstore import AimStore

    store, aim = MaskStore(places.masks, key), AimStore(places.masks, key)
    with store.alone():
        first = store.begin(drawing, by, now)
        # What the camera sees first is what it was set up for.
        aim.confirm(by, now, first.mask_hash)
    return first


def make_ring(places: Places, settings: Settings, key: CameraKey, now: Instant) -> bool:
    """Make the ring of ``settings``; ``False`` when there is something on its medium already, which stays.

    Raises: BadInput, MediaFailing, Unavailable.
    """
    if _is_missing_device(places.ring):
        raise Unavailable(f"the partition {places.ring} is not there", do="check the card and its partition table")
    if places.ring.exists():
        medium = FileMedium.open(places.ring, writable=True)
    else:
        medium = FileMedium.create(places.ring, int(settings.ring.size_gib * GIB))
    return begin_ring(medium, settings, key, now)
