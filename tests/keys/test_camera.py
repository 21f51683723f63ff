"""The camera's key: made once, read again, and nothing else accepted in its place."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.keys.camera import create_camera_key, load_camera_key, signed_by


@pytest.mark.row("K4")
def test_a_key_signs_the_same_after_a_restart(tmp_path: Path) -> None:
    made = create_camera_key(tmp_path / "camera.key")
    read = load_camera_key(tmp_path / "camera.key")
    assert read.public == made.public
    assert read.camera_id == made.camera_id
    assert signed_by(made.public, read.sign(b"seen"), b"seen")
    assert not signed_by(made.public, read.sign(b"seen"), b"unseen")
    assert stat.S_IMODE((tmp_path / "camera.key").stat().st_mode) == 0o600


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="edgecam setup"):
        load_camera_key(tmp_path / "camera.key")


@pytest.mark.parametrize("data", [b"", b"junk", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_broken_key_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "camera.key").write_bytes(data)
    with pytest.raises(BadInput, match="cannot be read"):
        load_camera_key(tmp_path / "camera.key")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "camera.key").write_bytes(pem)
    with pytest.raises(BadInput, match="not an Ed25519 key"):
        load_camera_key(tmp_path / "camera.key")


@given(st.binary(), st.binary(), st.binary())
def test_any_bytes_verify_or_not(public: bytes, signature: bytes, message: bytes) -> None:
    assert not signed_by(public, signature, message)
