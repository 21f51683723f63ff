"""Routes for the page's certificates: what they are, how a phone comes to trust them, and new ones."""

from __future__ import annotations

import plistlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edgecam.core.errors import Unavailable
from edgecam.keys.pageauthority import Certified
from edgecam.web.signedin import AsOwner, SignedIn

_PROFILES = uuid.UUID("5a2f9d7e-0d0c-4c53-9a27-6f4a4d1b8f10")


@dataclass(frozen=True, slots=True)
class PageCertified:
    """Both certificates as they are now, and the authority's own bytes (DER)."""

    authority: Certified
    leaf: Certified
    authority_der: bytes


class CertificateParts(Protocol):
    """What the page needs to know of its certificates. Methods may block and raise any `EdgecamError`."""

    def names(self) -> Iterable[str]:
        """Under which the page is reached by HTTPS; quick, never raises."""
        ...

    def strict_names(self) -> Iterable[str]:
        """Those of them that are this page's alone; quick, never raises."""
        ...

    def told(self) -> PageCertified: ...

    def renew(self, who: str, *, authority: bool) -> PageCertified:
        """Register and make a new certificate, and a new authority too if asked."""
        ...


@dataclass(frozen=True, slots=True)
class CertificateAnswer:
    """``fingerprint`` is SHA-256 as devices show it; moments are Unix milliseconds."""

    fingerprint: str
    names: list[str]
    begins_ms: int
    ends_ms: int

    @classmethod
    def of(cls, told: Certified) -> CertificateAnswer:
        begins_ms, ends_ms = (int(moment.timestamp()) * 1000 for moment in (told.begins, told.ends))
        return cls(told.fingerprint, list(told.names), begins_ms, ends_ms)


@dataclass(frozen=True, slots=True)
class CertificatesAnswer:
    """The authority, which devices trust, and the certificate that the page shows."""

    authority: CertificateAnswer
    page: CertificateAnswer

    @classmethod
    def of(cls, told: PageCertified) -> CertificatesAnswer:
        return cls(CertificateAnswer.of(told.authority), CertificateAnswer.of(told.leaf))


class RenewCertificates(BaseModel):
    """``authority``: a new one too, which every device then has to trust anew."""

    model_config = ConfigDict(extra="forbid", strict=True)
    authority: bool = False


def certificates(parts: CertificateParts | None, camera_name: str) -> APIRouter:
    """The routes, over ``parts``; ``None`` where the page is on loopback alone and needs no certificate."""
    router = APIRouter(prefix="/api/certificates")

    def required() -> CertificateParts:
        if parts is None:
            raise Unavailable(
                "the page is on loopback alone and has no certificate",
                do="set web.address to open it to your network",
            )
        return parts

    @router.get("")
    async def told(visitor: AsOwner) -> CertificatesAnswer:
        return CertificatesAnswer.of(await run_in_threadpool(required().told))

    @router.get("/ca.crt", response_class=Response)
    async def authority_crt(visitor: SignedIn) -> Response:
        now = await run_in_threadpool(required().told)
        return _file(now.authority_der, "application/x-x509-ca-cert", "edgecam-ca.crt")

    @router.get("/ca.mobileconfig", response_class=Response)
    async def authority_profile(visitor: SignedIn) -> Response:
        now = await run_in_threadpool(required().told)
        return _file(profile(camera_name, now), "application/x-apple-aspen-config", "edgecam-ca.mobileconfig")

    @router.post("/renew")
    async def renew(request: RenewCertificates, visitor: AsOwner) -> CertificatesAnswer:
        made = await run_in_threadpool(required().renew, visitor.name, authority=request.authority)
        return CertificatesAnswer.of(made)

    return router


def profile(camera_name: str, told: PageCertified) -> bytes:
    """The authority as a profile that iPhones and iPads install (Apple, Configuration Profile Reference).

    The same authority gives the same profile, so that installing it twice leaves one.
    """
    content, whole = (str(uuid.uuid5(_PROFILES, f"{part} {told.authority.fingerprint}")) for part in ("ca", "all"))
    title = f"edgecam {camera_name}"
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"edgecam.ca.{content}",
        "PayloadUUID": content.upper(),
        "PayloadDisplayName": title,
        "PayloadCertificateFileName": "edgecam-ca.crt",
        "PayloadContent": told.authority_der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"edgecam.{whole}",
            "PayloadUUID": whole.upper(),
            "PayloadDisplayName": title,
            "PayloadDescription": f"SHA-256 {told.authority.fingerprint}",
            "PayloadContent": [payload],
        }
    )


def _file(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
