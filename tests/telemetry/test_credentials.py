"""Password files and certificates that cannot be used."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from authority import Authority

from edgecam.core.errors import BadInput
from edgecam.telemetry.credentials import Credentials


def _file(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    file = folder / "password"
    file.write_bytes(data)
    file.chmod(mode)
    return file


def test_the_password_is_the_first_line(tmp_path: Path) -> None:
    assert Credentials(password_file=_file(tmp_path, "öffne dich\r\nnote\n".encode())).password() == "öffne dich"
    assert Credentials().password() is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(BadInput, match="read by others"):
        Credentials(password_file=_file(tmp_path, b"secret", mode)).password()


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\n", b"x" * 5000])
def test_a_file_without_a_password_is_refused_and_not_repeated(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadInput, match="holds no password") as refused:
        Credentials(password_file=_file(tmp_path, data)).password()
    assert "xxx" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="password_file"):
        Credentials(password_file=tmp_path / "away").password()


def test_tls_checks_name_and_chain(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    camera = authority.sign("camera")
    context = Credentials(
        ca_file=authority.ca_file, cert_file=camera.cert_file, key_file=camera.key_file
    ).tls_context()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_files_that_are_no_certificates_are_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    camera, other = authority.sign("camera"), authority.sign("other")
    nonsense = _file(tmp_path, b"nonsense")
    for credentials in (
        Credentials(ca_file=nonsense),
        Credentials(ca_file=tmp_path / "away"),
        Credentials(cert_file=nonsense),
        Credentials(cert_file=camera.cert_file, key_file=tmp_path / "away"),
        Credentials(cert_file=camera.cert_file, key_file=other.key_file),
    ):
        with pytest.raises(BadInput, match="cannot be used"):
            credentials.tls_context()
