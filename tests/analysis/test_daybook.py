from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.civilhour import CivilHour
from edgecam.analysis.daybook import PAGES, Daybook
from edgecam.core.errors import DataLoss

SLOTS = 5
MONDAY = 739_677


def _watched(book: Daybook, day: int, hour: int = 9, seconds: int = 2000) -> None:
    for _ in range(seconds // 20):
        book.watch(CivilHour(day, hour), 20.0)


def _book() -> Daybook:
    book = Daybook(SLOTS)
    for day in range(3):
        _watched(book, MONDAY + day)
        book.note(day, 1)
    return book


def test_a_page_begins_after_a_minute_and_an_hour_counts_after_thirty() -> None:
    book = Daybook(SLOTS)
    _watched(book, MONDAY, seconds=40)
    assert book.days == []
    _watched(book, MONDAY, seconds=20)
    assert book.days == [MONDAY]
    _watched(book, MONDAY, seconds=1700)
    assert book.days_watched(9) == 0
    _watched(book, MONDAY, seconds=200)
    assert book.days_watched(9) == 1
    assert book.days_watched(8) == 0


def test_pages_move_back_as_days_come() -> None:
    book = _book()
    assert book.days == [MONDAY + 2, MONDAY + 1, MONDAY]
    assert book.words.tolist() == [0b100, 0b010, 0b001, 0, 0]
    assert book.page_of(MONDAY) == 2
    assert book.page_of(MONDAY + 3) is None
    assert book.pages_on(0) == 0b100


def test_a_clock_that_goes_back_a_day_finds_its_page() -> None:
    book = _book()
    _watched(book, MONDAY + 1, hour=22)
    assert book.days == [MONDAY + 2, MONDAY + 1, MONDAY]
    assert int(book.watched[22]) == 0b010


def test_the_oldest_page_falls_off() -> None:
    book = Daybook(SLOTS)
    for day in range(PAGES + 2):
        _watched(book, MONDAY + day)
        book.note(0, 1)
    assert len(book.days) == PAGES
    assert int(book.words[0]).bit_count() == PAGES


def test_a_book_survives_its_bytes() -> None:
    book = _book()
    again = Daybook.decode(book.encode(), SLOTS)
    assert again.encode() == book.encode()
    assert np.array_equal(again.words, book.words)
    assert again.days == book.days


@given(st.data())
def test_any_bytes_are_a_book_or_data_loss(data: st.DataObject) -> None:
    told = bytearray(_book().encode())
    for _ in range(data.draw(st.integers(1, 4))):
        told[data.draw(st.integers(0, len(told) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([0, 0, 0, 1, 40]))
    try:
        book = Daybook.decode(bytes(told[: len(told) - cut]), SLOTS)
    except DataLoss:
        return
    known = (1 << len(book.days)) - 1
    assert all(int(word) & ~known == 0 for word in book.words)
    book.watch(CivilHour(MONDAY + 9, 3), 100.0)
    with pytest.raises(DataLoss):
        Daybook.decode(bytes(told), SLOTS + 1)
