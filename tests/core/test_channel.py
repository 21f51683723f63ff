"""A channel never grows beyond its size and counts what it lost."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.channel import Channel


@given(st.lists(st.integers()), st.integers(1, 5))
def test_offer_keeps_the_oldest(items: list[int], size: int) -> None:
    channel: Channel[int] = Channel(size)
    taken = [channel.offer(item) for item in items]
    channel.close()
    assert [channel.take() for _ in range(len(channel))] == items[:size]
    assert channel.dropped == taken.count(False) == max(0, len(items) - size)


@given(st.lists(st.integers()), st.integers(1, 5))
def test_offer_newest_keeps_the_newest_and_returns_the_rest_in_order(items: list[int], size: int) -> None:
    channel: Channel[int] = Channel(size)
    pushed_out = [lost for item in items if (lost := channel.offer_newest(item)) is not None]
    assert pushed_out == items[: max(0, len(items) - size)]
    assert channel.dropped == len(pushed_out)
    assert [channel.take(0) for _ in range(len(channel))] == items[-size:] if items else True


def test_closing_wakes_a_waiting_taker_after_everything_was_taken() -> None:
    channel: Channel[int] = Channel(3)
    taken: list[int] = []

    def take_all() -> None:
        while (item := channel.take()) is not None:
            taken.append(item)

    taker = threading.Thread(target=take_all)
    taker.start()
    channel.offer(1)
    channel.offer(2)
    channel.close()
    taker.join(10)
    assert not taker.is_alive()
    assert taken == [1, 2]
    assert channel.finished
    assert not channel.offer(3)
