"""The page's side of the album: the events of the whole retention, and their sealed pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from edgecam.choices import retention_of
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, Unavailable
from edgecam.custody.cases.permission import Leave
from edgecam.custody.evidence.ciphertext import Ciphertext, SealedEpoch
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.eventhistory import EventHistory
from edgecam.places import Places, read_locked_owner
from edgecam.settings import Settings
from edgecam.web.albumparts import AlbumParts
from edgecam.web.sealedparts import Permitted, SealedParts, slots_key

_PURPOSE = "pictures of events on the camera's page"


def album_parts(
    settings: Settings, places: Places, register: Register, clock: Clock, permitted: Permitted = slots_key
) -> AlbumParts:
    """What the page needs of the album; opens nothing yet."""

    def record(who: str, act: Act, from_wall_ns: int, to_wall_ns: int, leave: Leave) -> None:
        purpose, footage = leave.purpose or _PURPOSE, (from_wall_ns, to_wall_ns)
        register.write(act, who=who, purpose=purpose, footage=footage, detail=leave.detail)

    sealed = _Pictures(Ciphertext(places.album, retention_of(settings), clock.now))
    parts = SealedParts(sealed, partial(read_locked_owner, places), record, permitted=permitted)
    return AlbumParts(EventHistory(settings, places, clock).find, parts)


class _Pictures:
    """The album as sealed footage; where there is none, that is no fault of who asks."""

    def __init__(self, album: Ciphertext) -> None:
        self._album = album

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Sequence[SealedEpoch]:
        with _away():
            return self._album.epochs(from_wall_ns, to_wall_ns, every_ns)

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        with _away():
            yield from self._album.segments(from_wall_ns, to_wall_ns, every_ns)


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except BadInput as missing:
        raise Unavailable(
            "there are no pictures of events yet",
            do="wait until something was noticed, or look at the camera's faults",
        ) from missing
