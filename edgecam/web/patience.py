"""One HTTP connection that is not waited for without end: not for a request, nor for who takes no answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_UNREADABLE = {"kind": "BadInput", "what": "this is not an HTTP request", "do": "use a browser", "safe": ""}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for TLS to be agreed on, for a whole request head, for its body, and while nothing of an answer is
    taken. The last one is long because a player that is paused takes nothing.
    """

    handshake_s: float = 10.0
    head_s: float = 10.0
    body_s: float = 30.0
    stalled_s: float = 600.0


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which waits for ever for a head that comes letter by letter (a slow loris)."""

    patience = Patience()

    _waiting: asyncio.TimerHandle | None = None
    _awaited: object = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_request()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(self.patience.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._stalled)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._waiting)
        _cancel(self._stalled)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """As every refusal of the page, with nothing of what was sent; an answer that is under way is cut off."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self.transport.abort()
            return
        body = json.dumps(_UNREADABLE).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(self.conn.send(h11.Response(status_code=400, headers=headers)) or b"")
            self.transport.write(self.conn.send(h11.Data(data=body)) or b"")
            self.transport.write(self.conn.send(h11.EndOfMessage()) or b"")
        self.transport.close()

    def _await_request(self) -> None:
        """Give each part of a request its time, once: no letter buys more of it."""
        state = self.conn.their_state
        # Between requests uvicorn's own timer runs, until the first letter.
        keeps_alive = state is h11.IDLE and self.timeout_keep_alive_task is not None
        awaited = None if keeps_alive or state not in (h11.IDLE, h11.SEND_BODY) else state
        if awaited is self._awaited or self.transport.is_closing():
            return
        _cancel(self._waiting)
        self._awaited = awaited
        if awaited is not None:
            limit_s = self.patience.head_s if awaited is h11.IDLE else self.patience.body_s
            self._waiting = self.loop.call_later(limit_s, self.transport.abort)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
