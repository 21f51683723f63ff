"""A broker as `edgecam broker` makes it, run by Debian's Mosquitto, for tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentstand import PASSPHRASE, PATIENCE_S, accepts, free_ports, wait_until
from stand import mosquitto_path

from edgecam.telemetry.address import Address
from edgecam.telemetry.authority import Authority
from edgecam.telemetry.brokeraccount import Account
from edgecam.telemetry.brokerfolder import BrokerFolder, NewBroker
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.enrolment import Role
from edgecam.telemetry.mosquittoconf import Place, mosquitto_conf

DAYS_90 = timedelta(days=90)
OURSELVES = Account(pwd.getpwuid(os.geteuid()).pw_name, None)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Template:
    """A folder with its open authority, made once: a passphrase is slow to set and to try, and is meant to be."""

    path: Path
    authority: Authority
    account: Account

    @classmethod
    def make(cls, path: Path, account: Account = OURSELVES) -> Template:
        new = NewBroker(("127.0.0.1", "localhost"), 8883, "127.0.0.1", account)
        return cls(path, BrokerFolder(path).create(new, PASSPHRASE, now()), account)


class BrokerStand:
    """A broker's folder, and the Mosquitto that is started from it."""

    def __init__(self, template: Template, copied: Path | None) -> None:
        """Without ``copied`` the template itself is used."""
        self._program = mosquitto_path()
        (self.port,) = free_ports(1)
        path = shutil.copytree(template.path, copied) if copied else template.path
        self.folder = BrokerFolder(path)
        self.authority = template.authority
        place = Place(self.folder.served, self.port, "127.0.0.1", template.account.name)
        self.folder.configuration.write_text(mosquitto_conf(place))
        self.address = Address("127.0.0.1", self.port, tls=True)
        self.log = path / "mosquitto.log"

    def enrol(self, name: str, role: Role = Role.CAMERA) -> Credentials:
        """A certificate for ``name``, as the settings of a camera name it."""
        self.folder.enrol(self.authority, role, name, now(), DAYS_90)
        return self.credentials(name)

    def credentials(self, name: str) -> Credentials:
        handed = self.folder.handover(name)
        return Credentials(
            ca_file=handed / "ca.pem", cert_file=handed / "camera.pem", key_file=handed / "camera.key"
        )

    def change(self, old: str, new: str) -> None:
        """Set it up wrongly: replace a line of the configuration."""
        text = self.folder.configuration.read_text()
        assert old in text
        self.folder.configuration.write_text(text.replace(old, new))

    @contextmanager
    def running(self) -> Iterator[None]:
        with open(self.log, "ab") as log:
            process = subprocess.Popen([self._program, "-c", str(self.folder.configuration)], stderr=log)
        try:
            wait_until(lambda: accepts(self.port), f"mosquitto listens: {self.log.read_text()}")
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
