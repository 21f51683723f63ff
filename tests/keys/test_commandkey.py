"""Command keys: open files are for their user alone, locked ones open with the passphrase, nothing else is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.keys.camera import signed_by
from edgecam.keys.commandkey import create_command_key, is_locked, open_command_key, read_key_file

pytestmark = pytest.mark.row("K3")
PASSPHRASE = "seven blue herons cross the estuary 42"


def test_an_open_key_signs(tmp_path: Path) -> None:
    made = create_command_key(tmp_path / "centre.key")
    assert (tmp_path / "centre.key").stat().st_mode & 0o777 == 0o600
    opened = open_command_key(read_key_file(tmp_path / "centre.key"))
    assert opened.public == made.public
    assert signed_by(made.public, opened.sign(b"hello"), b"hello")


def test_a_locked_key_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    made = create_command_key(tmp_path / "centre.key", PASSPHRASE)
    data = read_key_file(tmp_path / "centre.key")
    assert is_locked(data)
    assert open_command_key(data, PASSPHRASE).public == made.public
    with pytest.raises(NotAllowed):
        open_command_key(data, "another")


def test_a_key_is_made_once_and_under_a_passphrase_that_is_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="characters"):
        create_command_key(tmp_path / "centre.key", "short")
    assert not (tmp_path / "centre.key").exists()
    create_command_key(tmp_path / "centre.key")
    with pytest.raises(BadInput, match="exists"):
        create_command_key(tmp_path / "centre.key")


def test_an_open_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    create_command_key(tmp_path / "centre.key")
    (tmp_path / "centre.key").chmod(0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        read_key_file(tmp_path / "centre.key")
    with pytest.raises(BadInput, match="cannot be read"):
        read_key_file(tmp_path / "missing.key")


def test_a_key_of_another_kind_is_none() -> None:
    key = generate_private_key(SECP256R1())
    with pytest.raises(BadInput, match="Ed25519"):
        open_command_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda tail: b"age-encryption.org/v1\n" + tail))
def test_any_bytes_are_a_key_or_refused(data: bytes) -> None:
    with pytest.raises((BadInput, NotAllowed)):
        open_command_key(data, PASSPHRASE)
