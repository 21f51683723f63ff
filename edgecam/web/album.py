"""Routes that hand over the sealed pictures of events and the digest, framed like the ring's footage.

What a segment holds is told by its header, in the clear: a thumbnail is one frame, a piece of the digest is more.
So who wants only one of them gets only that, and the camera opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fastapi import APIRouter

from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.web.albumparts import AlbumParts
from edgecam.web.approval import Approve
from edgecam.web.ciphertext import sealed_footage
from edgecam.web.sealedparts import SealedFootage
from edgecam.web.signedin import Stands

LONGEST_MS: Final = 25 * 3_600_000
"""A day, also where the clocks are put back."""
_FRAMES = slice(28, 32)


def album(parts: AlbumParts, approve: Approve, stands: Stands) -> APIRouter:
    """``/api/album``, ``/api/album/thumbnails`` and ``/api/album/digest``: ``epochs`` and ``segments`` of each."""
    whole, router = parts.sealed.footage, APIRouter()
    for name, source in (
        ("album", whole),
        ("album/thumbnails", _OfFrames(whole, single=True)),
        ("album/digest", _OfFrames(whole, single=False)),
    ):
        router.include_router(sealed_footage(name, parts.sealed, approve, stands, source, LONGEST_MS))
    return router


class _OfFrames:
    """The segments of one frame, or those of more."""

    def __init__(self, source: SealedFootage, *, single: bool) -> None:
        self._source, self._single = source, single

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Sequence[SealedEpoch]:
        return self._source.epochs(from_wall_ns, to_wall_ns, every_ns)

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        for sealed in self._source.segments(from_wall_ns, to_wall_ns, every_ns):
            if (int.from_bytes(sealed[_FRAMES], "little") == 1) is self._single:
                yield sealed
