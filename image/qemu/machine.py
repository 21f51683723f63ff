"""A board under QEMU that boots a card as a Raspberry Pi's firmware would, and whose plug can be pulled."""

from __future__ import annotations

import base64
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from qemu.card import Card
from qemu.firmware import Boot, read_boot

_TRYBOOT = re.compile(r"Restarting system with command '0 tryboot'")
_TROUBLE = re.compile(r"(?i)failed|timed out|dependency|traceback|edgecam \w+:")
_POWER_DOWN = re.compile(r"reboot: Power down")
# systemd says these to the console at its end; the kernel's own lines come with a time.
_LOUD = "systemd.journald.forward_to_console=1 systemd.journald.max_level_console=info systemd.log_level=info"
# What is late on a board is on time in an emulator that shares its processor.
_PATIENT = base64.b64encode(b"[Service]\nTimeoutStartSec=20min\nWatchdogSec=3min\n").decode()
_PATIENCE = " ".join(
    f"systemd.set_credential_binary=systemd.unit-dropin.edgecam-{unit}.service:{_PATIENT}"
    for unit in ("recorder", "observer", "hub", "care")
)


class Machine:
    """One board with a card in it. ``on`` starts it, `pull` takes the power away; `wait_for` reads the console."""

    def __init__(
        self, card: Card, *, memory_mib: int = 512, extra: tuple[str, ...] = (), network: bool = True
    ) -> None:
        """``extra`` are further devices for QEMU; without ``network`` no cable is plugged in."""
        self.card, self.memory_mib, self._extra, self._network = card, memory_mib, extra, network
        self.folder = Path(tempfile.mkdtemp(prefix="edgecam-machine-"))
        self.page_port = _free_port()
        self.boots: list[Boot] = []
        self.trying = False
        self.started_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._lines: list[tuple[float, str]] = []
        self._news = threading.Condition()

    def on(self, words: str = "") -> None:
        """Give it power; ``words`` are added to the kernel's command line."""
        if self._process is not None:
            raise RuntimeError("it runs")
        boot = read_boot(self.card, self.folder, self.trying)
        self.trying = False  # the flag lives for one start
        self.boots.append(boot)
        self._lines.clear()
        self.started_s = time.monotonic()
        self._process = subprocess.Popen(
            self._command(boot, words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def pull(self) -> None:
        """Take the power away in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._ended()

    def wait_end(self, within_s: float) -> str:
        """Wait until it powers off or starts anew: ``off``, ``reboot`` or ``tryboot``; then it is off."""
        assert self._process is not None
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.pull()
            raise TimeoutError(f"it still runs after {within_s} s\n{self.tail()}") from None
        self._ended()
        text = self.console()
        if _TRYBOOT.search(text):
            self.trying = True
            return "tryboot"
        return "off" if _POWER_DOWN.search(text) else "reboot"

    def wait_for(self, pattern: str, within_s: float) -> re.Match[str]:
        """Wait for a line of the console. Raises: TimeoutError with the console's end."""
        wanted, until, seen = re.compile(pattern), time.monotonic() + within_s, 0
        with self._news:
            while True:
                for _, line in self._lines[seen:]:
                    if found := wanted.search(line):
                        return found
                seen = len(self._lines)
                left = until - time.monotonic()
                if left <= 0 or not self._alive():
                    raise TimeoutError(f"{pattern!r} was not said\n{self.tail()}")
                self._news.wait(min(left, 1.0))

    def said_after_s(self, pattern: str) -> float:
        """How long after power-on a line was said, in seconds. Raises: LookupError."""
        wanted = re.compile(pattern)
        with self._news:
            for at_s, line in self._lines:
                if wanted.search(line):
                    return at_s - self.started_s
        raise LookupError(pattern)

    def console(self) -> str:
        """All that it has said since power-on."""
        with self._news:
            return "\n".join(line for _, line in self._lines)

    def tail(self, lines: int = 40) -> str:
        """What went wrong on it, and its last ``lines``."""
        said = self.console().splitlines()
        return "\n".join([*filter(_TROUBLE.search, said[:-lines]), *said[-lines:]])

    def close(self) -> None:
        """Power off and tidy up."""
        if self._process is not None:
            self.pull()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self, boot: Boot, words: str) -> list[str]:
        forward = f"user,id=net,hostfwd=tcp:127.0.0.1:{self.page_port}-:443"
        cable = (
            ["-netdev", forward, "-device", "virtio-net-pci,netdev=net,romfile="]
            if self._network
            else ["-nic", "none"]
        )
        return [
            "qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a72", "-smp", "2",
            "-m", str(self.memory_mib), "-accel", "tcg,thread=multi", "-display", "none", "-serial", "stdio",
            "-monitor", "none", "-no-reboot",
            "-kernel", str(boot.kernel), "-initrd", str(boot.initramfs),
            "-append", f"{boot.command_line} {_LOUD} {_PATIENCE} {words}",
            "-drive", f"file={self.card.path},format=raw,if=none,id=card", "-device", "virtio-blk-pci,drive=card",
            *cable, "-device", "virtio-rng-pci",
            "-device", "i6300esb", "-action", "watchdog=reset", *self._extra,
        ]  # fmt: skip

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        # To be followed with `tail -f` while it runs.
        with open(self.folder / "console", "a") as console:
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                console.write(f"{line}\n")
                console.flush()
                with self._news:
                    self._lines.append((time.monotonic(), line))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _alive(self) -> bool:
        return self._reader is not None and self._reader.is_alive()

    def _ended(self) -> None:
        assert self._process is not None
        assert self._reader is not None
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
