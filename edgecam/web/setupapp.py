"""The page of a camera that is new: the first run, signing in, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio.to_thread
from fastapi import FastAPI

from edgecam.core.clock import Clock
from edgecam.core.support import NO_SUPPORT, Support
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.barepage import bare_page
from edgecam.web.certificates import CertificateParts, certificates
from edgecam.web.frontend import front_end
from edgecam.web.passkeydesk import PasskeyDesk
from edgecam.web.setting_up import setting_up
from edgecam.web.setupdoor import SetupAccess
from edgecam.web.setupparts import SetsUp
from edgecam.web.signin import Reception, Welcoming, signed_in, signing_in
from edgecam.web.signins import SignIns
from edgecam.web.support import support_texts

_THREADS = 4


@dataclass(frozen=True, slots=True)
class SetupPageParts:
    """As the fields of `PageParts` of the same names; ``is_new()`` is whether the first run is served."""

    camera_name: str
    listen_host: str
    clock: Clock
    accounts: AccountDesk
    setup: SetsUp
    is_new: Callable[[], bool]
    certificates: CertificateParts | None = None
    support: Support = NO_SUPPORT


def create_setup_app(parts: SetupPageParts) -> FastAPI:
    """The page over ``parts``; nothing of the camera's picture or past is known to it."""
    sign_ins = SignIns(parts.clock, parts.accounts)

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield
        sign_ins.end_all()

    app = bare_page(served, parts.listen_host, parts.certificates, parts.clock)
    app.state.sign_ins = sign_ins
    app.state.setup = SetupAccess(parts.setup, parts.clock)
    app.state.end_streams = sign_ins.end_all
    reception, keys = Reception(parts.accounts, sign_ins), PasskeyDesk(parts.clock, parts.camera_name)
    app.include_router(signing_in(Welcoming(parts.camera_name, parts.is_new), reception, sign_ins, keys))
    app.include_router(signed_in(parts.accounts, sign_ins))
    app.include_router(setting_up(parts.setup))
    app.include_router(certificates(parts.certificates, parts.camera_name))
    app.include_router(support_texts(parts.support, parts.clock))
    front_end(app)
    return app
