"""Learned normality: tells what is unusual for this camera at this hour, and why."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from typing import Final

from edgecam.analysis.attention import Attention, Verdict
from edgecam.analysis.cells import cells_apart, foot_of, place_in_words
from edgecam.analysis.civilhour import CivilHour, civil_hour, civil_time
from edgecam.analysis.daybook import PAGES, Daybook
from edgecam.analysis.finding import Finding
from edgecam.analysis.habits import BINS, KINDS, PARTS, SLOTS, Aspect, Habits, Mark, Usualness, part_of
from edgecam.analysis.look import Look
from edgecam.analysis.passage import Passage
from edgecam.analysis.track import Track
from edgecam.analysis.unusual import reason_of
from edgecam.core.errors import DataLoss
from edgecam.core.events import EventKind

# What is seen on so many days is no longer unusual, whatever the scores say.
_USUAL_DAYS: Final = 3
_USUAL_SHARE: Final = 0.05
_RETURNS: Final = 3
_SURE_HITS: Final = 4
_SURE_S: Final = 1.5
_LONGEST_STEP_S: Final = 30.0
_MOST_SUSPECTS: Final = 1024
_MOST_PASSAGES: Final = 64
_MAGIC: Final = b"EDGENRM1"
_HEAD: Final = struct.Struct("<8sIHH")
_SUSPECT: Final = struct.Struct("<IQ")


@dataclass(frozen=True, slots=True)
class _Telling:
    """What was told of a track; ``reason`` takes how long it stayed until now, seconds."""

    start_wall_ns: int
    confidence: float
    zone: str | None
    reason: Callable[[float], str]


def _unnamed(x: float, y: float) -> str | None:
    return None


class NormalityJudge:
    """Learns by local time, so it learns and tells nothing while the clock is not set (`at_trust`).

    ``zone`` is the camera's time zone, ``learning_days`` on how many days an hour of the day is watched before
    anything in it is called unusual; ``zone_at`` names the zone at a point in shares of the picture, or ``None``.
    Memory is bounded (about 0.6 MB). Outlives the analysers that it is given to.
    """

    def __init__(
        self,
        zone: tzinfo,
        learning_days: int = 14,
        zone_at: Callable[[float, float], str | None] = _unnamed,
    ) -> None:
        self._zone, self._learning_days, self._zone_at = zone, learning_days, zone_at
        self._trust = 0
        self._lost = False
        self._hour: CivilHour | None = None
        self._passages: dict[int, Passage] = {}
        self._told: dict[int, _Telling] = {}
        self._open: dict[int, Finding] = {}
        self._book = Daybook(SLOTS)
        self._habits = Habits(self._book)
        self._attention = Attention()
        # What stood out, and the pages on which it did. Not learned before it has come back.
        self._suspects: dict[Mark, int] = {}

    def at_trust(self, trust: int) -> None:
        """How far the wall clock of the looks to come is believed; 0 is not at all."""
        self._trust = trust

    @property
    def progress(self) -> str:
        """For a status: ``learning, 9 of 14 nights``, ``learned from 21 nights``, or that the clock is not set."""
        if self._hour is None:
            return "not learning, the clock is not set" if self._lost else "not begun"
        days, wanted = self._book.days_watched(self._hour.hour), self._learning_days
        part = PARTS[part_of(self._hour.hour)]
        return f"learning, {days} of {wanted} {part}" if days < wanted else f"learned from {days} {part}"

    def observe(self, look: Look) -> list[Finding]:
        """What became unusual with this look, and which of it ended."""
        hour = civil_hour(look.wall_ns, self._zone) if self._trust else None
        self._lost = hour is None
        if hour is None:
            self._passages.clear()
            self._hour = None
            return self._ended({})
        self._hour = hour
        if self._book.watch(hour, min(max(look.elapsed_s, 0.0), _LONGEST_STEP_S)):
            self._turn()
        learned_days = self._book.days_watched(hour.hour)
        if 2 * learned_days >= self._learning_days:
            self._attention.watch()
        live = {track.number: track for track in look.tracks if track.confirmed and track.kind in KINDS}
        for number in [number for number in self._passages if number not in live]:
            self._learn(self._passages.pop(number))
        found = self._ended(live)
        for track in live.values():
            finding = self._followed(track, hour, look)
            found += [finding] if finding else []
        return found

    def forget(self, wall_ns: int) -> list[Finding]:
        """End what is open; what was learned stays. ``wall_ns`` ends what has no later moment."""
        for passage in self._passages.values():
            self._learn(passage)
        self._passages.clear()
        return self._ended({})

    def _turn(self) -> None:
        self._habits.turned()
        self._attention.turn()
        shifted = {mark: pages << 1 & (1 << PAGES) - 1 for mark, pages in self._suspects.items()}
        self._suspects = {mark: pages for mark, pages in shifted.items() if pages}

    def _followed(self, track: Track, hour: CivilHour, look: Look) -> Finding | None:
        passage = self._passages.get(track.number)
        if passage is None:
            if len(self._passages) >= _MOST_PASSAGES:
                return None
            passage = self._passages[track.number] = Passage(track, hour, KINDS.index(track.kind))
        elif passage.hour != hour:
            self._learn(passage)
            passage.next_hour(hour)
        size = look.picture.width, look.picture.height
        found: Finding | None = None
        for mark in passage.look(track, size):
            usual = self._habits.usualness(mark)
            rare = self._is_rare(usual)
            if rare and not _is_sure(track):
                # Asked again when it is sure, if it is still there.
                continue
            passage.marks[mark] = rare
            if not rare:
                continue
            verdict = self._weighed(passage, mark, usual, hour)
            passage.stands_out |= verdict != Verdict.ORDINARY
            passage.covered |= verdict in (Verdict.TELL, Verdict.COVERED)
            if verdict == Verdict.TELL:
                told = self._told[track.number] = self._telling(track, mark, usual, look)
                found = self._finding(track, told, passage.longest_stay_s)
        if track.number in self._told:
            # As it ends, should the track not come back.
            ending = self._finding(track, self._told[track.number], passage.longest_stay_s)
            self._open[track.number] = replace(ending, end_wall_ns=track.seen_wall_ns)
        return found

    def _is_rare(self, usual: Usualness) -> bool:
        seldom = usual.seen_days < _USUAL_DAYS and usual.seen_days <= _USUAL_SHARE * usual.of_days
        return seldom and 2 * usual.of_days >= self._learning_days

    def _weighed(self, passage: Passage, mark: Mark, usual: Usualness, hour: CivilHour) -> Verdict:
        days = min(self._book.days_watched(hour.hour), usual.of_days)
        known = days >= self._learning_days
        score = -math.log(max(self._habits.rate(mark, hour), 1e-12))
        return self._attention.weigh(mark, score, passage.leads, passage.covered, known)

    def _learn(self, passage: Passage) -> None:
        page = self._book.page_of(passage.hour.day)
        if page is None:
            return
        for mark, rare in passage.marks.items():
            if passage.stands_out and rare:
                self._suspect(mark, page)
            else:
                self._book.note(mark.slot, 1 << page)

    def _suspect(self, mark: Mark, page: int) -> None:
        if mark not in self._suspects and len(self._suspects) >= _MOST_SUSPECTS:
            del self._suspects[next(iter(self._suspects))]
        self._suspects[mark] = self._suspects.get(mark, 0) | 1 << page
        alike = [other for other in self._suspects if _alike(mark, other)]
        days = 0
        for other in alike:
            days |= self._suspects[other]
        if days.bit_count() >= _RETURNS:
            for other in alike:
                self._admit(other)

    def _admit(self, mark: Mark) -> None:
        self._book.note(mark.slot, self._suspects.pop(mark))

    def _ended(self, live: Container[int]) -> list[Finding]:
        gone = [number for number in self._open if number not in live]
        for number in gone:
            del self._told[number]
        return [self._open.pop(number) for number in gone]

    def _telling(self, track: Track, mark: Mark, usual: Usualness, look: Look) -> _Telling:
        zone = self._zone_at(*foot_of(track.box, look.picture.width, look.picture.height))
        reason = partial(
            reason_of,
            mark,
            usual,
            f"in {zone}" if zone else place_in_words(mark.cell),
            civil_time(look.wall_ns, self._zone),
            self._habits.usual_stay(mark) if mark.aspect == Aspect.STAY else -1,
        )
        # Sure that it is unusual, and sure that it is there at all.
        rate = usual.seen_days / max(usual.of_days, 1)
        confidence = min(1.0 - rate, 0.99) * min(1.0, 0.5 + track.score)
        return _Telling(track.seen_wall_ns, confidence, zone, reason)

    @staticmethod
    def _finding(track: Track, told: _Telling, stayed_s: float) -> Finding:
        return Finding(
            (EventKind.UNUSUAL, track.number),
            EventKind.UNUSUAL,
            told.start_wall_ns,
            told.confidence,
            told.reason(stayed_s),
            zone=told.zone,
            track=track.number,
            box=track.box,
        )

    def state(self) -> bytes:
        """All that was learned, to be kept over a restart; at most about 0.6 MB, mostly much less."""
        attention = self._attention.encode()
        suspects = b"".join(_SUSPECT.pack(mark.slot, pages) for mark, pages in self._suspects.items())
        body = zlib.compress(self._book.encode() + suspects + attention)
        return _HEAD.pack(_MAGIC, zlib.crc32(body), len(self._suspects), len(attention)) + body

    def restore(self, data: bytes) -> None:
        """Go on from a `state`; what was learned until now is dropped.

        Raises: DataLoss for anything else; then nothing has changed.
        """
        self._book, self._suspects, self._attention = _decoded(data)
        self._habits = Habits(self._book)


def _is_sure(track: Track) -> bool:
    return track.hits >= _SURE_HITS and track.seen_s - track.first_s >= _SURE_S


def _alike(one: Mark, other: Mark) -> bool:
    """Whether both are the same thing coming back: a cell, an hour and a class do not matter."""
    if one.aspect != other.aspect or one.kind != other.kind:
        return False
    turned = abs(one.bin - other.bin)
    if (min(turned, BINS - turned) if one.aspect == Aspect.DIRECTION else turned) > 1:
        return False
    apart = abs(one.when - other.when)
    if one.aspect == Aspect.PRESENCE:
        timely = min(apart, 24 - apart) <= 1
    else:
        timely = one.aspect != Aspect.STAY or apart == 0
    return timely and cells_apart(one.cell, other.cell) <= 1


def _decoded(data: bytes) -> tuple[Daybook, dict[Mark, int], Attention]:
    book_size = Daybook.encoded_size(SLOTS)
    try:
        magic, check, count, attention_size = _HEAD.unpack_from(data)
        body = data[_HEAD.size :]
        if magic != _MAGIC or zlib.crc32(body) != check or count > _MOST_SUSPECTS:
            raise DataLoss("learned habits do not authenticate")
        size = book_size + count * _SUSPECT.size + attention_size
        plain = zlib.decompressobj().decompress(body, size + 1)
    except (struct.error, zlib.error) as broken:
        raise DataLoss("learned habits do not parse") from broken
    if len(plain) != size:
        raise DataLoss("learned habits are of another length")
    book = Daybook.decode(plain[:book_size], SLOTS)
    suspects = dict(_SUSPECT.iter_unpack(plain[book_size : size - attention_size]))
    known = (1 << len(book.days)) - 1
    if len(suspects) != count or any(slot >= SLOTS or pages & ~known for slot, pages in suspects.items()):
        raise DataLoss("learned habits tell of what cannot be")
    marks = {Mark.of_slot(slot): pages for slot, pages in suspects.items()}
    return book, marks, Attention.decode(plain[size - attention_size :])
