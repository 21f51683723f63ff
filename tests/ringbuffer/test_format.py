"""The records are those of the vectors, byte for byte, and open with age and AES-GCM as the document says."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edgecam.core.errors import DataLoss
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import (
    UNIT,
    EpochSlot,
    ErasedSlot,
    SegmentHeader,
    Superblock,
    content_hash,
    decode_slot,
    header_hash,
    record_size,
)
from edgecam.ringbuffer.sealing import EpochKey, sealed_size

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/ring.json").read_text())
CAMERA = bytes.fromhex(VECTORS["camera_public"])
EPOCH_KEY, INIT, SALT, FRAGMENT = (
    bytes.fromhex(VECTORS[name]) for name in ("epoch_key", "init", "salt", "fragment")
)


def record(name: str) -> bytes:
    vector = VECTORS[name]
    return bytes.fromhex(vector["start"]).ljust(vector["size"] - 4, b"\0") + bytes.fromhex(vector["crc"])


def told(value: object, prefix: str = "") -> dict[str, object]:
    """The fields of a record as the vectors tell them."""
    fields: dict[str, object] = {}
    for name in dir(value):
        content = getattr(value, name)
        if name in ("start", "created"):
            fields |= told(content, f"{name}_")
        elif isinstance(content, bytes):
            fields[prefix + name] = content.hex()
        elif isinstance(content, int):
            fields[prefix + name] = content
    return fields


@pytest.mark.parametrize("name", ["superblock", "live_slot", "erased_slot", "segment_header"])
def test_records_are_those_of_the_vectors(name: str) -> None:
    decoders: dict[str, Callable[[bytes], Superblock | SegmentHeader | EpochSlot | ErasedSlot | None]] = {
        "superblock": Superblock.decode,
        "segment_header": SegmentHeader.decode,
    }
    value = decoders.get(name, decode_slot)(record(name))
    assert value is not None
    assert VECTORS[name]["fields"].items() <= told(value).items()
    assert value.encode() == record(name)


def test_signatures_are_the_cameras() -> None:
    for value in (
        Superblock.decode(record("superblock")),
        decode_slot(record("live_slot")),
        SegmentHeader.decode(record("segment_header")),
    ):
        assert not isinstance(value, ErasedSlot)
        assert value is not None
        assert signed_by(CAMERA, value.signature, value.signed_part)
        assert value.encode().startswith(value.signed_part)


@pytest.mark.row("K1")
def test_the_slot_opens_with_age_and_plain_aes_gcm() -> None:
    slot = decode_slot(record("live_slot"))
    assert isinstance(slot, EpochSlot)
    identity = pyrage.x25519.Identity.from_str(VECTORS["owner_identity"])
    secret = bytes(pyrage.decrypt(slot.sealed_key, [identity]))
    assert secret == EPOCH_KEY
    assert AESGCM(secret).decrypt(bytes(12), slot.sealed_init, record("live_slot")[:152]) == INIT
    assert slot.init_hash == hashlib.sha256(INIT).digest()


@pytest.mark.row("K1")
def test_the_payload_opens_with_plain_aes_gcm() -> None:
    header, sealed = SegmentHeader.decode(record("segment_header")), bytes.fromhex(VECTORS["sealed_payload"])
    nonce = (header.index + 1).to_bytes(12, "little")
    assert AESGCM(EPOCH_KEY).decrypt(nonce, sealed, record("segment_header")[:208]) == SALT + FRAGMENT
    assert header.sealed_hash == hashlib.sha256(sealed).digest()
    assert header.content_hash == content_hash(SALT, FRAGMENT) == hashlib.sha256(SALT + FRAGMENT).digest()
    assert header_hash(record("segment_header")).hex() == VECTORS["header_hash"]


def test_sealing_gives_the_vectors_bytes() -> None:
    header = SegmentHeader.decode(record("segment_header"))
    payload = bytearray(sealed_size(len(FRAGMENT)))
    EpochKey(EPOCH_KEY).seal_segment(header.index, SALT, FRAGMENT, header.sealed_with, memoryview(payload))
    assert payload.hex() == VECTORS["sealed_payload"]


def test_a_newer_version_is_named() -> None:
    newer = bytearray(record("segment_header")[:-4])
    newer[8] = 2
    with pytest.raises(DataLoss, match="format version 2, this edgecam reads 1"):
        SegmentHeader.decode(bytes(newer) + struct.pack("<I", zlib.crc32(newer)))


def test_record_sizes_are_whole_units() -> None:
    assert [record_size(size) for size in (32, UNIT - 512, UNIT - 511)] == [UNIT, UNIT, 2 * UNIT]


@pytest.mark.row("K1")
def test_a_changed_header_does_not_open_its_payload() -> None:
    header, sealed = SegmentHeader.decode(record("segment_header")), bytes.fromhex(VECTORS["sealed_payload"])
    key = EpochKey(EPOCH_KEY)
    assert key.open_segment(header.index, sealed, header.sealed_with) == (SALT, FRAGMENT)
    for index, bound_to in ((header.index + 1, header.sealed_with), (header.index, header.sealed_with[:-1] + b"x")):
        with pytest.raises(DataLoss, match="does not authenticate"):
            key.open_segment(index, sealed, bound_to)
    with pytest.raises(DataLoss, match="31 bytes"):
        EpochKey(bytes(31))
