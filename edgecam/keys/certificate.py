"""X.509 as the camera and its broker use it: keys on P-256, and what every certificate says of itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from edgecam.core.errors import BadInput
from edgecam.core.hostname import is_address, is_host_name

_MAX_NAME_LENGTH = 64  # RFC 5280, ub-common-name


def new_private_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256, the one curve that every browser, phone and broker takes."""
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """``key`` as PEM (PKCS #8), in the clear."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def common_name(name: str) -> x509.Name:
    """Raises: BadInput when ``name`` is empty or longer than 64 characters."""
    if not 0 < len(name) <= _MAX_NAME_LENGTH:
        raise BadInput(
            f"the name {name!r} has {len(name)} characters", do=f"shorten it to {_MAX_NAME_LENGTH} at most"
        )
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def authority_begun(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, serial: int, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    """A certificate by which ``key`` signs others, and none of those signs any."""
    return (
        _begun(name, name, key, serial, begins, ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def leaf_begun(
    name: x509.Name,
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    serial: int,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    """A certificate under ``authority`` that signs no others."""
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    )
    return (
        _begun(name, authority.subject, key, serial, begins, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
    )


def alternative_names(hosts: Iterable[str]) -> x509.SubjectAlternativeName:
    """DNS names and IP addresses. Raises: BadInput for what is neither."""
    return x509.SubjectAlternativeName([_general_name(host) for host in hosts])


def certificate_end(pem: bytes) -> datetime:
    """When the first certificate in ``pem`` ends, in UTC. Raises: BadInput when there is none."""
    try:
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc
    except ValueError as broken:
        raise BadInput("there is no certificate in this file", do="enrol again") from broken


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    serial: int,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begins.astimezone(UTC))
        .not_valid_after(ends.astimezone(UTC))
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    if is_address(host):
        return x509.IPAddress(ipaddress.ip_address(host))
    if not is_host_name(host):
        raise BadInput(
            f"{host!r} is neither a host's name nor an IP address", do="write broker.example or 192.0.2.7"
        )
    return x509.DNSName(host)
