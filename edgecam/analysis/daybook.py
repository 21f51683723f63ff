"""What was seen on each of the last 64 watched days, one bit a day: exact counts in bounded memory.

A page is a day that was watched, whatever its date: a camera that was off for a summer, or whose clock leapt,
has lost nothing, and a wrong date costs one page. Bit 0 of every word is the newest page.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.civilhour import HOURS_A_DAY, LAST_DAY, CivilHour
from edgecam.core.errors import DataLoss

U64 = NDArray[np.uint64]
PAGES: Final = 64
# A clock that shows a wrong date for less than this costs no page.
_PAGE_AFTER_S: Final = 60.0
_WATCHED_AFTER_S: Final = 1800.0
_ALL: Final = (1 << PAGES) - 1
_HEAD: Final = struct.Struct("<BiidBd")


class Daybook:
    """``words[slot]`` tells on which pages the slot was seen, ``watched[hour]`` on which an hour was watched.

    An hour counts as watched from 30 minutes on. One thread uses it.
    """

    def __init__(self, slots: int) -> None:
        self.words: U64 = np.zeros(slots, "<u8")
        self.watched: U64 = np.zeros(HOURS_A_DAY, "<u8")
        self.days: list[int] = []
        self._candidate, self._candidate_s = 0, 0.0
        self._hour, self._hour_s = CivilHour(0, 0), 0.0

    def watch(self, hour: CivilHour, elapsed_s: float) -> bool:
        """Count ``elapsed_s`` more seconds of watching in ``hour``; true when that began a new page."""
        turned = False
        if hour.day not in self.days:
            self._candidate_s = elapsed_s + (self._candidate_s if self._candidate == hour.day else 0.0)
            self._candidate = hour.day
            if self._candidate_s < _PAGE_AFTER_S:
                return False
            self._turn(hour.day)
            turned = True
        self._hour_s = elapsed_s + (self._hour_s if self._hour == hour else 0.0)
        self._hour = hour
        if self._hour_s >= _WATCHED_AFTER_S:
            self.watched[hour.hour] |= np.uint64(1 << self.days.index(hour.day))
        return turned

    def _turn(self, day: int) -> None:
        self.words <<= np.uint64(1)
        self.watched <<= np.uint64(1)
        self.days = [day, *self.days][:PAGES]

    def note(self, slot: int, pages: int) -> None:
        """``slot`` was seen on the pages whose bits are set in ``pages``."""
        self.words[slot] |= np.uint64(pages)

    def page_of(self, day: int) -> int | None:
        """How many pages back ``day`` is, or ``None`` when it has none."""
        return self.days.index(day) if day in self.days else None

    def days_watched(self, hour: int) -> int:
        """On how many days the hour of the day, 0-23, was watched."""
        return int(self.watched[hour]).bit_count()

    def pages_on(self, weekday: int) -> int:
        """A word with the bits of all pages that lie on ``weekday`` (0 is Monday)."""
        return sum(1 << page for page, day in enumerate(self.days) if (day - 1) % 7 == weekday)

    def encode(self) -> bytes:
        """All of it: little-endian, of one length."""
        head = _HEAD.pack(
            len(self.days), self._candidate, self._hour.day, self._hour_s, self._hour.hour, self._candidate_s
        )
        days = np.array(self.days + [0] * (PAGES - len(self.days)), "<i4").tobytes()
        return head + days + self.watched.tobytes() + self.words.tobytes()

    @staticmethod
    def encoded_size(slots: int) -> int:
        """How many bytes `encode` gives. Bytes."""
        return _HEAD.size + 4 * PAGES + 8 * (HOURS_A_DAY + slots)

    @classmethod
    def decode(cls, data: bytes, slots: int) -> Daybook:
        """Raises: DataLoss for anything that `encode` never gave."""
        if len(data) != cls.encoded_size(slots):
            raise DataLoss("a daybook is of another length")
        count, candidate, hour_day, hour_s, hour, candidate_s = _HEAD.unpack_from(data)
        if count > PAGES:
            raise DataLoss("a daybook has too many pages")
        rest = np.frombuffer(data, "<i4", PAGES, _HEAD.size).tolist()
        days, empty = rest[:count], rest[count:]
        plausible = all(0 < day <= LAST_DAY for day in days) and len(set(days)) == count and not any(empty)
        timely = 0 <= hour < HOURS_A_DAY and 0 <= hour_s < 1e6 and 0 <= candidate_s < 1e6
        if not (plausible and timely and 0 <= hour_day <= LAST_DAY and 0 <= candidate <= LAST_DAY):
            raise DataLoss("a daybook names days that cannot be")
        book = cls(slots)
        words = np.frombuffer(data, "<u8", HOURS_A_DAY + slots, _HEAD.size + 4 * PAGES)
        if np.bitwise_or.reduce(words) & np.uint64(_ALL ^ ((1 << count) - 1)):
            raise DataLoss("a daybook tells of pages that it does not have")
        book.watched[:], book.words[:] = words[:HOURS_A_DAY], words[HOURS_A_DAY:]
        book.days = days
        book._candidate, book._candidate_s = candidate, candidate_s
        book._hour, book._hour_s = CivilHour(hour_day, hour), hour_s
        return book
