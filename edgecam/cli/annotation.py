"""A video with what the analysis made of it drawn in: objects, zones, lines, and the events that last."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from edgecam.cli.beside import written_beside
from edgecam.cli.clip import Clip
from edgecam.cli.clipevent import ClipEvent
from edgecam.cli.clipwitness import ClipWitness
from edgecam.cli.eventlist import clock_text
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import MediaFailing
from edgecam.core.events import EventKind
from edgecam.core.frames import MaskedFrame
from edgecam.core.picture import U8, Picture

_TICKS_PER_S = 1000
# An alarm that is over in a moment stays readable.
_SHOWN_AT_LEAST_S = 2.0
_MOST_CAPTIONS = 8
_PLAIN, _ALARM, _ZONE, _PAPER = (80, 220, 80), (60, 60, 240), (230, 170, 40), (0, 0, 0)
_ENCODER = {"preset": "veryfast", "crf": "23"}
# They tell that something is there; all others tell that something is wrong.
_PRESENCES = frozenset(
    {EventKind.MOTION, EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL, EventKind.COUNTING}
)


@dataclass(frozen=True, slots=True)
class Outline:
    """A zone (``closed``) or a line of the rules; ``points`` 0-1 from the top left."""

    name: str
    points: tuple[tuple[float, float], ...]
    closed: bool


def write_annotated(
    path: Path, clip: Clip, events: Sequence[ClipEvent], witness: ClipWitness, outlines: Sequence[Outline]
) -> None:
    """Play ``clip`` again and write it to ``path``, H.264 in MP4, every frame at its time, without sound.

    Raises: MediaFailing when it cannot be written, and then nothing of it stays; as `Clip.play`.
    """
    brush = _Brush(clip.size, events, witness, outlines)
    with written_beside(path) as unfinished:
        try:
            with closing(av.open(str(unfinished), "w", format="mp4")) as movie:
                stream = movie.add_stream(
                    "libx264", rate=Fraction(clip.fps).limit_denominator(1001), options=_ENCODER
                )
                stream.width, stream.height = clip.size
                stream.pix_fmt = "yuv420p"
                stream.time_base = stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
                last = -1

                def take(frame: MaskedFrame) -> None:
                    nonlocal last
                    at_s = frame.captured_mono_ns / NS_PER_S
                    video = av.VideoFrame.from_ndarray(brush.drawn(frame.full, at_s), format="bgr24")
                    # Two frames within a millisecond still have an order.
                    last = video.pts = max(round(at_s * _TICKS_PER_S), last + 1)
                    video.time_base = Fraction(1, _TICKS_PER_S)
                    movie.mux(stream.encode(video))

                clip.play(take, 1.0)
                movie.mux(stream.encode())
        except (av.FFmpegError, OSError) as refused:
            raise MediaFailing(
                f"{path} could not be written ({refused.strerror or refused})", do="make room or name another place"
            ) from refused


class _Brush:
    def __init__(
        self,
        size: tuple[int, int],
        events: Sequence[ClipEvent],
        witness: ClipWitness,
        outlines: Sequence[Outline],
    ) -> None:
        self._size, self._events, self._witness, self._outlines = size, events, witness, outlines
        self._scale = max(0.5, min(size) / 900)
        self._thickness = max(1, round(min(size) / 400))

    def drawn(self, picture: Picture, at_s: float) -> U8:
        """``picture`` as BGR ``(height, width, 3)`` with everything on it that holds at ``at_s``."""
        # Only here: most runs of the command line draw nothing.
        import cv2

        planes = picture.buffer.reshape(-1, picture.width)
        canvas = np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)
        for outline in self._outlines:
            points = np.array([self._pixel(*point) for point in outline.points], np.int32)
            cv2.polylines(canvas, [points], outline.closed, _ZONE, self._thickness)
            self._write(canvas, outline.name, self._pixel(*outline.points[0]), _ZONE)
        alarms = [one for one in self._events if one.kind not in _PRESENCES and _is_shown(one, at_s)]
        alarming = {event.track for event in alarms}
        for seen in self._witness.at(at_s):
            self._frame(canvas, seen.box, f"{seen.kind} {seen.track}", _ALARM if seen.track in alarming else _PLAIN)
        for event in alarms:
            # An event of a track tells where that was last; where it is now is drawn already.
            if event.box is not None and event.track is None:
                self._frame(canvas, event.box, "", _ALARM)
        self._write(canvas, clock_text(at_s), (self._thickness * 4, self._line(1)), _PLAIN)
        for row, event in enumerate(alarms[:_MOST_CAPTIONS], 2):
            where = f" {event.zone}" if event.zone else ""
            caption = f"{event.kind.replace('_', ' ')}{where}: {event.reason}"
            self._write(canvas, caption, (self._thickness * 4, self._line(row)), _ALARM)
        return canvas

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        width, height = self._size
        return round(min(max(x, -1), 2) * (width - 1)), round(min(max(y, -1), 2) * (height - 1))

    def _line(self, row: int) -> int:
        return round(row * 32 * self._scale)

    def _frame(
        self, canvas: U8, box: tuple[float, float, float, float], text: str, colour: tuple[int, int, int]
    ) -> None:
        import cv2

        start, end = self._pixel(*box[:2]), self._pixel(*box[2:])
        cv2.rectangle(canvas, start, end, colour, self._thickness)
        if text:
            self._write(canvas, text, (start[0], max(start[1] - 4, self._line(1))), colour)

    def _write(self, canvas: U8, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
        """On a dark ground, so that it can be read anywhere; the fonts of OpenCV have ASCII alone."""
        import cv2

        ascii_only = text.encode("ascii", "replace").decode()
        font = cv2.FONT_HERSHEY_SIMPLEX
        (width, height), below = cv2.getTextSize(ascii_only, font, self._scale, self._thickness)
        x, y = place
        cv2.rectangle(canvas, (x, y - height - 2), (x + width, y + below), _PAPER, cv2.FILLED)
        cv2.putText(canvas, ascii_only, place, font, self._scale, colour, self._thickness, cv2.LINE_AA)


def _is_shown(event: ClipEvent, at_s: float) -> bool:
    return event.start_s <= at_s <= max(event.end_s, event.start_s + _SHOWN_AT_LEAST_S)
