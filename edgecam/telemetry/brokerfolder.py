"""The folder of one broker: its authority, what Mosquitto reads, and what is handed to cameras and watchers.

::

    DIR/enrolment.json        who holds a certificate
    DIR/authority/            the authority's sealed key; may be kept elsewhere
    DIR/broker/               what Mosquitto reads, and data/ which it writes
    DIR/handover/SITE/CAMERA/ ca.pem, camera.pem, camera.key: to be carried to the camera, then deleted
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed, Unavailable
from edgecam.telemetry.accesslist import access_list
from edgecam.telemetry.authority import BACKDATED, Authority, SealedKey, Signed, new_serial
from edgecam.telemetry.brokeraccount import Account
from edgecam.telemetry.enrolment import Enrolment, Issued, Role, decode_enrolment, encode_enrolment
from edgecam.telemetry.mosquittoconf import Place, mosquitto_conf, systemd_drop_in

SERVER_LIFETIME = timedelta(days=825)


@dataclass(frozen=True, slots=True)
class NewBroker:
    """What `BrokerFolder.create` needs to know: ``hosts`` are the names and addresses by which it is reached."""

    hosts: tuple[str, ...]
    port: int
    bind: str
    account: Account


class BrokerFolder:
    """Reads and changes one broker's folder; each change holds its lock and is complete or can be made again."""

    def __init__(self, path: Path, authority: Path | None = None) -> None:
        """``authority`` is where the sealed key lies when not in the folder itself."""
        self.path = path.absolute()
        self.served = self.path / "broker"
        self._authority = (authority or self.path / "authority").absolute()

    @property
    def configuration(self) -> Path:
        return self.served / "mosquitto.conf"

    @property
    def ca_file(self) -> Path:
        return self.served / "ca.pem"

    @property
    def has_authority(self) -> bool:
        """Whether the sealed key is here."""
        return (self._authority / "authority.key.age").exists()

    def handover(self, name: str) -> Path:
        """Where the files for ``name`` (``<site>/<camera>``, ``watch/<who>``) lie."""
        return self.path / "handover" / name

    def create(self, new: NewBroker, passphrase: str, now: datetime) -> Authority:
        """Make the folder with a new authority, which is given back open.

        Raises: BadInput when there is something already, or a host or the passphrase is not good; MediaFailing.
        """
        if any(mark.isspace() or mark in "%\"'\\" for mark in str(self.path)):
            raise BadInput(f"the path {str(self.path)!r} holds a blank, % or a quote", do="choose another folder")
        authority = Authority.create(now)
        server = authority.sign_server(new.hosts, now, SERVER_LIFETIME)
        sealed = authority.sealed(passphrase)
        self._make_folders(new.account)
        replace_durably(self._authority / "passphrase.age", sealed.identity)
        replace_durably(self._authority / "authority.key.age", sealed.key)
        place = Place(self.served, new.port, new.bind, new.account.name)
        self._serve("mosquitto.conf", mosquitto_conf(place).encode(), new.account)
        self._serve("systemd.conf", systemd_drop_in(place).encode(), new.account)
        self._serve("ca.pem", authority.certificate, new.account)
        self._serve_certificate(server, new.account)
        enrolment = Enrolment(
            hosts=new.hosts,
            port=new.port,
            account=new.account.name,
            canary=f"{new_serial():x}",
            listed=now - BACKDATED,
            issued=(_issued(server, Role.BROKER, "", now),),
        )
        self._relist(enrolment, authority, now)
        return authority

    def read(self) -> Enrolment:
        """Raises: BadInput when this is no broker's folder, NotAllowed, DataLoss."""
        try:
            return decode_enrolment((self.path / "enrolment.json").read_bytes())
        except PermissionError as refused:
            raise NotAllowed(f"{self.path} may not be read", do="run it as who made it, or with sudo") from refused
        except OSError as missing:
            raise BadInput(f"{self.path} is no broker's folder", do="run `edgecam broker init`") from missing

    def unlock(self, passphrase: str) -> Authority:
        """Raises: BadInput when the key is not here or lies open to others, NotAllowed, DataLoss."""
        try:
            for path in (self._authority, *self._authority.iterdir()):
                _require_private(path)
            sealed = SealedKey(
                (self._authority / "passphrase.age").read_bytes(),
                (self._authority / "authority.key.age").read_bytes(),
            )
            return Authority.unlock(sealed, passphrase, self.ca_file.read_bytes())
        except OSError as missing:
            raise BadInput(
                f"the authority's key in {self._authority} cannot be read ({missing.strerror})",
                do="name its place with --authority",
                safe="nothing was changed",
            ) from missing

    def enrol(self, authority: Authority, role: Role, name: str, now: datetime, lifetime: timedelta) -> Issued:
        """A first certificate for ``name``, laid into its `handover`. The broker must be told.

        Raises: BadInput when ``name`` holds one already, MediaFailing.
        """
        with self._alone() as enrolment:
            if enrolment.holder(name) is not None:
                raise BadInput(f"{name} holds a certificate already", do="use `edgecam broker renew`")
            return self._hand_over(authority, enrolment, role, name, now, lifetime)

    def renew(self, authority: Authority, name: str, now: datetime, lifetime: timedelta | None = None) -> Issued:
        """Another certificate for ``name`` (empty: the broker itself); the old one stays good until its end.

        Without ``lifetime`` it lasts as long as the one before. Raises: BadInput, MediaFailing.
        """
        with self._alone() as enrolment:
            before = enrolment.holder(name)
            if before is None:
                raise BadInput(f"{name} holds no certificate", do="see `edgecam broker list`")
            lasts = lifetime or before.ends - before.made
            if before.role is not Role.BROKER:
                return self._hand_over(authority, enrolment, before.role, name, now, lasts)
            server = authority.sign_server(enrolment.hosts, now, SERVER_LIFETIME)
            self._serve_certificate(server, Account.named(enrolment.account))
            issued = _issued(server, Role.BROKER, "", now)
            self._record(enrolment.with_issued(issued))
            return issued

    def revoke(self, authority: Authority, name: str, now: datetime) -> int:
        """Take back every certificate of ``name``; how many there were. The broker must be told.

        Raises: BadInput when there is none, MediaFailing.
        """
        with self._alone() as enrolment:
            after = enrolment.without(name, now)
            self._relist(after, authority, now)
        for file in ("camera.key", "camera.pem", "ca.pem"):
            (self.handover(name) / file).unlink(missing_ok=True)
        before = [one for one in enrolment.issued if one.name == name and one.revoked is None]
        return len(before)

    def _hand_over(
        self,
        authority: Authority,
        enrolment: Enrolment,
        role: Role,
        name: str,
        now: datetime,
        lifetime: timedelta,
    ) -> Issued:
        signed = authority.sign_client(name, now, lifetime)
        folder = self.handover(name)
        _make_private(folder.parent.parent)
        _make_private(folder.parent)
        _make_private(folder)
        # First on record: a certificate that nobody knows of could not be revoked.
        issued = _issued(signed, role, name, now)
        self._record(enrolment.with_issued(issued))
        replace_durably(folder / "ca.pem", authority.certificate)
        replace_durably(folder / "camera.key", signed.key)
        replace_durably(folder / "camera.pem", signed.certificate)
        return issued

    def _relist(self, enrolment: Enrolment, authority: Authority, now: datetime) -> None:
        """A new revocation list, and then the record."""
        # OpenSSL takes the later of two lists of one authority, counts in whole seconds, and refuses everybody
        # while a list lies in the future: also when the broker's clock is behind.
        later = max(now - BACKDATED, enrolment.listed + timedelta(seconds=1)).replace(microsecond=0)
        enrolment = enrolment.model_copy(update={"canary": f"{new_serial():x}", "listed": later})
        revoked = authority.revoke(enrolment.revoked_serials(now), later)
        self._serve("crl.pem", revoked, Account.named(enrolment.account))
        self._record(enrolment)

    def _record(self, enrolment: Enrolment) -> None:
        """Write who may do what, then who holds a certificate."""
        self._serve("acl", access_list(enrolment).encode(), Account.named(enrolment.account))
        replace_durably(self.path / "enrolment.json", encode_enrolment(enrolment))

    def _serve_certificate(self, server: Signed, account: Account) -> None:
        # One file for both: between two of them a broker that starts would find a pair that does not fit.
        self._serve("server.pem", server.certificate + server.key, account)

    def _serve(self, name: str, data: bytes, account: Account) -> None:
        replace_durably(self.served / name, data, account.file_mode)
        account.let_read(self.served / name)

    def _make_folders(self, account: Account) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self.path.iterdir()):
                raise BadInput(f"{self.path} is not empty", do="choose another folder", safe="nothing was changed")
            self._authority.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.has_authority:
                raise BadInput(
                    f"{self._authority} holds an authority's key", do="choose another", safe="nothing was changed"
                )
            self._authority.chmod(0o700)
            self.path.chmod(0o700)
            (self.served / "data").mkdir(mode=0o700, parents=True)
            self.served.chmod(0o700)
        except OSError as refused:
            raise MediaFailing(
                f"{self.path} could not be made ({refused.strerror})", do="check the permissions above it"
            ) from refused
        account.let_pass(self.path)
        account.let_read(self.served)
        account.own(self.served / "data")

    @contextmanager
    def _alone(self) -> Iterator[Enrolment]:
        """The enrolment, while no other command changes it. Raises: Unavailable, and as `read`."""
        self.read()
        try:
            descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as refused:
            raise MediaFailing(
                f"{self.path} cannot be written ({refused.strerror})", do="check its permissions"
            ) from refused
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                raise Unavailable(
                    f"another command is changing {self.path}", do="try again", safe="nothing was changed"
                ) from held
            yield self.read()
        finally:
            os.close(descriptor)


def _issued(signed: Signed, role: Role, name: str, now: datetime) -> Issued:
    return Issued(serial=f"{signed.serial:x}", role=role, name=name, made=now, ends=signed.not_after)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as refused:
        raise MediaFailing(
            f"{folder} could not be made ({refused.strerror})", do="make room or check its permissions"
        ) from refused


def _require_private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadInput(
            f"the authority's {path} can be read by others (mode {mode:04o})",
            do=f"run: chmod go= {path}",
            safe="nothing was changed",
        )
