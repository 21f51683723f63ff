"""The day's movements as short pieces: which small frames of what moves are kept, collected while it moves; pure.

A movement is the time in which something goes through the picture: from the first sighting of an object that turns
out to be one, until nothing has gone anywhere for four seconds, a minute at most. It becomes a piece of sixteen
frames at most, evenly spread over it: whenever they are too many every other one is dropped and half as many are
taken from then on. While nothing moves nothing is copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from edgecam.analysis.ration import Ration
from edgecam.analysis.track import Track
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import SCENE_KINDS, Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

FRAMES_PER_S: Final = 8
"""At which pieces are played."""
MOST_FRAMES: Final = 16
LONGEST_S: Final = 60.0
SECONDS_A_DAY: Final = 240.0
"""Of playing, at most: what somebody looks through in the evening."""
_PIECE_S: Final = MOST_FRAMES / FRAMES_PER_S
_LEAST_FRAMES: Final = 4
_GOING_S: Final = 2.0
_QUIET_S: Final = 4.0
_UNSURE_S: Final = 3.0
_MOST_NAMED: Final = 8
_OBJECTS: Final = (EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL)
_PLAIN: Final = frozenset({*_OBJECTS, EventKind.MOTION, EventKind.COUNTING})
_NO_MOVEMENT: Final = SCENE_KINDS | {EventKind.CLONED}
_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement that is over: its frames in order, all burnt with one mask set, and what was said of it.

    ``kinds`` begin with what the owner asked for.
    """

    pictures: tuple[Picture, ...]
    from_mono_ns: int
    to_mono_ns: int
    from_wall_ns: int
    to_wall_ns: int
    kinds: tuple[EventKind, ...]
    zones: tuple[str, ...]
    events: tuple[str, ...]
    mask_hash: bytes

    @property
    def is_plain(self) -> bool:
        """Whether no rule asked for it."""
        return _PLAIN.issuperset(self.kinds)


@dataclass(slots=True)
class _Open:
    """A movement that goes on; ``sure`` once an object of it was confirmed."""

    size: tuple[int, int]
    mask_hash: bytes
    from_s: float
    moved_s: float
    sure: bool = False
    taken: bool = True
    offered: int = 0
    every: int = 1
    frames: list[tuple[Picture, int, int]] = field(default_factory=list)
    kinds: list[EventKind] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


class Digest:
    """One camera's. Bounded: at most sixteen pictures are held."""

    def __init__(self, seconds_a_day: float = SECONDS_A_DAY) -> None:
        """``seconds_a_day`` is how long a day's pieces play together at most."""
        self._ration = Ration(seconds_a_day, least_saved=2 * _PIECE_S)
        self._open: _Open | None = None
        self._motions: set[str] = set()
        self.passed_over = 0

    @property
    def oldest_mono_ns(self) -> int | None:
        """The capture time of the oldest frame that is held; ``None`` without any."""
        return self._open.frames[0][1] if self._open is not None and self._open.frames else None

    def observe(self, frame: SmallFrame | None, events: Sequence[Event], tracks: Sequence[Track]) -> list[Movement]:
        """The movement that is over with this look, if one is; ``events`` opened or ended with it."""
        if frame is None:
            return []
        now_s = frame.captured_mono_ns / NS_PER_S
        self._follow_motions(events)
        if frame.private:
            return self._over(now_s)
        going = [track for track in tracks if _goes(track, now_s)]
        moves = bool(going or self._motions)
        comes = moves or any(not track.confirmed and now_s - track.first_s < _UNSURE_S for track in tracks)
        ended = self._over(now_s) if self._open is not None and self._is_over(self._open, frame, now_s) else []
        if self._open is None and comes:
            self._open = _Open(_size(frame), frame.mask_hash, now_s, now_s)
            self._open.taken = self._ration.may(now_s, _PIECE_S)
        if self._open is not None:
            self._go_on(self._open, frame, now_s, moves, comes)
            self._name(self._open, going, events, now_s)
        return ended

    def forget(self, now_s: float) -> list[Movement]:
        """What goes on is over; tracks begin anew."""
        self._motions = set()
        return self._over(now_s)

    def _follow_motions(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.kind == EventKind.MOTION:
                (self._motions.add if event.end_wall_ns is None else self._motions.discard)(event.event_id)

    def _is_over(self, one: _Open, frame: SmallFrame, now_s: float) -> bool:
        other = one.mask_hash != frame.mask_hash or one.size != _size(frame)
        quiet_s = _QUIET_S if one.sure else _UNSURE_S
        return other or now_s - one.moved_s > quiet_s or not 0 <= now_s - one.from_s <= LONGEST_S

    def _go_on(self, one: _Open, frame: SmallFrame, now_s: float, moves: bool, comes: bool) -> None:
        if moves:
            one.sure, one.moved_s = True, now_s
        if not comes or not one.taken:
            return
        if one.offered % one.every == 0:
            one.frames.append((_copy_of(frame.picture), frame.captured_mono_ns, frame.wall_ns))
        one.offered += 1
        if len(one.frames) > MOST_FRAMES:
            # The last one stays where it falls on the wider step: it is the newest that is known.
            del one.frames[1::2]
            one.every *= 2

    def _name(self, one: _Open, going: Sequence[Track], events: Sequence[Event], now_s: float) -> None:
        for event in events:
            if event.kind in _NO_MOVEMENT or (event.end_wall_ns is not None and event.revision):
                continue
            if event.kind not in _PLAIN and not one.taken and self._ration.may(now_s, _PIECE_S, first=True):
                # From here on: what somebody asked for is not passed over for those who merely went by before.
                one.taken = True
            _add(one.events, event.event_id)
            _add(one.kinds, event.kind)
            if event.zone is not None:
                _add(one.zones, event.zone)
        for track in going:
            _add(one.kinds, track.kind)

    def _over(self, now_s: float) -> list[Movement]:
        one, self._open = self._open, None
        if one is None or not one.sure:
            return []
        if not one.taken:
            self.passed_over += 1
        if len(one.frames) < _LEAST_FRAMES:
            return []
        self._ration.may(now_s, 0)
        self._ration.use(len(one.frames) / FRAMES_PER_S)
        pictures, monos, walls = zip(*one.frames, strict=True)
        return [
            Movement(
                pictures,
                monos[0],
                monos[-1],
                walls[0],
                max(walls[-1], walls[0]),
                tuple(sorted(one.kinds, key=_rank)),
                tuple(one.zones),
                tuple(one.events),
                one.mask_hash,
            )
        ]


def _goes(track: Track, now_s: float) -> bool:
    """Whether a confirmed object went anywhere in the last two seconds."""
    return track.confirmed and now_s - track.anchor_s < _GOING_S and now_s - track.seen_s < _GOING_S


def _size(frame: SmallFrame) -> tuple[int, int]:
    return frame.picture.width, frame.picture.height


def _copy_of(picture: Picture) -> Picture:
    return Picture(picture.width, picture.height, picture.buffer.copy())


def _add(names: list[_Name], name: _Name) -> None:
    if name not in names and len(names) < _MOST_NAMED:
        names.append(name)


def _rank(kind: EventKind) -> tuple[bool, str]:
    return kind in _PLAIN, kind
