"""FootageSessions end after ten idle minutes by the injected clock, and their keys are forgotten with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from page_camera import ObedientClock

from edgecam.core.errors import NotAllowed
from edgecam.web.parts import Footage
from edgecam.web.sessions import IDLE_S, FootageSessions


class Keys:
    def __init__(self) -> None:
        self.forgotten = 0

    def open(self, from_wall_ns: int, to_wall_ns: int) -> Footage | None:
        return None

    def close(self) -> None:
        self.forgotten += 1


def on_loop(test: Callable[[FootageSessions, ObedientClock], None]) -> None:
    async def run() -> None:
        clock = ObedientClock()
        sessions = FootageSessions(clock)
        test(sessions, clock)
        sessions.end_all()

    asyncio.run(run())


@pytest.mark.row("K2")
def test_idle_session_expires_and_forgets_its_keys() -> None:
    def test(sessions: FootageSessions, clock: ObedientClock) -> None:
        keys = Keys()
        token = "a"
        sessions.begin(token, keys)
        clock.sleep(IDLE_S - 1)
        assert sessions.left_s(token) == 1
        assert sessions.use(token) is keys
        clock.sleep(IDLE_S - 1)
        assert sessions.use(token) is keys
        clock.sleep(IDLE_S)
        with pytest.raises(NotAllowed):
            sessions.use(token)
        assert keys.forgotten == 1
        assert sessions.left_s(token) == 0

    on_loop(test)


def test_asking_how_long_does_not_prolong() -> None:
    def test(sessions: FootageSessions, clock: ObedientClock) -> None:
        token = "a"
        sessions.begin(token, Keys())
        for _ in range(IDLE_S):
            assert sessions.left_s(token) > 0
            clock.sleep(1)
        assert sessions.left_s(token) == 0

    on_loop(test)


def test_another_session_opens_nothing() -> None:
    def test(sessions: FootageSessions, clock: ObedientClock) -> None:
        sessions.begin("a", Keys())
        for wrong in ("", "b"):
            with pytest.raises(NotAllowed):
                sessions.use(wrong)

    on_loop(test)


def test_unlocking_again_closes_what_was_open() -> None:
    def test(sessions: FootageSessions, clock: ObedientClock) -> None:
        first, second = Keys(), Keys()
        sessions.begin("a", first)
        sessions.begin("a", second)
        assert (first.forgotten, second.forgotten) == (1, 0)
        assert sessions.use("a") is second

    on_loop(test)


def test_the_ninth_session_ends_the_longest_unused() -> None:
    def test(sessions: FootageSessions, clock: ObedientClock) -> None:
        first, second = Keys(), Keys()
        sessions.begin("first", first)
        sessions.begin("second", second)
        clock.sleep(1)
        sessions.use("first")
        for number in range(7):
            clock.sleep(1)
            sessions.begin(str(number), Keys())
        assert (first.forgotten, second.forgotten) == (0, 1)
        assert sessions.use("first") is first

    on_loop(test)


def test_ending_all_forgets_all() -> None:
    def test(sessions: FootageSessions, clock: ObedientClock) -> None:
        keys = [Keys(), Keys()]
        for number, each in enumerate(keys):
            sessions.begin(str(number), each)
        sessions.end_all()
        assert [each.forgotten for each in keys] == [1, 1]

    on_loop(test)
