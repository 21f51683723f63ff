"""The one place where failures become HTTP answers: a status, and JSON ``{kind, what, do, safe}``."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Literal

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


class NotSignedIn(NotAllowed):
    """Refused because nobody is signed in, or not any more; answered with 401."""

    def __init__(self, what: str, *, do: str = "sign in", safe: str = "") -> None:
        super().__init__(what, do=do, safe=safe)


class Overtaken(NotAllowed):
    """Refused because somebody else changed it since it was looked at; answered with 409."""


@dataclass(frozen=True, slots=True)
class RefusalAnswer:
    """What is answered with every status of 400 and more: ``kind`` for programs, the rest for people.

    ``field`` names the part of a form that is to blame; ``wait_s`` says after how many seconds to try again.
    """

    kind: Literal["BadInput", "NotAllowed", "Unavailable", "DataLoss", "MediaFailing", "Bug"]
    what: str
    do: str
    safe: str
    field: str = ""
    wait_s: int = 0


# What every route may answer besides what it is for, as the OpenAPI document tells it.
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": RefusalAnswer, "description": "Refused: try something else, sign in, or wait"},
    "5XX": {"model": RefusalAnswer, "description": "Something of the camera is away or failing"},
}


def refusal(error: EdgecamError, status: int | None = None) -> JSONResponse:
    """The answer for ``error``; ``status`` overrides the one of its kind."""
    kind = next(kind for kind in _STATUS if isinstance(error, kind))
    body: dict[str, object] = {"kind": kind.__name__, "what": error.what, "do": error.do, "safe": error.safe}
    if isinstance(error, BadInput) and error.field:
        body["field"] = error.field
    if isinstance(error, TooSoon):
        body["wait_s"] = error.wait_s
        return JSONResponse(body, 429, {"Retry-After": str(error.wait_s)})
    if isinstance(error, NotSignedIn):
        status = status or 401
    if isinstance(error, Overtaken):
        status = status or 409
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
    place, *names = (str(part) for part in first["loc"])
    field = ".".join(names) if place == "body" else ""
    what = ".".join([place, *names])
    return refusal(BadInput(f"{what}: {first['msg']}", do="correct it and send it again", field=field))
