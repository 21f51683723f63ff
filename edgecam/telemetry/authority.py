"""A broker's private authority: its key signs the broker, cameras and watchers, and takes it back.

The key is an age file, sealed to an identity that lies beside it under a passphrase: the standard ``age`` tool
opens both, and the files alone tell nobody anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from edgecam.core.errors import DataLoss, NotAllowed
from edgecam.keys.certificate import (
    alternative_names,
    authority_begun,
    common_name,
    leaf_begun,
    new_private_key,
    private_pem,
)
from edgecam.keys.owner import Recipients, create_owner, unlock_owner

AUTHORITY_LIFETIME = timedelta(days=3650)
# A board without a clock of its own starts in the past; what is signed must not begin after it.
BACKDATED = timedelta(days=1)
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
        key = new_private_key()
        serial = x509.random_serial_number()
        name = common_name(f"edgecam authority {serial:x}"[:40])
        begun = authority_begun(name, key, serial, now - BACKDATED, now + AUTHORITY_LIFETIME)
        return cls(key, begun.sign(key, hashes.SHA256()))

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
        return SealedKey(identity, Recipients([recipient]).seal(private_pem(self._key)))

    @property
    def certificate(self) -> bytes:
        """PEM, for everybody."""
        return self._certificate.public_bytes(Encoding.PEM)

    def sign_server(self, hosts: tuple[str, ...], now: datetime, lifetime: timedelta) -> Signed:
        """A certificate for a broker that is reached as any of ``hosts``: DNS names and IP addresses.

        Raises: BadInput for what is neither.
        """
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        names = alternative_names(hosts)
        return self._sign("edgecam broker", usages, now - BACKDATED, now + lifetime, alternatives=names)

    def sign_client(self, name: str, now: datetime, lifetime: timedelta, *, serial: int | None = None) -> Signed:
        """A certificate that makes its holder ``name`` at the broker; a lifetime below 0 gives one that has ended.

        Raises: BadInput when the name is too long for a certificate.
        """
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
        key = new_private_key()
        serial = x509.random_serial_number() if serial is None else serial
        begun = leaf_begun(common_name(name), self._certificate, key, serial, begins, ends)
        builder = begun.add_extension(usages, critical=False)
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Signed(
            serial, certificate.not_valid_after_utc, certificate.public_bytes(Encoding.PEM), private_pem(key)
        )

    def _issuer_key(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


def new_serial() -> int:
    """A random serial number that no certificate has."""
    return x509.random_serial_number()


def _damaged() -> DataLoss:
    return DataLoss(
        "the authority's key does not fit its certificate, or is damaged",
        do="restore both from your backup",
        safe="nothing was changed",
    )
