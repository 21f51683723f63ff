from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgecam.analysis.modelfile import FLOAT, INT8, INT8_PATH, read_model
from edgecam.core.errors import BadInput, DataLoss

SHIPPED = INT8_PATH.read_bytes()


def test_the_shipped_model_is_the_known_one() -> None:
    assert read_model(INT8_PATH) == SHIPPED
    assert hashlib.sha256(SHIPPED[:4096]).hexdigest() == INT8.head_sha256
    assert FLOAT != INT8


def test_a_missing_model_and_a_folder_are_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "none.tflite", tmp_path):
        with pytest.raises(BadInput, match="missing"):
            read_model(path)


@pytest.mark.parametrize("size_bytes", [0, 3, 10, 4095, 4096, 2_000_000, len(SHIPPED) - 1])
def test_a_truncated_model_is_data_loss(tmp_path: Path, size_bytes: int) -> None:
    broken = tmp_path / "short.tflite"
    broken.write_bytes(SHIPPED[:size_bytes])
    with pytest.raises(DataLoss, match="damaged"):
        read_model(broken)


def test_one_flipped_bit_is_data_loss(tmp_path: Path) -> None:
    broken = bytearray(SHIPPED)
    broken[3_000_000] ^= 4
    (tmp_path / "flipped.tflite").write_bytes(broken)
    with pytest.raises(DataLoss, match="damaged"):
        read_model(tmp_path / "flipped.tflite")


def test_another_model_is_bad_input_until_its_hash_is_named(tmp_path: Path) -> None:
    other = b"\x1c\0\0\0TFL3" + bytes(9000)
    (tmp_path / "other.tflite").write_bytes(other)
    with pytest.raises(BadInput, match="another model"):
        read_model(tmp_path / "other.tflite")
    assert read_model(tmp_path / "other.tflite", hashlib.sha256(other).hexdigest()) == other


def test_a_file_without_end_is_bad_input(tmp_path: Path) -> None:
    with (tmp_path / "large.tflite").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(BadInput, match="64 MiB"):
        read_model(tmp_path / "large.tflite")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from([b"", b"\x1c\0\0\0TFL3", SHIPPED[:4096], SHIPPED]), rest=st.binary(max_size=64))
def test_any_other_bytes_are_refused_before_native_code_sees_them(tmp_path: Path, head: bytes, rest: bytes) -> None:
    path = tmp_path / "any.tflite"
    path.write_bytes(head + rest)
    if head + rest == SHIPPED:
        assert read_model(path) == SHIPPED
        return
    with pytest.raises((BadInput, DataLoss)):
        read_model(path)
