"""The camera's line to the broker: one thread that connects, tells, and comes back after every loss."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.backoff import CROWD_S, LONGEST_S, Backoff
from edgecam.telemetry.chorus import Stage
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.conversation import Conversation, LinkState, Surroundings
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.rival import Rival, RivalWatch
from edgecam.telemetry.speaker import Speaker
from edgecam.telemetry.standing import StandingFaults
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.verdict import BrokerState, Ending, Verdict
from edgecam.telemetry.voice import Voice
from edgecam.telemetry.wakeup import Wakeup

_HEALTHY_S: Final = 30.0
_RIVAL_STANDS_S: Final = 86_400.0
# How long a limit counts that the broker never told of: by then it may take more.
_GUESS_STANDS_S: Final = 3600.0
# The range from which the next wait is drawn at least.
_SPREAD_S: Final = {
    Ending.HUNG_UP: CROWD_S,
    Ending.SHUT_DOWN: CROWD_S,
    Ending.BUSY: LONGEST_S,
    Ending.TAKEN_OVER: LONGEST_S,
}
_log = logging.getLogger(__name__)


class Link:
    """Tells the broker status, health, events and what the speakers say; start it once, stop it once.

    ``health`` is called in the link's thread, at each connection and every ``health_period_s``; so are the
    ``speakers``, in their order, and ``rival`` when another device seems to go by this camera's name. ``state`` may
    be read by any thread at any time. Outbox and doorbell stay the caller's to close, after `stop`.
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials,
        identity: Identity,
        outbox: Outbox,
        health: Callable[[], Health],
        clock: Clock,
        *,
        doorbell: Doorbell | None = None,
        voice: Voice | None = None,
        speakers: Sequence[Speaker] = (),
        rival: Callable[[Rival], None] | None = None,
        health_period_s: float = 60.0,
        manner: Manner | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._wakeup = Wakeup()
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._standing = StandingFaults(clock)
        self._rivals = RivalWatch()
        self._rival = rival
        self._max_packet_bytes = 0
        self._guessed_ns = 0
        # Replaced whole, by the link's thread only; readers need no lock.
        self._state = LinkState(BrokerState.OFF)
        self._connections = 0
        self._surroundings = Surroundings(
            address=address,
            credentials=credentials,
            identity=identity,
            manner=manner or Manner(),
            outbox=outbox,
            voice=voice or Voice(identity, clock),
            health=health,
            health_period_s=health_period_s,
            clock=clock,
            wakeup=self._wakeup,
            doorbell=doorbell,
            stage=Stage(tuple(speakers), self._standing, address, Topics.of(identity).root, clock),
            show=self._show,
        )
        self._thread = threading.Thread(target=self._run, name="edgecam.telemetry.link", daemon=True)

    @property
    def state(self) -> LinkState:
        return self._state

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Some speaker has news: it is asked at once. Any thread may call this, at any time."""
        self._wakeup.wake()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Tell the broker of a clean stop and end; after ``timeout_s`` without it being heard."""
        self._wakeup.ask()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._wakeup.close()

    def _run(self) -> None:
        self._show(LinkState(BrokerState.CONNECTING))
        told: Fault | None = None
        while not self._wakeup.asked:
            verdict = self._converse()
            if verdict is not None:
                if verdict.fault != told:
                    _log.warning("%s", verdict.fault.sentence)
                told = verdict.fault
                self._show(LinkState(verdict.state, (verdict.fault, *self._standing.now())))
                self._wakeup.wait(self._backoff.next_s())
        self._show(LinkState(BrokerState.OFF))

    def _converse(self) -> Verdict | None:
        self._connections += 1
        if self._clock.mono_ns() - self._guessed_ns > _GUESS_STANDS_S * NS_PER_S:
            self._max_packet_bytes = 0
        conversation = Conversation(self._surroundings, self._connections, self._max_packet_bytes)
        try:
            verdict = conversation.hold()
            if verdict is not None:
                self._learn(verdict.ending, conversation)
        except Exception:  # noqa: BLE001 - the thread's outermost boundary: telemetry comes back, whatever it was
            _log.exception("the link to the broker failed")
            return _broken()
        return verdict

    def _learn(self, ending: Ending, conversation: Conversation) -> None:
        """Do otherwise at the next try what made this one end."""
        since_ns = conversation.established_ns
        lasted_s = None if since_ns is None else (self._clock.mono_ns() - since_ns) / NS_PER_S
        if lasted_s is not None and lasted_s >= _HEALTHY_S:
            self._backoff.reset()
        self._backoff.at_least(_SPREAD_S.get(ending, 0.0))
        if ending is Ending.NOBODY:
            # A whole fleet may find nobody while a broker starts again: none of it need wait longer than the rest.
            self._backoff.at_most(CROWD_S)
        if ending is Ending.TOO_LARGE and conversation.largest_bytes:
            # It said so without a word of its limit before: whatever is as large as this would end it again.
            self._max_packet_bytes, self._guessed_ns = conversation.largest_bytes - 1, self._clock.mono_ns()
        rival = self._rivals.ended(ending, lasted_s)
        if rival is not None:
            is_new = self._standing.note(rival.fault, _RIVAL_STANDS_S)
            if is_new and self._rival is not None:
                self._rival(rival)

    def _show(self, state: LinkState) -> None:
        self._state = state


def _broken() -> Verdict:
    sentence = (
        "telemetry failed inside edgecam: report what the log says; recording goes on and events wait on disk"
    )
    return Verdict(BrokerState.CONNECTING, Fault("telemetry_failed", sentence))
