"""One installer session: its code, its browsers, and its end when nobody asks, by the injected clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from page_camera import ObedientClock, PageCamera, PageSight

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.register.unmasked_line import Ending
from edgecam.masking.permit import Why
from edgecam.web.installer import ALPHABET, CODE_LENGTH, InstallerSessions, Place

pytestmark = pytest.mark.row("M7")


class LeapingLoop(asyncio.SelectorEventLoop):
    """Timers follow `leap_s`, so that a test need not wait for them."""

    leap_s = 0.0

    def time(self) -> float:
        return super().time() + self.leap_s


def on_loop(test: Callable[[InstallerSessions, ObedientClock, LeapingLoop], object]) -> None:
    """Run ``test`` in a loop, awaiting what it gives if that can be awaited."""
    clock, loop = ObedientClock(), LeapingLoop()

    async def run() -> None:
        sessions = InstallerSessions(clock)
        pending = test(sessions, clock, loop)
        if asyncio.iscoroutine(pending):
            await pending
        sessions.end(Ending.CLOSED)
        await sessions.settled()

    try:
        loop.run_until_complete(run())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def sight() -> PageSight:
    return PageSight(PageCamera(), ("M. Tanaka", "K. Sato", Why.MASKS, 0, 1))


def test_codes_are_easy_to_tell_apart_and_never_kept() -> None:
    assert not set(ALPHABET) & set("01OI")

    def test(sessions: InstallerSessions, clock: ObedientClock, loop: LeapingLoop) -> None:
        codes = set()
        for _ in range(50):
            code = sessions.open("opener", "M. Tanaka", "K. Sato", Why.MASKS, 15)
            codes.add(code)
            session = sessions.standing()
            kept = repr(session)
            assert len(code) == CODE_LENGTH
            assert code not in kept
            sessions.end(Ending.CLOSED)
        assert len(codes) == 50

    on_loop(test)


@pytest.mark.parametrize("minutes", [0, -1, 16])
def test_no_session_is_longer_than_a_quarter_of_an_hour(minutes: int) -> None:
    def test(sessions: InstallerSessions, clock: ObedientClock, loop: LeapingLoop) -> None:
        with pytest.raises(BadInput):
            sessions.open("opener", "M. Tanaka", "K. Sato", Why.AIM, minutes)
        assert sessions.standing() is None

    on_loop(test)


def test_nobody_needs_to_ask_for_it_to_end() -> None:
    view = sight()

    async def test(sessions: InstallerSessions, clock: ObedientClock, loop: LeapingLoop) -> None:
        code = sessions.open("opener", "M. Tanaka", "K. Sato", Why.MASKS, 1)
        sessions.enter(sessions.take_code(code), "phone", view)
        # A timer that comes too early by the camera's clock sets another one.
        clock.sleep(50)
        loop.leap_s += 60
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        left_open = view.ended is None
        assert left_open
        clock.sleep(10)
        loop.leap_s += 12
        while view.ended is None:
            await asyncio.sleep(0)
        await sessions.settled()
        assert view.ended == ("expired", 0)

    on_loop(test)


def test_who_enters_after_the_end_is_too_late() -> None:
    def test(sessions: InstallerSessions, clock: ObedientClock, loop: LeapingLoop) -> None:
        code = sessions.open("opener", "M. Tanaka", "K. Sato", Why.MASKS, 1)
        assert sessions.place("opener") is Place.OPENER
        session = sessions.take_code(code)
        with pytest.raises(NotAllowed):
            sessions.take_code(code)
        sessions.end(Ending.CLOSED)
        sessions.open("another opener", "M. Tanaka", "another", Why.MASKS, 1)
        with pytest.raises(NotAllowed):
            sessions.enter(session, "phone", sight())
        assert sessions.place("opener") is Place.NOBODY
        assert sessions.place("phone") is Place.NOBODY

    on_loop(test)


def test_who_signs_out_looks_no_longer() -> None:
    view = sight()

    async def test(sessions: InstallerSessions, clock: ObedientClock, loop: LeapingLoop) -> None:
        code = sessions.open("opener", "M. Tanaka", "K. Sato", Why.MASKS, 1)
        sessions.enter(sessions.take_code(code), "phone", view)
        sessions.left("opener")
        assert sessions.place("phone") is Place.INSTALLER, "what the owner opened stands for its minutes"
        sessions.left("phone")
        assert sessions.standing() is None
        await sessions.settled()
        assert view.ended == ("closed", 0)

    on_loop(test)


def test_seconds_of_looking_are_counted_once_each() -> None:
    def test(sessions: InstallerSessions, clock: ObedientClock, loop: LeapingLoop) -> None:
        sessions.open("opener", "M. Tanaka", "K. Sato", Why.MASKS, 1)
        session = sessions.standing()
        assert session is not None
        for _ in range(12):
            session.count_look(clock.mono_ns())
            clock.sleep(0.25)
        assert session.looked_s == 3

    on_loop(test)
