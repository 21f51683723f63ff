"""Every start of the board, and how the one before it ended: a line of JSON each, the newest thousand kept."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from edgecam.core.clock import Clock, Instant
from edgecam.core.durable import append_durably, replace_durably
from edgecam.core.errors import DataLoss
from edgecam.core.told import text, whole_number

MOST_LINES = 1000
_MOST_BYTES = 600
_CARD_RESET = 0x20  # <linux/watchdog.h>, WDIOF_CARDRESET
# A Raspberry Pi's register PM_RSTS: the watchdog's full reset. Its kernel restarts through the watchdog too, so
# it says nothing after a clean stop; and some boards say "power on" after anything, so that is not believed.
_PI_WATCHDOG = 0x20
_HEX = 16


class Ended(StrEnum):
    """How a run of the board ended. UNCLEAN: its power went, or it hung and nobody's watchdog says so."""

    FIRST = "first"
    CLEAN = "clean"
    PANIC = "panic"
    WATCHDOG = "watchdog"
    UNCLEAN = "unclean"


@dataclass(frozen=True, slots=True)
class Alive:
    """What is known of a run of the board while it lasts; ``stopped`` says that it ended as it should."""

    boot_id: str
    mono_ns: int
    wall_ns: int
    stopped: bool = False

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Restart:
    """One start: when, and of the run before how it ended and how long it was known to last (ns; 0: unknown).

    ``trust`` is the wall clock's at the start; ``evidence`` says what ``ended`` was read from.
    """

    boot_id: str
    wall_ns: int
    trust: int
    ended: Ended
    before_boot_id: str
    before_mono_ns: int
    evidence: str

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the machine itself shows of the last reset."""

    panic: bool = False
    watchdog: bool = False
    register: str = ""


def decode_alive(data: bytes) -> Alive:
    """Raises: DataLoss."""
    fields = _fields(data)
    try:
        stopped = fields["stopped"]
        if type(stopped) is not bool:
            raise ValueError("not a yes or no")
        return Alive(
            text(fields["boot_id"]), whole_number(fields["mono_ns"]), whole_number(fields["wall_ns"]), stopped
        )
    except (ValueError, KeyError) as broken:
        raise DataLoss(f"what is known of the last run cannot be read ({broken})") from broken


def decode_restart(line: bytes) -> Restart:
    """Raises: DataLoss."""
    fields = _fields(line)
    try:
        return Restart(
            text(fields["boot_id"]),
            whole_number(fields["wall_ns"]),
            whole_number(fields["trust"]),
            Ended(fields["ended"]),
            text(fields["before_boot_id"]),
            whole_number(fields["before_mono_ns"]),
            text(fields["evidence"]),
        )
    except (ValueError, KeyError) as broken:
        raise DataLoss(f"a line of the log of restarts cannot be read ({broken})") from broken


def read_restarts(path: Path) -> list[Restart]:
    """The lines that can be read, oldest first; a torn or foreign one is stepped over."""
    found: list[Restart] = []
    for line in _lines(path):
        try:
            found.append(decode_restart(line))
        except DataLoss:
            continue
    return found


def how_it_ended(before: Alive | None, evidence: Evidence) -> Ended:
    """What became of the run ``before``: its own word goes first, for a restart looks like a watchdog's reset."""
    if before is None:
        return Ended.FIRST
    if before.stopped:
        return Ended.CLEAN
    if evidence.panic:
        return Ended.PANIC
    return Ended.WATCHDOG if evidence.watchdog else Ended.UNCLEAN


def read_evidence(sys: Path = Path("/sys"), var: Path = Path("/var"), programs: str | None = None) -> Evidence:
    """Ask the kernel for panics it kept, its watchdog for the last reset, and a Raspberry Pi's firmware."""
    kept = [*(sys / "fs/pstore").glob("dmesg-*"), *(var / "lib/systemd/pstore").rglob("dmesg*")]
    status = _number(_read(sys / "class/watchdog/watchdog0/bootstatus"), 0)
    register = _reset_register(programs)
    dog = status & _CARD_RESET or _number(register, _HEX) & _PI_WATCHDOG
    return Evidence(bool(kept), bool(dog), register)


class RestartLog:
    """The log in one folder. One thread uses it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._log, self._alive, self._clock = folder / "restarts.jsonl", folder / "alive.json", clock

    @property
    def path(self) -> Path:
        return self._log

    def begin(self, evidence: Evidence) -> Restart | None:
        """Write down this start of the board; ``None`` when only this process began anew. Raises: MediaFailing."""
        now = self._clock.now()
        before, told = self._before(), read_restarts(self._log)
        is_told = bool(told) and told[-1].boot_id == now.boot_id.hex()
        if is_told or (before is not None and before.boot_id == now.boot_id.hex()):
            self._say(now, stopped=False)
            return None
        restart = Restart(
            boot_id=now.boot_id.hex(),
            wall_ns=max(now.wall_ns, 0),
            trust=int(now.trust),
            ended=how_it_ended(before, evidence),
            before_boot_id=before.boot_id if before else "",
            before_mono_ns=before.mono_ns if before else 0,
            evidence=_words(evidence),
        )
        # In this order a power cut between the two costs nothing: it is told, and known to be.
        self._append(restart)
        self._say(now, stopped=False)
        return restart

    def keep(self, *, stopped: bool = False) -> None:
        """Say that the board runs, or that it is being stopped. Raises: MediaFailing."""
        self._say(self._clock.now(), stopped=stopped)

    def _say(self, now: Instant, *, stopped: bool) -> None:
        replace_durably(
            self._alive, Alive(now.boot_id.hex(), now.mono_ns, max(now.wall_ns, 0), stopped).encode(), 0o640
        )

    def _before(self) -> Alive | None:
        try:
            return decode_alive(self._alive.read_bytes()[: _MOST_BYTES + 1])
        except FileNotFoundError:
            return None
        except (OSError, DataLoss):
            return Alive("", 0, 0)  # there was one, and nothing more is known of it

    def _append(self, restart: Restart) -> None:
        lines = list(_lines(self._log))
        torn = bool(lines) and not self._log.read_bytes().endswith(b"\n")
        if torn or len(lines) >= MOST_LINES:
            kept: Sequence[bytes] = [line + b"\n" for line in lines[-(MOST_LINES - 1) :]]
            replace_durably(self._log, b"".join(kept) + restart.encode(), 0o640)
        else:
            append_durably(self._log, restart.encode(), 0o640)


def _words(evidence: Evidence) -> str:
    words = ["a kernel panic was kept"] * evidence.panic + ["the watchdog reports a reset"] * evidence.watchdog
    return "; ".join([*words, f"reset register {evidence.register}"] if evidence.register else words)


def _lines(path: Path) -> list[bytes]:
    return [line for line in _read_bytes(path).split(b"\n") if line and len(line) <= _MOST_BYTES]


def _fields(data: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as broken:
        raise DataLoss("that is no line of the log of restarts") from broken
    if len(data) > _MOST_BYTES or not isinstance(fields, dict):
        raise DataLoss("that is no line of the log of restarts")
    return fields


def _reset_register(programs: str | None) -> str:
    program = shutil.which("vcgencmd", path=programs)
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "get_rsts"], stdin=subprocess.DEVNULL, capture_output=True, timeout=1.0, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    said = done.stdout[:40].decode("ascii", "replace").strip()
    return said.removeprefix("get_rsts=") if said.startswith("get_rsts=") else ""


def _number(said: str, base: int) -> int:
    try:
        return int(said, base)
    except ValueError:
        return 0


def _read(path: Path) -> str:
    return _read_bytes(path)[:40].decode("ascii", "replace").strip()


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
