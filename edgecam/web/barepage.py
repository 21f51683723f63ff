"""A page without routes: what every one of ours is made on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from edgecam import __version__
from edgecam.core.clock import Clock
from edgecam.web.certificates import CertificateParts
from edgecam.web.guard import Guard
from edgecam.web.rates import Limits, Rates
from edgecam.web.refusals import REFUSALS, answer_refusals


def bare_page(
    served: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    listen_host: str,
    certificates: CertificateParts | None,
    clock: Clock,
) -> FastAPI:
    """Guarded, with refusals in our form; ``served`` is entered while it is served."""
    # FastAPI's own documentation pages load scripts from elsewhere; the page must ask nobody.
    app = FastAPI(
        title="edgecam",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses=REFUSALS,
        lifespan=served,
    )
    app.add_middleware(Guard, listen_host=listen_host, certificates=certificates, rates=Rates(clock, Limits()))
    answer_refusals(app)
    return app
