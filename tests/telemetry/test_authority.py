"""The private authority: what it signs, what it takes back, and how its key lies on disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.telemetry.authority import Authority, SealedKey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
PASSPHRASE = "seven blue herons cross the estuary 42"


def read(certificate: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate)


@pytest.mark.row("K3")
def test_a_camera_s_certificate_carries_its_name_and_opens_no_server() -> None:
    authority = Authority.create(NOW)
    signed = authority.sign_client("home/edgecam_1f2e3d4c", NOW, timedelta(days=90))
    certificate = read(signed.certificate)
    certificate.verify_directly_issued_by(read(authority.certificate))
    assert certificate.subject.rfc4514_string() == "CN=home/edgecam_1f2e3d4c"
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.not_valid_after_utc == NOW + timedelta(days=90)
    assert certificate.not_valid_before_utc < NOW
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.row("K3")
def test_the_broker_s_certificate_names_hosts_and_addresses() -> None:
    signed = Authority.create(NOW).sign_server(("broker.example", "192.0.2.7", "2001:db8::7"), NOW, YEAR)
    names = read(signed.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["broker.example"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7", "2001:db8::7"]


@pytest.mark.parametrize("host", ["", "two words", "a..b", "-a", "*.example", "x" * 64, "b\nc", "例え"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match="neither a host's name nor an IP address"):
        Authority.create(NOW).sign_server((host,), NOW, YEAR)


def test_a_name_that_no_certificate_can_hold_is_refused() -> None:
    with pytest.raises(BadInput, match="65 characters"):
        Authority.create(NOW).sign_client("x" * 65, NOW, YEAR)


def test_a_revocation_list_names_serials_and_lasts_as_long_as_the_authority() -> None:
    authority = Authority.create(NOW)
    revoked = x509.load_pem_x509_crl(authority.revoke((17, 4711), NOW))
    assert {one.serial_number for one in revoked} == {17, 4711}
    assert revoked.next_update_utc == read(authority.certificate).not_valid_after_utc


def test_the_key_at_rest_opens_with_its_passphrase_alone() -> None:
    authority = Authority.create(NOW)
    sealed = authority.sealed(PASSPHRASE)
    assert b"PRIVATE KEY" not in sealed.key + sealed.identity
    again = Authority.unlock(sealed, PASSPHRASE, authority.certificate)
    read(again.sign_client("home/one", NOW, YEAR).certificate).verify_directly_issued_by(
        read(authority.certificate)
    )
    with pytest.raises(NotAllowed, match="does not open the authority's key"):
        Authority.unlock(sealed, "another passphrase altogether", authority.certificate)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BadInput, match="at least 12"):
        Authority.create(NOW).sealed("short")


def test_damaged_files_of_the_key_are_told() -> None:
    authority = Authority.create(NOW)
    sealed = authority.sealed(PASSPHRASE)
    damaged = SealedKey(sealed.identity, sealed.key[:-1] + bytes([sealed.key[-1] ^ 1]))
    for files, certificate in (
        (damaged, authority.certificate),
        (SealedKey(b"", sealed.key), authority.certificate),
        (sealed, Authority.create(NOW).certificate),
    ):
        with pytest.raises(DataLoss, match="restore"):
            Authority.unlock(files, PASSPHRASE, certificate)
