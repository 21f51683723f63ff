"""What every request passes and every answer carries: host, origin and size checks, security headers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgecam.core.errors import BadInput, EdgecamError, NotAllowed
from edgecam.web.refusals import refusal, unforeseen

MAX_BODY_BYTES = 4096
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z.-]+)(?::\d{1,5})?")

# blob: is how MediaSource names what it plays; everything else comes from the camera alone.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware; outermost but for the server, so that its headers stand on refusals and bugs too.

    A foreign ``Host`` is refused because a page elsewhere may have pointed its own name at this address (DNS
    rebinding); a ``POST`` needs an ``Origin`` equal to its ``Host``, which no foreign page can send.
    """

    def __init__(self, app: ASGIApp, listen_host: str) -> None:
        self._app = app
        self._hosts = frozenset(_allowed_hosts(listen_host))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message, scope["path"])
            await send(message)

        try:
            self._check(scope["method"], Headers(scope=scope))
            await self._app(scope, receive, send_guarded)
        except asyncio.CancelledError:
            return  # only a server that ends cancels, after its patience: there is nobody left to tell
        except EdgecamError as error:
            if started:
                raise
            await refusal(error)(scope, receive, send_guarded)
        except Exception as error:  # the page's outer boundary: a bug answers 500, the hub lives on
            if started:
                raise
            await unforeseen(error)(scope, receive, send_guarded)

    def _check(self, method: str, headers: Headers) -> None:
        host = headers.get("host", "").lower()
        match = _HOST.fullmatch(host)
        if match is None or match[1] not in self._hosts:
            raise NotAllowed("this name does not belong to the camera", do="open the page by its own address")
        if method in ("GET", "HEAD"):
            return
        if headers.get("origin", "").lower() not in (f"http://{host}", f"https://{host}"):
            raise NotAllowed("this request does not come from the camera's own page", do="use the page itself")
        length = headers.get("content-length", "")
        if not length.isdecimal() or len(length) > 9 or int(length) > MAX_BODY_BYTES:
            raise BadInput(f"a request needs a stated length of at most {MAX_BODY_BYTES} bytes")


def _allowed_hosts(listen_host: str) -> Iterable[str]:
    yield from _LOOPBACK
    if listen_host not in ("", "0.0.0.0", "::"):
        yield f"[{listen_host}]" if ":" in listen_host else listen_host.lower()


def _add_headers(message: Message, path: str) -> None:
    headers = MutableHeaders(scope=message)
    headers.update(_HEADERS)
    headers["Cache-Control"] = "no-store" if path.startswith("/api/") else "no-cache"
