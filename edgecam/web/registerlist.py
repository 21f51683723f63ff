"""The register, for its owner to read: who did what, newest first; and which version of edgecam writes it."""

from __future__ import annotations

from asyncio import Lock
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from edgecam.core.errors import Unavailable
from edgecam.custody.register.register_check import RegisterVerdict, Trouble
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerexport import LineFilter
from edgecam.custody.register.registerpage import RegisterPage
from edgecam.web.answers import NS_PER_MS
from edgecam.web.careparts import CareParts
from edgecam.web.signedin import AsOwner
from edgecam.web.span import LATEST_MS

_MOST_LINES = 200
# JavaScript holds no larger one exactly.
_LARGEST = 1 << 53


@dataclass(frozen=True, slots=True)
class RegisterLineAnswer:
    """One line; ``from_ms`` and ``to_ms`` say which footage it is about, ``completes`` whose act it finishes."""

    sequence: int
    at_ms: int
    trust: int
    who: str
    act: Act
    purpose: str
    from_ms: int | None
    to_ms: int | None
    completes: int | None
    detail: dict[str, str]

    @classmethod
    def of(cls, line: RegisterLine) -> RegisterLineAnswer:
        return cls(
            line.sequence,
            line.at_wall_ns // NS_PER_MS,
            int(line.trust),
            line.who,
            line.act,
            line.purpose,
            None if line.from_wall_ns is None else line.from_wall_ns // NS_PER_MS,
            None if line.to_wall_ns is None else line.to_wall_ns // NS_PER_MS,
            line.completes,
            dict(line.detail),
        )


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """As `RegisterPage`: ``earlier`` is what to give as ``before`` for the lines before these."""

    lines: list[RegisterLineAnswer]
    unreadable: int
    earlier: int | None

    @classmethod
    def of(cls, page: RegisterPage) -> RegisterAnswer:
        return cls([RegisterLineAnswer.of(line) for line in page.lines], page.unreadable, page.earlier)


@dataclass(frozen=True, slots=True)
class ProofAnswer:
    """``lines`` from ``first`` on are whole and in order; the last is ``head_sequence`` with ``head_sha256`` (hex).

    ``trouble`` is what is wrong with ``wrong_sequence``, the first line that is not; both ``None`` where none is.
    Whoever kept a head that was published earlier sees whether the register still reaches it.
    """

    lines: int
    first: int
    head_sequence: int
    head_sha256: str
    trouble: Trouble | None
    wrong_sequence: int | None

    @classmethod
    def of(cls, verdict: RegisterVerdict) -> ProofAnswer:
        head, fault = verdict.head, verdict.fault
        return cls(
            verdict.lines,
            verdict.first,
            0 if head is None else head.sequence,
            "" if head is None else head.hash.hex(),
            None if fault is None else fault.trouble,
            None if fault is None else fault.sequence,
        )


def registerlist(parts: CareParts) -> APIRouter:
    """The routes, over ``parts``."""
    router = APIRouter(prefix="/api")

    @router.get("/register")
    async def register(
        visitor: AsOwner,
        before: Annotated[int | None, Query(ge=1, le=_LARGEST)] = None,
        limit: Annotated[int, Query(ge=1, le=_MOST_LINES)] = 50,
        act: Act | None = None,
        who: Annotated[str, Query(max_length=80, description="a part of the name")] = "",
        case: Annotated[str, Query(max_length=80)] = "",
        from_ms: Annotated[int | None, Query(ge=0, le=LATEST_MS, description="of when it was done")] = None,
        to_ms: Annotated[int | None, Query(ge=0, le=LATEST_MS)] = None,
    ) -> RegisterAnswer:
        wanted = LineFilter(who=who, case=case, from_wall_ns=_ns(from_ms), to_wall_ns=_ns(to_ms))
        return RegisterAnswer.of(await run_in_threadpool(parts.register_page, before, limit, act, wanted))

    # A long register keeps a core busy for half a minute: one proof at a time.
    proving = Lock()

    @router.post("/register/proof")
    async def proof(visitor: AsOwner) -> ProofAnswer:
        """Every line of all books proved anew; nothing is changed, and nobody's name is told."""
        if proving.locked():
            raise Unavailable("the register is being proved already", do="wait until that is over")
        async with proving:
            return ProofAnswer.of(await run_in_threadpool(parts.prove_register))

    return router


def _ns(ms: int | None) -> int | None:
    return None if ms is None else ms * NS_PER_MS
