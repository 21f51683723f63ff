"""A certificate and its private key as somebody brings them: whether a program may use both without asking."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from edgecam.core.errors import BadInput


def check_pair(cert_pem: bytes, key_pem: bytes) -> None:
    """Raises: BadInput, naming the field ``cert_pem`` or ``key_pem``, for what is no PEM of its kind, a key under a
    password, and two that do not belong together.
    """
    try:
        certificate = x509.load_pem_x509_certificates(cert_pem)[0].public_key()
    except (ValueError, UnsupportedAlgorithm) as broken:
        raise BadInput("this is no certificate", do="choose a PEM file", field="cert_pem") from broken
    try:
        key = load_pem_private_key(key_pem, password=None).public_key()
    except TypeError as locked:
        raise BadInput(
            "this key is under a password, which nobody could type at each start",
            do="choose the key without one",
            field="key_pem",
        ) from locked
    except (ValueError, UnsupportedAlgorithm) as broken:
        raise BadInput("this is no private key", do="choose a PEM file", field="key_pem") from broken
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if certificate.public_bytes(*form) != key.public_bytes(*form):
        raise BadInput("this key is not the one of the certificate", do="choose its own key", field="key_pem")
