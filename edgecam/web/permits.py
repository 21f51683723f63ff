"""Routes of keys: everybody's own, locked, and what somebody who allows a look leaves for the one who asked.

The camera opens none of them: it hands over what is sealed, and keeps what comes back sealed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.custody.accounts.accounts import Account, AccountRole
from edgecam.custody.cases.case import Case, CaseState, Step
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.cases.permitkeys import CaseKeys, Left, PermitKey, leave_registered
from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.ringbuffer.format import EpochSlot
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.answers import DoneAnswer
from edgecam.web.ciphertext import EpochAnswer
from edgecam.web.permitparts import PermitParts, Source
from edgecam.web.sealedparts import SealedFootage
from edgecam.web.signedin import AsOperator, Visitor
from edgecam.web.signin import Secret, Told

# So many keys go into one request, and one answer.
MOST_AT_ONCE = 64
_Base64 = Annotated[str, Field(min_length=1, max_length=12_288)]


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """The key of whoever asks: ``locked`` is an age file under their passphrase (base64), empty where none is.

    ``recipient`` is its public half; empty for the owner, whose key is made at the first run.
    """

    kind: Literal["owner", "operator"]
    locked: str
    recipient: str


class NewIdentity(Told):
    """An operator's own key, made in their browser; ``secret`` is derived of their passphrase, typed again."""

    locked: _Base64
    recipient: Annotated[str, Field(pattern=r"^age1[02-9ac-hj-np-z]{58}$")]
    secret: Secret


@dataclass(frozen=True, slots=True)
class CaseEpochsAnswer:
    """Epochs of a case from one source, oldest first; there are more while ``more`` says so.

    ``recipients`` are whose keys may be sealed to: those of the one who asked. None: they have no key yet.
    ``mine``: who looks is the one who asked, and may offer keys; else they may leave them.
    """

    mine: bool
    recipients: list[str]
    epochs: list[EpochAnswer]
    more: bool


class LeftKey(Told):
    """``sealed_key`` is an age file (base64) for that epoch of the ring of that id (hex), or of the album."""

    ring: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    epoch: Annotated[int, Field(ge=0, lt=1 << 63)]
    sealed_key: _Base64


class LeftKeys(Told):
    """What somebody leaves; at most `MOST_AT_ONCE`, and again for more."""

    keys: Annotated[list[LeftKey], Field(min_length=1, max_length=MOST_AT_ONCE)]


def permits(parts: PermitParts, desk: AccountDesk) -> APIRouter:
    """The routes."""
    router, keyed = APIRouter(prefix="/api"), _Keyed(parts, desk)

    @router.get("/identity")
    async def identity(visitor: AsOperator) -> IdentityAnswer:
        return await run_in_threadpool(keyed.identity, visitor)

    @router.put("/identity")
    async def keep_identity(visitor: AsOperator, told: NewIdentity) -> DoneAnswer:
        """For operators; the owner's is changed on the camera itself."""
        locked = _bytes_of(told.locked, "locked")
        account = keyed.account(visitor)
        if account.role is not AccountRole.OPERATOR:
            raise NotAllowed("the owner's key is changed on the camera itself", do="run `edgecam passphrase` there")
        await desk.check(visitor, told.secret)
        await run_in_threadpool(parts.identities.keep, visitor.name, account, locked, told.recipient)
        return DoneAnswer()

    @router.get("/cases/{case_id}/epochs")
    async def case_epochs(
        visitor: AsOperator, case_id: str, source: Source = "ring", told: Annotated[int, Query(ge=0)] = 0
    ) -> CaseEpochsAnswer:
        """What whoever may allow the look has to open, but for the first ``told``, which they were told before."""
        return await run_in_threadpool(keyed.epochs, visitor, case_id, source, told)

    @router.put("/cases/{case_id}/keys")
    async def leave_keys(visitor: AsOperator, case_id: str, told: LeftKeys) -> DoneAnswer:
        await run_in_threadpool(keyed.leave, visitor, case_id, told.keys)
        return DoneAnswer()

    return router


class _Keyed:
    """What the routes do, on a thread that may wait for the medium."""

    def __init__(self, parts: PermitParts, desk: AccountDesk) -> None:
        self._parts, self._store = parts, desk.store

    def account(self, visitor: Visitor) -> Account:
        found = self._store.look().by_id(visitor.account_id)
        if found is None:
            raise NotAllowed("this account is gone", do="sign in again")
        return found

    def identity(self, visitor: Visitor) -> IdentityAnswer:
        if visitor.role is AccountRole.OWNER:
            return IdentityAnswer("owner", _told(self._parts.locked_owner()), "")
        account = self.account(visitor)
        return IdentityAnswer("operator", _told(self._parts.identities.locked(account) or b""), account.recipient)

    def epochs(self, visitor: Visitor, case_id: str, source: Source, told_before: int) -> CaseEpochsAnswer:
        case, mine = self._case(visitor, case_id)
        found = self._epochs_of(case, source)[told_before:]
        left = self._parts.permits.keys.of(case_id)
        offered = left if left is not None and left.left is Left.OFFERED and not mine else None
        told = [
            EpochAnswer.of(epoch, offered.key(epoch.slot.ring_id, epoch.slot.epoch) if offered else None)
            for epoch in found[:MOST_AT_ONCE]
        ]
        return CaseEpochsAnswer(mine, self._recipients(case), told, len(found) > MOST_AT_ONCE)

    def leave(self, visitor: Visitor, case_id: str, told: list[LeftKey]) -> None:
        case, mine = self._case(visitor, case_id)
        if case.state not in (CaseState.ASKED, CaseState.GRANTED):
            what = f"case {case_id} is {case.state.value}: no keys are left for it"
            raise NotAllowed(what, do="look at the case again", safe="nothing was kept")
        asker = self._asker(case)
        keys = [PermitKey(bytes.fromhex(one.ring), one.epoch, _bytes_of(one.sealed_key, "keys")) for one in told]
        if not {(one.ring_id, one.epoch) for one in keys} <= epochs_of_case(self._parts.sources, case):
            raise BadInput("an epoch is not of that case", do="look at the case again", field="keys")
        left = Left.OFFERED if mine else Left.GRANTED
        kept = CaseKeys(case_id, asker.account_id, left, visitor.name, tuple(keys))
        leave_registered(self._parts.register, self._parts.permits.keys, kept, case.asked_by)
        # An epoch that was erased while its key was under way: whoever erases the next one sees that we have it.
        self._parts.permits.keys.keep_only(case_id, epochs_of_case(self._parts.sources, case))

    def _case(self, visitor: Visitor, case_id: str) -> tuple[Case, bool]:
        """The case, and whether the visitor asked. Raises: NotAllowed for who neither asked nor may allow it."""
        case = self._parts.permits.find(case_id)
        actor = Actor(visitor.name, visitor.role, visitor.account_id)
        if actor.is_asker_of(case):
            return case, True
        self._parts.rules.require(actor, Step.GRANT, case)
        return case, False

    def _asker(self, case: Case) -> Account:
        accounts = self._store.look()
        found = accounts.by_id(case.asked_by_id) if case.asked_by_id else None
        if found is None:
            raise NotAllowed(
                "keys are left for an account, and who asked has none any more",
                do="let them ask again on the page",
                safe="nothing was kept",
            )
        return found

    def _recipients(self, case: Case) -> list[str]:
        asker = self._store.look().by_id(case.asked_by_id)
        if asker is None:
            return []
        if asker.role is AccountRole.OWNER:
            return list(self._parts.owners())
        return [asker.recipient] if asker.recipient else []

    def _epochs_of(self, case: Case, source: Source) -> Sequence[SealedEpoch]:
        return _epochs_of(self._parts.sources, case, source)


def epochs_of_case(sources: Mapping[Source, SealedFootage], case: Case) -> set[tuple[bytes, int]]:
    """Ring id and number of each epoch that is there of the case's time. Raises: BadInput, MediaFailing."""
    return {(slot.ring_id, slot.epoch) for slot in slots_of_case(sources, case)}


def slots_of_case(sources: Mapping[Source, SealedFootage], case: Case) -> list[EpochSlot]:
    """The slots of the same. Raises: BadInput, MediaFailing."""
    return [one.slot for name in sources for one in _epochs_of(sources, case, name)]


def _epochs_of(sources: Mapping[Source, SealedFootage], case: Case, source: Source) -> Sequence[SealedEpoch]:
    footage = sources.get(source)
    if footage is None or case.from_wall_ns is None or case.to_wall_ns is None:
        return ()
    try:
        found = footage.epochs(case.from_wall_ns, case.to_wall_ns)
        # What can have footage of that time is more than what has: a key too many would open ten minutes too many.
        begun_ns = case.from_wall_ns
        return [one for one in found if one.over_wall_ns is None or one.over_wall_ns > begun_ns]
    except Unavailable:
        return ()  # an album that is none yet


def _bytes_of(typed: str, name: str) -> bytes:
    try:
        return b64decode(typed, validate=True)
    except ValueError as broken:
        raise BadInput("this is not base64", do="use the page itself", field=name) from broken


def _told(data: bytes) -> str:
    return b64encode(data).decode("ascii")
