"""Whether a part's work goes on, read from what it says of itself each second: a mere living thread is no work.

The recorder's status comes from a thread of its own, which goes on while its frames hang in a driver or an encoder:
so frames have to be counted, unless there is a reason to have none. The hub's comes from one that looks after the
page's thread: so the page has to answer. The observer's comes from the thread that looks.
"""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Final

from edgecam.core.clock import NS_PER_S
from edgecam.core.status import HubStatus, ObserverStatus, RecorderStatus

# The source's, or the encoder's, which the recorder opens anew by itself.
_SEEN_TO: Final = frozenset({"source_lost", "encoder"})
# From the first status to the first frame: a board's slow start.
_FIRST_FRAME_WITHIN_S: Final = 60
_ASKED_EVERY_S: Final = 5
_ANSWERS_WITHIN_S: Final = 3.0
_QUESTION: Final = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"


class Pulse:
    """Asked about once a second with what this process ``pid`` said last; one thread."""

    def __init__(self, pid: int, page: tuple[str, int] | None = None) -> None:
        """``page`` is where the hub's page is asked, its address and port."""
        self._pid, self._page = pid, page
        self._beat_ns = self._asked_ns = 0
        self._first_ns = self._frames = 0

    def beats(self, said: RecorderStatus | ObserverStatus | HubStatus | None) -> bool:
        """Whether ``said`` shows that work was done since the last time."""
        if said is None or said.pid != self._pid or said.beat_mono_ns <= self._beat_ns:
            return False
        self._beat_ns = said.beat_mono_ns
        if isinstance(said, RecorderStatus):
            return self._films(said)
        return not isinstance(said, HubStatus) or self._answers(said)

    def _films(self, said: RecorderStatus) -> bool:
        self._first_ns = self._first_ns or said.beat_mono_ns
        before, self._frames = self._frames, said.frames
        starting = not said.frames and said.beat_mono_ns - self._first_ns < _FIRST_FRAME_WITHIN_S * NS_PER_S
        seen_to = any(fault.code in _SEEN_TO for fault in said.faults)
        return said.frames != before or said.resting or starting or seen_to

    def _answers(self, said: HubStatus) -> bool:
        if not said.page or self._page is None:
            return True
        if self._asked_ns and said.beat_mono_ns - self._asked_ns < _ASKED_EVERY_S * NS_PER_S:
            return True
        if not _is_answered(*self._page):
            return False
        self._asked_ns = said.beat_mono_ns
        return True


def told(said: RecorderStatus | ObserverStatus | HubStatus) -> str:
    """How it goes, in a line."""
    if isinstance(said, RecorderStatus):
        goes = (
            f"{'recording' if said.recording else 'resting' if said.resting else 'not recording'}, {said.fps} fps"
        )
    elif isinstance(said, ObserverStatus):
        goes = f"looking, {said.look_ms} ms a look, {said.events} events"
    else:
        goes = f"page {said.page or 'off'}, broker {said.broker}, {said.outbox} events waiting"
    return "; ".join([goes, *(fault.sentence for fault in said.faults[:1])])


def _is_answered(host: str, port: int) -> bool:
    try:
        with closing(socket.create_connection((host, port), _ANSWERS_WITHIN_S)) as asked:
            asked.sendall(_QUESTION)
            return bool(asked.recv(1))
    except OSError:
        return False
