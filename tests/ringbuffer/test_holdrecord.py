"""A hold's record is signed, canonical, and told by its own vectors."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.camera import CameraKey, signed_by
from edgecam.ringbuffer.holdrecord import (
    RECORD_SIZE,
    HoldCount,
    HoldRecord,
    HoldState,
    HoldTerm,
    HoldWhy,
)

pytestmark = pytest.mark.row("R4")

VECTORS = Path(__file__).parents[1] / "vectors" / "hold.json"
KEY = CameraKey(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"camera").digest()))
RECORD = HoldRecord(
    hold_id="20270115-080140",
    ring_id=bytes(range(16)),
    created=Instant(1_800_000_100_000_000_000, 1_100_000_000_000, bytes(range(16, 32)), TimeTrust.SYNCED),
    newest_epoch=43,
    first_epoch=41,
    last_epoch=42,
    from_wall_ns=1_799_999_000_000_000_000,
    to_wall_ns=1_799_999_060_000_000_000,
    why=HoldWhy("事故の捜査", "佐藤", "熊谷警察署", "R8-123", "南側の駐車場"),
    term=HoldTerm(10**15, 9 * 10**15, 2_592_000 * 10**9, 2_592_000 * 10**9, "", ""),
    count=HoldCount(60, 1, 2),
    state=HoldState.KEPT,
    revision=1,
)


def test_the_vectors_are_what_is_written_and_read() -> None:
    vector = json.loads(VECTORS.read_text())
    signed = RECORD.signed(KEY.sign)
    body = signed.signed_part[16:]
    assert vector["camera_public"] == KEY.public.hex()
    assert vector["body"] == body.decode()
    assert vector["signature"] == signed.signature.hex()
    assert vector["record_start"] == signed.encode()[: 80 + len(body)].hex()
    assert vector["record_sha256"] == hashlib.sha256(signed.encode()).hexdigest()
    assert HoldRecord.decode(signed.encode()) == signed
    assert signed_by(KEY.public, signed.signature, signed.signed_part)


@given(st.binary(max_size=200), st.integers(0, RECORD_SIZE - 1), st.integers(1, 255))
def test_any_bytes_are_a_record_or_data_loss(noise: bytes, at: int, flip: int) -> None:
    data = bytearray(RECORD.signed(KEY.sign).encode())
    data[at] ^= flip
    for broken in (bytes(data), noise, noise.ljust(RECORD_SIZE, b"\0")):
        with pytest.raises(DataLoss):
            HoldRecord.decode(broken)


@given(st.text(max_size=80), st.text(max_size=80), st.integers(-(1 << 63), (1 << 63) - 1))
def test_any_record_reads_back(reason: str, note: str, number: int) -> None:
    record = replace(
        RECORD,
        why=replace(RECORD.why, reason=reason, note=note),
        term=replace(RECORD.term, life_ns=number),
        from_wall_ns=number,
    ).signed(KEY.sign)
    try:
        encoded = record.encode()
    except BadInput:
        assert any("\ud800" <= character <= "\udfff" for character in reason + note)
    else:
        assert HoldRecord.decode(encoded) == record


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"format":"edgecam-hold-1"}',
        b"\xff",
        b"1" * 5000,
        b"[" * 7000,
        RECORD.signed_part[16:].replace(b'"revision":1', b'"revision":true'),
        RECORD.signed_part[16:].replace(b'"first_epoch":41', b'"first_epoch":43'),
        RECORD.signed_part[16:].replace(b'"state":"kept"', b'"state":"lost"'),
        RECORD.signed_part[16:] + b" ",
    ],
)
def test_a_body_of_another_shape_is_data_loss(body: bytes) -> None:
    head = RECORD.encode()[:12] + len(body).to_bytes(4, "little") + bytes(64)
    packed = (head + body).ljust(RECORD_SIZE - 4, b"\0")
    with pytest.raises(DataLoss):
        HoldRecord.decode(packed + zlib.crc32(packed).to_bytes(4, "little"))


def test_texts_that_are_too_long_or_cannot_be_printed_are_refused() -> None:
    with pytest.raises(BadInput, match="bytes too many"):
        replace(RECORD, why=replace(RECORD.why, note="長" * 4000)).encode()
    with pytest.raises(BadInput, match="control characters"):
        HoldWhy("a\nb", "佐藤").check()
    with pytest.raises(BadInput, match="a reason"):
        HoldWhy("  ", "佐藤").check()
    with pytest.raises(BadInput, match="who decides"):
        HoldWhy("theft", "").check()
