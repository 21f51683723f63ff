"""The camera's own authority for its page: it vouches for this camera's names and private addresses, nothing else.

Its key lies on the camera in the clear, because it signs while nobody is there. So whoever takes it must have
little: the certificate names critically what it is good for (RFC 5280, 4.2.1.10), it signs servers alone and no
further authority.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.hostname import is_host_name
from edgecam.keys.certificate import (
    alternative_names,
    authority_begun,
    common_name,
    leaf_begun,
    new_private_key,
    private_pem,
)

AUTHORITY_LIFETIME = timedelta(days=3650)
# Browsers refuse a server's certificate that lasts longer.
LEAF_LIFETIME = timedelta(days=397)
# A phone whose clock is behind the camera's must find both begun.
_AUTHORITY_BACKDATED = timedelta(days=365)
_LEAF_BACKDATED = timedelta(days=30)
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
_SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
_MAX_PEM_BYTES = 65_536
# What the library raises for bytes that are no certificate of ours; not all of it is a ValueError.
_BROKEN = (
    ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.ExtensionNotFound, x509.UnsupportedGeneralNameType,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certified:
    """What anybody may know of a certificate; ``names`` are those it is for, or may sign."""

    fingerprint: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime


class PageLeaf:
    """The certificate that the page shows, with its key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self._key = key
        self.told = Certified(
            _fingerprint(certificate),
            _alternatives(certificate),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )

    @classmethod
    def decode(cls, pem: bytes) -> PageLeaf:
        """Raises: DataLoss when ``pem`` is not what `encode` gave."""
        return cls(*_decoded(pem))

    def encode(self) -> bytes:
        """Certificate and key as one PEM, so that a file of both is never half of another."""
        return self.certificate.public_bytes(Encoding.PEM) + private_pem(self._key)


class PageAuthority:
    """The key that signs, and the certificate that people trust on their devices."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate, self._key = certificate, key
        self._permitted = _constraints(certificate)
        self.told = Certified(
            _fingerprint(certificate),
            tuple(str(name) for name in self._permitted),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )

    @classmethod
    def create(cls, camera: str, names: Iterable[str], now: datetime) -> PageAuthority:
        """A new one for ``camera`` that vouches for ``names`` and for private addresses, ten years in all.

        Raises: BadInput for a name that is neither a host's nor an IP address.
        """
        key = new_private_key()
        begins = now - _AUTHORITY_BACKDATED
        # The start of the serial stands in the name, so that two of one camera can be told apart in a list.
        serial = x509.random_serial_number()
        begun = authority_begun(
            common_name(f"{camera} page authority {serial:x}"[:60]),
            key,
            serial,
            begins,
            begins + AUTHORITY_LIFETIME,
        )
        permitted = x509.NameConstraints(_subtrees(names), excluded_subtrees=None)
        certificate = (
            begun.add_extension(permitted, critical=True)
            .add_extension(_SERVERS, critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def decode(cls, pem: bytes) -> PageAuthority:
        """Raises: DataLoss when ``pem`` is not what `encode` gave."""
        certificate, key = _decoded(pem)
        try:
            return cls(certificate, key)
        except _BROKEN as broken:
            raise _damaged() from broken

    def encode(self) -> bytes:
        """Certificate and key as one PEM."""
        return self.pem + private_pem(self._key)

    @property
    def pem(self) -> bytes:
        """The certificate alone, for everybody."""
        return self._certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate alone, as phones take it."""
        return self._certificate.public_bytes(Encoding.DER)

    def permits(self, name: str) -> bool:
        """Whether a certificate for ``name`` would hold under this authority."""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return is_host_name(name) and name.lower() in self._permitted
        return any(
            address in permitted
            for permitted in self._permitted
            if not isinstance(permitted, str) and permitted.version == address.version
        )

    def sign(self, camera: str, names: Iterable[str], now: datetime) -> PageLeaf:
        """A certificate for ``names``; what this authority may not vouch for is left out."""
        key = new_private_key()
        begins = max(now - _LEAF_BACKDATED, self.told.begins)
        ends = min(begins + LEAF_LIFETIME, self.told.ends)
        serial = x509.random_serial_number()
        permitted = alternative_names(name for name in names if self.permits(name))
        certificate = (
            leaf_begun(common_name(camera), self._certificate, key, serial, begins, ends)
            .add_extension(permitted, critical=False)
            .add_extension(_SERVERS, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return PageLeaf(certificate, key)

    def signed(self, leaf: PageLeaf) -> bool:
        """Whether ``leaf`` is of this authority."""
        try:
            leaf.certificate.verify_directly_issued_by(self._certificate)
        except (*_BROKEN, InvalidSignature):
            return False
        return True


def _subtrees(names: Iterable[str]) -> list[x509.GeneralName]:
    hosts: dict[str, None] = {}
    networks = dict.fromkeys(ipaddress.ip_network(network) for network in _PRIVATE)
    for name in names:
        try:
            networks[ipaddress.ip_network(name)] = None
        except ValueError:
            if not is_host_name(name):
                raise BadInput(
                    f"{name!r} is neither a host's name nor an IP address", do="correct web.names"
                ) from None
            hosts[name.lower()] = None
    return [*(x509.DNSName(host) for host in hosts), *(x509.IPAddress(network) for network in networks)]


def _constraints(
    certificate: x509.Certificate,
) -> tuple[str | ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Raises: ValueError for other constraints than ours, ExtensionNotFound without any."""
    found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    names = tuple(subtree.value for subtree in found.permitted_subtrees or ())
    for name in names:
        if not isinstance(name, str | ipaddress.IPv4Network | ipaddress.IPv6Network):
            raise ValueError("constraints of another kind")
    return names


def _alternatives(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _BROKEN:
        return ()
    return tuple(str(name.value) for name in found)


def _fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as browsers and phones show it: pairs of capital hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _decoded(pem: bytes) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if len(pem) > _MAX_PEM_BYTES:
        raise _damaged()
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = load_pem_private_key(pem[pem.find(b"-----BEGIN PRIVATE KEY-----") :], None)
        fits = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
        lasts = certificate.not_valid_after_utc > certificate.not_valid_before_utc
    except _BROKEN as broken:
        raise _damaged() from broken
    if not fits or not lasts:
        raise _damaged()
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return certificate, key


def _damaged() -> DataLoss:
    return DataLoss(
        "a certificate of the page is damaged or does not fit its key",
        do="it is made anew by itself; trust it again on your devices",
        safe="recording is not touched",
    )
