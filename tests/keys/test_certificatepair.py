"""Certificates and keys as people bring them: which two a program may use, and what is wrong with the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.keys.certificate import authority_begun, common_name, new_private_key, private_pem
from edgecam.keys.certificatepair import check_pair

pytestmark = pytest.mark.row("T3")
SIGNER = new_private_key()
NOW = datetime(2026, 11, 22, tzinfo=UTC)
PEM, TRADITIONAL = Encoding.PEM, PrivateFormat.TraditionalOpenSSL


def certificate(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    # Whoever brings one may have it from elsewhere, with any kind of key.
    any_key = cast(ec.EllipticCurvePrivateKey, key)
    began = authority_begun(common_name("home/camera"), any_key, 7, NOW, NOW + timedelta(days=1))
    return began.sign(SIGNER, hashes.SHA256()).public_bytes(PEM)


CERT = certificate(SIGNER)


@pytest.mark.parametrize(
    "key",
    [
        SIGNER,
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65_537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_any_kind_of_key_in_any_form(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
) -> None:
    check_pair(certificate(key), key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_a_chain_is_told_by_its_first_certificate() -> None:
    check_pair(CERT + certificate(new_private_key()), private_pem(SIGNER))
    check_pair(b"Subject: camera\r\n" + CERT, SIGNER.private_bytes(PEM, TRADITIONAL, NoEncryption()))


@pytest.mark.parametrize(
    ("cert", "key", "field", "said"),
    [
        (b"", private_pem(SIGNER), "cert_pem", "no certificate"),
        (private_pem(SIGNER), private_pem(SIGNER), "cert_pem", "no certificate"),
        (CERT, CERT, "key_pem", "no private key"),
        (CERT, b"", "key_pem", "no private key"),
        (CERT, private_pem(new_private_key()), "key_pem", "not the one of the certificate"),
        (
            CERT,
            SIGNER.private_bytes(PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"heron")),
            "key_pem",
            "under a password",
        ),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(cert: bytes, key: bytes, field: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        check_pair(cert, key)
    assert refused.value.field == field


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_a_pair_or_refused(cert: bytes, key: bytes) -> None:
    for one, other in ((cert, key), (CERT, key), (CERT[:-30] + cert, key), (cert, private_pem(SIGNER))):
        with pytest.raises(BadInput):
            check_pair(one, other)
