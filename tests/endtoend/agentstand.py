"""One whole camera for a test: its folder and settings, the agent as real processes, and what to ask of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus, read_status
from edgecam.custody.evidence.export import Purpose, export_footage
from edgecam.custody.evidence.verify import verify_export
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import RegisterLine, decode_line
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.keys.owner import OwnerIdentity, create_owner, unlock_owner
from edgecam.places import Places, find_places
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader

CLOCK = SystemClock()
PASSPHRASE = "seven blue herons cross the estuary 42"
# Generous: the machine that runs the tests may be busy with something else.
PATIENCE_S = 60.0
RUN_ROOT = Path("/dev/shm")
# A street that costs next to nothing to draw and encode.
SCENE = "scene:street?width=320&height=180&fps=10"

Sections = Mapping[str, Mapping[str, Any]]
# What the stand's ring can keep: with two weeks to keep in 64 MiB, a fault stands for ever.
QUARTER_OF_AN_HOUR: Mapping[str, Any] = {"policy": "own", "days": 0.01}


def wait_until(come_true: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Poll until ``come_true()``; the test fails when that does not happen within ``patience_s``."""
    pause = threading.Event()
    until_ns = CLOCK.mono_ns() + int(patience_s * NS_PER_S)
    while not come_true():
        assert CLOCK.mono_ns() < until_ns, f"never happened: {what}"
        pause.wait(0.02)


@dataclass(frozen=True)
class Command:
    """How one command of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one sentence of a refused command; fails when it is not one, or something crashed."""
        assert self.code == 1, f"exit code {self.code}: {self.out}{self.err}"
        said = [line for line in self.err.splitlines() if line.startswith("edgecam: ")]
        assert said, f"refused without a sentence: {self.err}"
        assert len(set(said)) == 1, said
        assert "Traceback" not in self.err, self.err
        return said[0].removeprefix("edgecam: ")

    def json(self) -> Any:
        return json.loads(self.out)


class Agent:
    """A camera in ``folder``; `setup` makes it, `started` runs it, and the rest asks how it is."""

    def __init__(self, folder: Path, run_dir: Path, source: str = SCENE, sections: Sections | None = None) -> None:
        self.folder, self.run_dir = folder, run_dir
        self.settings = folder / "edgecam.toml"
        self.log = folder / "agent.log"
        self.mqtt_port, self.page_port = free_ports(2)
        self.sections: dict[str, dict[str, Any]] = {
            "camera": {"source": source, "width": 320, "height": 180, "fps": 10},
            # Short fragments, so that tests need not wait long; who proves a promise sets its own.
            "encoder": {"keyframe_interval_s": 0.5},
            "ring": {"size_gib": 0.0625},
            "analysis": {"enabled": False},
            # Most films here are noise, in which nobody finds a view again; who proves the guard switches it on.
            "masking": {"guard_aim": False},
            "telemetry": {"embedded_port": self.mqtt_port, "health_interval_s": 5},
            "web": {"port": self.page_port},
            "paths": {"run_dir": str(run_dir)},
        }
        self.configure(sections or {})
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, sections: Sections) -> None:
        """Change some settings, and write them all."""
        for name, values in sections.items():
            self.sections.setdefault(name, {}).update(values)
        lines = [
            line
            for name, values in self.sections.items()
            for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
        ]
        self.settings.write_text("\n".join(lines) + "\n")

    @property
    def places(self) -> Places:
        return find_places(self.settings)[1]

    @property
    def key(self) -> CameraKey:
        return load_camera_key(self.places.camera_key)

    def command(self, *arguments: str, powerless: bool = False, **environment: str) -> Command:
        """Run ``edgecam`` with ``arguments`` on these settings; ``powerless`` binds root to permissions too."""
        done = subprocess.run(
            [*(powerless_prefix() if powerless else ()), *self._edgecam(*arguments)],
            env={**_environment(), **environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_S,
            check=False,
        )
        return Command(done.returncode, done.stdout, done.stderr)

    def done(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        command = self.command(*arguments)
        assert command.code == 0, f"edgecam {' '.join(arguments)}: {command.out}{command.err}"
        return command.out

    def setup(self) -> None:
        """Make the camera; its owner's key is the same for all cameras of a run, because making one is slow."""
        state_dir = self.folder / "edgecam-state"
        state_dir.mkdir(mode=0o700, exist_ok=True)
        recipient, locked, _ = owner()
        (state_dir / "owner.age").write_bytes(locked)
        (state_dir / "owner.recipients").write_text(f"{recipient}\n")
        self.setup_again()

    def setup_again(self) -> None:
        """Once more: what is there already stays."""
        self.done("setup")

    def refused_run(self, *arguments: str) -> str:
        """The sentence with which ``edgecam run`` refuses."""
        return self.command("run", *arguments).refusal

    def start(self, *arguments: str, **environment: str) -> None:
        """Start ``edgecam run`` as a process of its own; its output goes to `log`."""
        assert self._process is None, "it runs already"
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self._edgecam("run", *arguments),
                env={**_environment(), **environment},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[Agent]:
        """The agent, recording; stopped cleanly at the end."""
        self.start(*arguments, **environment)
        try:
            self.wait_recording()
            yield self
        finally:
            code = self.stop()
        assert code == 0, self.said()

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send ``number`` to the supervisor and give its exit code."""
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        process.send_signal(number)
        try:
            return process.wait(PATIENCE_S)
        finally:
            # An agent that hangs must not outlive its test; its parts end with it.
            process.kill()
            process.wait()

    def ended(self) -> int:
        """The exit code of an agent that ends by itself."""
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        return process.wait(PATIENCE_S)

    def end(self) -> None:
        """Leave no process behind, whatever the test did."""
        if self._process is not None:
            self.stop(signal.SIGTERM)

    @property
    def pid(self) -> int:
        assert self._process is not None, "it does not run"
        return self._process.pid

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    @property
    def recorder(self) -> RecorderStatus | None:
        return read_status(self.run_dir / "recorder.json", RecorderStatus)

    @property
    def observer(self) -> ObserverStatus | None:
        return read_status(self.run_dir / "observer.json", ObserverStatus)

    @property
    def hub(self) -> HubStatus | None:
        return read_status(self.run_dir / "hub.json", HubStatus)

    def faults(self) -> dict[str, str]:
        """What all parts complain of now: codes and sentences."""
        parts = (self.recorder, self.observer, self.hub)
        found: list[Fault] = [fault for part in parts if part is not None for fault in part.faults]
        return {fault.code: fault.sentence for fault in found}

    def wait_recording(self, segments: int = 2) -> None:
        """Until ``segments`` more segments are committed than are now."""
        before = len(self.headers())
        wait_until(lambda: len(self.headers()) >= before + segments, f"{segments} more segments: {self.said()}")

    def wait_fault(self, code: str) -> str:
        wait_until(lambda: code in self.faults(), f"the fault {code}: {self.faults()} {self.said()}")
        return self.faults()[code]

    def headers(self) -> list[SegmentHeader]:
        """The headers of all committed segments; needs no passphrase."""
        medium = FileMedium.open(self.places.ring, writable=False)
        try:
            return [stored.header for stored in RingReader(medium).segments()]
        finally:
            medium.close()

    def recordings(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(self.done("recordings", "--json"))
        return listed

    def register_lines(self) -> list[RegisterLine]:
        return [decode_line(line) for line in self.places.register.read_bytes().splitlines(keepends=True)]

    def export(self, name: str = "copy.mp4", from_: str = "1970-01-01", to: str = "now") -> list[Path]:
        """All files of an export of everything; each has been verified."""
        out = self.folder / name
        self.done("export", "--from", from_, "--to", to, "-o", str(out))
        paths = [out, *sorted(self.folder.glob(f"{out.stem}-*{out.suffix}"))]
        for path in paths:
            assert "genuine" in self.done("verify", str(path))
        return paths

    def copy(self, name: str = "copy.mp4") -> list[Path]:
        """All files of a copy of everything, without the command line and its slow passphrase; each is genuine."""
        medium = FileMedium.open(self.places.ring, writable=False)
        register = Register(self.places.register, self.key.sign, self.key.public)
        try:
            reader, out = RingReader(medium), self.folder / name
            begin, end = -(1 << 62), 1 << 62
            done = export_footage(reader, owner()[2], begin, end, out, register, Purpose("a test", "to look"))
        finally:
            medium.close()
        assert not done.damaged
        for path in done.paths:
            assert verify_export(path, self.key.public).genuine
        return list(done.paths)

    def _edgecam(self, *arguments: str) -> list[str]:
        command, *rest = arguments
        return [sys.executable, "-m", "edgecam", command, "--settings", str(self.settings), *rest]


# Makes cameras, each in a folder of its own; what the fixture `new_camera` gives.
NewCamera = Callable[..., Agent]


@cache
def owner() -> tuple[str, bytes, OwnerIdentity]:
    """The owner of all cameras: recipient, the secret under `PASSPHRASE`, and the secret."""
    recipient, locked = create_owner(PASSPHRASE)
    return recipient, locked, unlock_owner(locked, PASSPHRASE)


@contextmanager
def camera(
    folder: Path, source: str = SCENE, sections: Sections | None = None, *, made: bool = True
) -> Iterator[Agent]:
    """A camera in the new folder ``folder``, set up; whatever it leaves in RAM or running is gone at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    run_dir = Path(tempfile.mkdtemp(prefix="edgecam-test-", dir=RUN_ROOT))
    agent = Agent(folder, run_dir, source, sections)
    try:
        if made:
            agent.setup()
        yield agent
    finally:
        agent.end()
        shutil.rmtree(run_dir, ignore_errors=True)


def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDGECAM_")}
    return {**environment, "EDGECAM_PASSPHRASE": PASSPHRASE}


def powerless_prefix() -> tuple[str, ...]:
    """The beginning of a command line whose process may do no more than file permissions allow its user."""
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.getuid() == 0 else ()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def accepts(port: int) -> bool:
    """Whether somebody listens at this port of loopback."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def frame_times_s(path: Path) -> list[float]:
    """When each frame of an export is shown, in seconds from its start; every frame has been decoded."""
    with av.open(str(path)) as container:
        assert not container.streams.audio
        times = [frame.time for frame in container.decode(video=0)]
    assert all(time is not None for time in times)
    return [time for time in times if time is not None]


def is_alive(pid: int) -> bool:
    """Whether ``pid`` still does something; one that waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in ("Z", "X")
