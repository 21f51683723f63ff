"""HTTPS on the page, as the hub has it: certificates kept good while it runs, and what is wrong with them said."""

from __future__ import annotations

import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Iterable

from edgecam.core.clock import Clock
from edgecam.core.durable import identity_of
from edgecam.core.errors import EdgecamError
from edgecam.core.localaddresses import local_addresses
from edgecam.core.status import Fault
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.pageauthority import PageAuthority, PageLeaf
from edgecam.keys.pagecertificate import PageCertificates, PageNames
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.web.certificates import PageCertified
from edgecam.web.server import Secure, secure_context

log = logging.getLogger(__name__)


def is_open_to_network(settings: Settings) -> bool:
    """Whether the page is to be reached from elsewhere, and so by HTTPS."""
    return not ipaddress.ip_address(settings.web.address).is_loopback


def page_certificates(settings: Settings, places: Places, camera_id: str, clock: Clock) -> PageCertificates:
    """The certificates of this camera's page."""
    address = ipaddress.ip_address(settings.web.address)
    bound = () if address.is_unspecified or address.is_loopback else (str(address),)
    names = PageNames.of(camera_id, socket.gethostname(), (*settings.web.names, *bound))
    return PageCertificates(places.page_authority, places.page_certificate, names, local_addresses, clock)


class Certifying:
    """The page's `CertificateParts` and where it speaks HTTPS; ``faults`` says what is wrong with that."""

    def __init__(
        self, settings: Settings, places: Places, camera_id: str, register: Register, clock: Clock
    ) -> None:
        self._certificates = page_certificates(settings, places, camera_id, clock)
        self._web, self._register = settings.web, register
        self.faults: list[Fault] = []
        self._names: tuple[str, ...] = ()
        self._context: ssl.SSLContext | None = None
        self._loaded: tuple[int, ...] | None = None
        # `context` is asked by the page's thread, `renew` by those of visitors.
        self._one_at_a_time = threading.Lock()

    @property
    def secure(self) -> Secure:
        """Where HTTPS is spoken."""
        address = ipaddress.ip_address(self._web.address)
        chosen = self._web.names[0] if self._web.names else self._certificates.own_name
        name = chosen if address.is_unspecified else str(address)
        return Secure(str(address), self._web.tls_port, name, self.context)

    def context(self) -> ssl.SSLContext | None:
        """Renew what is due, and give what TLS is spoken with: the same one unless the certificate changed."""
        try:
            with self._one_at_a_time:
                authority, leaf = self._certificates.keep()
                self._load(authority, leaf)
        except EdgecamError as refused:
            self._say([Fault("page_certificate", str(refused))])
        return self._context

    def names(self) -> Iterable[str]:
        """Under which the page is reached by HTTPS."""
        return self._names

    def strict_names(self) -> Iterable[str]:
        """Those that are this page's alone."""
        return self._certificates.strict_names()

    def told(self) -> PageCertified:
        """Both certificates, made if need be. Raises: BadInput, MediaFailing."""
        return _told(*self._certificates.keep())

    def renew(self, who: str, *, authority: bool) -> PageCertified:
        """Register and make new ones, with which TLS is spoken from the next minute on at the latest."""
        what = "page authority and certificate" if authority else "page certificate"
        self._register.write(Act.KEY_CHANGE, who=who, purpose="HTTPS on the camera's page", detail={"what": what})
        with self._one_at_a_time:
            made = self._certificates.renew(authority=authority)
            self._load(*made)
        return _told(*made)

    def _load(self, authority: PageAuthority, leaf: PageLeaf) -> None:
        path = self._certificates.leaf_path
        found = identity_of(path)
        if found != self._loaded or self._context is None:
            self._context, self._loaded = secure_context(str(path)), found
            log.info("the page's certificate is %s until %s", leaf.told.fingerprint, leaf.told.ends.date())
        self._names = leaf.told.names
        self._say(list(self._doubts(authority)))

    def _doubts(self, authority: PageAuthority) -> Iterable[Fault]:
        again = "run `edgecam certificate renew --authority`, then trust it on your devices"
        if self._certificates.made_anew:
            sentence = "the page's authority was damaged or had ended and was made anew: trust it on your devices"
            yield Fault("page_authority_new", sentence)
        if uncovered := self._certificates.uncovered(authority):
            yield Fault("page_names", f"the page's authority does not vouch for {', '.join(uncovered)}: {again}")
        if self._certificates.ends_soon(authority.told):
            yield Fault("page_authority", f"the page's authority ends on {authority.told.ends.date()}: {again}")

    def _say(self, faults: list[Fault]) -> None:
        # The hub's own thread reads it: replaced whole, never changed.
        self.faults = faults


def _told(authority: PageAuthority, leaf: PageLeaf) -> PageCertified:
    return PageCertified(authority.told, leaf.told, authority.der)
