"""A case as bytes: what was written is read back, and any other bytes are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from accountstand import camera_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.term import Term
from edgecam.custody.cases.case import (
    AskerKind,
    Case,
    CaseKind,
    CaseState,
    Decision,
    HandOver,
    Party,
    Use,
    Want,
)
from edgecam.custody.cases.casefile import case_sha256, decode_case, encode_case
from edgecam.keys.camera import CameraKey

pytestmark = pytest.mark.row("G2")
KEY = camera_key()
AT = Instant(1_795_255_200 * NS_PER_S, 5 * NS_PER_S, bytes(16), TimeTrust.SYNCED)
CASE = Case(
    case_id="20261121-100000",
    kind=CaseKind.DISCLOSURE,
    want=Want.COPY,
    state=CaseState.GRANTED,
    asked=AT,
    asked_by="operator",
    asked_by_id="2" * 32,
    asker=Party("熊谷警察署", "刑事第一課", "埼玉県熊谷市", "048-000-0000", "署長", "age1recipient"),
    asker_kind=AskerKind.POLICE,
    use=Use.PROVISION,
    purpose="강도 사건 수사",
    legal_basis="刑事訴訟法第197条第2項",
    identity_check="捜査関係事項照会書 第12号",
    from_wall_ns=AT.wall_ns - 3600 * NS_PER_S,
    to_wall_ns=AT.wall_ns,
    remarks="two lines\nof them",
    due_wall_ns=AT.wall_ns + 10,
    decision=Decision(True, "owner", AT, "a crime", Term(AT, 86_400 * NS_PER_S)),
    found=True,
    handed_over=(
        HandOver(AT, "owner", Want.COPY, (("copy.mp4", bytes(range(32))),), "age1x", True, "police", "d1"),
    ),
    revision=3,
)
OTHER = replace(CASE, kind=CaseKind.COMPLAINT, want=Want.NOTHING, from_wall_ns=None, to_wall_ns=None, decision=None)


def encoded(case: Case) -> bytes:
    return encode_case(case, KEY.camera_id, KEY.sign)


@pytest.mark.parametrize("case", [CASE, OTHER, replace(OTHER, handed_over=(), found=None)])
def test_what_was_written_is_read_back_and_always_the_same_bytes(case: Case) -> None:
    assert decode_case(encoded(case), KEY.public) == case
    assert encoded(case) == encoded(case)
    assert len(case_sha256(encoded(case))) == 64


def test_one_other_letter_is_refused() -> None:
    data = bytearray(encoded(CASE))
    for place in range(0, len(data), 7):
        changed = bytes(data[:place]) + bytes([data[place] ^ 1]) + bytes(data[place + 1 :])
        with pytest.raises(DataLoss):
            decode_case(changed, KEY.public)


def test_the_same_said_in_another_form_is_refused() -> None:
    told = json.loads(encoded(CASE))
    with pytest.raises(DataLoss, match="the one form"):
        decode_case(json.dumps(told, indent=1).encode(), KEY.public)


def test_another_cameras_case_is_refused() -> None:
    other = CameraKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(DataLoss, match="another camera's"):
        decode_case(encode_case(CASE, other.camera_id, other.sign), KEY.public)
    with pytest.raises(DataLoss, match="not signed by this camera"):
        decode_case(encode_case(CASE, KEY.camera_id, other.sign), KEY.public)


def signed(told: dict[str, Any]) -> bytes:
    told.pop("signature", None)
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    return json.dumps(
        {**told, "signature": KEY.sign(body).hex()}, separators=(",", ":"), ensure_ascii=False
    ).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "party"},
        {"state": "lost"},
        {"from_wall_ns": None},
        {"to_wall_ns": 1},
        {"revision": -1},
        {"revision": True},
        {"found": 1},
        {"purpose": "x" * 201},
        {"remarks": "x" * 2001},
        {"asker": []},
        {"asker": {"name": "x"}},
        {"handed_over": [None]},
        {"handed_over": [{}] * 101},
        {"decision": {}},
        {"asked_by": " "},
        {"asked": {"wall_ns": 1, "mono_ns": 1, "boot": "00", "trust": 2}},
        {"format": "edgecam-case-2"},
    ],
)
def test_what_a_signature_cannot_make_right(change: dict[str, Any]) -> None:
    with pytest.raises(DataLoss):
        decode_case(signed(json.loads(encoded(CASE)) | change) + b"\n", KEY.public)


@given(st.binary(max_size=600))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_case(data, KEY.public)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(json.loads(encoded(CASE)))), _JSON)
def test_any_value_in_any_place_gives_a_case_or_is_refused(key: str, value: Any) -> None:
    told = json.loads(encoded(CASE)) | {key: value}
    try:
        data = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return
    try:
        found = decode_case(data, KEY.public)
    except DataLoss:
        return
    assert found == CASE
