"""The unmasked view: small pictures from before the mask, in RAM, while a permit stands; never on any way out.

Its pixels go into a memory of their own and nowhere else. What is burnt, encoded and shown to others stays masked.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import DataLoss
from edgecam.core.frames import RawFrame
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.masking.permit import LONGEST_S, Permit, read_permit
from edgecam.masking.shrink import shrink, small_size_for

# Nobody has looked for the permit for so long: then nobody knows whether it stands.
_UNSEEN_NS = 5 * NS_PER_S
_log = logging.getLogger(__name__)


class UnmaskedView:
    """Follows the permit at ``permit`` and shows at ``frames``, both in RAM.

    `look_for_permit` is for one thread, once a second; `show` for the source's. `close` when neither is called any
    more. Fails closed: whatever goes wrong, there is no view, and recording goes on.
    """

    def __init__(self, permit: Path, frames: Path, clock: Clock) -> None:
        self._permit, self._frames, self._clock = permit, frames, clock
        self._showing: _Showing | None = None
        self._known_id, self._known_since_ns = "", 0
        self._refused_id = ""
        # A recorder that was killed could not take its pixels along.
        _erase_left_over(frames)

    def look_for_permit(self) -> None:
        """Begin to show when a permit stands, stop when it does not."""
        now_ns = self._clock.mono_ns()
        permit = self._standing()
        showing = self._showing
        if showing is not None and (permit is None or permit.id != showing.permit_id):
            self._stop(showing, "the permit is gone")
            showing = None
        if permit is None or permit.id == self._refused_id:
            return
        if permit.id != self._known_id:
            self._known_id, self._known_since_ns = permit.id, now_ns
        # Whatever the permit says, and however often it is written anew.
        until_ns = min(permit.until_mono_ns, self._known_since_ns + LONGEST_S * NS_PER_S)
        if now_ns >= until_ns:
            if showing is not None:
                self._stop(showing, "its time is over")
            self._refused_id = permit.id
        elif showing is None:
            _log.warning("the unmasked view is open for %s, by %s", permit.opened_for, permit.opened_by)
            self._showing = _Showing(permit.id, self._frames, until_ns, now_ns)
        else:
            showing.until_ns, showing.looked_ns = until_ns, now_ns

    def show(self, raw: RawFrame) -> None:
        """Show ``raw``, which was not burnt yet, if that is permitted; changes nothing of it. Never raises."""
        showing = self._showing
        if showing is None:
            return
        try:
            now = self._clock.now()
            if now.mono_ns >= showing.until_ns or now.mono_ns - showing.looked_ns > _UNSEEN_NS:
                self._refused_id = showing.permit_id
                self._stop(showing, "its time is over")
                return
            showing.publish(raw, now.wall_ns - (now.mono_ns - raw.captured_mono_ns))
        except Exception:  # noqa: BLE001 - fails closed: whatever broke, there is no view and recording goes on
            _log.exception("the unmasked view broke and is closed")
            self._refused_id = showing.permit_id
            self._stop(showing, "it broke")

    def close(self) -> None:
        """Leave no pixel behind."""
        showing = self._showing
        if showing is not None:
            self._stop(showing, "the recorder ends")
        _erase_left_over(self._frames)

    def _standing(self) -> Permit | None:
        try:
            permit = read_permit(self._permit)
        except DataLoss as broken:
            _log.warning("%s", broken)
            return None
        return permit if permit is not None and permit.stands(self._clock.now()) else None

    def _stop(self, showing: _Showing, why: str) -> None:
        self._showing = None
        showing.end()
        _log.warning("the unmasked view is closed: %s", why)


class _Showing:
    """One time of showing, under one permit; its memory is made at the first picture."""

    def __init__(self, permit_id: str, path: Path, until_ns: int, now_ns: int) -> None:
        self.permit_id, self.until_ns, self.looked_ns = permit_id, until_ns, now_ns
        self._path = path
        # Guards what follows: one thread shows, another may end it.
        self._lock = threading.Lock()
        self._ended = False
        self._writer: SmallFrameWriter | None = None
        self._small: Picture | None = None
        self._descriptor = -1

    def publish(self, raw: RawFrame, wall_ns: int) -> None:
        with self._lock:
            if self._ended:
                return
            if self._writer is None or self._small is None:
                self._small = Picture(*small_size_for(raw.picture.width, raw.picture.height))
                self._writer = SmallFrameWriter(self._path, self._small.width, self._small.height)
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW)
            if small_size_for(raw.picture.width, raw.picture.height) != (self._small.width, self._small.height):
                raise ValueError("the picture changed its size")
            shrink(raw.picture, self._small)
            self._writer.publish(self._small, raw.captured_mono_ns, wall_ns, raw.sequence, private=False)

    def end(self) -> None:
        """Overwrite every copy with zeros, and give the memory back; once more does nothing."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            if self._small is not None:
                self._small.buffer.fill(0)
            if self._descriptor >= 0:
                # By descriptor, so that the bytes go whatever became of the name.
                _overwrite(self._descriptor)
                os.close(self._descriptor)
            if self._writer is not None:
                with suppress(BufferError):  # somebody still holds a view of it, of zeros
                    self._writer.close()
            _erase_left_over(self._path)


def _erase_left_over(path: Path) -> None:
    """Overwrite and remove what lies at ``path``, and what was being made beside it."""
    for left in (path, path.with_name(f".{path.name}.new")):
        try:
            descriptor = os.open(left, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue  # mostly: there is none
        _overwrite(descriptor)
        os.close(descriptor)
        with suppress(OSError):
            left.unlink()


def _overwrite(descriptor: int) -> None:
    """Zeros over a file in RAM, which whoever has it mapped sees at once; a shorter file would crash them."""
    end = 0
    # Only where there are bytes: zeros in a hole would need room that may not be there.
    with suppress(OSError):
        while True:
            start = os.lseek(descriptor, end, os.SEEK_DATA)  # raises behind the last bytes
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
            os.pwrite(descriptor, bytes(end - start), start)
