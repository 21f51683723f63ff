"""How fast the full passphrase and installers' codes may be tried: one at a time, slower after each wrong one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import Clock
from edgecam.core.errors import NotAllowed
from edgecam.web.delays import Delays
from edgecam.web.refusals import TooSoon

LONGEST_WAIT_S = 300
Opened = TypeVar("Opened")
log = logging.getLogger(__name__)
_EVERYBODY = "everybody"


class Guesses:
    """1, 2, 4 … 300 s after the first, second, third … wrong try in a row, for everyone together.

    Owned by the event loop: no other thread may call it.
    """

    def __init__(self, clock: Clock) -> None:
        self._delays = Delays(clock, free=0, longest_s=LONGEST_WAIT_S, most=1)
        self._trying = False

    def begin(self) -> None:
        """Claim the one try; `right`, `wrong` or `undecided` must follow. Raises: TooSoon."""
        wait_s = self._delays.wait_s(_EVERYBODY)
        if self._trying or wait_s > 0:
            raise TooSoon(max(1, wait_s))
        self._trying = True

    def right(self) -> None:
        self._trying = False
        self._delays.right(_EVERYBODY)

    def wrong(self) -> None:
        self._trying = False
        self._delays.wrong(_EVERYBODY)

    def undecided(self) -> None:
        """The try said nothing about the passphrase (a damaged key file, a bug)."""
        self._trying = False


async def tried(guesses: Guesses, opens: Callable[[], Opened]) -> Opened:
    """What ``opens`` gives, in a thread, if it is allowed. Raises: TooSoon, and whatever ``opens`` raises."""
    guesses.begin()
    try:
        opened = await run_in_threadpool(opens)
    except NotAllowed:
        guesses.wrong()
        log.warning("a wrong passphrase was tried on the page")
        raise
    except BaseException:
        guesses.undecided()
        raise
    guesses.right()
    return opened
