"""What every test of the ring needs: a camera, an owner, moments, fragments, and a ring with footage in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fakes.medium import RamMedium

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.frames import Fragment
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter, create_ring

__all__ = ["RamMedium"]

CAMERA = CameraKey(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"camera").digest()))
OTHER_CAMERA = CameraKey(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"other").digest()))
OWNER = OwnerIdentity(pyrage.x25519.Identity.generate())
STRANGER = OwnerIdentity(pyrage.x25519.Identity.generate())
RECIPIENTS = Recipients([OWNER.recipient()])
SMALL_RING = 1 << 20
DAY_S = 86_400
TWO_WEEKS = Retention(14)
INIT = b"ftyp and moov " * 50
_T0_NS = 1_800_000_000 * NS_PER_S


def at(
    seconds: float, boot: int = 0, booted_s: float = -1000, trust: TimeTrust = TimeTrust.SYNCED, leap_s: float = 0
) -> Instant:
    """``seconds`` into the story, in a boot that began at ``booted_s``, told by a clock that is ``leap_s`` off."""
    wall_ns = _T0_NS + round((seconds + leap_s) * NS_PER_S)
    return Instant(wall_ns, round((seconds - booted_s) * NS_PER_S), bytes([boot]) * 16, trust)


def fragment(number: int, start: Instant, size: int = 9000, duration_s: float = 2, init: bytes = INIT) -> Fragment:
    """Fragment ``number``: bytes that are like no other's."""
    data = hashlib.shake_128(number.to_bytes(8, "little")).digest(size)
    end_ns = start.mono_ns + round(duration_s * NS_PER_S)
    return Fragment(init, data, start.mono_ns, end_ns, 30, hashlib.sha256(b"mask").digest(), False)


def make_ring(medium: Medium, retention: Retention = TWO_WEEKS, now: Instant | None = None) -> None:
    create_ring(medium, camera_public=CAMERA.public, sign=CAMERA.sign, retention=retention, now=now or at(0))


def open_writer(
    medium: Medium,
    now: Instant | None = None,
    retention: Retention = TWO_WEEKS,
    *,
    bad: BadPlaces | None = None,
    is_held: Callable[[int], bool] = lambda _epoch: False,
) -> RingWriter:
    return RingWriter(
        medium,
        sign=CAMERA.sign,
        camera_public=CAMERA.public,
        seal=RECIPIENTS.seal,
        retention=retention,
        now=now or at(0),
        is_held=is_held,
        bad=bad,
    )


def append(writer: RingWriter, number: int, start: Instant | None = None, size: int = 9000) -> SegmentHeader:
    """Commit fragment ``number``, two seconds after the one before it unless ``start`` says otherwise."""
    moment = start or at(2 * number)
    return writer.append(fragment(number, moment, size), moment, 0, GapCause.NONE)


def open_all(medium: Medium) -> dict[int, bytes]:
    """Every fragment that the owner can open, by sequence number."""
    reader = RingReader(medium)
    opened: dict[int, bytes] = {}
    epochs = {slot.epoch: reader.open_epoch(slot, OWNER.unseal) for slot in reader.epochs()}
    for stored in reader.segments():
        payload = reader.sealed_payload(stored)
        opened[stored.header.sequence] = epochs[stored.header.epoch].open(stored.header, payload).fragment
    return opened
