"""Waking a thread that sleeps in poll."""

from __future__ import annotations

import select

from edgecam.telemetry.wakeup import Wakeup


def _is_readable(wakeup: Wakeup) -> bool:
    poll = select.poll()
    poll.register(wakeup.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def test_it_is_readable_from_a_wake_until_it_is_answered_and_asked_for_good() -> None:
    wakeup = Wakeup()
    assert not _is_readable(wakeup)
    for _ in range(3):
        wakeup.wake()
    assert _is_readable(wakeup)
    wakeup.answer()
    wakeup.answer()
    assert (_is_readable(wakeup), wakeup.asked) == (False, False)
    wakeup.ask()
    assert _is_readable(wakeup)
    wakeup.answer()
    assert wakeup.asked
    assert wakeup.wait(60.0)
    wakeup.close()


def test_nothing_is_written_to_whoever_has_the_descriptor_after_it() -> None:
    wakeup = Wakeup()
    wakeup.close()
    other = Wakeup()
    assert other.fileno() == wakeup.fileno()
    wakeup.wake()
    wakeup.ask()
    wakeup.close()
    assert not _is_readable(other)
    other.close()
