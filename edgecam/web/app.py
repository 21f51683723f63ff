"""The page as one ASGI application over its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse

from edgecam.custody.register.unmasked_line import Ending
from edgecam.web.album import album
from edgecam.web.barepage import bare_page
from edgecam.web.cases import cases
from edgecam.web.certificates import certificates
from edgecam.web.ciphertext import ciphertext
from edgecam.web.disclosures import disclosures
from edgecam.web.drawing import deciding, drawing
from edgecam.web.entrance import entrance
from edgecam.web.events import events
from edgecam.web.frontend import front_end
from edgecam.web.guesses import Guesses
from edgecam.web.holds import holds
from edgecam.web.installer import InstallerSessions
from edgecam.web.installing import installing
from edgecam.web.live import LiveFeed, LivePicture
from edgecam.web.looking import looking
from edgecam.web.maskdesk import MaskDesk
from edgecam.web.opening import opening
from edgecam.web.papers import papers
from edgecam.web.parts import PageParts
from edgecam.web.permits import permits
from edgecam.web.registerlist import registerlist
from edgecam.web.rules import rules
from edgecam.web.sessions import FootageSessions
from edgecam.web.setting_up import setting_up
from edgecam.web.setupdoor import SetupAccess
from edgecam.web.signedin import SignedIn
from edgecam.web.signins import SignIns
from edgecam.web.support import versions
from edgecam.web.updates import updates

_THREADS = 8


def create_app(parts: PageParts) -> FastAPI:
    """The page over ``parts``; nothing runs until it is served, and nothing runs while nobody asks."""
    sign_ins = SignIns(parts.clock, parts.accounts)
    sessions = FootageSessions(parts.clock)
    installers = InstallerSessions(parts.clock)
    sign_ins.on_end(sessions.end)
    sign_ins.on_end(installers.left)
    guesses = Guesses(parts.clock)
    picture = LivePicture(parts.live_picture, parts.clock)
    feed = LiveFeed(picture)

    def end_streams() -> None:
        feed.end()
        installers.end(Ending.PAGE_ENDED)
        sign_ins.end_all()
        sessions.end_all()

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield
        end_streams()
        await installers.settled()

    app = bare_page(served, parts.listen_host, parts.certificates, parts.clock)
    app.state.sign_ins = sign_ins
    app.state.end_streams = end_streams  # a server that ends calls it first, else open streams would hold it up
    app.include_router(entrance(parts, sign_ins))
    app.include_router(looking(parts, sessions, installers, picture, feed, sign_ins.stands))
    find = parts.album.find if parts.album is not None else lambda query: query.found(parts.recent_events())
    app.include_router(events(find))
    if parts.album is not None:
        app.include_router(album(parts.album, parts.approve, sign_ins.stands))
    app.include_router(opening(parts, sessions, guesses, sign_ins.stands))
    if parts.sealed is not None:
        app.include_router(ciphertext(parts.sealed, parts.approve, sign_ins.stands))
    app.include_router(installing(parts, installers))
    app.include_router(certificates(parts.certificates, parts.camera_name))
    for router in (*_care_routes(parts), *_custody_routes(parts, guesses, sign_ins)):
        app.include_router(router)
    if parts.permits is not None:
        app.include_router(permits(parts.permits, parts.accounts))
    if parts.setup is not None:
        app.state.setup = SetupAccess(parts.setup, parts.clock)
        app.include_router(setting_up(parts.setup))
    if parts.drawing is not None:
        desk = MaskDesk(parts.drawing)
        app.include_router(drawing(parts, desk, installers))
        app.include_router(deciding(parts, desk))
        app.include_router(rules(parts.drawing.rules))

    @app.get("/api/openapi.json", include_in_schema=False)
    async def described(_: SignedIn) -> JSONResponse:
        return JSONResponse(app.openapi())

    front_end(app)
    return app


def _care_routes(parts: PageParts) -> Iterator[APIRouter]:
    """What keeps the camera right, as far as there are parts for it."""
    yield versions(parts.support, parts.clock)
    if parts.updates is not None:
        yield updates(parts.updates)
    if parts.care is not None:
        yield registerlist(parts.care)
        yield holds(parts.care, parts.accounts)


def _custody_routes(parts: PageParts, guesses: Guesses, sign_ins: SignIns) -> Iterator[APIRouter]:
    """Cases, and what is printed and given away of them, as far as there are parts for it."""
    custody = parts.custody
    if custody is None:
        return
    yield cases(custody, parts.clock)
    if custody.papers is not None:
        yield papers(custody.papers)
    if custody.disclosures is not None:
        yield disclosures(custody.disclosures, custody.desk, parts.accounts, guesses, sign_ins.stands)
