"""The one place where failures become HTTP answers: a status, and JSON ``{kind, what, do, safe}``."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from edgecam.core.errors import BadInput, Bug, DataLoss, EdgecamError, MediaFailing, NotAllowed, Unavailable

log = logging.getLogger(__name__)

_STATUS: dict[type[EdgecamError], int] = {
    BadInput: 400,
    NotAllowed: 403,
    Unavailable: 503,
    DataLoss: 410,
    MediaFailing: 507,
    Bug: 500,
}


class TooSoon(NotAllowed):
    """Refused for now, because of wrong tries before; allowed again in ``wait_s`` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            "too many wrong tries", do=f"wait {wait_s} s, then try again", safe="no footage was touched"
        )
        self.wait_s = wait_s


def refusal(error: EdgecamError, status: int | None = None) -> JSONResponse:
    """The answer for ``error``; ``status`` overrides the one of its kind."""
    kind = next(kind for kind in _STATUS if isinstance(error, kind))
    body: dict[str, object] = {"kind": kind.__name__, "what": error.what, "do": error.do, "safe": error.safe}
    if isinstance(error, TooSoon):
        body["wait_s"] = error.wait_s
        return JSONResponse(body, 429, {"Retry-After": str(error.wait_s)})
    return JSONResponse(body, status or _STATUS[kind])


def answer_refusals(app: FastAPI) -> None:
    """Make ``app`` answer every failure that a route raises in this one shape."""
    app.add_exception_handler(EdgecamError, _refused)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(RequestValidationError, _unusable)


def unforeseen(error: Exception) -> JSONResponse:
    """The answer to what no route foresaw; the log has the rest."""
    log.error("the page met a bug", exc_info=error)
    return refusal(Bug("the page met a bug", do="look into the camera's log", safe="recording is not touched"))


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, EdgecamError)
    if isinstance(error, Bug):
        log.error("the page met a bug", exc_info=error)
    return refusal(error)


def _no_such_route(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return refusal(BadInput(f"the page has nothing here ({error.detail})"), error.status_code)


def _unusable(_: Request, error: Exception) -> JSONResponse:
    # Values stay out of the answer: one of them may be a passphrase.
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return refusal(BadInput(f"{field}: {first['msg']}", do="correct it and send it again"))
