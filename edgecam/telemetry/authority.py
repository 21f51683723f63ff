"""A broker's private authority: its key signs the broker, cameras and watchers, and takes it back.

The key is an age file, sealed to an identity that lies beside it under a passphrase: the standard ``age`` tool
opens both, and the files alone tell nobody anything.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.keys.owner import Recipients, create_owner, unlock_owner

AUTHORITY_LIFETIME = timedelta(days=3650)
# A board without a clock of its own starts in the past; what is signed must not begin after it.
BACKDATED = timedelta(days=1)
_MAX_NAME_LENGTH = 64  # RFC 5280, ub-common-name
_Usages: TypeAlias = x509.ExtendedKeyUsage


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate with its private key, both PEM; ``serial`` names it in a revocation list."""

    serial: int
    not_after: datetime
    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class SealedKey:
    """The authority's key at rest: an age identity under a passphrase, and the key sealed to it."""

    identity: bytes
    key: bytes


class Authority:
    """Holds the signing key, in RAM only while a command runs."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def create(cls, now: datetime) -> Authority:
        """A new authority that lasts ten years from ``now`` (UTC)."""
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        name = _named(f"edgecam authority {serial:x}"[:40])
        certificate = (
            _begun(name, name, key, serial, now - BACKDATED, now + AUTHORITY_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    @classmethod
    def unlock(cls, sealed: SealedKey, passphrase: str, certificate: bytes) -> Authority:
        """The authority at rest. Raises: NotAllowed for a wrong passphrase, DataLoss for damaged files."""
        try:
            pem = unlock_owner(sealed.identity, passphrase).unseal(sealed.key)
        except NotAllowed as refused:
            raise NotAllowed(
                "the passphrase does not open the authority's key", do="try again", safe="nothing was changed"
            ) from refused
        except DataLoss as damaged:
            raise _damaged() from damaged
        try:
            key = load_pem_private_key(pem, None)
            known = x509.load_pem_x509_certificate(certificate)
        except (ValueError, TypeError) as broken:
            raise _damaged() from broken
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != known.public_key():
            raise _damaged()
        return cls(key, known)

    def sealed(self, passphrase: str) -> SealedKey:
        """The key at rest. Raises: BadInput when the passphrase is too short."""
        recipient, identity = create_owner(passphrase)
        return SealedKey(identity, Recipients([recipient]).seal(_pem(self._key)))

    @property
    def certificate(self) -> bytes:
        """PEM, for everybody."""
        return self._certificate.public_bytes(Encoding.PEM)

    def sign_server(self, hosts: tuple[str, ...], now: datetime, lifetime: timedelta) -> Signed:
        """A certificate for a broker that is reached as any of ``hosts``: DNS names and IP addresses.

        Raises: BadInput for what is neither.
        """
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return self._sign("edgecam broker", usages, now - BACKDATED, now + lifetime, alternatives=names)

    def sign_client(self, name: str, now: datetime, lifetime: timedelta, *, serial: int | None = None) -> Signed:
        """A certificate that makes its holder ``name`` at the broker; a lifetime below 0 gives one that has ended.

        Raises: BadInput when the name is too long for a certificate.
        """
        if not 0 < len(name) <= _MAX_NAME_LENGTH:
            raise BadInput(
                f"the name {name!r} has {len(name)} characters", do=f"shorten it to {_MAX_NAME_LENGTH} at most"
            )
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        begins = min(now, now + lifetime) - BACKDATED
        return self._sign(name, usages, begins, now + lifetime, serial=serial)

    def revoke(self, serials: tuple[int, ...], at: datetime) -> bytes:
        """The list of certificates that are taken back, PEM; ``at`` must be later than that of any list before.

        It ends with the authority: a list that has aged, or has not begun, locks every camera out.
        """
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(at)
            .next_update(self._certificate.not_valid_after_utc)
            .add_extension(self._issuer_key(), critical=False)
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        )
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(revoked)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _sign(
        self,
        name: str,
        usages: _Usages,
        begins: datetime,
        ends: datetime,
        *,
        serial: int | None = None,
        alternatives: x509.SubjectAlternativeName | None = None,
    ) -> Signed:
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number() if serial is None else serial
        builder = (
            _begun(_named(name), self._certificate.subject, key, serial, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(usages, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(self._issuer_key(), critical=False)
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Signed(serial, certificate.not_valid_after_utc, certificate.public_bytes(Encoding.PEM), _pem(key))

    def _issuer_key(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


def new_serial() -> int:
    """A random serial number that no certificate has."""
    return x509.random_serial_number()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


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
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    labels = host.split(".")
    if len(host) > 253 or not all(_is_label(label) for label in labels):
        raise BadInput(
            f"{host!r} is neither a host's name nor an IP address", do="write broker.example or 192.0.2.7"
        )
    return x509.DNSName(host)


def _is_label(label: str) -> bool:
    letters = label.replace("-", "").replace("_", "")
    return 0 < len(label) <= 63 and letters.isascii() and letters.isalnum() and label.strip("-") == label


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _damaged() -> DataLoss:
    return DataLoss(
        "the authority's key does not fit its certificate, or is damaged",
        do="restore both from your backup",
        safe="nothing was changed",
    )
