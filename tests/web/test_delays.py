"""Waits grow for each key alone, end, are forgotten, and take no more room than they may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_camera import ObedientClock

from edgecam.core.errors import Unavailable
from edgecam.web.accountdesk import Caller
from edgecam.web.delays import FORGET_S, Delays
from edgecam.web.device import Device, device_of
from edgecam.web.turns import MOST_OF_ONE_PLACE, MOST_WAITING, Turns

pytestmark = pytest.mark.row("K2")


def test_waits_grow_to_their_limit() -> None:
    clock = ObedientClock()
    delays = Delays(clock, free=2, longest_s=60, most=10)
    waits = []
    for _ in range(12):
        delays.wrong("a")
        waits.append(delays.wait_s("a"))
        clock.sleep(waits[-1])
        assert delays.wait_s("a") == 0
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert delays.wait_s("b") == 0
    delays.right("a")
    delays.wrong("a")
    assert delays.wait_s("a") == 0


def test_a_quiet_hour_forgets() -> None:
    clock = ObedientClock()
    delays = Delays(clock, free=0, longest_s=300, most=10)
    for _ in range(20):
        delays.wrong("a")
    assert delays.wait_s("a") == 300
    clock.sleep(FORGET_S + 1)
    delays.wrong("a")
    assert delays.wait_s("a") == 1


@given(st.lists(st.integers(0, 40), max_size=200))
def test_keys_are_bounded_and_the_last_ones_are_kept(keys: list[int]) -> None:
    clock = ObedientClock()
    delays = Delays(clock, free=0, longest_s=300, most=8)
    for key in keys:
        delays.wrong(key)
    last = list(dict.fromkeys(reversed(keys)))[:8]
    assert {key for key in range(41) if delays.wait_s(key)} == set(last)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("fd00:1:2:3:4:5:6:7", "fd00:1:2:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("somewhere", "somewhere"),
    ],
)
def test_one_machine_is_one_place(address: str, network: str) -> None:
    assert Caller(address).network == network


def on_loop(test: Callable[[Turns], object]) -> None:
    async def run() -> None:
        await test(Turns())  # type: ignore[misc]

    asyncio.run(run())


def test_one_at_a_time_and_nobody_holds_all_places() -> None:
    async def test(turns: Turns) -> None:
        inside: list[str] = []
        most = 0

        async def visit(place: str) -> bool:
            nonlocal most
            try:
                async with turns.of(place):
                    inside.append(place)
                    most = max(most, len(inside))
                    await asyncio.sleep(0)
                    inside.remove(place)
            except Unavailable:
                return False
            return True

        greedy = await asyncio.gather(*(visit("a") for _ in range(10)), visit("b"))
        assert (greedy.count(True), greedy[-1]) == (MOST_OF_ONE_PLACE + 1, True)
        many = await asyncio.gather(*(visit(str(number)) for number in range(40)))
        assert many.count(True) == MOST_WAITING
        assert most == 1
        assert await visit("a"), "places are given back"

    on_loop(test)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604",
         Device("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
         Device("Chrome", "Android")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/140.0.0.0 Safari/537 Edg/140.0.0.0",
         Device("Edge", "Windows")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", Device("Firefox", "Linux")),
        ("python-httpx/0.28", Device("", "")),
        ("", Device("", "")),
    ],
)  # fmt: skip
def test_devices_are_told_coarsely(user_agent: str, device: Device) -> None:
    assert device_of(user_agent) == device
