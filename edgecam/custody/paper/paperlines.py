"""The lines of the register that a paper is made of: those asked for, and what else tells of the same cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.evidence.account import Period
from edgecam.custody.register.bookfiles import lines_of, opened_books
from edgecam.custody.register.formlines import FormLines
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line

# More lines than this fill no paper that anybody reads, and much of the memory.
MOST_LINES = 20_000
# What tells of other lines' cases and holds, whenever it was written.
_TELLING = frozenset({Act.REQUEST, Act.DECISION, Act.HOLD})


@dataclass(frozen=True, slots=True)
class LinesWanted:
    """Lines written within ``span``, of one case or of one hold; ``None`` and empty: whichever."""

    span: Period | None = None
    case_id: str = ""
    hold_id: str = ""

    def takes(self, line: RegisterLine) -> bool:
        if self.span is not None and not self.span.from_wall_ns <= line.at_wall_ns < self.span.to_wall_ns:
            return False
        if self.case_id and line.detail.get("case") != self.case_id:
            return False
        return not self.hold_id or line.detail.get("hold") == self.hold_id


@dataclass(frozen=True, slots=True)
class PaperLines:
    """``asked`` are the lines asked for, ``forms`` those and what tells of them; ``unreadable`` are left out."""

    asked: tuple[RegisterLine, ...]
    forms: FormLines
    unreadable: int

    @property
    def sequences(self) -> frozenset[int]:
        return frozenset(line.sequence for line in self.asked)


def paper_lines(register: Path, wanted: LinesWanted) -> PaperLines:
    """What all books of ``register`` tell. Raises: BadInput for more than a paper holds, MediaFailing."""
    with opened_books(register) as books:
        return select_lines(lines_of(books), wanted)


def select_lines(lines: Iterable[bytes], wanted: LinesWanted) -> PaperLines:
    """As `paper_lines`, of ``lines`` in their order."""
    kept: list[RegisterLine] = []
    asked: list[RegisterLine] = []
    taken: set[int] = set()
    unreadable = 0
    for data in lines:
        try:
            line = decode_line(data)
        except DataLoss:
            unreadable += 1
            continue
        if line.completes in taken:
            kept.append(line)
        elif line.completes is None and wanted.takes(line):
            taken.add(line.sequence)
            asked.append(line)
            kept.append(line)
        elif line.completes is None and line.act in _TELLING:
            kept.append(line)
        if len(kept) > MOST_LINES:
            raise BadInput(
                f"more than {MOST_LINES} lines of the register are asked for",
                do="choose a shorter time",
                field="to",
            )
    return PaperLines(tuple(asked), FormLines(kept), unreadable)
