"""Routes that hand over sealed footage and the locked key to it; it is opened in the viewer's browser alone."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.custody.cases.permission import Leave
from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.custody.register.register_line import Act
from edgecam.ringbuffer.overview import Covered
from edgecam.web.answers import NS_PER_MS
from edgecam.web.approval import Approve, CaseNamed, PurposeNamed
from edgecam.web.flowing import Flow, next_piece
from edgecam.web.sealedparts import SealedFootage, SealedParts
from edgecam.web.signedin import AsOperator, AsOwner, OperatorWatching, Stands
from edgecam.web.span import LONGEST_LISTED_MS, LONGEST_PLAYED_MS, Moment, Span, span

# No request brings more segments than ten minutes of whole footage have.
MOST_SAMPLES = 600
MOST_STREAMS = 16

EveryS = Annotated[int, Query(ge=0, le=86_400, description="only the first segment of each such step; 0 for all")]


@dataclass(frozen=True, slots=True)
class EpochAnswer:
    """A live epoch; binary fields are base64. ``end_ms`` is when it ended at the latest.

    ``sealed_key`` is an age file of the key, or of another age file that is to be opened with somebody else's key;
    it is the slot's, or what a permit puts in its place for who asks. ``sealed_init`` is bound to ``bound_to``, the
    slot's first 152 bytes. ``signature`` is that of ``camera_public`` over those, ``key_size`` and the init's size
    (16 bits each, little-endian) and four zero bytes.
    """

    epoch: int
    start_ms: int
    end_ms: int
    redated: bool
    sealed_key: str
    key_size: int
    sealed_init: str
    bound_to: str
    signature: str
    camera_public: str

    @classmethod
    def of(cls, epoch: SealedEpoch, permitted: bytes | None = None) -> EpochAnswer:
        """``permitted`` stands in place of the slot's sealed key."""
        return cls(
            epoch.slot.epoch,
            epoch.start_wall_ns // NS_PER_MS,
            epoch.end_wall_ns // NS_PER_MS,
            epoch.redated,
            _told(epoch.slot.sealed_key if permitted is None else permitted),
            len(epoch.slot.sealed_key),
            _told(epoch.slot.sealed_init),
            _told(epoch.slot.sealed_with),
            _told(epoch.slot.signature),
            _told(epoch.camera_public),
        )


@dataclass(frozen=True, slots=True)
class CoveredAnswer:
    """Footage; what lies between two of them is a gap. ``held``: only a hold has it still."""

    start_ms: int
    end_ms: int
    private: bool
    held: bool

    @classmethod
    def of(cls, covered: Covered) -> CoveredAnswer:
        start_ms, end_ms = covered.start_wall_ns // NS_PER_MS, covered.end_wall_ns // NS_PER_MS
        return cls(start_ms, end_ms, covered.private, covered.held)


def ciphertext(parts: SealedParts, approve: Approve, stands: Stands) -> APIRouter:
    """The ring's routes, and the one to the owner's locked key."""
    router = sealed_footage("ring", parts, approve, stands)

    @router.get("/owner-key", response_class=Response)
    async def owner_key(_: AsOwner) -> Response:
        return Response(await run_in_threadpool(parts.locked_owner), media_type="application/octet-stream")

    @router.get("/ring/overview")
    async def overview(_: OperatorWatching, from_ms: Moment, to_ms: Moment) -> list[CoveredAnswer]:
        asked = span(from_ms, to_ms, LONGEST_LISTED_MS)
        found = await run_in_threadpool(parts.overview, asked.from_wall_ns, asked.to_wall_ns)
        return [CoveredAnswer.of(covered) for covered in found]

    return router


def sealed_footage(
    name: str,
    parts: SealedParts,
    approve: Approve,
    stands: Stands,
    footage: SealedFootage | None = None,
    longest_ms: int = LONGEST_PLAYED_MS,
) -> APIRouter:
    """``/api/<name>/epochs`` and ``/api/<name>/segments`` over ``footage``, or over the ring of ``parts``.

    ``longest_ms`` is the longest span of which all segments may be asked for at once.
    """
    router, source, streams = APIRouter(prefix="/api"), footage or parts.footage, _Streams()

    @router.get(f"/{name}/epochs")
    async def epochs(
        visitor: AsOperator, from_ms: Moment, to_ms: Moment, every_s: EveryS = 0, case: CaseNamed = ""
    ) -> list[EpochAnswer]:
        asked, act = _asked(from_ms, to_ms, every_s, longest_ms)

        def found() -> list[EpochAnswer]:
            approve(visitor, act, asked.from_wall_ns, asked.to_wall_ns, case_id=case)
            sealed = source.epochs(asked.from_wall_ns, asked.to_wall_ns, every_s * NS_PER_S)
            return [
                EpochAnswer.of(epoch, parts.permitted(visitor.account_id, epoch.slot.ring_id, epoch.slot.epoch))
                for epoch in sealed
            ]

        return await run_in_threadpool(found)

    @router.get(f"/{name}/segments", response_class=Response)
    async def segments(
        visitor: AsOperator,
        from_ms: Moment,
        to_ms: Moment,
        every_s: EveryS = 0,
        purpose: PurposeNamed = "",
        case: CaseNamed = "",
    ) -> Flow:
        asked, act = _asked(from_ms, to_ms, every_s, longest_ms)
        streams.begin()
        pieces = source.segments(asked.from_wall_ns, asked.to_wall_ns, every_s * NS_PER_S)

        def begun() -> tuple[bytes | None, Leave]:
            leave = approve(visitor, act, asked.from_wall_ns, asked.to_wall_ns, purpose, case)
            # The register line stands before a byte is read: whatever follows, the look is on record.
            parts.record(visitor.name, act, asked.from_wall_ns, asked.to_wall_ns, leave)
            return next_piece(pieces), leave

        def require_standing() -> None:
            if not stands(visitor):
                raise NotAllowed("you were signed out while footage played", do="sign in again")
            leave.require()

        try:
            first, leave = await run_in_threadpool(begun)
        except BaseException:
            streams.end()
            raise
        return Flow(pieces, first, "application/octet-stream", require_standing, streams.end)

    return router


class _Streams:
    """How many streams flow; owned by the event loop."""

    def __init__(self) -> None:
        self._flowing = 0

    def begin(self) -> None:
        """Raises: Unavailable when enough do; else `end` must follow."""
        if self._flowing >= MOST_STREAMS:
            raise Unavailable(f"footage flows to {MOST_STREAMS} viewers already", do="close it on another device")
        self._flowing += 1

    def end(self) -> None:
        self._flowing -= 1


def _asked(from_ms: int, to_ms: int, every_s: int, longest_ms: int) -> tuple[Span, Act]:
    if every_s == 0:
        return span(from_ms, to_ms, longest_ms), Act.VIEW
    asked = span(from_ms, to_ms, LONGEST_LISTED_MS)
    if to_ms - from_ms > MOST_SAMPLES * every_s * 1000:
        raise BadInput(f"that are more than {MOST_SAMPLES} pictures", do="take longer steps or a shorter span")
    return asked, Act.SEARCH


def _told(data: bytes) -> str:
    return b64encode(data).decode("ascii")
