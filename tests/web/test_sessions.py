"""Sessions end after ten idle minutes by the injected clock, and their keys are forgotten with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from page_camera import ObedientClock

from edgecam.core.errors import NotAllowed
from edgecam.web.parts import Footage
from edgecam.web.sessions import IDLE_S, Sessions


class Keys:
    def __init__(self) -> None:
        self.forgotten = 0

    def open(self, from_wall_ns: int, to_wall_ns: int) -> Footage | None:
        return None

    def close(self) -> None:
        self.forgotten += 1


def on_loop(test: Callable[[Sessions, ObedientClock], None]) -> None:
    async def run() -> None:
        clock = ObedientClock()
        sessions = Sessions(clock)
        test(sessions, clock)
        sessions.end_all()

    asyncio.run(run())


@pytest.mark.row("K2")
def test_idle_session_expires_and_forgets_its_keys() -> None:
    def test(sessions: Sessions, clock: ObedientClock) -> None:
        keys = Keys()
        token = sessions.begin(keys)
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
    def test(sessions: Sessions, clock: ObedientClock) -> None:
        token = sessions.begin(Keys())
        for _ in range(IDLE_S):
            assert sessions.left_s(token) > 0
            clock.sleep(1)
        assert sessions.left_s(token) == 0

    on_loop(test)


def test_tokens_differ_and_a_wrong_one_opens_nothing() -> None:
    def test(sessions: Sessions, clock: ObedientClock) -> None:
        tokens = {sessions.begin(Keys()) for _ in range(5)}
        assert len(tokens) == 5
        assert min(len(token) for token in tokens) >= 43
        for wrong in (None, "", "x", next(iter(tokens))[:-1]):
            with pytest.raises(NotAllowed):
                sessions.use(wrong)

    on_loop(test)


def test_the_ninth_session_ends_the_longest_unused() -> None:
    def test(sessions: Sessions, clock: ObedientClock) -> None:
        first, second = Keys(), Keys()
        tokens = [sessions.begin(first), sessions.begin(second)]
        clock.sleep(1)
        sessions.use(tokens[0])
        for _ in range(7):
            clock.sleep(1)
            sessions.begin(Keys())
        assert (first.forgotten, second.forgotten) == (0, 1)
        assert sessions.use(tokens[0]) is first

    on_loop(test)


def test_ending_all_forgets_all() -> None:
    def test(sessions: Sessions, clock: ObedientClock) -> None:
        keys = [Keys(), Keys()]
        for each in keys:
            sessions.begin(each)
        sessions.end_all()
        assert [each.forgotten for each in keys] == [1, 1]

    on_loop(test)
