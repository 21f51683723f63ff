"""A real Mosquitto with the configuration that `edgecam broker init` writes, on free ports of loopback."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edgecam.core.errors import Unavailable
from edgecam.telemetry.accesslist import access_list
from edgecam.telemetry.authority import Authority
from edgecam.telemetry.brokeraccount import Account
from edgecam.telemetry.brokerfolder import BrokerFolder, NewBroker
from edgecam.telemetry.enrolment import Issued, Role, watcher_name
from parts.fleetwords import HOST
from parts.mosquittopath import mosquitto_path
from parts.processes import Process, tree

_PLAIN_LISTENER = """
# The benchmark's own, to see what TLS costs.
listener {port} {host}
allow_anonymous true
"""
_PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.005
_DAY = timedelta(days=1)
# Whoever is killed cannot end its children: have the kernel do it (prctl(2), PR_SET_PDEATHSIG, SIGKILL).
_END_WITH_PARENT = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Files:
    """What a watcher shows and trusts."""

    ca_file: str
    cert_file: str
    key_file: str


class Broker:
    """Started, killed and started again; its folder is the caller's."""

    def __init__(self, folder: Path) -> None:
        """Make ``folder`` with a new authority, which takes seconds. Raises: BadInput, Unavailable."""
        self._program = mosquitto_path()
        self.port, self.plain_port = _free_ports()
        self.folder = BrokerFolder(folder)
        account = Account(pwd.getpwuid(os.geteuid()).pw_name, None)
        new = NewBroker((HOST,), self.port, HOST, account)
        self.authority: Authority = self.folder.create(new, secrets.token_urlsafe(24), datetime.now(UTC))
        self._configuration = folder / "fleet.conf"
        plain = _PLAIN_LISTENER.format(port=self.plain_port, host=HOST)
        self._configuration.write_text(self.folder.configuration.read_text() + plain)
        self._log = folder / "fleet.log"
        self._process: subprocess.Popen[bytes] | None = None

    def add_watcher(self, name: str) -> Files:
        """A certificate for one who reads everything."""
        who = watcher_name(name)
        self.folder.enrol(self.authority, Role.READER, who, datetime.now(UTC), _DAY)
        handed = self.folder.handover(who)
        return Files(*(str(handed / file) for file in ("ca.pem", "camera.pem", "camera.key")))

    def list_cameras(self, names: Sequence[str]) -> None:
        """Let the cameras of these ``names`` in, as the access list does; before it is started."""
        now, known = datetime.now(UTC), self.folder.read()
        cameras = tuple(
            Issued(serial=f"{number:x}", role=Role.CAMERA, name=name, made=now, ends=now + _DAY)
            for number, name in enumerate(names, 1)
        )
        everybody = known.model_copy(update={"issued": (*known.issued, *cameras)})
        (self.folder.served / "acl").write_text(access_list(everybody))

    def start(self) -> float:
        """Start it; the moment from which on it took connections, monotonic seconds. Raises: Unavailable."""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-ISc", _END_WITH_PARENT, self._program, "-c", str(self._configuration)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until_s and self._process.poll() is None:
            with suppress(OSError), socket.create_connection((HOST, self.plain_port)):
                return time.monotonic()
            time.sleep(_LOOK_EVERY_S)
        raise Unavailable("mosquitto did not start", do=f"see what it said: {self._log.read_text()[-500:]!r}")

    def kill(self) -> float:
        """As if its machine had crashed; when that was, monotonic seconds."""
        killed_s = time.monotonic()
        self._end(signal.SIGKILL)
        return killed_s

    def forget(self) -> None:
        """What it kept over its end: sessions, retained and waiting messages."""
        (self.folder.served / "data" / "mosquitto.db").unlink(missing_ok=True)

    def usage(self) -> Process:
        """CPU time and peak memory since it was started. Raises: Unavailable when it has ended."""
        number = self._process.pid if self._process is not None else 0
        told = tree(number).get(number)
        if told is None:
            raise Unavailable("mosquitto ended", do=f"see what it said: {self._log.read_text()[-500:]!r}")
        return told

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """A broker that is ended afterwards; to be started."""
    made = Broker(folder)
    try:
        yield made
    finally:
        made.close()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]
