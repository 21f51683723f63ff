"""The page as one ASGI application over its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from edgecam import __version__
from edgecam.custody.unmasked_line import Ending
from edgecam.web.guard import Guard
from edgecam.web.guesses import Guesses
from edgecam.web.installer import InstallerSessions
from edgecam.web.installing import installing
from edgecam.web.live import LiveFeed, LivePicture
from edgecam.web.looking import looking
from edgecam.web.opening import opening
from edgecam.web.parts import PageParts
from edgecam.web.refusals import answer_refusals
from edgecam.web.sessions import Sessions

STATIC = Path(__file__).parent / "static"
_THREADS = 8


def create_app(parts: PageParts) -> FastAPI:
    """The page over ``parts``; nothing runs until it is served, and nothing runs while nobody asks."""
    sessions = Sessions(parts.clock)
    installers = InstallerSessions(parts.clock)
    # One account for the owner's passphrase, wherever it is asked for.
    guesses = Guesses(parts.clock)
    picture = LivePicture(parts.live_picture, parts.clock)
    feed = LiveFeed(picture)

    def end_streams() -> None:
        feed.end()
        sessions.end_all()
        installers.end(Ending.PAGE_ENDED)

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield
        end_streams()
        await installers.settled()

    # FastAPI's own documentation pages load scripts from elsewhere; the page must ask nobody.
    app = FastAPI(
        title="edgecam",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=served,
    )
    app.state.end_streams = end_streams  # a server that ends calls it first, else open streams would hold it up
    app.add_middleware(Guard, listen_host=parts.listen_host)
    answer_refusals(app)
    app.include_router(looking(parts, sessions, installers, picture, feed))
    app.include_router(opening(parts, sessions, guesses))
    app.include_router(installing(parts, sessions, installers, guesses))

    @app.get("/", response_class=FileResponse, include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
