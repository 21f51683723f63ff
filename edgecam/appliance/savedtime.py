"""The time of day kept on the card: a board without a battery begins where it was, not in 1970.

``python3 -m edgecam.appliance.savedtime FILE`` sets the clock by it, once, before anything asks for the time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Clock, SystemClock, TimeTrust, set_wall
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss, EdgecamError, NotAllowed

_MOST_BYTES = 40
_EARLIEST_NS = 1_735_689_600 * NS_PER_S  # 2025-01-01T00:00:00Z, before the first edgecam
_LATEST_NS = 4_102_444_800 * NS_PER_S  # 2100-01-01T00:00:00Z
_EVERY_NS = 600 * NS_PER_S


def decode_saved_time(data: bytes) -> int:
    """Wall nanoseconds since 1970 UTC of a file's bytes. Raises: DataLoss."""
    digits = data.strip()
    if len(data) > _MOST_BYTES or not digits.isdigit():
        raise DataLoss("the saved time is no number")
    wall_ns = int(digits)
    if not _EARLIEST_NS <= wall_ns < _LATEST_NS:
        raise DataLoss("the saved time cannot be")
    return wall_ns


def read_saved_time(path: Path) -> int | None:
    """The saved wall time, ``None`` when there is none. Raises: DataLoss."""
    try:
        with path.open("rb") as file:
            return decode_saved_time(file.read(_MOST_BYTES + 1))
    except OSError:
        return None


class SavedTime:
    """Keeps the time of a clock that was set at least once; ten minutes of it may be lost. One thread uses it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._saved_mono_ns: int | None = None
        self._was_synced = False

    def keep(self, *, due: bool = False) -> bool:
        """Save the time when that is due; ``due`` says that it is in any case. Whether it was saved.

        What nobody ever set is not saved; the first time from the network is at once. Raises: MediaFailing.
        """
        now = self._clock.now()
        synced = now.trust is TimeTrust.SYNCED
        newly, self._was_synced = synced and not self._was_synced, synced
        if now.trust is TimeTrust.UNSET:
            return False
        since_ns = None if self._saved_mono_ns is None else now.mono_ns - self._saved_mono_ns
        if not (due or newly or since_ns is None or since_ns >= _EVERY_NS):
            return False
        replace_durably(self._path, b"%d\n" % now.wall_ns, 0o644)
        self._saved_mono_ns = now.mono_ns
        return True


def restore_time(path: Path, now_wall_ns: int) -> int | None:
    """What the clock is to be set to: the saved time where that is later. Raises: DataLoss."""
    saved_ns = read_saved_time(path)
    return saved_ns if saved_ns is not None and saved_ns > now_wall_ns else None


def main(path: Path) -> None:
    """Set the clock by the file at ``path``; a file that cannot be believed is removed: nobody knows the time then.

    Raises: NotAllowed when this process may not set it.
    """
    try:
        wall_ns = restore_time(path, SystemClock().now().wall_ns)
    except DataLoss as lost:
        path.unlink(missing_ok=True)
        sys.stderr.write(f"edgecam: {lost}\n")
        return
    if wall_ns is None:
        return
    try:
        set_wall(wall_ns)
    except OSError as refused:
        raise NotAllowed(f"the clock may not be set ({refused.strerror})", do="give it CAP_SYS_TIME") from refused


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except EdgecamError as failed:
        sys.stderr.write(f"edgecam: {failed}\n")
        raise SystemExit(1) from failed
