"""Routes for what is given away: a job for a granted case, its review frame by frame, its package, its duplicates.

Browsers open footage themselves; this is where the camera does it, because the copy is hashed, registered and kept
on the camera. So the owner's passphrase comes along, and goes with the job.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field, StrictBool
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import NotAllowed
from edgecam.custody.cases.case import Case, Step
from edgecam.custody.cases.casedesk import CaseDesk
from edgecam.custody.disclosure.disclosure import refuse_to_give
from edgecam.custody.disclosure.duplicates import Duplicate
from edgecam.custody.disclosure.tracktold import TrackTold
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.answers import NS_PER_MS, DoneAnswer
from edgecam.web.cases import CaseId, Needed, Short, actor
from edgecam.web.disclosureparts import Decided, DisclosureDesk, Job, Opening
from edgecam.web.flowing import Flow, next_piece
from edgecam.web.guesses import Guesses, tried
from edgecam.web.signedin import AsOwner, Stands, Visitor
from edgecam.web.signin import Secret, Told

_Passphrase = Annotated[str, Field(max_length=1024)]
_Recipient = Annotated[str, Field(pattern=r"^(age1[02-9ac-hj-np-z]{58})?$")]
_Track = Annotated[int, Field(ge=1, le=1_000_000)]
_Frame = Annotated[int, Path(ge=1, le=100_000_000)]
_Pixels = Annotated[int, Field(ge=0, le=16_384)]
_FrameNumber = Annotated[int, Field(ge=1, le=100_000_000)]
_DuplicateId = Annotated[str, Path(pattern=r"^[0-9]{8}-[0-9]{6}[a-z]?-[0-9]{1,4}$")]


class Opens(Told):
    """What opens the footage on the camera: the owner's passphrase, and an operator's where it takes two."""

    passphrase: Annotated[str, Field(min_length=1, max_length=1024)]
    operator: Short = ""
    operator_passphrase: _Passphrase = ""

    def opening(self) -> Opening:
        return Opening(self.passphrase, self.operator, self.operator_passphrase)


class GiveAway(Opens):
    """``recipient`` is the receiver's age key; without it the one in the case, without that a plain tar.

    With ``obscure`` everybody is covered and the copy waits for a review.
    """

    obscure: StrictBool = False
    watermark: Annotated[str, Field(max_length=80)] = ""
    recipient: _Recipient = ""


class Release(Opens):
    """The reviewed copy, to ``recipient`` as in `GiveAway`."""

    recipient: _Recipient = ""


class BoxToCover(Told):
    """What a reviewer covers besides, in pixels of the picture, from one frame to another, both in."""

    first_frame: _FrameNumber
    last_frame: _FrameNumber
    x0: _Pixels
    y0: _Pixels
    x1: _Pixels
    y1: _Pixels


class Decide(Told):
    """Tracks to ``keep`` visible and to ``fill``, and further ``boxes``; what is not named here is undone."""

    keep: Annotated[tuple[_Track, ...], Field(max_length=10_000)] = ()
    fill: Annotated[tuple[_Track, ...], Field(max_length=10_000)] = ()
    boxes: Annotated[tuple[BoxToCover, ...], Field(max_length=1000)] = ()


class EraseDuplicate(Told):
    """Why it goes before its day; ``secret`` is what the passphrase becomes, once more."""

    reason: Needed
    secret: Secret


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """One job, as `Job`; a track is its number, its kind, whether it is covered, its first and last frame."""

    case_id: str
    state: str
    share: float
    what: str
    frames: int
    frames_seen: int
    tracks: list[TrackTold]
    size_bytes: int
    file_name: str

    @classmethod
    def of(cls, job: Job) -> JobAnswer:
        return cls(
            job.case_id,
            job.state.value,
            round(job.share, 4),
            job.what,
            job.frames,
            job.frames_seen,
            list(job.tracks),
            job.size_bytes,
            job.file_name,
        )


@dataclass(frozen=True, slots=True)
class DuplicateAnswer:
    """One duplicate; ``kept_until_ms`` is ``null`` where the owner has to end it."""

    duplicate_id: str
    case_id: str
    recipient: str
    made_ms: int
    kept_until_ms: int | None
    size_bytes: int

    @classmethod
    def of(cls, one: Duplicate) -> DuplicateAnswer:
        until = one.kept_until_wall_ns
        return cls(
            one.duplicate_id,
            one.case_id,
            one.recipient,
            one.made_wall_ns // NS_PER_MS,
            None if until is None else until // NS_PER_MS,
            one.size_bytes,
        )


@dataclass(frozen=True, slots=True)
class DisclosuresAnswer:
    """What is at work or ready, and what is kept."""

    jobs: list[JobAnswer]
    duplicates: list[DuplicateAnswer]


def disclosures(
    desk: DisclosureDesk, cases: CaseDesk, accounts: AccountDesk, guesses: Guesses, stands: Stands
) -> APIRouter:
    """The routes, over ``desk``; what is given away is registered before its first byte."""
    router = APIRouter()
    router.include_router(_giving(desk, cases, guesses))
    router.include_router(_reviewing(desk, cases, guesses))
    router.include_router(_fetching(desk, accounts, stands))
    return router


def _giving(desk: DisclosureDesk, cases: CaseDesk, guesses: Guesses) -> APIRouter:
    router = APIRouter(prefix="/api")

    @router.post("/cases/{case_id}/disclosure")
    async def begin(visitor: AsOwner, case_id: CaseId, asked: GiveAway) -> JobAnswer:
        case = await run_in_threadpool(_to_give, cases, visitor, case_id)
        starting = partial(
            desk.start,
            case,
            visitor.name,
            asked.opening(),
            obscure=asked.obscure,
            watermark=asked.watermark.strip(),
            sealed_to=asked.recipient or case.asker.recipient,
        )
        return JobAnswer.of(await tried(guesses, starting))

    @router.get("/disclosures")
    async def listed(_: AsOwner) -> DisclosuresAnswer:
        jobs, kept = await run_in_threadpool(desk.jobs), await run_in_threadpool(desk.duplicates)
        return DisclosuresAnswer([JobAnswer.of(job) for job in jobs], [DuplicateAnswer.of(one) for one in kept])

    @router.get("/disclosures/{case_id}")
    async def one(_: AsOwner, case_id: CaseId) -> JobAnswer | None:
        jobs = await run_in_threadpool(desk.jobs)
        return next((JobAnswer.of(job) for job in jobs if job.case_id == case_id), None)

    @router.delete("/disclosures/{case_id}")
    async def drop(_: AsOwner, case_id: CaseId) -> DoneAnswer:
        """Erases what was made ready; duplicate and register stay."""
        await run_in_threadpool(desk.drop, case_id)
        return DoneAnswer()

    return router


def _reviewing(desk: DisclosureDesk, cases: CaseDesk, guesses: Guesses) -> APIRouter:
    router = APIRouter(prefix="/api")

    @router.get("/disclosures/{case_id}/frames/{number}.jpg", response_class=Response)
    async def frame(_: AsOwner, case_id: CaseId, number: _Frame) -> Response:
        """The frame as it will be given out; from then on it counts as looked at."""
        return Response(await run_in_threadpool(desk.frame, case_id, number), media_type="image/jpeg")

    @router.get("/disclosures/{case_id}/tracks/{number}.jpg", response_class=Response)
    async def track(_: AsOwner, case_id: CaseId, number: _Frame) -> Response:
        return Response(await run_in_threadpool(desk.track, case_id, number), media_type="image/jpeg")

    @router.post("/disclosures/{case_id}/decide")
    async def decide(_: AsOwner, case_id: CaseId, decided: Decide) -> JobAnswer:
        """Covers anew; then every frame is to be looked at again."""
        boxes = tuple((one.first_frame, one.last_frame, one.x0, one.y0, one.x1, one.y1) for one in decided.boxes)
        told = Decided(decided.keep, decided.fill, boxes)
        return JobAnswer.of(await run_in_threadpool(desk.decide, case_id, told))

    @router.post("/disclosures/{case_id}/release")
    async def release(visitor: AsOwner, case_id: CaseId, asked: Release) -> JobAnswer:
        case = await run_in_threadpool(_to_give, cases, visitor, case_id)
        to = asked.recipient or case.asker.recipient
        return JobAnswer.of(await tried(guesses, partial(desk.release, case, visitor.name, asked.opening(), to)))

    return router


def _fetching(desk: DisclosureDesk, accounts: AccountDesk, stands: Stands) -> APIRouter:
    router = APIRouter(prefix="/api")

    @router.get("/disclosures/{case_id}/package", response_class=Response)
    async def package(visitor: AsOwner, case_id: CaseId) -> Flow:
        job, pieces = await run_in_threadpool(desk.package, case_id)
        first = await run_in_threadpool(next_piece, pieces)

        def require_standing() -> None:
            if not stands(visitor):
                raise NotAllowed("you were signed out while footage played", do="sign in again")

        named = {"Content-Disposition": f'attachment; filename="{job.file_name}"'}
        return Flow(pieces, first, "application/octet-stream", require_standing, headers=named)

    @router.delete("/duplicates/{duplicate_id}")
    async def erase(visitor: AsOwner, duplicate_id: _DuplicateId, asked: EraseDuplicate) -> DoneAnswer:
        await accounts.check(visitor, asked.secret)
        await run_in_threadpool(desk.erase_duplicate, duplicate_id, visitor.name, asked.reason.strip())
        return DoneAnswer()

    return router


def _to_give(cases: CaseDesk, visitor: Visitor, case_id: str) -> Case:
    case = cases.find(actor(visitor), case_id)
    cases.rules.require(actor(visitor), Step.HAND_OVER, case)
    # Before a passphrase is tried: this is no wrong guess.
    refuse_to_give(case, cases.store.clock.now())
    return case
