"""What updating remembers in ``/state/system``: what a trial has to reach, what was refused, put off, done."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from edgecam.appliance.deferral import Deferral
from edgecam.core.durable import append_durably, flush_directory, replace_durably
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.core.status import Fault
from edgecam.core.told import text, whole_number

_MOST_BYTES = 8192
_MOST_LINES = 200
_log = logging.getLogger(__name__)
_Note = TypeVar("_Note")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the version before did when ``version`` was installed, and what this one is to do as well.

    ``page``: its page answered; ``broker``: it was connected to one; ``faults`` are the codes that stood then.
    """

    version: str
    page: bool = True
    broker: bool = False
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The version that was left last, why, and when by a clock that may be wrong."""

    version: str
    why: str
    at_wall_ns: int = 0

    @property
    def fault(self) -> Fault:
        """For whoever tells how the camera is."""
        return Fault("update_refused", f"Version {self.version} was left again: {self.why}.")


@dataclass(frozen=True, slots=True)
class Looked:
    """What the last look at [update] url found, and when it was; with a ``problem``, what was found before it."""

    version: str
    newer: bool
    problem: str
    at_wall_ns: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last installing: of which version (empty: not known yet), in which boot (hex), and how it ended.

    ``over`` without a ``why`` is one whose restart was ordered.
    """

    version: str
    at_wall_ns: int
    boot: str
    over: bool = False
    why: str = ""


Note: TypeAlias = Expected | Refused | Looked | Attempt | Deferral


def decode_expected(data: bytes) -> Expected:
    """Raises: DataLoss."""

    def made(told: dict[str, Any]) -> Expected:
        faults = tuple(text(code) for code in told["faults"])
        return Expected(text(told["version"]), told["page"] is True, told["broker"] is True, faults)

    return _decoded(data, made)


def decode_refused(data: bytes) -> Refused:
    """Raises: DataLoss."""
    return _decoded(
        data, lambda told: Refused(text(told["version"]), text(told["why"]), whole_number(told["at_wall_ns"]))
    )


def decode_looked(data: bytes) -> Looked:
    """Raises: DataLoss."""
    return _decoded(
        data,
        lambda told: Looked(
            text(told["version"]), told["newer"] is True, text(told["problem"]), whole_number(told["at_wall_ns"])
        ),
    )


def decode_deferral(data: bytes) -> Deferral:
    """Raises: DataLoss."""
    return _decoded(
        data, lambda told: Deferral(whole_number(told["since_wall_ns"]), whole_number(told["until_wall_ns"]))
    )


def decode_attempt(data: bytes) -> Attempt:
    """Raises: DataLoss."""

    def made(told: dict[str, Any]) -> Attempt:
        version, at_wall_ns, boot = text(told["version"]), whole_number(told["at_wall_ns"]), text(told["boot"])
        return Attempt(version, at_wall_ns, boot, told["over"] is True, text(told["why"]))

    return _decoded(data, made)


def encode_note(note: Note) -> bytes:
    return json.dumps(asdict(note)).encode()


def _decoded(data: bytes, made: Callable[[dict[str, Any]], _Note]) -> _Note:
    try:
        return made(json.loads(data))
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("a note about updates cannot be read") from broken


@dataclass(frozen=True, slots=True)
class UpdateNotes:
    """The notes in ``folder``. What cannot be read counts as not there: no update may hang on a note."""

    folder: Path = Path("/state/system")

    @property
    def refused_path(self) -> Path:
        return self.folder / "update-refused.json"

    def expected(self) -> Expected | None:
        return self._read("update-trial.json", decode_expected)

    def refused(self) -> Refused | None:
        return self._read(self.refused_path.name, decode_refused)

    def looked(self) -> Looked | None:
        return self._read("update-looked.json", decode_looked)

    def deferral(self) -> Deferral | None:
        return self._read(self._deferral_path.name, decode_deferral)

    def attempt(self) -> Attempt | None:
        return self._read("update-attempt.json", decode_attempt)

    @property
    def _deferral_path(self) -> Path:
        return self.folder / "update-deferred.json"

    def expect(self, expected: Expected) -> None:
        """Raises: MediaFailing."""
        self._write("update-trial.json", expected)

    def refuse(self, refused: Refused) -> None:
        """Raises: MediaFailing."""
        self._write(self.refused_path.name, refused)

    def look(self, looked: Looked) -> None:
        """Raises: MediaFailing."""
        self._write("update-looked.json", looked)

    def defer(self, deferral: Deferral) -> None:
        """Raises: MediaFailing."""
        self._write(self._deferral_path.name, deferral)

    def attempted(self, attempt: Attempt) -> None:
        """Tell of ``attempt``; a medium that refuses keeps nobody from installing."""
        try:
            self._write("update-attempt.json", attempt)
        except MediaFailing as refused:
            _log.warning("%s", refused)

    def forget_deferral(self) -> None:
        """Nothing waits any more that could be put off."""
        self._forget(self._deferral_path)

    def forget_refused(self) -> None:
        """What was refused does not matter any more."""
        self._forget(self.refused_path)

    def tell(self, at_wall_ns: int, what: str, version: str, why: str = "") -> None:
        """Log what was done, and keep it beyond this start; a medium that refuses keeps nobody from going on."""
        _log.info("%s %s%s", what, version, f": {why}" if why else "")
        line = json.dumps({"at_wall_ns": at_wall_ns, "what": what, "version": version, "why": why})
        path = self.folder / "updates.jsonl"
        try:
            lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
            if len(lines) >= _MOST_LINES:
                replace_durably(path, b"".join(lines[-_MOST_LINES // 2 :]), 0o644)
            append_durably(path, line.encode() + b"\n", 0o644)
        except (OSError, MediaFailing) as refused:
            _log.warning("%s", refused)

    def _forget(self, path: Path) -> None:
        with suppress(OSError):
            if path.exists():
                path.unlink()
                flush_directory(self.folder)

    def _read(self, name: str, decode: Callable[[bytes], _Note]) -> _Note | None:
        try:
            with (self.folder / name).open("rb") as file:
                return decode(file.read(_MOST_BYTES))
        except (OSError, DataLoss):
            return None

    def _write(self, name: str, note: Note) -> None:
        # Read by the hub as well, which is nobody here.
        replace_durably(self.folder / name, encode_note(note), 0o644)
