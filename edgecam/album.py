"""The album: a second, small ring beside the footage's, for pictures of events and the day's digest."""

from __future__ import annotations

import os
from typing import Final

from edgecam.choices import album_size_of, retention_of
from edgecam.core.clock import Instant
from edgecam.core.errors import MediaFailing
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.plan import data_size_of
from edgecam.ringbuffer.retention import NS_PER_DAY
from edgecam.ringplan import begin_ring
from edgecam.settings import Settings

# What the album gives of itself to a day, so that headers, slots and the ends of laps fit as well.
_USED_SHARE: Final = 0.85
_THUMBNAILS_SHARE: Final = 0.35
# Of the disk: the register and the outbox come first.
_LEFT_BYTES: Final = 256 << 20


def make_album(places: Places, settings: Settings, key: CameraKey, now: Instant) -> bool:
    """Make the album of ``settings``; ``False`` when there is something in its place already, which stays, or none
    is wanted.

    Raises: MediaFailing when there is no room, BadInput, Unavailable.
    """
    size_bytes = album_size_of(settings)
    if not size_bytes:
        return False
    if places.album.exists():
        medium = FileMedium.open(places.album, writable=True)
    else:
        _require_room(places, size_bytes)
        medium = FileMedium.create(places.album, size_bytes)
    return begin_ring(medium, settings, key, now)


def day_of_thumbnails(settings: Settings) -> int:
    """How many bytes of thumbnails the album has room for a day, at the retention of ``settings``."""
    return round(_THUMBNAILS_SHARE * _day(settings))


def day_of_digest(settings: Settings) -> int:
    """How many bytes of the digest the album has room for a day."""
    return round((1 - _THUMBNAILS_SHARE) * _day(settings))


def _day(settings: Settings) -> float:
    retention = retention_of(settings)
    data_size = data_size_of(max(album_size_of(settings), 1 << 20), retention)
    return _USED_SHARE * data_size * NS_PER_DAY / retention.longest_ns


def _require_room(places: Places, size_bytes: int) -> None:
    disk = os.statvfs(places.state_dir)
    if disk.f_bavail * disk.f_frsize - size_bytes < _LEFT_BYTES:
        raise MediaFailing(
            f"there is no room for an album of {size_bytes >> 20} MiB",
            do="make room, or set album.size_mib lower",
            safe="events and recording go on without it",
        )
