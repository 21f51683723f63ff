"""What the register says of cases: which bytes each case's file has to hold. Read once, then followed."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.custody.register.bookfiles import opened_books
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, RegisterLine, decode_line
from edgecam.keys.camera import signed_by

OUTCOME_DONE, OUTCOME_FAILED = "done", "failed"
ERASE = "erase"
"""The step that takes a case's file away when its time is over."""
_BLOCK_SIZE_BYTES = 1 << 20
# Every line of a step has it; other lines are not even parsed.
_MARK = b'"case_sha256":"'


@dataclass(frozen=True, slots=True)
class CaseLine:
    """``sha256`` is what the case's file is to hold by the line ``sequence``."""

    sequence: int
    step: str
    sha256: str


@dataclass(slots=True)
class Lines:
    """``done`` was carried out, ``pending`` was begun and not told to be over; ``erased`` has no file any more."""

    done: CaseLine | None = None
    pending: RegisterLine | None = None
    erased: bool = False


class CaseLines:
    """The lines about cases in the register at ``path`` and in its earlier books beside it.

    Lines that are no line, or not signed by ``camera_public``, count for nothing here; `verify_register` names
    them.
    Owned by one thread at a time.
    """

    def __init__(self, path: Path, camera_public: bytes) -> None:
        self._path, self._camera_public = path, camera_public
        self._of: dict[str, Lines] = {}
        self._file: tuple[int, int] | None = None
        self._offset = 0

    def follow(self) -> None:
        """Read what was written since. Raises: MediaFailing."""
        try:
            if not self._followed():
                self._read_all()
        except OSError as refused:
            raise MediaFailing(
                f"the register {self._path} could not be read ({refused.strerror})", do="check the card"
            ) from refused

    def of(self, case_id: str) -> Lines | None:
        """What stands about that case, ``None`` when nothing does."""
        return self._of.get(case_id)

    def ids(self) -> list[str]:
        """Every case that the register knows, oldest first."""
        return list(self._of)

    def pending(self) -> list[tuple[str, RegisterLine]]:
        """Steps that were begun and not told to be over."""
        return [(case_id, lines.pending) for case_id, lines in self._of.items() if lines.pending is not None]

    def _followed(self) -> bool:
        """Whether the running book is the same and only grew; what it grew by is read."""
        with suppress(FileNotFoundError), open(self._path, "rb") as running:
            found = os.fstat(running.fileno())
            if (found.st_dev, found.st_ino) == self._file and found.st_size >= self._offset:
                self._offset = self._read(running, self._offset)
                return True
        return False

    def _read_all(self) -> None:
        self._of, self._file, self._offset = {}, None, 0
        with opened_books(self._path) as books:
            for book in books:
                found, self._offset = os.fstat(book.fileno()), self._read(book, 0)
                self._file = found.st_dev, found.st_ino

    def _read(self, book: BinaryIO, offset: int) -> int:
        """Take the whole lines from ``offset`` on; where the last of them ends."""
        book.seek(offset)
        rest = b""
        while block := book.read(_BLOCK_SIZE_BYTES):
            data = rest + block
            end = data.rfind(b"\n") + 1
            self._find(data[:end])
            offset, rest = offset + end, data[end:]
            if len(rest) > MAX_LINE_SIZE_BYTES:
                offset, rest = offset + len(rest), b""  # no line is so long
        return offset

    def _find(self, lines: bytes) -> None:
        place = lines.find(_MARK)
        while place >= 0:
            end = lines.find(b"\n", place) + 1
            self._take(lines[lines.rfind(b"\n", 0, place) + 1 : end])
            place = lines.find(_MARK, end)

    def _take(self, data: bytes) -> None:
        try:
            line = decode_line(data)
        except DataLoss:
            return
        case_id, digest = line.detail.get("case"), line.detail.get("case_sha256")
        if not case_id or not digest or not signed_by(self._camera_public, line.signature, line.body()):
            return
        lines = self._of.setdefault(case_id, Lines())
        if line.completes is None:
            lines.pending = line
        elif lines.pending is not None and lines.pending.sequence == line.completes:
            if line.detail.get("outcome") == OUTCOME_DONE:
                begun = lines.pending
                lines.done = CaseLine(begun.sequence, begun.detail.get("step", ""), begun.detail["case_sha256"])
                lines.erased = lines.done.step == ERASE
            lines.pending = None
