"""Who holds a certificate of a broker: names, roles, serial numbers, ends, and what was taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.errors import BadInput, DataLoss
from edgecam.telemetry.topics import Identity

# A watcher's name is of the form of a camera's, below a site that no camera may have.
WATCHERS_SITE = "watch"
# Whoever has the authority's key may check the broker as these.
CHECKS_SITE = "edgecam-check"
CHECK_WATCHER = f"{WATCHERS_SITE}/{CHECKS_SITE}"
CHECK_CAMERAS = (f"{CHECKS_SITE}/one", f"{CHECKS_SITE}/two")
_DUE_SHARE = 1 / 3
Serial = Annotated[str, Field(pattern=r"^[0-9a-f]{1,40}$")]


class Role(StrEnum):
    """What a certificate is for."""

    CAMERA = "camera"
    WATCHER = "watcher"  # reads everything, gives commands
    READER = "reader"  # reads everything
    BROKER = "broker"


class Issued(BaseModel):
    """One certificate: ``name`` is ``<site>/<camera>``, or ``watch/<who>``; empty for the broker's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    serial: Serial
    role: Role
    name: str = Field(max_length=200)
    made: AwareDatetime
    ends: AwareDatetime
    revoked: AwareDatetime | None = None

    def state(self, now: datetime) -> str:
        """``valid``, ``due`` (less than a third of its life is left), ``expired`` or ``revoked``."""
        if self.revoked is not None:
            return "revoked"
        if now >= self.ends:
            return "expired"
        return "due" if self.ends - now < (self.ends - self.made) * _DUE_SHARE else "valid"


class Enrolment(BaseModel):
    """All of it, and where the broker is; a value: what changes it returns another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = Field(1, ge=1, le=1)
    hosts: tuple[str, ...] = Field(min_length=1)
    port: int = Field(ge=1, le=65_535)
    account: str = Field(pattern=r"^[A-Za-z0-9_.$-]{1,64}$")
    # Stands in the newest revocation list and in no certificate but that of a check: refused, it proves the list.
    canary: Serial
    listed: AwareDatetime
    issued: tuple[Issued, ...] = ()

    def with_issued(self, one: Issued) -> Enrolment:
        return self.model_copy(update={"issued": (*self.issued, one)})

    def without(self, name: str, at: datetime) -> Enrolment:
        """Every certificate of ``name`` revoked. Raises: BadInput when it holds none."""
        if not self._standing(name):
            raise BadInput(f"nobody called {name} holds a certificate", do="see `edgecam broker list`")
        issued = tuple(
            one.model_copy(update={"revoked": at}) if one.name == name and one.revoked is None else one
            for one in self.issued
        )
        return self.model_copy(update={"issued": issued})

    def newest(self) -> tuple[Issued, ...]:
        """The newest certificate of each name, in the order of names; the broker's first."""
        newest = {one.name: one for one in self.issued}
        return tuple(newest[name] for name in sorted(newest))

    def holder(self, name: str) -> Issued | None:
        """The newest certificate of ``name`` that was not revoked."""
        standing = self._standing(name)
        return standing[-1] if standing else None

    def barred(self) -> tuple[str, ...]:
        """Names all of whose certificates were revoked."""
        standing = {one.name for one in self.issued if one.revoked is None}
        return tuple(sorted({one.name for one in self.issued} - standing))

    def in_role(self, role: Role) -> tuple[str, ...]:
        """Names that hold a certificate of ``role`` that was not revoked."""
        return tuple(sorted({one.name for one in self.issued if one.role is role and one.revoked is None}))

    def revoked_serials(self, now: datetime) -> tuple[int, ...]:
        """What a revocation list has to name at ``now``; what ended more than a day ago needs no list."""
        gone = [one.serial for one in self.issued if one.revoked is not None and one.ends > now - timedelta(days=1)]
        return tuple(int(serial, 16) for serial in (*gone, self.canary))

    def _standing(self, name: str) -> list[Issued]:
        return [one for one in self.issued if one.name == name and one.revoked is None]


def camera_name(site: str, camera: str) -> str:
    """What stands in a camera's certificate: the tree of its topics. Raises: BadInput."""
    identity = Identity(site, camera, "")
    if identity.site in (WATCHERS_SITE, CHECKS_SITE):
        raise BadInput(f"no site may be called {identity.site}", do="choose another name for the site")
    return f"{identity.site}/{identity.camera}"


def watcher_name(who: str) -> str:
    """What stands in a watcher's certificate. Raises: BadInput."""
    name = f"{WATCHERS_SITE}/{Identity(WATCHERS_SITE, who, '').camera}"
    if name == CHECK_WATCHER:
        raise BadInput(f"no watcher may be called {who}", do="choose another name")
    return name


def encode_enrolment(enrolment: Enrolment) -> bytes:
    return enrolment.model_dump_json(indent=1).encode() + b"\n"


def decode_enrolment(data: bytes) -> Enrolment:
    """Raises: DataLoss for any bytes that are no enrolment."""
    try:
        return Enrolment.model_validate_json(data)
    except ValidationError as broken:
        raise DataLoss(
            "the list of who holds a certificate is damaged", do="restore enrolment.json from your backup"
        ) from broken
