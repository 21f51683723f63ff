"""The files behind HTTPS on the page: an authority and one certificate, made at first need and kept good.

Each file holds a certificate with its key, so that a power cut leaves the old pair or the new one. Bytes that are
neither are replaced: a page with a new authority can be trusted again, a page without one cannot be opened.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Clock, TimeTrust
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.core.hostname import is_address
from edgecam.core.localaddresses import IPAddress
from edgecam.keys.pageauthority import Certified, PageAuthority, PageLeaf

_RENEWED_BEFORE = timedelta(days=60)
_AUTHORITY_DUE = timedelta(days=90)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageNames:
    """How the page is reached: ``own`` is the camera's own name, ``chosen`` what the owner wrote, ``host`` the
    machine's names.
    """

    own: str
    chosen: tuple[str, ...]
    host: tuple[str, ...]

    @classmethod
    def of(cls, camera_id: str, host_name: str, chosen: tuple[str, ...]) -> PageNames:
        """For the camera that machines call ``camera_id``, on a machine called ``host_name``."""
        host = host_name.partition(".")[0].lower()
        return cls(f"{camera_id.replace('_', '-')}.local", chosen, (host, f"{host}.local") if host else ())

    def lasting(self) -> tuple[str, ...]:
        """All but the addresses that the machine has for now."""
        return tuple(dict.fromkeys(name.lower() for name in (self.own, *self.chosen, *self.host, "localhost")))


class PageCertificates:
    """Any thread may call it; files are read anew each time, so that a command beside a running page counts."""

    def __init__(
        self,
        authority: Path,
        leaf: Path,
        names: PageNames,
        addresses: Callable[[], tuple[IPAddress, ...]],
        clock: Clock,
    ) -> None:
        self.authority_path, self.leaf_path = authority, leaf
        self._names, self._addresses, self._clock = names, addresses, clock
        self._one_at_a_time = threading.Lock()
        self.made_anew = False

    def keep(self) -> tuple[PageAuthority, PageLeaf]:
        """Both, made or renewed where that is due. Raises: BadInput (a useless name), MediaFailing."""
        with self._one_at_a_time:
            authority = self._kept_authority()
            leaf = self._kept_leaf()
            if leaf is None or self._is_due(authority, leaf):
                leaf = self._new_leaf(authority, leaf)
            return authority, leaf

    def renew(self, *, authority: bool) -> tuple[PageAuthority, PageLeaf]:
        """A new certificate now, and a new ``authority`` that every device has to trust anew. Raises: as `keep`."""
        with self._one_at_a_time:
            kept = self._new_authority() if authority else self._kept_authority()
            return kept, self._new_leaf(kept, self._kept_leaf())

    def uncovered(self, authority: PageAuthority) -> tuple[str, ...]:
        """Lasting names for which ``authority`` may not vouch, because they came after it."""
        return tuple(name for name in self._names.lasting() if not authority.permits(name))

    def ends_soon(self, authority: Certified) -> bool:
        """Whether people should come by a new authority now."""
        return self._clock_is_set() and authority.ends - self._moment(None) < _AUTHORITY_DUE

    @property
    def own_name(self) -> str:
        """The camera's own, ``edgecam-1f2e3d4c.local``."""
        return self._names.own

    def strict_names(self) -> frozenset[str]:
        """Names under which nothing but this page is reached, so that a browser may insist on HTTPS there."""
        return frozenset(name.lower() for name in (self._names.own, *self._names.chosen) if not is_address(name))

    def _kept_authority(self) -> PageAuthority:
        pem = _read(self.authority_path)
        if pem is None:
            return self._new_authority()
        try:
            kept = PageAuthority.decode(pem)
        except DataLoss as damaged:
            log.warning("%s: %s", self.authority_path, damaged)
            self.made_anew = True
            return self._new_authority()
        if self._clock_is_set() and kept.told.ends <= self._moment(None):
            self.made_anew = True
            return self._new_authority()
        return kept

    def _kept_leaf(self) -> PageLeaf | None:
        pem = _read(self.leaf_path)
        try:
            return None if pem is None else PageLeaf.decode(pem)
        except DataLoss as damaged:
            log.warning("%s: %s", self.leaf_path, damaged)
            return None

    def _is_due(self, authority: PageAuthority, leaf: PageLeaf) -> bool:
        wanted = {name for name in self._wanted() if authority.permits(name)}
        if not authority.signed(leaf) or not wanted <= set(leaf.told.names):
            return True
        if not self._clock_is_set():
            return False
        moment = self._moment(None)
        ends_soon = leaf.told.ends - moment < _RENEWED_BEFORE and leaf.told.ends < authority.told.ends
        return moment < leaf.told.begins or ends_soon

    def _new_authority(self) -> PageAuthority:
        made = PageAuthority.create(self._names.own, self._names.lasting(), self._moment(None))
        self.authority_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_durably(self.authority_path, made.encode(), 0o600)
        return made

    def _new_leaf(self, authority: PageAuthority, before: PageLeaf | None) -> PageLeaf:
        made = authority.sign(self._names.own, self._wanted(), self._moment(before))
        replace_durably(self.leaf_path, made.encode(), 0o600)
        return made

    def _wanted(self) -> Iterator[str]:
        yield from self._names.lasting()
        for address in dict.fromkeys((*_LOOPBACK, *self._addresses())):
            # A browser cannot say by which interface it means such an address.
            if not (address.version == 6 and address.is_link_local):
                yield str(address)

    def _clock_is_set(self) -> bool:
        return self._clock.now().trust is not TimeTrust.UNSET

    def _moment(self, before: PageLeaf | None) -> datetime:
        """Now; while the clock is not set, the latest moment that is known to have been."""
        now = self._clock.now()
        moment = datetime.fromtimestamp(now.wall_ns // NS_PER_S, UTC)
        if now.trust is not TimeTrust.UNSET:
            return moment
        witnesses = [moment, _installed()]
        if before is not None:
            witnesses.append(before.told.begins)
        return max(witnesses)


_LOOPBACK: tuple[IPAddress, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


def _installed() -> datetime:
    return datetime.fromtimestamp(int(Path(__file__).stat().st_mtime), UTC)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(1 << 20)
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise MediaFailing(
            f"{path} cannot be read ({refused.strerror})",
            do="check the medium and the permissions of the file",
            safe="recording is not touched; the page stays on loopback",
        ) from refused
