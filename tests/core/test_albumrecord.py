"""Records of the album survive their bytes; anything else is data loss; the written vectors stay what they are."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.albumrecord import AlbumRecord, Piece, Thumbnail, decode_record
from edgecam.core.errors import DataLoss
from edgecam.core.events import EventKind

VECTORS = Path(__file__).parent.parent / "vectors" / "album.json"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
FRAGMENT = (16).to_bytes(4, "big") + b"moof" + bytes(8) + b"and more"

shares = st.floats(0, 1).map(lambda share: round(share, 4))
parts = st.tuples(shares, shares, shares, shares).map(
    lambda p: (min(p[0], p[2]), min(p[1], p[3]), max(p[0], p[2]), max(p[1], p[3]))
)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.integers(0, 2**53)
thumbnails = st.builds(
    Thumbnail,
    event_id=names,
    kind=st.sampled_from(EventKind),
    zone=st.none() | names,
    direction=st.none() | names,
    at_ms=moments,
    trust=st.integers(0, 2),
    part=parts,
    box=st.none() | parts,
    better=st.booleans(),
    jpeg=st.binary().map(lambda data: b"\xff\xd8\xff" + data),
)
pieces = st.builds(
    lambda one, other, **fields: Piece(from_ms=min(one, other), to_ms=max(one, other), **fields),
    moments,
    moments,
    piece_id=names,
    trust=st.integers(0, 2),
    kinds=st.lists(st.sampled_from(EventKind), max_size=8).map(tuple),
    zones=st.lists(names, max_size=8).map(tuple),
    events=st.lists(names, max_size=8).map(tuple),
    frames=st.integers(1, 16),
    duration_ms=moments,
    fragment=st.binary().map(lambda data: FRAGMENT + data),
)
SHOWN: dict[str, AlbumRecord] = {
    "thumbnail": Thumbnail(
        "6f0c1d", EventKind.LINE_CROSSING, "門の前", "left_to_right", 1_795_255_200_123, 2,
        (0.25, 0.5, 0.75, 1.0), (0.1, 0.2, 0.5, 0.9), False, JPEG,
    ),
    "whole view": Thumbnail("00ff", EventKind.MOVED, None, None, 0, 0, (0.0, 0.0, 1.0, 1.0), None, True, JPEG),
    "piece": Piece(
        "a1b2c3d4e5f60718", 1_795_255_200_000, 1_795_255_207_400, 1,
        (EventKind.INTRUSION, EventKind.PERSON), ("lawn",), ("6f0c1d",), 12, 1500, FRAGMENT,
    ),
}  # fmt: skip


@pytest.mark.row("A6")
@given(thumbnails | pieces)
def test_a_record_survives_its_bytes(record: AlbumRecord) -> None:
    assert decode_record(record.encode()) == record


@pytest.mark.row("A6")
@given(st.binary() | st.binary().map(lambda data: b"edgecamA\x01\x00\x01\x00" + data))
def test_any_bytes_are_a_record_or_data_loss(data: bytes) -> None:
    try:
        record = decode_record(data)
    except DataLoss:
        return
    assert record.encode() == data


@given(st.sampled_from(sorted(SHOWN)), st.data())
def test_a_changed_head_is_data_loss_or_another_record(name: str, data: st.DataObject) -> None:
    encoded = bytearray(SHOWN[name].encode())
    head_end = 16 + int.from_bytes(encoded[12:16], "little")
    place = data.draw(st.integers(0, head_end - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode_record(bytes(encoded))
    except DataLoss:
        return
    assert changed != SHOWN[name]
    assert changed.encode() == bytes(encoded)


@pytest.mark.parametrize("name", SHOWN)
def test_the_written_vectors_are_read_as_they_were(name: str) -> None:
    written = json.loads(VECTORS.read_text())
    assert base64.b64decode(written[name]) == SHOWN[name].encode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"part": [0.5, 0, 0.4, 1]},
        {"part": [0, 0, 1]},
        {"kind": "arson"},
        {"trust": 3},
        {"at_ms": -1},
        {"at_ms": True},
        {"better": 1},
        {"more": 1},
        {"box": "here"},
    ],
)
def test_an_impossible_thumbnail_is_data_loss(wrong: dict[str, object]) -> None:
    encoded = SHOWN["thumbnail"].encode()
    size = int.from_bytes(encoded[12:16], "little")
    head = json.loads(encoded[16 : 16 + size]) | wrong
    text = json.dumps(head, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    with pytest.raises(DataLoss):
        decode_record(encoded[:12] + len(text).to_bytes(4, "little") + text + encoded[16 + size :])
