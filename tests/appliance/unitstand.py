"""A camera whose parts are three users in their units' sandboxes, each with a service manager that listens."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import unitsandbox
from agentstand import PATIENCE_S, RUN_ROOT, Agent, Sections, wait_until

from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts
from edgecam.keys.passwordhash import FLOOR, decoy

# Not those of the image: here they must be nobody's.
GROUPS = {"edgecam": 61_100, "edgecam-unmasked": 61_101, "edgecam-orders": 61_102, "video": 61_103}
USERS = {"recorder": 61_110, "observer": 61_111, "hub": 61_112}
PARTS = tuple(USERS)
_MOUNTS = """
mount --bind "$1" "$1"
if [ -n "$2" ]; then
    mount --bind "$2" "$3"
    mount -t tmpfs -o mode=755 tmpfs "$4"
    mkdir -p "$2"
    mount --bind "$3" "$2"
fi
[ -z "$5" ] || mount -t tmpfs -o mode=000 tmpfs "$5"
mount -o remount,bind,ro /
shift 5
exec "$@"
"""


def groups_of(part: str) -> list[int]:
    """The groups that the unit gives its process, its own first."""
    more = [value for key, value in unitsandbox.read_unit(part) if key == "SupplementaryGroups"]
    names = [unitsandbox.setting(part, "Group"), *(name for value in more for name in value.split())]
    return [GROUPS[name] for name in names]


class Manager:
    """What one part told its service manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self.told: list[str] = []

    def count(self, fact: str) -> int:
        """How often ``fact`` was told; a fact ends where its line does."""
        while True:
            try:
                self.told += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self.told.count(fact)

    @property
    def status(self) -> str:
        """The newest status."""
        return next((line for line in reversed(self.told) if line.startswith("STATUS=")), "")

    def forget(self) -> None:
        self.count("")
        self.told.clear()

    def close(self) -> None:
        self._socket.close()


class UnitStand:
    """The camera ``agent``, set up, and its parts' processes; `close` leaves none."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self._stage = agent.folder / "interpreter"
        self._stage.mkdir()
        self.managers = {part: Manager(agent.folder / f"{part}.notify") for part in PARTS}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, part: str) -> None:
        """As its unit does: the same user, groups, namespaces, calls and environment."""
        told = [value for key, value in unitsandbox.read_unit(part) if key == "Environment"]
        environment = dict(word.split("=", 1) for value in told for word in value.split())
        environment |= {"NOTIFY_SOCKET": str(self.managers[part].path), "PATH": os.environ["PATH"]}
        self.managers[part].forget()
        with open(self.agent.log, "ab") as log:
            self.processes[part] = subprocess.Popen(
                self._command(part), env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _command(self, part: str) -> list[str]:
        settings = dict(unitsandbox.read_unit(part))
        lone = ["--net"] if settings.get("PrivateNetwork") == "yes" else []
        closed = str(self.agent.places.unmasked) if "InaccessiblePaths" in settings else ""
        group, *_ = groups = groups_of(part)
        # The interpreter may lie where only root comes, as /root.
        base = Path(sys.base_prefix).resolve()
        barred = next((one for one in reversed(base.parents) if not one.stat().st_mode & 0o001), None)
        way = ["", "", ""] if barred is None else [str(base), str(self._stage), str(barred)]
        user = USERS[part]
        as_user = ["setpriv", f"--reuid={user}", f"--regid={group}", f"--groups={','.join(map(str, groups))}"]
        python = [sys.executable, str(Path(unitsandbox.__file__)), part, sys.executable, "-I", "-m"]
        return [
            *("unshare", "--mount", "--ipc", *lone, "--"),
            *("sh", "-ec", _MOUNTS, "sh", str(self.agent.folder), *way, closed),
            *(*as_user, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"),
            *("unshare", "--user", f"--map-user={user}", f"--map-group={group}", "--"),
            *(*python, f"edgecam.{part}", str(self.agent.settings)),
        ]

    def wait_ready(self, part: str) -> None:
        manager = self.managers[part]
        wait_until(
            lambda: manager.count("READY=1") > 0,
            f"{part} is ready: {manager.told} {self.agent.said()}",
            4 * PATIENCE_S,
        )

    def wait_beats(self, part: str, beats: int = 2) -> None:
        manager = self.managers[part]
        before = manager.count("WATCHDOG=1")
        wait_until(lambda: manager.count("WATCHDOG=1") >= before + beats, f"{part} beats: {self.agent.said()}")

    def ended(self, part: str) -> int:
        """The exit code of a part that ends by itself."""
        return self.processes.pop(part).wait(PATIENCE_S)

    def may(self, part: str, what: str, path: Path) -> bool:
        """Whether the part's user may ``what`` (r, w, x) ``path``."""
        user, groups = USERS[part], groups_of(part)
        code = "import os, sys; sys.exit(not os.access(sys.argv[1], int(sys.argv[2])))"
        wanted = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[what]
        asked = subprocess.run(
            ["/usr/bin/python3", "-c", code, str(path), str(wanted)],
            user=user,
            group=groups[0],
            extra_groups=groups,
            cwd="/",
            check=False,
        )
        return asked.returncode == 0

    def stop(self) -> Mapping[str, int]:
        """End every part as systemd does, and give the exit codes."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {part: self.ended(part) for part in list(self.processes)}

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()
        for manager in self.managers.values():
            manager.close()


@contextmanager
def three_users() -> Iterator[UnitStand]:
    """A camera on a street that is drawn, made by root and handed over, as the first start does it."""
    folder = Path(tempfile.mkdtemp(prefix="edgecam-units-"))
    run_dir = Path(tempfile.mkdtemp(prefix="edgecam-units-", dir=RUN_ROOT))
    folder.chmod(0o711)
    sections: Sections = {"analysis": {"enabled": True}, "telemetry": {"broker": "off"}, "album": {"enabled": True}}
    agent = Agent(folder, run_dir, sections=sections)
    _share(folder / "edgecam-state", "edgecam")
    _share(run_dir, "edgecam")
    _share(run_dir / "unmasked", "edgecam-unmasked")
    stand = UnitStand(agent)
    try:
        agent.setup()
        owner = Account("0" * 32, "owner", AccountRole.OWNER, decoy(FLOOR), "setup", 0)
        accounts = agent.places.accounts
        accounts.write_bytes(encode_accounts(Accounts(agent.key.camera_id, FLOOR, (owner,)), agent.key.sign))
        accounts.chmod(0o600)
        for path in [*agent.places.state_dir.rglob("*"), agent.settings, *run_dir.rglob("*")]:
            os.chown(path, USERS["hub"], -1)
        yield stand
    finally:
        stand.close()
        shutil.rmtree(folder)
        shutil.rmtree(run_dir)


def _share(folder: Path, group: str) -> None:
    """Make ``folder`` as tmpfiles and the first start do."""
    folder.mkdir(exist_ok=True)
    os.chown(folder, USERS["hub"], GROUPS[group])
    folder.chmod(0o2770)
