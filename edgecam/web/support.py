"""Who answers for the camera's software and for how long, told to whoever asks (RFC 9116)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from edgecam import __version__
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.support import Support
from edgecam.web.signedin import SignedIn

_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class VersionAnswer:
    """The version of edgecam that runs, and who answers for it; empty where nobody says.

    ``supported_until`` is a day as ``2031-12-31``, ``security_contact`` a URI.
    """

    version: str
    supported_until: str
    security_contact: str


def security_text(support: Support, now: datetime) -> str:
    """The file for ``now`` (UTC); it expires in a year, or when the support does."""
    return "".join(f"{line}\n" for line in _lines(support, now))


def _lines(support: Support, now: datetime) -> Iterator[str]:
    yield f"# Whoever reports is answered within {support.acknowledge_days} days."
    expires = now + _FOR
    if support.until is not None:
        yield f"# Security updates are given until {support.until.isoformat()}."
        expires = min(expires, datetime.combine(support.until, time.max, UTC))
    yield f"Contact: {support.security_contact}"
    yield f"Expires: {expires.strftime('%Y-%m-%dT%H:%M:%SZ')}"
    yield "Preferred-Languages: en, ja, ko"
    if support.policy:
        yield f"Policy: {support.policy}"


def support_texts(support: Support, clock: Clock) -> APIRouter:
    """The route that everybody may ask, where there is a contact; it says nothing of this one camera."""
    router = APIRouter()
    if not support.security_contact:
        return router

    @router.get("/.well-known/security.txt", include_in_schema=False)
    async def security() -> PlainTextResponse:
        now = datetime.fromtimestamp(clock.now().wall_ns // NS_PER_S, UTC)
        return PlainTextResponse(security_text(support, now))

    return router


def versions(support: Support, clock: Clock) -> APIRouter:
    """That route, and the one that says which version runs, and until when it is kept secure."""
    router = APIRouter()
    router.include_router(support_texts(support, clock))

    @router.get("/api/version")
    async def version(visitor: SignedIn) -> VersionAnswer:
        until = support.until.isoformat() if support.until is not None else ""
        return VersionAnswer(__version__, until, support.security_contact)

    return router
