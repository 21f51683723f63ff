"""All routes of getting in: welcome, signing in and out, sessions, accounts, passkeys."""

from __future__ import annotations

from fastapi import APIRouter

from edgecam.web.accounts import accounts
from edgecam.web.parts import PageParts
from edgecam.web.passkeydesk import PasskeyDesk
from edgecam.web.passkeys import passkeys
from edgecam.web.signin import Reception, Welcoming, signed_in, signing_in
from edgecam.web.signins import SignIns


def entrance(parts: PageParts, sign_ins: SignIns) -> APIRouter:
    """The routes, over ``parts``; who is in is kept in ``sign_ins``."""
    router = APIRouter()
    reception, keys = Reception(parts.accounts, sign_ins), PasskeyDesk(parts.clock, parts.camera_name)
    setup = parts.setup
    is_new = (lambda: False) if setup is None else (lambda: not setup.owned())
    router.include_router(signing_in(Welcoming(parts.camera_name, is_new), reception, sign_ins, keys))
    router.include_router(signed_in(parts.accounts, sign_ins))
    router.include_router(accounts(parts.accounts, parts.clock, sign_ins.forget_over))
    router.include_router(passkeys(keys, reception, sign_ins.forget_over))
    return router
