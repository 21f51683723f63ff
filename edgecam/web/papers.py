"""Routes for papers: the guidelines' forms, letters, certificates and signs as PDFs, and the operation standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.paperdesk import PaperAsk, PaperDesk
from edgecam.custody.paper.paperkind import BLANK_KINDS, OWN_LANGUAGE, SOURCES, PaperKind, Source
from edgecam.custody.paper.paperwords import LANGUAGES, words_of
from edgecam.custody.paper.standard import BY_HAND, Standard
from edgecam.custody.paper.standardstore import Announcement
from edgecam.custody.paper.standardversion import StandardChange, StandardVersion
from edgecam.web.answers import NS_PER_MS
from edgecam.web.signedin import AsOperator, AsOwner, Visitor
from edgecam.web.signin import Told
from edgecam.web.span import LATEST_MS, span

_LONGEST_MS = 10 * 366 * 86_400_000
_NEWEST_VERSION = 99_999_999

When = Annotated[int | None, Query(ge=0, le=LATEST_MS, description="Unix milliseconds")]
Line = Annotated[str, Field(max_length=200)]


class Language(StrEnum):
    """In which a paper is set."""

    JA = "ja"
    KO = "ko"
    EN = "en"


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """One kind of paper; ``titles`` by language. ``own_language`` is empty where all languages are alike.

    ``source`` says what fills it; one that ``can_be_blank`` is printed without, to be filled in by hand.
    """

    kind: PaperKind
    titles: dict[str, str]
    own_language: str
    source: Source
    can_be_blank: bool


@dataclass(frozen=True, slots=True)
class VersionOfStandard:
    """``in_force`` is a civil day, as 2026-12-01; ``sha256`` (hex) stands in the register too."""

    number: int
    announced_ms: int
    announced_by: str
    in_force: str
    reason: str
    sha256: str

    @classmethod
    def of(cls, version: StandardVersion) -> VersionOfStandard:
        return cls(
            version.number,
            version.announced_wall_ns // NS_PER_MS,
            version.announced_by,
            version.in_force.isoformat(),
            version.reason,
            version.sha256.hex(),
        )


@dataclass(frozen=True, slots=True)
class SectionAnswer:
    """A title and its paragraphs; what is still to be filled in stands in ``[…]``."""

    title: str
    paragraphs: list[str]


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """A paragraph that is not the same any more: ``before`` is empty where it is new, ``after`` where it went."""

    section: str
    before: str
    after: str

    @classmethod
    def of(cls, change: StandardChange) -> ChangeAnswer:
        return cls(change.section, change.before, change.after)


@dataclass(frozen=True, slots=True)
class StandardAnswer:
    """The announced ``versions``, oldest first, and the ``draft`` of the next with its ``blanks``.

    ``changes`` say what the newest announced text tells no longer rightly. ``fills`` name what `AnnounceStandard`
    may fill in, with what it is called; ``notice_days`` have to pass before a version holds.
    """

    versions: list[VersionOfStandard]
    draft: list[SectionAnswer]
    blanks: list[str]
    changes: list[ChangeAnswer]
    fills: dict[str, str]
    notice_days: int


class AnnounceStandard(Told):
    """Why the standard changes, from which day (without one as soon as it may), and what fills its blanks."""

    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    in_force: date | None = None
    filled: Annotated[dict[Line, Line], Field(default_factory=dict, max_length=len(BY_HAND))]


def papers(desk: PaperDesk) -> APIRouter:
    """The routes, over ``desk``. What names people is for the owner, and registered before it is made."""
    router = APIRouter(prefix="/api")

    @router.get("/papers")
    async def kinds(visitor: AsOperator) -> list[PaperAnswer]:
        return [_paper(kind) for kind in PaperKind]

    @router.get("/papers/{kind}.pdf", response_class=Response)
    async def paper(
        visitor: AsOperator,
        kind: Annotated[PaperKind, Path()],
        language: Language,
        from_ms: When = None,
        to_ms: When = None,
        case: Annotated[str, Query(max_length=64)] = "",
        hold: Annotated[str, Query(max_length=64)] = "",
        version: Annotated[int, Query(ge=-1, le=_NEWEST_VERSION)] = 0,
    ) -> Response:
        ask = PaperAsk(kind, language.value, _span(from_ms, to_ms), case, hold, version)
        _may_have(visitor, ask)
        page = await run_in_threadpool(desk.pdf, ask, visitor.name)
        name = f'inline; filename="{kind.value}.{language.value}.pdf"'
        return Response(page, media_type="application/pdf", headers={"Content-Disposition": name})

    @router.get("/standard")
    async def standard(visitor: AsOperator, language: Language) -> StandardAnswer:
        return await run_in_threadpool(_standard, desk, language.value)

    @router.post("/standard")
    async def announce(visitor: AsOwner, language: Language, request: AnnounceStandard) -> StandardAnswer:
        asked = Announcement(visitor.name, request.reason, request.in_force, request.filled)
        await run_in_threadpool(lambda: desk.standards.announce(desk.facts, asked))
        return await run_in_threadpool(_standard, desk, language.value)

    return router


def _paper(kind: PaperKind) -> PaperAnswer:
    titles = {language: words_of(language)["titles"][kind.value] for language in LANGUAGES}
    return PaperAnswer(kind, titles, OWN_LANGUAGE.get(kind, ""), SOURCES[kind], kind in BLANK_KINDS)


def _may_have(visitor: Visitor, ask: PaperAsk) -> None:
    if ask.is_filled and visitor.role is not AccountRole.OWNER:
        raise NotAllowed(
            "a form that is filled in tells of people: the register is the owner's",
            do="print it blank, or ask the owner",
            safe="nothing was printed",
        )


def _span(from_ms: int | None, to_ms: int | None) -> Period | None:
    if from_ms is None and to_ms is None:
        return None
    if from_ms is None or to_ms is None:
        raise BadInput("a time has a start and an end", do="name both from_ms and to_ms", field="from_ms")
    asked = span(from_ms, to_ms, _LONGEST_MS)
    return Period(asked.from_wall_ns, asked.to_wall_ns)


def _standard(desk: PaperDesk, language: str) -> StandardAnswer:
    store, facts = desk.standards, desk.facts
    blanks = words_of(language)["blanks"]
    return StandardAnswer(
        versions=[VersionOfStandard.of(version) for version in store.versions()],
        draft=_sections(store.draft(facts)[language]),
        blanks=store.blanks(facts, language),
        changes=[ChangeAnswer.of(change) for change in store.changes(facts, language)],
        fills={name: blanks[name] for name in BY_HAND},
        notice_days=facts.notice_days,
    )


def _sections(standard: Standard) -> list[SectionAnswer]:
    return [SectionAnswer(section.title, [item.text for item in section.items]) for section in standard.sections]
