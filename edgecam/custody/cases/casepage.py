"""The register page of a case: its lines as they stand in the register, closed by the camera with a signed head.

Each line carries the camera's own signature. Lines of other cases are nobody's business, so the chain between two
lines of the page cannot be followed; the closing line says which lines there are of this case, and what the last
line of the whole register was when the page was made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.told import octets, whole_number
from edgecam.custody.register.register_check import RegisterHead
from edgecam.custody.register.register_line import RegisterLine, decode_line
from edgecam.keys.camera import PUBLIC_KEY_SIZE, signed_by

FORMAT = "edgecam-register-page-1"
FILE_NAME = "register-page.jsonl"
_MOST_SIZE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class PageClosing:
    """The last line: whose page, of which case, which ``sequences``, and the register's ``head`` at that moment."""

    camera_public: bytes
    case_id: str
    sequences: tuple[int, ...]
    head: RegisterHead
    at_wall_ns: int
    trust: TimeTrust
    signature: bytes = b""

    def body(self) -> bytes:
        """What is signed."""
        return ordered_json(self._fields())

    def encode(self) -> bytes:
        """The line, newline included."""
        return ordered_json({**self._fields(), "signature": self.signature.hex()}) + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> PageClosing:
        """Raises: DataLoss for anything that `encode` would not have written byte for byte."""
        try:
            told = json.loads(data)
            if type(told) is not dict or told["format"] != FORMAT or type(told["case"]) is not str:
                raise ValueError("not the end of a page")
            closing = cls(
                octets(told["camera_public"], PUBLIC_KEY_SIZE),
                told["case"],
                tuple(whole_number(sequence) for sequence in told["lines"]),
                RegisterHead(whole_number(told["head_sequence"]), octets(told["head_sha256"], 32)),
                whole_number(told["at_wall_ns"]),
                TimeTrust(whole_number(told["trust"])),
                octets(told["signature"], 64),
            )
            same = closing.encode() == data
        except (ValueError, TypeError, KeyError, RecursionError) as broken:
            raise DataLoss("the last line of the register page does not parse: its end was cut off") from broken
        if not same:
            raise DataLoss("the last line of the register page is not written in its one form")
        return closing

    def _fields(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "camera_public": self.camera_public.hex(),
            "case": self.case_id,
            "lines": list(self.sequences),
            "head_sequence": self.head.sequence,
            "head_sha256": self.head.hash.hex(),
            "at_wall_ns": self.at_wall_ns,
            "trust": int(self.trust),
        }


@dataclass(frozen=True, slots=True)
class CasePage:
    """All lines of one case, oldest first, and what closes them."""

    lines: tuple[RegisterLine, ...]
    closing: PageClosing

    def encode(self) -> bytes:
        """The page as JSON lines."""
        return b"".join(line.encode() for line in self.lines) + self.closing.encode()


def page_of_case(
    register: Iterable[bytes], case_id: str, camera_public: bytes, sign: Callable[[bytes], bytes], now: Instant
) -> CasePage:
    """The page of ``case_id`` out of all lines of the register (newline included), oldest first.

    Raises: DataLoss when a line of the case does not parse, or there is none at all.
    """
    lines: dict[int, RegisterLine] = {}
    newest, named = b"", b'"case":' + ordered_json(case_id)
    for data in register:
        newest = data
        # Most lines are of other things: only what may be of the case is read.
        if named in data or any(b'"completes":%d,' % sequence in data for sequence in lines):
            line = decode_line(data)
            if line.detail.get("case") == case_id or line.completes in lines:
                lines[line.sequence] = line
    if not lines:
        raise DataLoss(f"the register knows nothing of case {case_id}", do="check the register")
    head = RegisterHead(decode_line(newest).sequence, hashlib.sha256(newest).digest())
    closing = PageClosing(camera_public, case_id, tuple(lines), head, now.wall_ns, now.trust)
    return CasePage(tuple(lines.values()), replace(closing, signature=sign(closing.body())))


def register_lines(paths: Iterable[Path]) -> Iterator[bytes]:
    """The whole lines of register books, in the order given. Raises: BadInput when one cannot be read."""
    for path in paths:
        try:
            with open(path, "rb") as file:
                yield from (line for line in file if line.endswith(b"\n"))
        except OSError as refused:
            raise BadInput(f"the register {path} cannot be read ({refused.strerror})") from refused


def read_case_page(path: Path, camera_public: bytes | None = None) -> CasePage:
    """The page at ``path``, each signature on it verified; ``camera_public`` is who should have signed it.

    Raises: BadInput when it cannot be read; DataLoss naming the first line that is not as the camera wrote it.
    """
    try:
        if path.stat().st_size > _MOST_SIZE_BYTES:
            raise BadInput(f"{path} is too large for a register page")
        data = path.read_bytes()
    except OSError as refused:
        raise BadInput(f"the register page {path} cannot be read ({refused.strerror})") from refused
    page = decode_case_page(data)
    if camera_public is not None and camera_public != page.closing.camera_public:
        raise DataLoss("the register page is another camera's")
    return page


def decode_case_page(data: bytes) -> CasePage:
    """The page that ``data`` is, each signature on it verified by the key that it names. Raises: DataLoss."""
    *lines, last = data.split(b"\n")[:-1] or [b""]
    closing = PageClosing.decode(last + b"\n")
    if not signed_by(closing.camera_public, closing.signature, closing.body()):
        raise DataLoss("the last line of the register page was changed")
    read = tuple(_signed_line(line + b"\n", closing.camera_public) for line in lines)
    found = tuple(line.sequence for line in read)
    if found != closing.sequences:
        missing = sorted(set(closing.sequences) - set(found))
        raise DataLoss(
            f"register line {missing[0]} is missing on the page" if missing else "the page's lines are in disorder"
        )
    return CasePage(read, closing)


def _signed_line(data: bytes, camera_public: bytes) -> RegisterLine:
    line = decode_line(data)
    if not signed_by(camera_public, line.signature, line.body()):
        raise DataLoss(f"register line {line.sequence} on the page was changed")
    return line
