"""The unmasked view, open to one person: first the register line, then the permit; in the end both are settled."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from pathlib import Path

from edgecam.core.clock import Clock
from edgecam.core.durable import open_shared
from edgecam.core.errors import DataLoss, EdgecamError, MediaFailing, NotAllowed
from edgecam.core.smallframes import SmallFrame, SmallFrames
from edgecam.custody.register.register import Register
from edgecam.custody.register.unmasked_line import Ending, complete_unmasked_view, register_unmasked_view
from edgecam.masking.permit import Permit, Why, read_permit

_log = logging.getLogger(__name__)


class UnmaskedDoor:
    """The permit at ``permit`` and the pictures at ``frames``, both in RAM. For one process, one view at a time."""

    def __init__(self, register: Register, permit: Path, frames: Path, clock: Clock) -> None:
        self._register, self._permit, self._frames, self._clock = register, permit, frames, clock

    def settle(self) -> None:
        """End what an earlier process left open. Raises: as `Register.write`, with the view closed."""
        try:
            left = read_permit(self._permit)
        except DataLoss:
            left = None
        self._permit.unlink(missing_ok=True)
        if left is not None:
            complete_unmasked_view(self._register, left, Ending.PAGE_ENDED, None)

    def open(
        self, opened_by: str, opened_for: str, why: Why, opened_mono_ns: int, until_mono_ns: int
    ) -> UnmaskedSight:
        """Permit the view until then, 15 minutes after ``opened_mono_ns`` at most.

        Raises: as `Register.write`, and MediaFailing; then nothing is shown.
        """
        now = self._clock.now()
        line = register_unmasked_view(self._register, opened_by, opened_for, why, until_mono_ns, now)
        permit = Permit(
            id=secrets.token_hex(16),
            line=line.sequence,
            opened_by=opened_by,
            opened_for=opened_for,
            why=why,
            boot=now.boot_id.hex(),
            opened_mono_ns=opened_mono_ns,
            until_mono_ns=until_mono_ns,
        )
        try:
            _write_in_ram(self._permit, permit.encode())
        except MediaFailing:
            complete_unmasked_view(self._register, permit, Ending.REFUSED, 0)
            raise
        return UnmaskedSight(self._register, self._permit, self._frames, permit, self._clock)


class UnmaskedSight:
    """What one person sees while ``permit`` stands; `close` once. Any thread may call it."""

    def __init__(self, register: Register, permit_path: Path, frames: Path, permit: Permit, clock: Clock) -> None:
        self._register, self._path, self._permit, self._clock = register, permit_path, permit, clock
        self._lock = threading.Lock()
        self._frames: SmallFrames | None = SmallFrames(frames)
        self._last: SmallFrame | None = None

    def newest(self) -> SmallFrame | None:
        """The newest unmasked picture that was not given yet; it is not to be kept.

        Raises: NotAllowed when the permit stands no more.
        """
        with self._lock:
            if self._frames is None or not self._stands():
                raise NotAllowed("the unmasked view is over", do="ask the owner to open another one")
            frame = self._frames.newest()
            if frame is not None:
                self._last = frame
            # What was captured before this view was opened is none of its pictures.
            return frame if frame is not None and frame.captured_mono_ns >= self._permit.opened_mono_ns else None

    def close(self, how: Ending, looked_s: int) -> None:
        """Take the permit back, forget the picture, complete the line. Never raises."""
        with self._lock:
            if self._frames is None:
                return
            self._frames = None
            if self._last is not None:
                self._last.picture.buffer.fill(0)
                self._last = None
            try:
                if self._is_ours():
                    self._path.unlink(missing_ok=True)
                complete_unmasked_view(self._register, self._permit, how, looked_s)
            except (EdgecamError, OSError) as refused:
                _log.error("the end of an unmasked view could not be registered: %s", refused)

    def _stands(self) -> bool:
        return self._is_ours() and self._permit.stands(self._clock.now())

    def _is_ours(self) -> bool:
        try:
            return read_permit(self._path) == self._permit
        except DataLoss:
            return False


def _write_in_ram(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = open_shared(beside, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except OSError as refused:
        raise MediaFailing(
            f"the permit for the unmasked view could not be written ({refused.strerror})",
            do="make room on the tmpfs",
            safe="nothing is shown unmasked",
        ) from refused
