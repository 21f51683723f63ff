"""What every request passes and every answer carries: request checks, a rate for each visitor, security headers."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.web.certificates import CertificateParts
from edgecam.web.rates import Rates
from edgecam.web.refusals import refusal, unforeseen
from edgecam.web.requestcheck import check_request, host_name

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

# blob: is how MediaSource names what it plays, and how an opened thumbnail gets into the page; everything else
# comes from the camera alone.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        # The service worker's address, and that of the worker that holds keys; no other part names a script.
        "trusted-types edgecam edgecam-keyholder",
    )
)
_DENIED = (
    "accelerometer", "camera", "display-capture", "encrypted-media", "gamepad", "geolocation",
    "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
_GRANTED = (
    "autoplay",
    "fullscreen",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join(
        [*(f"{feature}=()" for feature in _DENIED), *(f"{feature}=(self)" for feature in _GRANTED)]
    ),
}
_STRICT_TRANSPORT = "max-age=31536000"


def cookie_is_secure(request: Request) -> bool:
    """Whether a cookie set in answer to ``request`` gets ``Secure``: over HTTPS.

    On loopback's plain HTTP browsers would drop such a cookie.
    """
    return request.url.scheme == "https"


class Guard:
    """ASGI middleware; outermost but for the server, so that its headers stand on refusals and bugs too.

    A foreign ``Host`` is refused because a page elsewhere may have pointed its own name at this address (DNS
    rebinding); what changes something needs an ``Origin`` equal to its ``Host``, which no foreign page can send.
    """

    def __init__(
        self,
        app: ASGIApp,
        listen_host: str,
        certificates: CertificateParts | None = None,
        rates: Rates | None = None,
    ) -> None:
        self._app = app
        self._hosts = frozenset(_allowed_hosts(listen_host))
        self._certificates, self._rates = certificates, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(message, scope)
            await send(message)

        try:
            wait_s = self._rates.wait_s(scope.get("client")) if self._rates is not None else 0
            if wait_s:
                await _too_often(wait_s)(scope, receive, send_guarded)
                return
            self._check(scope)
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

    def _check(self, scope: Scope) -> None:
        names = self._hosts
        if self._certificates is not None:
            names = names.union(_as_hosts(self._certificates.names()))
        target = (scope.get("raw_path") or scope["path"].encode()) + b"?" + scope.get("query_string", b"")
        check_request(scope["method"], target, Headers(scope=scope), names)

    def _add_headers(self, message: Message, scope: Scope) -> None:
        headers = MutableHeaders(scope=message)
        headers.update(_HEADERS)
        headers["Cache-Control"] = _keeping(scope["path"], message["status"])
        # A browser then refuses plain HTTP under that name on every port; so it is said for names of ours alone.
        if scope.get("scheme") == "https" and self._is_strict(host_name(Headers(scope=scope).get("host", ""))):
            headers["Strict-Transport-Security"] = _STRICT_TRANSPORT

    def _is_strict(self, name: str) -> bool:
        return self._certificates is not None and name in self._certificates.strict_names()


def _too_often(wait_s: int) -> Response:
    crowded = Unavailable("too many requests came from this address", do=f"wait {wait_s} s, then try again")
    answer = refusal(crowded, 429)
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _allowed_hosts(listen_host: str) -> Iterable[str]:
    yield from _LOOPBACK
    if listen_host not in ("", "0.0.0.0", "::"):
        yield from _as_hosts((listen_host,))


def _as_hosts(names: Iterable[str]) -> Iterable[str]:
    """As they stand in a ``Host`` header."""
    for name in names:
        try:
            is_v6 = ipaddress.ip_address(name).version == 6
        except ValueError:
            is_v6 = False
        yield f"[{name}]" if is_v6 else name.lower()


def _keeping(path: str, status: int) -> str:
    """How long a browser may keep the answer: files whose names change with their contents, for good."""
    if path.startswith("/api/"):
        return "no-store"
    named_anew = path.startswith("/static/assets/") and status in (200, 206, 304)
    return "public, max-age=31536000, immutable" if named_anew else "no-cache"
