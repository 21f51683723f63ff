"""One visitor's share: of requests, of connections, and of the memory in which both are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_camera import ObedientClock

from edgecam.web.rates import Crowd, Limits, Rates, visitor_address

FEW = Limits(requests_per_s=2, burst=4, connections=6, connections_each=4, most_addresses=3)


def test_a_burst_passes_then_a_steady_rate() -> None:
    clock = ObedientClock()
    rates = Rates(clock, FEW)
    assert [rates.wait_s(("192.168.1.9", 1)) for _ in range(6)] == [0, 0, 0, 0, 1, 1]
    clock.sleep(1)
    assert [rates.wait_s(("192.168.1.9", 2)) for _ in range(3)] == [0, 0, 1]
    assert rates.wait_s(("192.168.1.10", 1)) == 0
    clock.sleep(3600)
    assert [rates.wait_s(("192.168.1.9", 3)) for _ in range(5)] == [0, 0, 0, 0, 1]


def test_a_visitor_by_ipv6_is_the_same_visitor() -> None:
    rates = Rates(ObedientClock(), FEW)
    for _ in range(4):
        rates.wait_s(("::ffff:192.168.1.9", 1))
    assert rates.wait_s(("192.168.1.9", 1)) > 0
    assert visitor_address("fe80::1%eth0") == "fe80::1"


def test_loopback_is_not_held_back() -> None:
    rates = Rates(ObedientClock(), FEW)
    assert {rates.wait_s(("127.0.0.1", 1)) for _ in range(50)} == {0}
    assert len(rates) == 0


@given(st.lists(st.integers(0, 40)))
def test_memory_is_bounded_whoever_comes(visitors: list[int]) -> None:
    rates = Rates(ObedientClock(), FEW)
    for number in visitors:
        rates.wait_s((f"10.0.0.{number}", 1))
        assert len(rates) <= FEW.most_addresses


def test_one_visitor_gets_so_many_places() -> None:
    crowd = Crowd(FEW)
    places = [crowd.come("10.0.0.1", lambda: None) for _ in range(5)]
    assert [place is not None for place in places] == [True] * 4 + [False]
    assert places[0] is not None
    crowd.leave(places[0])
    crowd.leave(places[0])
    assert crowd.come("10.0.0.1", lambda: None) is not None


@pytest.mark.row("K2")
def test_who_comes_with_many_makes_room_for_who_comes_with_few() -> None:
    crowd, ended = Crowd(FEW), []
    for number in range(4):
        crowd.come("10.0.0.1", lambda number=number: ended.append(("1", number)))  # type: ignore[misc]
    for number in range(2):
        crowd.come("10.0.0.2", lambda number=number: ended.append(("2", number)))  # type: ignore[misc]
    assert crowd.come("10.0.0.3", lambda: None) is not None
    assert ended == [("1", 0)]
    assert crowd.come("10.0.0.3", lambda: None) is not None
    assert ended == [("1", 0), ("1", 1)]
    # All have two now: nobody gives way any more.
    assert crowd.come("10.0.0.2", lambda: None) is None
    assert len(crowd) == FEW.connections


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60))
def test_places_are_never_more_than_there_are(steps: list[tuple[int, bool]]) -> None:
    crowd, standing = Crowd(FEW), []
    for number, comes in steps:
        if comes:
            place = crowd.come(f"10.0.0.{number}", lambda: None)
            standing += [place] if place else []
        elif standing:
            crowd.leave(standing.pop(0))
        assert 0 <= len(crowd) <= FEW.connections
