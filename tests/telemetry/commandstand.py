"""What the tests of commands share: a camera, a key of the centre, and commands that it signs."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.keys.camera import CameraKey
from edgecam.keys.commandkey import CommandKey
from edgecam.telemetry.command import Command
from edgecam.telemetry.commandkeys import EnrolledKey, EnrolledKeys
from edgecam.telemetry.commandkinds import Right
from edgecam.telemetry.topics import Identity

CAMERA = CameraKey(Ed25519PrivateKey.generate())
CENTRE = CommandKey(Ed25519PrivateKey.generate())
STRANGER = CommandKey(Ed25519PrivateKey.generate())
IDENTITY = Identity(site="home", camera=CAMERA.camera_id, version="0.1.0")
BOOT, NEXT_BOOT = bytes(range(16)), bytes(range(16, 32))
NOON_WALL_NS = 1_795_262_400 * NS_PER_S  # 2026-11-21T12:00:00Z


def instant(after_s: float = 0.0, boot: bytes = BOOT, trust: TimeTrust = TimeTrust.SYNCED) -> Instant:
    """``after_s`` seconds after noon; boot ``BOOT`` began an hour before that, the next one at noon."""
    after_ns = round(after_s * NS_PER_S)
    uptime_ns = 3600 * NS_PER_S if boot == BOOT else 0
    return Instant(NOON_WALL_NS + after_ns, uptime_ns + after_ns, boot, trust)


class SetClock:
    """A clock that stands still until it is set; sleeping sets it forward."""

    def __init__(self, now: Instant | None = None) -> None:
        self.instant = now or instant()

    def now(self) -> Instant:
        return self.instant

    def mono_ns(self) -> int:
        return self.instant.mono_ns

    def sleep(self, duration_s: float) -> None:
        self.forward(duration_s)

    def forward(self, duration_s: float) -> None:
        ns = round(duration_s * NS_PER_S)
        self.instant = replace(self.instant, wall_ns=self.instant.wall_ns + ns, mono_ns=self.instant.mono_ns + ns)


def enrolled(may: tuple[Right, ...] = tuple(Right), key: CommandKey = CENTRE, name: str = "centre") -> EnrolledKeys:
    return EnrolledKeys(CAMERA.camera_id).with_key(name, key.public, may, instant())


def the_key(may: tuple[Right, ...] = tuple(Right)) -> EnrolledKey:
    return enrolled(may).keys[0]


def command(
    name: str = "status",
    arguments: dict[str, Any] | None = None,
    *,
    key: CommandKey = CENTRE,
    issued_s: float = 0.0,
    life_s: float = 120.0,
    site: str = IDENTITY.site,
    camera: str = IDENTITY.camera,
) -> Command:
    """A command that ``key`` signed ``issued_s`` after noon."""
    issued_ns = NOON_WALL_NS + round(issued_s * NS_PER_S)
    return Command(
        id=secrets.token_hex(16),
        site=site,
        camera=camera,
        name=name,
        arguments=arguments or {},
        issued_wall_ns=issued_ns,
        expires_wall_ns=issued_ns + round(life_s * NS_PER_S),
        key=key.public,
    ).signed(key.sign)
