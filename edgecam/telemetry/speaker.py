"""The seam between the link and whoever has more to say or hear over it than status, health and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edgecam.telemetry.publication import Incoming, Outgoing


class Speaker(Protocol):
    """Is called in the link's thread alone, never waits, and keeps what it has to say bounded.

    ``subscriptions`` are topic filters, the same for the speaker's whole life. What a speaker gives to `say` is
    published with QoS 1 and not asked for again: what must survive a lost connection it says anew after
    `connected`, or leaves to the outbox. What it raises is reported and holds up nobody else.
    """

    @property
    def subscriptions(self) -> Sequence[str]: ...

    def connected(self) -> None:
        """A connection was made: whatever the broker knows of before may be gone."""

    def heard(self, message: Incoming) -> None:
        """A message came on one of the subscriptions; it is acknowledged when this returns.

        A retained one below the camera's own tree, a command, is refused before; any other may be retained.
        """

    def say(self) -> Sequence[Outgoing]:
        """What is to be said now.

        Asked after `connected` and `heard`, after a wake-up or a ring of the doorbell, once a second, and before a
        clean stop; not again until all that was said is sent.
        """
