"""One try to reach a broker over TCP, with TLS or without, that never waits."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from typing import Protocol

from parts.fleetloop import READ, WRITE, Loop
from parts.fleetwords import HOST

_WAITS = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)
_READ_BYTES = 65_536
# The word for a try while nobody listened.
REFUSED = "refused"


class Owner(Protocol):
    """Whoever a stream belongs to."""

    def opened(self) -> None:
        """The way to the broker is open: what is sent from now on is encrypted where it should be."""

    def received(self, data: bytes) -> None: ...

    def ended(self, why: str) -> None:
        """It is over, and closed; ``why`` is a word to count by."""


class Stream:
    """Connects when it is made; ends once. ``context`` of ``None`` is plain TCP.

    TCP and the TLS handshake may take ``patience_s``, each.
    """

    __slots__ = ("_context", "_flags", "_loop", "_open", "_owner", "_patience_s", "_socket", "_timer", "_unsent")

    def __init__(
        self, loop: Loop, port: int, context: ssl.SSLContext | None, patience_s: float, owner: Owner
    ) -> None:
        self._loop, self._context, self._owner = loop, context, owner
        self._patience_s = patience_s
        self._unsent = bytearray()
        self._open = False
        self._socket: socket.socket | ssl.SSLSocket | None = socket.socket()
        self._socket.setblocking(False)
        self._timer = loop.after(patience_s, lambda: self.end("no connection in time"))
        self._flags = WRITE
        failure = self._socket.connect_ex((HOST, port))
        if failure not in (0, errno.EINPROGRESS):
            # Not from within the constructor: the owner does not have its stream yet.
            loop.after(0, lambda: self.end(_word(failure)))
            return
        loop.watch(self._socket.fileno(), WRITE, self._connecting)

    def send(self, data: bytes) -> None:
        """Send now or as soon as there is room."""
        self._unsent += data
        self._write()

    def close(self) -> None:
        """Without a word, and without telling the owner."""
        self._timer.cancel()
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def freeze(self) -> None:
        """Keep it open and touch it no more: to the broker, the other side is there and says nothing."""
        self._timer.cancel()
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())

    def end(self, why: str) -> None:
        """Close, and tell the owner why."""
        if self._socket is not None:
            self.close()
            self._owner.ended(why)

    def _connecting(self, _flags: int) -> None:
        assert self._socket is not None
        failure = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            self.end(_word(failure))
            return
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is None:
            self._opened()
            return
        self._loop.forget(self._socket.fileno())
        try:
            self._socket = self._context.wrap_socket(
                self._socket, server_hostname=HOST, do_handshake_on_connect=False
            )
        except OSError:
            self.end("hung up")
            return
        self._timer.cancel()
        self._timer = self._loop.after(self._patience_s, lambda: self.end("no handshake in time"))
        self._loop.watch(self._socket.fileno(), WRITE, self._shaking_hands)

    def _shaking_hands(self, _flags: int) -> None:
        assert isinstance(self._socket, ssl.SSLSocket)
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self._wait_for(READ)
        except ssl.SSLWantWriteError:
            self._wait_for(WRITE)
        except OSError:
            self.end("no handshake")
        else:
            self._opened()

    def _opened(self) -> None:
        assert self._socket is not None
        self._timer.cancel()
        self._open = True
        self._loop.forget(self._socket.fileno())
        self._flags = READ
        self._loop.watch(self._socket.fileno(), READ, self._ready)
        self._owner.opened()

    def _ready(self, flags: int) -> None:
        if flags & WRITE:
            self._write()
        if flags & ~WRITE:
            self._read()

    def _read(self) -> None:
        # Until nothing is left: what TLS has decrypted already, epoll cannot see.
        while self._socket is not None:
            try:
                data = self._socket.recv(_READ_BYTES)
            except _WAITS:
                return
            except OSError:
                data = b""
            if not data:
                self.end("hung up")
                return
            self._owner.received(data)
            if self._context is None:
                return

    def _write(self) -> None:
        if self._socket is None or not self._open:
            return
        while self._unsent:
            try:
                del self._unsent[: self._socket.send(self._unsent)]
            except _WAITS:
                break
            except OSError:
                # The other side's last words come first; reading finds the end by itself.
                self._unsent.clear()
        self._wait_for(READ | WRITE if self._unsent else READ)

    def _wait_for(self, flags: int) -> None:
        if self._socket is not None and flags != self._flags:
            self._flags = flags
            self._loop.change(self._socket.fileno(), flags)


def _word(failure: int) -> str:
    if failure == errno.ECONNREFUSED:
        return REFUSED
    return "no connection in time" if failure == errno.ETIMEDOUT else os.strerror(failure).lower()
