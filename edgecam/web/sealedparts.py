"""What the page needs to hand over sealed footage, for browsers that open it themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgecam.custody.cases.permission import Leave
from edgecam.custody.evidence.ciphertext import Ciphertext, SealedEpoch
from edgecam.custody.register.register_line import Act
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
    """Writes the register line, with the ground of ``leave``, and returns when it is durable; what it raises keeps
    the footage back.
    """

    def __call__(self, who: str, act: Act, from_wall_ns: int, to_wall_ns: int, leave: Leave) -> None: ...


# What a permit puts in place of the sealed key of an epoch: of account id, ring id and number.
Permitted = Callable[[str, bytes, int], bytes | None]


def slots_key(_account_id: str, _ring_id: bytes, _epoch: int) -> bytes | None:
    """Where no permit brings keys along."""
    return None


def _nothing(_from_wall_ns: int, _to_wall_ns: int) -> Sequence[Covered]:
    return ()


@dataclass(frozen=True, slots=True)
class SealedParts:
    """``locked_owner()`` is the owner's identity under its passphrase (an age file). Raises: BadInput.

    ``overview(from_wall_ns, to_wall_ns)``: what is covered, oldest first, for times too long to read all headers.
    ``permitted(account_id, ring_id, epoch)``: what a permit puts in place of the slot's key for that account.
    """

    footage: SealedFootage
    locked_owner: Callable[[], bytes]
    record: RecordsLook
    overview: Callable[[int, int], Sequence[Covered]] = _nothing
    permitted: Permitted = slots_key


def _is_sealed_footage(ring: Ciphertext) -> SealedFootage:
    """Lets the type checker see that a ring's ciphertext is sealed footage."""
    return ring
