"""What somebody does with papers: each is made here, for page and command line alike.

A paper that is filled from the register, a case or a hold takes names of people out of the camera. So it is a line
of the register before it is made, as an export of the register is (`book`), and its hash stands there afterwards.
Blank forms, signs and the standard name nobody but who answers for the camera, and are nobody's business.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from edgecam.core.clock import Clock
from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, Unavailable
from edgecam.custody.cases.case import Case, CaseKind
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.certificate import decode_certificate
from edgecam.custody.paper.certificatepapers import disposal, erased_in, erasure
from edgecam.custody.paper.formpapers import (
    complaints,
    gwangju_1,
    gwangju_2,
    inzai_1,
    inzai_2,
    kumamoto_1,
    kumamoto_2,
)
from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.letters import answer, refusal
from edgecam.custody.paper.paper import Paper, printed_apart
from edgecam.custody.paper.paperkind import BLANK_KINDS, SIGNS, SOURCES, PaperKind, Source
from edgecam.custody.paper.paperlines import LinesWanted, PaperLines, paper_lines
from edgecam.custody.paper.paperwords import words_of
from edgecam.custody.paper.sign import Sign
from edgecam.custody.paper.signpaper import SIZES, sign_paper
from edgecam.custody.paper.standard import Standard, StandardFacts
from edgecam.custody.paper.standardpaper import announced_paper, draft_paper
from edgecam.custody.paper.standardstore import StandardStore
from edgecam.custody.paper.standardversion import StandardVersion, in_force_on
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.custody.register.registerform import (
    gwangju1_rows,
    gwangju2_rows,
    inzai2_rows,
    kumamoto1_rows,
    kumamoto2_rows,
)

_LONGEST_WAIT_S = 60
MOST_PAGES = 300

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PaperAsk:
    """Which paper, in which language, of what. Without ``span``, case and hold a form is blank.

    ``version`` is of the standard; 0: the one in force, else the newest, else a draft;
    below 0: the draft.
    """

    kind: PaperKind
    language: str
    span: Period | None = None
    case_id: str = ""
    hold_id: str = ""
    version: int = 0

    @property
    def is_filled(self) -> bool:
        """Whether it tells of somebody."""
        return SOURCES[self.kind] is not Source.SETTINGS and bool(self.span or self.case_id or self.hold_id)


@dataclass(frozen=True, slots=True)
class PaperSources:
    """Where papers come from. ``head(language)``, ``sign()`` and ``facts()`` are of the settings as they are now.

    ``certificate`` is where the certificate of disposal lies, if there is one; ``language`` is the owner's.
    """

    head: Callable[[str], Letterhead]
    sign: Callable[[], Sign]
    facts: Callable[[], StandardFacts]
    cases: CaseStore
    register: Register
    standards: StandardStore
    certificate: Path
    answer_days: int
    language: str
    clock: Clock


class PaperDesk:
    """Makes papers. Calls may block and raise any `EdgecamError`; threads make them."""

    def __init__(self, sources: PaperSources) -> None:
        self._from = sources
        self._press = threading.Lock()

    @property
    def standards(self) -> StandardStore:
        return self._from.standards

    @property
    def facts(self) -> StandardFacts:
        """What the standard is made of now."""
        return self._from.facts()

    def pdf(self, ask: PaperAsk, who: str) -> bytes:
        """The paper, set by another process, one at a time.

        Raises: as `made`; Unavailable when too many are asked for at once, and what `printed_apart` raises.
        """
        return self.printed(ask, who, self._apart)

    def printed(self, ask: PaperAsk, who: str, printed: Callable[[Paper], bytes]) -> bytes:
        """As `pdf`, set by ``printed``. A filled paper is registered before, and what became of it afterwards."""
        if not ask.is_filled:
            return printed(self.made(ask))
        detail = {
            "what": "print",
            "paper": ask.kind.value,
            "language": ask.language,
            "case": ask.case_id,
            "hold": ask.hold_id,
            "written": str(ask.span or ""),
        }
        told = {name: text for name, text in detail.items() if text}
        line = self._from.register.write(Act.BOOK, who=who, purpose="printing a form", detail=told)
        try:
            page = printed(self.made(ask))
        except EdgecamError as refused:
            self._from.register.complete(line, {"outcome": "failed", "reason": refused.what[:200]})
            raise
        self._from.register.complete(line, {"outcome": "done", "sha256": hashlib.sha256(page).hexdigest()})
        return page

    def made(self, ask: PaperAsk) -> Paper:
        """The paper, not set yet. Raises: BadInput when it cannot be made of that, MediaFailing, DataLoss."""
        head = self._from.head(ask.language)
        source = SOURCES[ask.kind]
        if source is Source.SETTINGS:
            return self._of_settings(ask, head)
        if not ask.is_filled:
            return self._blank(ask, head)
        now = self._from.clock.now()
        if source is Source.CASE or ask.kind is PaperKind.COMPLAINTS:
            return replace(self._of_cases(ask, head), foot=head.foot(now))
        lines = paper_lines(self._from.register.path, LinesWanted(ask.span, ask.case_id, ask.hold_id))
        paper = self._of_lines(ask, head, lines)
        numbers = [line.sequence for line in lines.asked]
        foot = head.foot(now, min(numbers), max(numbers)) if numbers else head.foot(now)
        if lines.unreadable:
            foot += " · " + words_of(ask.language)["unreadable"].format(lines=lines.unreadable)
        return replace(paper, foot=foot)

    def for_package(self, folder: Path, case: Case) -> list[Path]:
        """What goes along with a copy: the form of its handling, in the owner's language, as ``register.pdf``.

        Raises: as `pdf`.
        """
        paper = self.made(PaperAsk(PaperKind.INZAI_2, self._from.language, case_id=case.case_id))
        path = folder / "register.pdf"
        write_new_durably(path, self._apart(paper))
        return [path]

    def _apart(self, paper: Paper) -> bytes:
        if not self._press.acquire(timeout=_LONGEST_WAIT_S):
            raise Unavailable("other papers are being made", do="try again in a minute")
        try:
            return printed_apart(paper)
        finally:
            self._press.release()

    def _of_settings(self, ask: PaperAsk, head: Letterhead) -> Paper:
        if ask.kind in SIGNS:
            return sign_paper(self._from.sign(), SIZES[ask.kind], ask.language)
        if ask.kind is PaperKind.DISPOSAL:
            return disposal(head, decode_certificate(_read(self._from.certificate)))
        return self._standard(ask, head)

    def standard(self, ask: PaperAsk) -> Standard:
        """A version's text, or what would be announced now. Raises: BadInput, DataLoss, MediaFailing."""
        version = self._version(ask.version)
        return version.standards[ask.language] if version else self.standards.draft(self.facts)[ask.language]

    def _standard(self, ask: PaperAsk, head: Letterhead) -> Paper:
        version = self._version(ask.version)
        return announced_paper(head, version) if version else draft_paper(head, self.standard(ask))

    def _version(self, number: int) -> StandardVersion | None:
        versions = self.standards.versions()
        if number < 0 or not (versions or number):
            return None
        if number == 0:
            return in_force_on(versions, self.standards.today(self._from.clock.now())) or versions[-1]
        found = next((version for version in versions if version.number == number), None)
        if found is None:
            raise BadInput(f"there is no version {number} of the standard", do="see `edgecam standard list`")
        return found

    def _blank(self, ask: PaperAsk, head: Letterhead) -> Paper:
        if ask.kind not in BLANK_KINDS:
            needs = "a case" if SOURCES[ask.kind] is Source.CASE else "a time"
            raise BadInput(
                f"{ask.kind.value} is about {needs}", do=f"name {needs}", field=_FIELDS[SOURCES[ask.kind]]
            )
        match ask.kind:
            case PaperKind.INZAI_1:
                return inzai_1(head, None)
            case PaperKind.INZAI_2:
                return inzai_2(head, [])
            case PaperKind.GWANGJU_1:
                return gwangju_1(head, None)
            case PaperKind.GWANGJU_2:
                return gwangju_2(head, None)
            case PaperKind.KUMAMOTO_1:
                return kumamoto_1(head, [])
            case PaperKind.KUMAMOTO_2:
                return kumamoto_2(head, [])
            case _:
                return complaints(head, None)

    def _of_cases(self, ask: PaperAsk, head: Letterhead) -> Paper:
        if ask.kind is PaperKind.COMPLAINTS:
            return complaints(head, [case for case in self._from.cases.all() if _is_asked_for(case, ask)])
        if not ask.case_id:
            raise BadInput(f"{ask.kind.value} is about a case", do="name the case", field="case")
        case, now, days = self._from.cases.find(ask.case_id), self._from.clock.now(), self._from.answer_days
        if ask.kind is PaperKind.REFUSAL:
            return refusal(head, case, now, days)
        return answer(head, case, now, days) if ask.kind is PaperKind.ANSWER else inzai_1(head, case)

    def _of_lines(self, ask: PaperAsk, head: Letterhead, lines: PaperLines) -> Paper:
        forms, asked, notice = lines.forms, lines.sequences, head.notice
        match ask.kind:
            case PaperKind.INZAI_2:
                rows = [row for row in inzai2_rows(forms, notice.place, head.camera) if row.line in asked]
                return inzai_2(head, _some(_sheets(rows)))
            case PaperKind.GWANGJU_1:
                numbered = [row for row in gwangju1_rows(forms, head.zone) if row.line in asked]
                return gwangju_1(head, [replace(row, number=at) for at, row in enumerate(numbered, 1)])
            case PaperKind.GWANGJU_2:
                requests = [row for row in gwangju2_rows(forms) if row.line in asked]
                return gwangju_2(head, [replace(row, number=at) for at, row in enumerate(requests, 1)])
            case PaperKind.KUMAMOTO_1:
                return kumamoto_1(head, _some(_sheets([row for row in kumamoto1_rows(forms) if row.line in asked])))
            case PaperKind.KUMAMOTO_2:
                return kumamoto_2(head, _some(_sheets([row for row in kumamoto2_rows(forms) if row.line in asked])))
            case _:
                if ask.span is None:
                    raise BadInput("a certificate of erasure is about a time", do="name the time", field="from")
                return erasure(head, erased_in(lines.asked, head.zone), ask.span)


_FIELDS = {Source.CASE: "case", Source.HOLD: "hold", Source.SPAN: "from"}


def _is_asked_for(case: Case, ask: PaperAsk) -> bool:
    if case.kind is not CaseKind.COMPLAINT or ask.case_id not in ("", case.case_id):
        return False
    return ask.span is None or ask.span.from_wall_ns <= case.asked.wall_ns < ask.span.to_wall_ns


def _sheets(rows: Sequence[Row]) -> Sequence[Row]:
    if len(rows) > MOST_PAGES:
        raise BadInput(
            f"that would be {len(rows)} pages; {MOST_PAGES} are printed at a time",
            do="choose a shorter time",
            safe="nothing was printed",
            field="to",
        )
    return rows


def _some(rows: Sequence[Row]) -> Sequence[Row]:
    """A sheet for each row: of none there is none to print."""
    if not rows:
        raise BadInput(
            "the register tells of nothing that belongs on this form",
            do="choose another time, or print it blank",
            safe="nothing was printed",
            field="from",
        )
    return rows


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as missing:
        raise BadInput("nothing was disposed of here", do="run `edgecam dispose` first") from missing
    except OSError as refused:
        raise DataLoss(f"{path} could not be read ({refused.strerror})") from refused
