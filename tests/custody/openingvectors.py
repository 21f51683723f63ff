"""`tests/vectors/opening.json`: footage that both this camera and a browser must open to the very same bytes.

``python tests/custody/openingvectors.py`` makes what is random anew (init, fragments, salts, sealed key), and then
all that follows from it. The tests take what is random from the file, make the rest again and compare.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from custodystand import BOOT_A, BOOT_B, record

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.custody.evidence.boxes import read_fragment, read_init, retimed
from edgecam.custody.evidence.presentation import Presentation
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.ringbuffer.dating import DatedEpoch
from edgecam.ringbuffer.format import NO_HASH, EpochSlot, GapCause, SegmentHeader, content_hash, header_hash
from edgecam.ringbuffer.sealing import EpochKey, sealed_size

VECTORS = Path(__file__).parents[1] / "vectors" / "opening.json"
PASSPHRASE = "seven blue herons cross the estuary 42"
SECRET = "AGE-SECRET-KEY-12Y8KCETM2GTHP9DGSWK7HR4E7LG4A7RRQCP9VDJ3CL6CCDR7JWGQ05NXE3"
# Sealed under `PASSPHRASE` by another implementation of age than ours, with little work for tests' sake.
LOCKED = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCB2K0poNTdBa1ZFNlhUc0YwbWtjTWZRIDEwClkwZzFMTGc4d1plOS9SOXd3a2FXSXVv"
    "TDhjSUtnTVJLdDg1SjJsRVhMSE0KLS0tIDJSbVJiRThORzJxWTc1QVlhT0ZkZGVZSG1vck9YWDhWdk16TGsvU3p2akUK18/Mcn1ixHdYbB8Y"
    "4t82CzWyUyALkLKTyJzBI2K0T1Omy2weKqkVnyUZ7NxhUhZHgiYWoQAm674x347MIfiq038l0AzUozxR7BNwkg+lZAV8YDET/P3GF2AjoLG1"
    "SBaKLARbQHZ+eo593PBf57SlMvf4OwEWZSCN0N9YPx8="
)
_START_NS = 1_800_000_000 * NS_PER_S
_RING = bytes(range(100, 116))
_KEY = CameraKey(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"camera").digest()))
# Start (wall and boot clock, s), boot, private, gap cause, which fragment: one run, a private time, a short gap, a
# run that begins anew after a long one, and (as no epoch of a camera ever holds it) another boot.
_STORY = (
    (0.0, 1000.0, BOOT_A, False, GapCause.FIRST_START, 0),
    (1.0, 1001.0, BOOT_A, False, GapCause.NONE, 1),
    (2.0, 1002.0, BOOT_A, True, GapCause.NONE, 2),
    (5.5, 1005.5, BOOT_A, False, GapCause.SOURCE_LOST, 0),
    (65.5, 1065.5, BOOT_A, False, GapCause.RESTART, 0),
    (90.25, 12.0, BOOT_B, False, GapCause.POWER, 1),
)


def fresh() -> dict[str, Any]:
    """What is random: all but the first values of the file."""
    recorded = record(45, 15, (64, 48))
    secret = os.urandom(32)
    return {
        "epoch_key": secret.hex(),
        "sealed_key": _told(Recipients([OwnerIdentity.from_secret(SECRET).recipient()]).seal(secret)),
        "init": _told(recorded.init),
        "fragments": [_told(fragment) for fragment in recorded.fragments],
        "salts": [os.urandom(16).hex() for _ in _STORY],
    }


def made(random: dict[str, Any]) -> dict[str, Any]:
    """The whole file, out of what `fresh` gives."""
    key, init = EpochKey(bytes.fromhex(random["epoch_key"])), b64decode(random["init"])
    slot = EpochSlot(
        epoch=7,
        start=Instant(_START_NS, 1000 * NS_PER_S, BOOT_A, TimeTrust.SYNCED),
        position=4096,
        first_sequence=4200,
        sealed_key=b64decode(random["sealed_key"]),
        sealed_init=key.seal_init(init, b""),
        init_hash=hashlib.sha256(init).digest(),
        ring_id=_RING,
    )
    bound_to = slot.sealed_with
    sealed_init = key.seal_init(init, bound_to)
    slot = EpochSlot(**{**_fields(slot), "sealed_init": sealed_init}).signed(_KEY.sign)
    assert slot.sealed_with == bound_to
    fragments = [b64decode(fragment) for fragment in random["fragments"]]
    return {
        "about": "made by tests/custody/openingvectors.py; binary is base64, but keys and hashes, which are hex",
        "passphrase": PASSPHRASE,
        "secret": SECRET,
        "locked": LOCKED,
        "random": random,
        "epoch": {
            "epoch": 7,
            "start_ms": _START_NS // 1_000_000,
            "end_ms": _START_NS // 1_000_000 + 600_000,
            "key_size": len(slot.sealed_key),
            "redated": False,
            "sealed_key": random["sealed_key"],
            "sealed_init": _told(sealed_init),
            "bound_to": _told(bound_to),
            "signature": _told(slot.signature),
            "camera_public": _told(_KEY.public),
        },
        "segments": _segments(slot, key, init, fragments, [bytes.fromhex(salt) for salt in random["salts"]]),
    }


def _segments(
    slot: EpochSlot, key: EpochKey, init: bytes, fragments: list[bytes], salts: list[bytes]
) -> list[dict[str, Any]]:
    facts, previous = read_init(init), NO_HASH
    dated = DatedEpoch(slot, slot.start.wall_ns, False, None)
    presentation = Presentation(facts.timescale)
    found = []
    for index, (told, salt) in enumerate(zip(_STORY, salts, strict=True)):
        wall_s, mono_s, boot, private, cause, number = told
        fragment = fragments[number]
        header = SegmentHeader(
            epoch=7,
            index=index,
            sequence=4200 + index,
            start_wall_ns=_START_NS + round(wall_s * NS_PER_S),
            start_mono_ns=round(mono_s * NS_PER_S),
            boot_id=boot,
            trust=TimeTrust.SYNCED,
            duration_ns=NS_PER_S,
            frame_count=15,
            payload_size=sealed_size(len(fragment)),
            gap_ns=0,
            gap_cause=cause,
            mask_hash=bytes(32),
            private=private,
            previous_hash=previous,
            content_hash=content_hash(salt, fragment),
            ring_id=_RING,
        )
        sealed = bytearray(header.payload_size)
        key.seal_segment(index, salt, fragment, header.sealed_with, memoryview(sealed))
        fields = {**_fields(header), "sealed_hash": hashlib.sha256(sealed).digest()}
        header = SegmentHeader(**fields).signed(_KEY.sign)
        previous = header_hash(header.encode())
        read = read_fragment(fragment, facts)
        place = presentation.place(header, read)
        found.append(
            {
                "header": _told(header.encode()),
                "sealed": _told(bytes(sealed)),
                "fragment": number,
                "start_ms": dated.moment_of(header) / 1_000_000,
                "private": private,
                "gap_cause": int(cause),
                "samples": read.samples,
                "duration": read.duration,
                "place": place,
                "retimed_sha256": hashlib.sha256(retimed(fragment, read, index + 1, place)).hexdigest(),
            }
        )
    return found


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _told(data: bytes) -> str:
    return b64encode(data).decode("ascii")


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(made(fresh()), indent=1) + "\n")
