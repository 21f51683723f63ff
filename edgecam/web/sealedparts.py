"""What the page needs to hand over sealed footage, for browsers that open it themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgecam.custody.ciphertext import Ciphertext, SealedEpoch
from edgecam.custody.register_line import Act
from edgecam.ringbuffer.overview import Covered


class SealedFootage(Protocol):
    """Footage as it lies on the medium; `Ciphertext` is one, a test's is another. Threads share it."""

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Sequence[SealedEpoch]:
        """What `segments` of the same arguments needs to be opened. Raises: BadInput, MediaFailing."""
        ...

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        """Header and ciphertext of each segment; with ``every_ns`` of the first of each such step.

        Pulled by one thread at a time, not always the same; its ``close`` is called when nobody takes any more.
        Raises: BadInput, MediaFailing.
        """
        ...


class RecordsLook(Protocol):
    """Writes the register line and returns when it is durable; what it raises keeps the footage back."""

    def __call__(self, who: str, act: Act, from_wall_ns: int, to_wall_ns: int) -> None: ...


def _nothing(_from_wall_ns: int, _to_wall_ns: int) -> Sequence[Covered]:
    return ()


@dataclass(frozen=True, slots=True)
class SealedParts:
    """``locked_owner()`` is the owner's identity under its passphrase (an age file). Raises: BadInput.

    ``overview(from_wall_ns, to_wall_ns)``: what is covered, oldest first, for times too long to read all headers.
    """

    footage: SealedFootage
    locked_owner: Callable[[], bytes]
    record: RecordsLook
    overview: Callable[[int, int], Sequence[Covered]] = _nothing


def _is_sealed_footage(ring: Ciphertext) -> SealedFootage:
    """Lets the type checker see that a ring's ciphertext is sealed footage."""
    return ring
