"""A permit holds for one boot and a quarter of an hour at most, and any other bytes are none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.masking.permit import LONGEST_S, Permit, Why, decode_permit, read_permit

pytestmark = pytest.mark.row("M7")

BOOT = bytes(range(16))
PERMIT = Permit("ab" * 16, 7, "田中", "K. Sato", Why.MASKS, BOOT.hex(), 100 * NS_PER_S, 160 * NS_PER_S)


def at(mono_s: float, boot: bytes = BOOT) -> Instant:
    return Instant(1, int(mono_s * NS_PER_S), boot, TimeTrust.UNSET)


def test_it_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "unmasked.permit"
    assert read_permit(path) is None
    path.write_bytes(PERMIT.encode())
    assert read_permit(path) == PERMIT


def test_it_stands_in_its_own_time_and_boot_alone() -> None:
    assert [PERMIT.stands(at(s)) for s in (99.9, 100, 159.9, 160)] == [False, True, True, False]
    assert not PERMIT.stands(at(120, bytes(16)))


@pytest.mark.parametrize(
    "changed",
    [
        {"until_mono_ns": (100 + LONGEST_S) * NS_PER_S + 1},
        {"until_mono_ns": 100 * NS_PER_S},
        {"until_mono_ns": 1 << 63},
        {"opened_mono_ns": -1},
        {"line": "7"},
        {"line": True},
        {"id": "AB" * 16},
        {"id": "ab" * 15},
        {"boot": "ab " * 16},
        {"opened_by": " "},
        {"opened_for": "x" * 201},
        {"opened_for": "\ud800"},
        {"why": "curiosity"},
        {"format": 2},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_not_a_permit_of_ours_is_data_loss(changed: dict[str, object]) -> None:
    told = json.loads(PERMIT.encode()) | changed
    with pytest.raises(DataLoss):
        decode_permit(json.dumps(told).encode())


def test_a_permit_cannot_be_made_large() -> None:
    with pytest.raises(DataLoss):
        decode_permit(PERMIT.encode() + b" " * 4096)


def test_a_link_a_folder_and_a_pipe_are_no_permits(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(PERMIT.encode())
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(DataLoss):
            read_permit(tmp_path / name)


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.just("ab" * 16))


@given(st.binary() | st.dictionaries(st.sampled_from(sorted(json.loads(PERMIT.encode()))), values).map(
    lambda changed: json.dumps(json.loads(PERMIT.encode()) | changed).encode()
))  # fmt: skip
def test_any_bytes_are_a_permit_or_data_loss(data: bytes) -> None:
    try:
        permit = decode_permit(data)
    except DataLoss:
        return
    assert 0 < permit.until_mono_ns - permit.opened_mono_ns <= LONGEST_S * NS_PER_S
    assert decode_permit(permit.encode()) == permit
