"""Whether a register is as its camera wrote it, and which line is the first that is not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.register_line import MAX_LINE_SIZE_BYTES, NO_LINE_BEFORE, RegisterLine, decode_line
from edgecam.keys.camera import signed_by


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
    """``lines`` were found to be whole and in order, up to ``head``; ``fault`` is the first that is not."""

    lines: int
    head: RegisterHead | None
    fault: RegisterFault | None

    @property
    def genuine(self) -> bool:
        return self.fault is None


def verify_register(path: Path, camera_public: bytes, known: RegisterHead | None = None) -> RegisterVerdict:
    """Check every line of the register at ``path`` against the camera's public key (32 raw bytes).

    Nobody can tell from the file alone that lines are missing at its end; ``known``, a head that was published
    earlier, closes that gap. Memory is bounded, whatever the size.
    Raises: BadInput when the file cannot be read.
    """
    try:
        # Each line names the hash of the whole line before it, so the last signature speaks for all of them. Only
        # when that fails is every signature looked at, to name the first line that is wrong.
        quick = _Walk(camera_public, known, every_signature=False).verdict(path)
        if quick.genuine:
            return quick
        slow = _Walk(camera_public, known, every_signature=True).verdict(path)
    except OSError as missing:
        raise BadInput(f"the register {path} cannot be read ({missing.strerror})") from missing
    return quick if slow.genuine else slow


class _Walk:
    """One pass over the file; owned by one call of `verify_register`."""

    def __init__(self, camera_public: bytes, known: RegisterHead | None, *, every_signature: bool) -> None:
        self._public = camera_public
        self._known = known
        self._every_signature = every_signature
        self._head: RegisterHead | None = None
        self._unproven: RegisterLine | None = None

    def verdict(self, path: Path) -> RegisterVerdict:
        fault: RegisterFault | None = None
        for data in _lines(path):
            fault = self._take(data, path)
            if fault:
                break
        fault = fault or self._end()
        return RegisterVerdict(self._head.sequence if self._head else 0, self._head, fault)

    def _take(self, data: bytes, path: Path) -> RegisterFault | None:
        expected = self._head.sequence + 1 if self._head else 1
        if not data.endswith(b"\n") and len(data) < MAX_LINE_SIZE_BYTES:
            return _fault(expected, Trouble.TRUNCATED, "ends in the middle")
        try:
            line = decode_line(data)
        except DataLoss:
            return _fault(expected, Trouble.CHANGED, "was changed")
        if self._every_signature and not self._signed(line):
            return _fault(expected, Trouble.CHANGED, "was changed or not signed by this camera")
        if line.sequence != expected:
            return _out_of_order(line.sequence, expected, path)
        if line.previous != (self._head.hash if self._head else NO_LINE_BEFORE):
            return _fault(expected, Trouble.CHANGED, "does not follow from the one before it: one was replaced")
        self._head = RegisterHead(line.sequence, hashlib.sha256(data).digest())
        self._unproven = line
        return self._against_known(self._head)

    def _against_known(self, head: RegisterHead) -> RegisterFault | None:
        if self._known and head.sequence == self._known.sequence and head.hash != self._known.hash:
            return _fault(head.sequence, Trouble.CHANGED, "is not the one whose hash was published")
        return None

    def _end(self) -> RegisterFault | None:
        if self._unproven and not self._signed(self._unproven):
            return _fault(self._unproven.sequence, Trouble.CHANGED, "was changed or not signed by this camera")
        lines = self._head.sequence if self._head else 0
        if self._known and lines < self._known.sequence:
            last = self._known.sequence
            return _fault(
                lines + 1, Trouble.MISSING, f"and all after it are missing; {last} lines had been written"
            )
        return None

    def _signed(self, line: RegisterLine) -> bool:
        return signed_by(self._public, line.signature, line.body())


def _lines(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while data := file.readline(MAX_LINE_SIZE_BYTES):
            yield data


def _out_of_order(found: int, expected: int, path: Path) -> RegisterFault:
    if found < expected:
        return _fault(expected, Trouble.REORDERED, f"is not where it belongs: line {found} stands there again")
    if any(_sequence(data) == expected for data in _lines(path)):
        return _fault(expected, Trouble.REORDERED, f"is not where it belongs: line {found} stands before it")
    return _fault(expected, Trouble.MISSING, f"is missing: line {found} stands in its place")


def _sequence(data: bytes) -> int | None:
    try:
        return decode_line(data).sequence
    except DataLoss:
        return None


def _fault(sequence: int, trouble: Trouble, what: str) -> RegisterFault:
    return RegisterFault(sequence, trouble, f"register line {sequence} {what}")
