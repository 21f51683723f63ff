"""The page's authority: good for the camera's names and private addresses, for nothing else, whoever holds it."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.certificate import alternative_names, common_name, leaf_begun, new_private_key
from edgecam.keys.pageauthority import LEAF_LIFETIME, PageAuthority, PageLeaf

pytestmark = pytest.mark.row("K3")
NOW = datetime.now(UTC).replace(microsecond=0)
OWN = "edgecam-1f2e3d4c.local"
NAMES = (OWN, "raspberrypi", "localhost", "203.0.113.7")


@pytest.fixture(scope="module")
def authority() -> PageAuthority:
    return PageAuthority.create(OWN, NAMES, NOW)


def openssl_says(authority: PageAuthority, certificate: bytes, folder: Path) -> str:
    """What an independent reader makes of ``certificate``: ``OK``, or why not."""
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "page.pem").write_bytes(certificate)
    words = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.pem", "page.pem"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def forged(authority: PageAuthority, host: str) -> bytes:
    """What a thief of the key would sign."""
    pem = authority.encode()
    thieves = load_pem_private_key(pem[pem.index(b"-----BEGIN PRIVATE KEY-----") :], None)
    certificate = x509.load_pem_x509_certificate(pem)
    key = new_private_key()
    begun = leaf_begun(
        common_name("no host at all"), certificate, key, 1, NOW - timedelta(days=1), NOW + timedelta(days=9)
    )
    signed = begun.add_extension(alternative_names([host]), critical=False).sign(thieves, hashes.SHA256())  # type: ignore[arg-type]
    return PageLeaf(signed, key).encode()


def test_its_certificate_is_good_for_a_browser(authority: PageAuthority, tmp_path: Path) -> None:
    leaf = authority.sign(OWN, (OWN, "127.0.0.1", "192.168.1.7", "fd00::7", "203.0.113.7"), NOW)
    assert leaf.told.names == (OWN, "127.0.0.1", "192.168.1.7", "fd00::7", "203.0.113.7")
    assert leaf.told.ends - leaf.told.begins <= LEAF_LIFETIME
    assert leaf.told.begins < NOW - timedelta(days=7) < NOW + timedelta(days=300) < leaf.told.ends
    assert openssl_says(authority, leaf.encode(), tmp_path).endswith("OK\n")


def test_the_authority_says_critically_what_it_is_good_for(authority: PageAuthority) -> None:
    certificate = x509.load_pem_x509_certificate(authority.pem)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert certificate.extensions.get_extension_for_class(x509.NameConstraints).critical
    assert authority.told.ends - authority.told.begins == timedelta(days=3650)


@pytest.mark.parametrize("host", ["bank.example", "8.8.8.8", "2001:db8::1", "203.0.113.8", "other.local"])
def test_a_stolen_key_is_good_for_nothing_else(authority: PageAuthority, host: str, tmp_path: Path) -> None:
    assert not authority.permits(host)
    assert host not in authority.sign(OWN, (OWN, host), NOW).told.names
    assert "permitted subtree violation" in openssl_says(authority, forged(authority, host), tmp_path)


@pytest.mark.parametrize("host", [OWN, OWN.upper(), "10.255.0.1", "172.31.9.9", "100.64.3.3", "fe80::1", "::1"])
def test_the_camera_s_own_names_are_permitted(authority: PageAuthority, host: str, tmp_path: Path) -> None:
    assert authority.permits(host)
    assert openssl_says(authority, forged(authority, host), tmp_path).endswith("OK\n")


def test_what_was_written_is_read_again(authority: PageAuthority) -> None:
    again = PageAuthority.decode(authority.encode())
    leaf = PageLeaf.decode(again.sign(OWN, NAMES, NOW).encode())
    assert again.told == authority.told
    assert authority.signed(leaf)
    assert not PageAuthority.create(OWN, NAMES, NOW).signed(leaf)


def test_a_useless_name_is_refused() -> None:
    with pytest.raises(BadInput, match="two words"):
        PageAuthority.create(OWN, ("two words",), NOW)


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 2000))
def test_any_bytes_give_an_authority_or_a_refusal(junk: bytes, begin: int, end: int) -> None:
    whole = _WHOLE.encode()
    for pem in (junk, whole[: begin % len(whole)] + junk + whole[end % len(whole) :]):
        for decode in (PageAuthority.decode, PageLeaf.decode):
            with suppress(DataLoss):
                decode(pem)


def test_a_leaf_is_no_authority_and_a_foreign_key_is_none(authority: PageAuthority) -> None:
    leaf = authority.sign(OWN, (OWN,), NOW).encode()
    key_begins = b"-----BEGIN PRIVATE KEY-----"
    for pem in (leaf, authority.pem + leaf[leaf.index(key_begins) :], authority.pem, b"", b"x" * 70_000):
        with pytest.raises(DataLoss):
            PageAuthority.decode(pem)


_WHOLE = PageAuthority.create(OWN, NAMES, NOW)
