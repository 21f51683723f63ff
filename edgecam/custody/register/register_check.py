"""Whether a register is as its camera wrote it, and which line is the first that is not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.custody.register.bookfiles import lines_of, opened_books
from edgecam.custody.register.register_line import (
    MAX_LINE_SIZE_BYTES,
    NO_LINE_BEFORE,
    Act,
    RegisterLine,
    decode_line,
)
from edgecam.keys.camera import signed_by

_ERASURE = f'"act":"{Act.ERASURE}"'.encode()


@dataclass(frozen=True, slots=True)
class RegisterHead:
    """How far a register had come: the last line's sequence and its SHA-256 (newline included)."""

    sequence: int
    hash: bytes


class Trouble(StrEnum):
    """What can be wrong with a line; the names are stable."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class RegisterFault:
    """The first wrong line: its sequence, what is wrong, and the sentence for a person."""

    sequence: int
    trouble: Trouble
    sentence: str


@dataclass(frozen=True, slots=True)
class RegisterVerdict:
    """``lines`` from ``first`` on were found to be whole and in order, up to ``head``; ``fault`` is the first that
    is not. Lines before ``first`` stood in books whose time was over, as the register itself tells.
    """

    lines: int
    head: RegisterHead | None
    fault: RegisterFault | None
    first: int = 1

    @property
    def genuine(self) -> bool:
        return self.fault is None


def verify_register(path: Path, camera_public: bytes, known: Sequence[RegisterHead] = ()) -> RegisterVerdict:
    """Check every line of all books of the register at ``path`` against the camera's public key (32 raw bytes).

    Nobody can tell from the files alone that lines are missing at their end; ``known`` heads, which were published
    earlier, close that gap. Memory is bounded, whatever the size.
    Raises: BadInput when there is no register, or it cannot be read.
    """
    try:
        with opened_books(path) as books:
            if not books:
                raise BadInput(f"the register {path} cannot be read (there is none)")
            # Each line names the hash of the whole line before it, so the last signature speaks for all of them.
            # Only when that fails is every signature looked at, to name the first line that is wrong.
            quick = _Walk(books, camera_public, known, every_signature=False).verdict()
            if quick.genuine:
                return quick
            slow = _Walk(books, camera_public, known, every_signature=True).verdict()
    except MediaFailing as refused:
        raise BadInput(refused.what) from refused
    return quick if slow.genuine else slow


class _Walk:
    """One pass over the books; owned by one call of `verify_register`."""

    def __init__(
        self,
        books: Sequence[BinaryIO],
        camera_public: bytes,
        known: Sequence[RegisterHead],
        *,
        every_signature: bool,
    ) -> None:
        self._books, self._public, self._known = books, camera_public, known
        self._hashes = {head.sequence: head.hash for head in known}
        self._every_signature = every_signature
        self._first = 1
        # The last line of an erased book, as the first line after it names it.
        self._before: RegisterHead | None = None
        self._head: RegisterHead | None = None
        self._unproven: RegisterLine | None = None

    def verdict(self) -> RegisterVerdict:
        fault: RegisterFault | None = None
        for data in lines_of(self._books):
            fault = self._take(data)
            if fault:
                break
        fault = fault or self._end()
        if self._before and not any(self._tells_erasure(data) for data in lines_of(self._books)):
            fault = self._out_of_order(self._first, 1)
            return RegisterVerdict(0, None, fault)
        lines = self._head.sequence - self._first + 1 if self._head else 0
        return RegisterVerdict(lines, self._head, fault, self._first)

    def _take(self, data: bytes) -> RegisterFault | None:
        expected = self._head.sequence + 1 if self._head else 1
        if not data.endswith(b"\n") and len(data) < MAX_LINE_SIZE_BYTES:
            return _fault(expected, Trouble.TRUNCATED, "ends in the middle")
        try:
            line = decode_line(data)
        except DataLoss:
            return _fault(expected, Trouble.CHANGED, "was changed")
        if self._every_signature and not self._signed(line):
            return _fault(expected, Trouble.CHANGED, "was changed or not signed by this camera")
        if self._head is None and line.sequence > 1:
            self._first, self._before = line.sequence, RegisterHead(line.sequence - 1, line.previous)
            return self._accept(line, data)
        if line.sequence != expected:
            return self._out_of_order(line.sequence, expected)
        if line.previous != (self._head.hash if self._head else NO_LINE_BEFORE):
            return _fault(expected, Trouble.CHANGED, "does not follow from the one before it: one was replaced")
        return self._accept(line, data)

    def _accept(self, line: RegisterLine, data: bytes) -> RegisterFault | None:
        self._head = RegisterHead(line.sequence, hashlib.sha256(data).digest())
        self._unproven = line
        if self._hashes.get(line.sequence, self._head.hash) != self._head.hash:
            return _fault(line.sequence, Trouble.CHANGED, "is not the one whose hash was published")
        return None

    def _end(self) -> RegisterFault | None:
        if self._unproven and not self._signed(self._unproven):
            return _fault(self._unproven.sequence, Trouble.CHANGED, "was changed or not signed by this camera")
        if self._before and self._hashes.get(self._before.sequence, self._before.hash) != self._before.hash:
            return _fault(self._before.sequence, Trouble.CHANGED, "is not the one whose hash was published")
        lines = self._head.sequence if self._head else 0
        last = max(self._hashes, default=0)
        if lines < last:
            return _fault(
                lines + 1, Trouble.MISSING, f"and all after it are missing; {last} lines had been written"
            )
        return None

    def _tells_erasure(self, data: bytes) -> bool:
        """Whether ``data`` is the camera's line that the book before the first line was erased."""
        if self._before is None or _ERASURE not in data:
            return False
        try:
            line = decode_line(data)
        except DataLoss:
            return False
        told = line.detail.get("last"), line.detail.get("hash")
        return told == (str(self._before.sequence), self._before.hash.hex()) and self._signed(line)

    def _signed(self, line: RegisterLine) -> bool:
        return signed_by(self._public, line.signature, line.body())

    def _out_of_order(self, found: int, expected: int) -> RegisterFault:
        if found < expected:
            return _fault(expected, Trouble.REORDERED, f"is not where it belongs: line {found} stands there again")
        if any(_sequence(data) == expected for data in lines_of(self._books)):
            return _fault(expected, Trouble.REORDERED, f"is not where it belongs: line {found} stands before it")
        return _fault(expected, Trouble.MISSING, f"is missing: line {found} stands in its place")


def _sequence(data: bytes) -> int | None:
    try:
        return decode_line(data).sequence
    except DataLoss:
        return None


def _fault(sequence: int, trouble: Trouble, what: str) -> RegisterFault:
    return RegisterFault(sequence, trouble, f"register line {sequence} {what}")
