"""Where connections come in: counted for each visitor, given TLS where there must be, before HTTP begins."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial

from edgecam.web.patience import Patience
from edgecam.web.rates import Crowd, visitor_address

_TLS_HANDSHAKE = 0x16  # RFC 8446, 5.1: the first octet of every TLS connection
_PEEKED_BYTES = 2048
_AFTER_REFUSAL_S = 1.0
_HOST_LINE = re.compile(rb"\r\nhost:[ \t]*([0-9a-z.:\[\]-]{1,260})[ \t]*\r\n", re.IGNORECASE)
log = logging.getLogger(__name__)

# What is handed over: the protocol for one connection, and what tells when it is lost.
NewProtocol = Callable[[Callable[[], None]], asyncio.Protocol]


class Door:
    """One listening socket; owned by the event loop. With ``context`` all that comes in must speak TLS.

    ``context()`` is asked for each connection, so that a new certificate counts at once and nobody is disturbed;
    while it gives ``None`` nobody is let in.
    """

    def __init__(
        self,
        listener: socket.socket,
        new_protocol: NewProtocol,
        crowd: Crowd,
        patience: Patience,
        context: Callable[[], ssl.SSLContext | None] | None = None,
    ) -> None:
        self._listener, self._new_protocol = listener, new_protocol
        self._crowd, self._patience, self._context = crowd, patience, context
        self._tasks: set[asyncio.Task[None]] = set()
        listener.setblocking(False)

    def open(self) -> None:
        """Let people in until `close`."""
        self._begin(self._let_in(), "edgecam.door")

    def close(self) -> None:
        """Let nobody in any more; who is in stays."""
        for task in self._tasks:
            task.cancel()

    async def wait_closed(self) -> None:
        """Return when nothing of it runs; uvicorn waits for that at its end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _let_in(self) -> None:
        while True:
            await _until_readable(self._listener)
            try:
                # sock_accept() loses a connection, unclosed, when it is cancelled in the right moment.
                connection, address = self._listener.accept()
            except BlockingIOError:
                continue  # who knocked has left again
            except OSError as refused:
                # Out of descriptors, or somebody left at the door: it stays in the queue, so look again later.
                log.warning("the page could not take a connection: %s", refused.strerror)
                await asyncio.sleep(_AFTER_REFUSAL_S)
                continue
            welcome = self._begin(self._welcome(connection, visitor_address(address[0])), "edgecam.visitor")
            welcome.add_done_callback(partial(_close_unwelcomed, connection))

    async def _welcome(self, connection: socket.socket, address: str) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        place = self._crowd.come(address, partial(_end, connection))
        if place is None:
            connection.close()
            return
        left = partial(self._crowd.leave, place)
        try:
            async with asyncio.timeout(self._patience.handshake_s):
                handed_over = await self._hand_over(connection, left)
        except (OSError, ssl.SSLError, TimeoutError):
            handed_over = False
        except asyncio.CancelledError:
            _close(connection, left)
            raise
        if not handed_over:
            _close(connection, left)

    async def _hand_over(self, connection: socket.socket, left: Callable[[], None]) -> bool:
        loop = asyncio.get_running_loop()
        new = partial(self._new_protocol, left)
        if self._context is None:
            await loop.connect_accepted_socket(new, connection)
            return True
        first = await _peeked(connection)
        if first[:1] != bytes([_TLS_HANDSHAKE]):
            if first:
                connection.recv(_PEEKED_BYTES)  # what is left unread would have the answer thrown away
                await loop.sock_sendall(connection, _use_https(first))
            return False
        context = self._context()
        if context is None:
            return False
        await loop.connect_accepted_socket(
            new, connection, ssl=context, ssl_handshake_timeout=self._patience.handshake_s
        )
        return True


async def _peeked(connection: socket.socket) -> bytes:
    """The first octets that came, left where they are; empty when nobody is there any more."""
    await _until_readable(connection)
    return connection.recv(_PEEKED_BYTES, socket.MSG_PEEK)


async def _until_readable(asked: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(asked, _set, readable)
    try:
        await readable
    finally:
        loop.remove_reader(asked)


def _set(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)


def _use_https(request: bytes) -> bytes:
    """The answer to plain HTTP: to the same place with HTTPS where it names one, else a sentence."""
    head, body = b"HTTP/1.1 400 Bad Request\r\n", b"This is the camera's HTTPS port: write https:// in front.\n"
    if host := _HOST_LINE.search(request):
        head = b"HTTP/1.1 308 Permanent Redirect\r\nLocation: https://" + host[1] + b"/\r\n"
    length = str(len(body)).encode()
    return head + (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: " + length + b"\r\n"
        b"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n" + body
    )


def _end(connection: socket.socket) -> None:
    # The transport that may have it by now sees the end and closes it.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _close_unwelcomed(connection: socket.socket, welcome: asyncio.Task[None]) -> None:
    # One that is cancelled before its first step never gets to its own end.
    if welcome.cancelled():
        connection.close()


def _close(connection: socket.socket, left: Callable[[], None]) -> None:
    connection.close()
    left()
