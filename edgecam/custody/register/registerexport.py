"""The register as a file: its lines as they are, or a form's columns; registered before it is read."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, EdgecamError
from edgecam.custody.register.formfields import UNTOLD, FormFields
from edgecam.custody.register.formlines import FormLines
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerform import FormName
from edgecam.custody.register.registerform_table import form_table
from edgecam.custody.register.registerpage import every_line


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines; empty is all. ``from_wall_ns`` and ``to_wall_ns`` are of when something was done."""

    acts: frozenset[Act] = frozenset()
    who: str = ""
    case: str = ""
    from_wall_ns: int | None = None
    to_wall_ns: int | None = None

    def __contains__(self, line: object) -> bool:
        assert isinstance(line, RegisterLine)
        return (
            (not self.acts or line.act in self.acts)
            and (not self.who or self.who.casefold() in line.who.casefold())
            and (not self.case or line.detail.get("case") == self.case)
            and (self.from_wall_ns is None or line.at_wall_ns >= self.from_wall_ns)
            and (self.to_wall_ns is None or line.at_wall_ns < self.to_wall_ns)
        )

    def of(self, lines: Iterable[RegisterLine]) -> Iterator[RegisterLine]:
        return (line for line in lines if line in self)


@dataclass(frozen=True, slots=True)
class RegisterOrder:
    """What is wanted: the lines of ``wanted`` as they are, or ``form`` in ``zone`` with what no line tells."""

    who: str
    purpose: str
    wanted: LineFilter = LineFilter()
    form: FormName | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    place: str = ""
    camera: str = ""
    told: FormFields = UNTOLD


@dataclass(frozen=True, slots=True)
class RegisterCopy:
    """What was written: lines or rows, and the file's SHA-256 in hex."""

    rows: int
    sha256: str


def export_register(
    register: Register, order: RegisterOrder, out: Path, *, overwrite: bool = False
) -> RegisterCopy:
    """Write ``out``; the register tells that it is wanted before it is read, and afterwards what came of it.

    Raises: BadInput when there is something of that name, MediaFailing, and as `Register.write`.
    """
    if out.exists() and not overwrite:
        raise BadInput(f"{out} exists already", do="choose another name, or add --overwrite")
    detail = {"what": "export", "file": out.name, "columns": order.form.value if order.form else "lines"}
    asked = register.write(Act.BOOK, who=order.who, purpose=order.purpose, detail=order.told.detail() | detail)
    try:
        rows, data = _encoded(every_line(register.path), order)
        copy = RegisterCopy(rows, hashlib.sha256(data).hexdigest())
        replace_durably(out, data)
    except EdgecamError as failed:
        register.complete(asked, {"outcome": "failed", "reason": failed.what})
        raise
    register.complete(asked, {"outcome": "done", "rows": str(rows), "sha256": copy.sha256})
    return copy


def _encoded(lines: Iterable[RegisterLine], order: RegisterOrder) -> tuple[int, bytes]:
    if order.form is None:
        encoded = [line.encode() for line in order.wanted.of(lines)]
        return len(encoded), b"".join(encoded)
    told = FormLines(lines, order.wanted.__contains__)
    table = form_table(order.form, told, order.zone, order.place, order.camera)
    return len(table.rows), table_text(table.titles, table.rows)


def table_text(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """CSV in UTF-8, with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    """What a spreadsheet would take for a formula stays text: who asks may have written it."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
