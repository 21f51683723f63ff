"""A whole medium in RAM: keeps a journal of what reached it when, fails on order, loses power on paper."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from edgecam.core.errors import MediaFailing

SECTOR = 512
Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes handed over, not yet sure to be on the medium."""

    offset: int
    data: bytes

    def sectors(self) -> Iterator[Written]:
        """The parts of it that reach the medium whole or not at all."""
        for start in range(0, len(self.data), SECTOR):
            yield Written(self.offset + start, self.data[start : start + SECTOR])


@dataclass(frozen=True, slots=True)
class Flushed:
    """Everything before this is on the medium."""


Act = Written | Flushed


class RamMedium:
    """The `Medium` contract over a bytearray. ``journal`` holds every act since `start_journal`."""

    def __init__(self, size_bytes: int, image: bytes | bytearray | None = None) -> None:
        self.image = bytearray(size_bytes) if image is None else bytearray(image)
        self.journal: list[Act] | None = None
        self.refuse: Callable[[str, int, int], MediaFailing | None] = lambda verb, offset, size: None
        self.read_bytes = 0
        self._closed = False

    @property
    def size_bytes(self) -> int:
        return len(self.image)

    def start_journal(self) -> bytes:
        """Forget what was written so far; returns the bytes as they are now."""
        self.journal = []
        return bytes(self.image)

    def read_at(self, offset: int, size: int) -> bytes:
        self._may("read", offset, size)
        if offset + size > len(self.image):
            raise MediaFailing("the medium ends there")
        self.read_bytes += size
        return bytes(self.image[offset : offset + size])

    def reread_at(self, offset: int, size: int) -> bytes:
        return self.read_at(offset, size)

    def write_at(self, offset: int, *buffers: Buffer) -> None:
        data = b"".join(buffers)
        self._may("write", offset, len(data))
        if offset + len(data) > len(self.image):
            raise MediaFailing("the medium ends there")
        self.image[offset : offset + len(data)] = data
        self._note(Written(offset, data))

    def zero(self, offset: int, size: int) -> None:
        self._may("zero", offset, size)
        self.image[offset : offset + size] = bytes(size)
        self._note(Written(offset, bytes(size)))

    def flush(self) -> None:
        self._may("flush", 0, 0)
        self._note(Flushed())

    def close(self) -> None:
        self._closed = True

    def _may(self, verb: str, offset: int, size: int) -> None:
        if self._closed:
            raise MediaFailing("the medium was closed")
        if refusal := self.refuse(verb, offset, size):
            raise refusal

    def _note(self, act: Act) -> None:
        if self.journal is not None:
            self.journal.append(act)


def apply(image: bytes | bytearray, acts: Iterable[Act]) -> bytearray:
    """``image`` after all of ``acts`` reached it."""
    after = bytearray(image)
    for act in acts:
        if isinstance(act, Written):
            after[act.offset : act.offset + len(act.data)] = act.data
    return after


@dataclass(frozen=True, slots=True)
class PowerCut:
    """What lies on the medium when power failed after ``acts`` acts of the journal; ``how`` says what got lost."""

    acts: int
    how: str
    image: bytearray


def power_cuts(before: bytes, journal: Sequence[Act], seed: int, thorough: bool) -> Iterator[PowerCut]:
    """Every prefix of ``journal``; of what was not flushed yet: all, none, torn at sectors, in any order.

    Thorough tears at every sector, else at the first, one in the middle and before the last.
    """
    chance = random.Random(seed)
    durable, pending = bytearray(before), list[Written]()
    yield PowerCut(0, "nothing yet", bytearray(durable))
    for done, act in enumerate(journal, 1):
        if isinstance(act, Flushed):
            durable = apply(durable, pending)
            pending = []
            yield PowerCut(done, "flushed", bytearray(durable))
            continue
        pending.append(act)
        yield from _losses(done, durable, pending, chance, thorough)


def _losses(
    done: int, durable: bytearray, pending: list[Written], chance: random.Random, thorough: bool
) -> Iterator[PowerCut]:
    yield PowerCut(done, "all of it arrived", apply(durable, pending))
    yield PowerCut(done, "only the last write arrived", apply(durable, pending[-1:]))
    sectors = list(pending[-1].sectors())
    ends = range(1, len(sectors)) if thorough else sorted({1, len(sectors) // 2, len(sectors) - 1})
    for end in ends:
        head = apply(durable, [*pending[:-1], *sectors[:end]])
        yield PowerCut(done, f"the first {end} sectors of the last write arrived", head)
        tail = apply(durable, [*pending[:-1], *sectors[end:]])
        yield PowerCut(done, f"all but the first {end} sectors of the last write arrived", tail)
    everything = [sector for written in pending for sector in written.sectors()]
    for share in (0.2, 0.5, 0.8):
        arrived = [sector for sector in everything if chance.random() < share]
        yield PowerCut(done, f"{len(arrived)} of {len(everything)} sectors arrived", apply(durable, arrived))
