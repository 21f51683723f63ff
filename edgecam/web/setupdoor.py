"""Who takes the steps of the first run: the browser with the claim while nobody owns the camera, else the owner."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import Clock
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.web.claim import Claim, ClaimToken
from edgecam.web.delays import Delays
from edgecam.web.firststeps import SetupStep, check_step
from edgecam.web.setupparts import SetsUp
from edgecam.web.signedin import Admits, SignInToken, Visitor

_LONGEST_WAIT_S = 300


class SetterDoor(Admits):
    """Lets in whoever may take a step now: the browser with the claim, or the owner when there is one."""

    def __init__(self) -> None:
        super().__init__(frozenset({AccountRole.OWNER}))

    async def __call__(self, request: Request, token: SignInToken = None, claimed: ClaimToken = None) -> Visitor:
        """Raises: as `Admits`, and NotSignedIn for a browser without the claim."""
        access: SetupAccess = request.app.state.setup
        if await run_in_threadpool(access.parts.owned):
            return await super().__call__(request, token)
        access.claim.check(claimed)
        return Visitor("set-up code", AccountRole.OWNER, "setup")


AsSetter = Annotated[Visitor, Depends(SetterDoor())]


class SetupAccess:
    """Who may take steps; kept as ``app.state.setup``. Owned by the event loop."""

    def __init__(self, parts: SetsUp, clock: Clock) -> None:
        self.parts = parts
        self.claim = Claim(clock)
        self.codes = Delays(clock, free=0, longest_s=_LONGEST_WAIT_S, most=1)


class SetupForm(BaseModel):
    """What a form sends; what is wrong in it is never repeated, because some of it is secret."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


async def may_take(parts: SetsUp, step: SetupStep) -> None:
    """Raises: NotAllowed while ``step`` has to wait for another one."""
    shown = await run_in_threadpool(parts.shown)
    check_step(step, dict(shown.steps))
