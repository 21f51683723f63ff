"""The camera's line to the broker: one thread that connects, tells, and comes back after every loss."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.backoff import Backoff
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.conversation import Conversation, LinkState, Surroundings
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.messages import Health
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.topics import Identity
from edgecam.telemetry.verdict import BrokerState, Verdict
from edgecam.telemetry.voice import Voice
from edgecam.telemetry.wakeup import Wakeup

_HEALTHY_S = 30.0
_log = logging.getLogger(__name__)


class Link:
    """Tells the broker status, health and events; start it once, stop it once.

    ``health`` is called in the link's thread, at each connection and every ``health_period_s``. ``state`` may be
    read by any thread at any time. Outbox and doorbell stay the caller's to close, after `stop`.
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
        health_period_s: float = 60.0,
        manner: Manner | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._wakeup = Wakeup()
        self._clock = clock
        self._backoff = backoff or Backoff()
        # Replaced whole, by the link's thread only; readers need no lock.
        self._state = LinkState(BrokerState.OFF)
        self._connections = 0
        self._surroundings = Surroundings(
            address=address,
            credentials=credentials,
            identity=identity,
            manner=manner or Manner(),
            outbox=outbox,
            voice=Voice(identity, clock),
            health=health,
            health_period_s=health_period_s,
            clock=clock,
            wakeup=self._wakeup,
            doorbell=doorbell,
            show=self._show,
        )
        self._thread = threading.Thread(target=self._run, name="edgecam.telemetry.link", daemon=True)

    @property
    def state(self) -> LinkState:
        return self._state

    def start(self) -> None:
        self._thread.start()

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
                self._show(LinkState(verdict.state, (verdict.fault,)))
                self._wakeup.wait(self._backoff.next_s())
        self._show(LinkState(BrokerState.OFF))

    def _converse(self) -> Verdict | None:
        self._connections += 1
        conversation = Conversation(self._surroundings, self._connections)
        try:
            return conversation.hold()
        except Exception:  # noqa: BLE001 - the thread's outermost boundary: telemetry comes back, whatever it was
            _log.exception("the link to the broker failed")
            return _broken()
        finally:
            since_ns = conversation.established_ns
            if since_ns is not None and self._clock.mono_ns() - since_ns >= _HEALTHY_S * NS_PER_S:
                self._backoff.reset()

    def _show(self, state: LinkState) -> None:
        self._state = state


def _broken() -> Verdict:
    sentence = (
        "telemetry failed inside edgecam: report what the log says; recording goes on and events wait on disk"
    )
    return Verdict(BrokerState.CONNECTING, Fault("telemetry_failed", sentence))
