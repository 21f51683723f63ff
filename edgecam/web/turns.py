"""Who may try to sign in next: one at a time, few may wait, and nobody holds all the places."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edgecam.core.errors import Unavailable

MOST_WAITING, MOST_OF_ONE_PLACE = 16, 4


class Turns:
    """A queue before the slow computation, so that guesses do not take all of the page's threads.

    Owned by the event loop.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, place: str) -> AsyncIterator[None]:
        """Hold it while trying. Raises: Unavailable when too many wait, from there or in all."""
        if self._waiting[place] >= MOST_OF_ONE_PLACE or self._waiting.total() >= MOST_WAITING:
            raise Unavailable("too many people sign in at once", do="try again in a moment")
        self._waiting[place] += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting[place] -= 1
            if not self._waiting[place]:
                del self._waiting[place]
