"""What a browser opens is what this camera sealed: one file of vectors holds both sides to the same bytes."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from typing import Any

import pytest
from openingvectors import VECTORS, made

from edgecam.keys.owner import unlock_owner
from edgecam.ringbuffer.format import HEADER_SIZE, SegmentHeader
from edgecam.ringbuffer.sealing import EpochKey


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(VECTORS.read_text())
    return loaded


@pytest.mark.row("W3")
def test_the_camera_makes_the_vectors_again_byte_by_byte(vectors: dict[str, Any]) -> None:
    assert made(vectors["random"]) == vectors


@pytest.mark.row("K1")
def test_the_camera_opens_what_another_age_locked(vectors: dict[str, Any]) -> None:
    owner = unlock_owner(b64decode(vectors["locked"]), vectors["passphrase"])
    assert owner.secret() == vectors["secret"]
    assert owner.unseal(b64decode(vectors["epoch"]["sealed_key"])).hex() == vectors["random"]["epoch_key"]


def test_the_camera_opens_every_segment(vectors: dict[str, Any]) -> None:
    key = EpochKey(bytes.fromhex(vectors["random"]["epoch_key"]))
    for segment in vectors["segments"]:
        encoded, sealed = b64decode(segment["header"]), b64decode(segment["sealed"])
        assert len(encoded) == HEADER_SIZE
        header = SegmentHeader.decode(encoded)
        assert hashlib.sha256(sealed).digest() == header.sealed_hash
        _, fragment = key.open_segment(header.index, sealed, header.sealed_with)
        assert fragment == b64decode(vectors["random"]["fragments"][segment["fragment"]])
