"""The register: an append-only, hash-chained, camera-signed account of who looked, copied and erased.

A line is on the medium before `Register.write` returns, and only then is its act allowed. Several processes may
write at once. A line that a power cut left unfinished is kept beside the register, and that is itself registered.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edgecam.core.clock import Clock, SystemClock
from edgecam.core.durable import append_durably, replace_durably
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.custody.register_line import MAX_LINE_SIZE_BYTES, NO_LINE_BEFORE, Act, RegisterLine, decode_line
from edgecam.keys.camera import signed_by

# Holds a whole line and an unfinished one after it.
_TAIL_SIZE_BYTES = 4 * MAX_LINE_SIZE_BYTES


class Register:
    """The register file at ``path``, JSON lines; ``sign`` is the camera's (`CameraKey.sign`)."""

    def __init__(
        self, path: Path, sign: Callable[[bytes], bytes], camera_public: bytes, clock: Clock | None = None
    ) -> None:
        self.path = path
        self._sign = sign
        self._camera_public = camera_public
        self._clock = clock or SystemClock()
        self._aside = path.with_name(f"{path.name}.torn")

    def write(
        self,
        act: Act,
        *,
        who: str,
        purpose: str,
        footage: tuple[int, int] | None = None,
        detail: Mapping[str, str] | None = None,
        completes: int | None = None,
    ) -> RegisterLine:
        """Append one line and flush it; the act it tells of is allowed only once this has returned.

        ``footage`` is ``(from_wall_ns, to_wall_ns)``; ``completes`` names the line whose act is now finished.
        Raises: BadInput for a line without a name or too long, DataLoss when the register's end is not this
        camera's, MediaFailing when it cannot be written.
        """
        if not who.strip():
            raise BadInput("the register needs to know who acts", do="give a name")
        with self._alone():
            last = self._settle()
            return self._append(last, act, who, purpose, footage, detail or {}, completes)

    def complete(self, line: RegisterLine, detail: Mapping[str, str]) -> RegisterLine:
        """Register that the act of ``line`` is over, and how it ended. Raises: as `write`."""
        return self.write(line.act, who=line.who, purpose=line.purpose, detail=detail, completes=line.sequence)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock that every writer of this register takes, and turn refusals of the medium into ours."""
        try:
            descriptor = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)
        except OSError as refused:
            raise MediaFailing(
                f"the register {self.path} could not be written ({refused.strerror})",
                do="make room or check the permissions of its folder",
                safe="the act was not allowed, because it could not be registered",
            ) from refused

    def _settle(self) -> RegisterLine | None:
        """The last whole line, after anything unfinished behind it was moved aside and registered.

        Steps, each safe to repeat after a power cut: keep the unfinished bytes beside (flushed), cut them off,
        append the line that tells of it (flushed, the cut with it), give the kept bytes their lasting name.
        """
        tail = _read_tail(self.path)
        if tail.torn:
            kept = self._aside.read_bytes() if self._aside.exists() else b""
            replace_durably(self._aside, kept if kept.endswith(tail.torn) else kept + tail.torn)
            os.truncate(self.path, tail.end)
        last = self._trusted(tail.last)
        return self._register_repair(last) if self._aside.exists() else last

    def _register_repair(self, last: RegisterLine | None) -> RegisterLine:
        torn = self._aside.read_bytes()
        digest = hashlib.sha256(torn).hexdigest()
        if last is None or last.act is not Act.REPAIR or last.detail.get("sha256") != digest:
            detail = {"size_bytes": str(len(torn)), "sha256": digest}
            last = self._append(last, Act.REPAIR, "edgecam", "a line was never completed", None, detail, None)
        self._aside.rename(self.path.with_name(f"{self.path.name}.torn-{last.sequence}"))
        return last

    def _trusted(self, line: bytes | None) -> RegisterLine | None:
        if line is None:
            return None
        try:
            last = decode_line(line)
        except DataLoss as broken:
            raise _foreign(self.path) from broken
        if not signed_by(self._camera_public, last.signature, last.body()):
            raise _foreign(self.path)
        return last

    def _append(
        self,
        last: RegisterLine | None,
        act: Act,
        who: str,
        purpose: str,
        footage: tuple[int, int] | None,
        detail: Mapping[str, str],
        completes: int | None,
    ) -> RegisterLine:
        now = self._clock.now()
        unsigned = RegisterLine(
            sequence=last.sequence + 1 if last else 1,
            at_wall_ns=now.wall_ns,
            trust=now.trust,
            who=who,
            act=act,
            completes=completes,
            from_wall_ns=footage[0] if footage else None,
            to_wall_ns=footage[1] if footage else None,
            purpose=purpose,
            detail=detail,
            previous=last.hash if last else NO_LINE_BEFORE,
        )
        line = replace(unsigned, signature=self._sign(_encodable(unsigned)))
        data = line.encode()
        if len(data) > MAX_LINE_SIZE_BYTES:
            raise BadInput(f"a register line of {len(data)} bytes is too long", do="shorten the purpose")
        append_durably(self.path, data)
        return line


@dataclass(frozen=True, slots=True)
class _Tail:
    """``last`` is the last whole line, which ends at offset ``end``; ``torn`` is what stands behind it."""

    last: bytes | None
    end: int
    torn: bytes


def _read_tail(path: Path) -> _Tail:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - _TAIL_SIZE_BYTES)
            file.seek(start)
            data = file.read()
    except FileNotFoundError:
        return _Tail(None, 0, b"")
    end = data.rfind(b"\n") + 1
    begin = data.rfind(b"\n", 0, max(0, end - 1)) + 1
    # No line holds a zero byte: such a one is a page that never reached the medium before the power went.
    while end and b"\0" in data[begin:end]:
        end, begin = begin, data.rfind(b"\n", 0, max(0, begin - 1)) + 1
    if start and not begin:
        raise _foreign(path)
    return _Tail(data[begin:end] or None, start + end, data[end:])


def _encodable(line: RegisterLine) -> bytes:
    try:
        return line.body()
    except UnicodeEncodeError as broken:
        raise BadInput("a register line holds text that is not Unicode", do="type it again") from broken


def _foreign(path: Path) -> DataLoss:
    return DataLoss(
        f"the last line of the register {path} was not written by this camera",
        do="run `edgecam register verify`, keep the file as evidence and move it away; a new register then begins",
        safe="the act was not allowed, because it could not be registered",
    )
