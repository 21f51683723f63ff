"""The page's listeners: sockets opened with a clear refusal, and a server that sleeps while nobody asks."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from edgecam.core.errors import BadInput, Bug, NotAllowed, Unavailable
from edgecam.web.door import Door
from edgecam.web.patience import Patience, PatientProtocol
from edgecam.web.rates import Crowd, Limits

_START_S = 10
_LOOK_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Secure:
    """Where HTTPS is spoken, and with what; ``name`` is how people get there.

    ``context()`` may block, is asked once a minute, never by two threads at once, and gives ``None`` while there is
    no certificate.
    """

    host: str
    port: int
    name: str
    context: Callable[[], ssl.SSLContext | None]


class PageServer:
    """Serves one application from a thread of its own, `edgecam.page`; `start` once, then `close`.

    Plain HTTP on ``host``, which is loopback, and with ``secure`` HTTPS beside it.
    """

    def __init__(
        self,
        app: FastAPI,
        host: str,
        port: int,
        secure: Secure | None = None,
        limits: Limits | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._socket = listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"http://{in_url(host)}:{self.port}"
        self.secure_address = ""
        self._sockets = [self._socket]
        if secure is not None:
            try:
                self._sockets.append(listen(secure.host, secure.port, "web.tls_port"))
            except BaseException:
                self._socket.close()
                raise
            self.secure_address = f"https://{in_url(secure.name)}:{self._sockets[1].getsockname()[1]}"
        self._server = _SleepingServer(app, secure, Crowd(limits or Limits()), patience or Patience())
        self._thread = threading.Thread(target=self._run, name="edgecam.page", daemon=True)

    def start(self) -> None:
        """Return when the page answers. Raises: Bug when it does not come up."""
        self._thread.start()
        if not self._server.up.wait(_START_S) or not self._server.started:
            raise Bug("the page did not start", do="look into the camera's log", safe="recording is not touched")

    def look_again(self) -> None:
        """Ask for the certificate now; what comes in after this returned is shown that one."""
        self._server.look_again()

    def close(self) -> None:
        """End open streams and return when the thread has ended."""
        self._server.stop()
        if self._thread.ident is not None:
            self._thread.join()
        for each in self._sockets:
            each.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=self._sockets)
        finally:
            self._server.up.set()


class _SleepingServer(uvicorn.Server):
    """uvicorn wakes ten times a second to look whether it should end; this one is told."""

    def __init__(self, app: FastAPI, secure: Secure | None, crowd: Crowd, patience: Patience) -> None:
        super().__init__(_config(app))
        self._end_streams = app.state.end_streams
        self._secure, self._crowd, self._patience = secure, crowd, patience
        self._context: ssl.SSLContext | None = None
        self.up = threading.Event()
        self._ending = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open a door at each of ``sockets``: plain HTTP at the first, HTTPS at the second."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise SystemExit(1)
        await self._look()
        plain, *tls = sockets or []
        doors = [Door(plain, self._new_protocol, self._crowd, self._patience)]
        for listener in tls:
            doors.append(
                Door(listener, self._new_protocol, self._crowd, self._patience, context=lambda: self._context)
            )
        self.servers = doors  # type: ignore[assignment]  # closed and awaited as uvicorn's own are
        for door in doors:
            door.open()
        self.started = True

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.up.set()
        while not self._ending.is_set():
            try:
                # Without a certificate to look after, nothing ever wakes it.
                async with asyncio.timeout(None if self._secure is None else _LOOK_EVERY_S):
                    await self._end.wait()
            except TimeoutError:
                await self._look()
        self._end_streams()

    def stop(self) -> None:
        self._ending.set()
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)

    def look_again(self) -> None:
        """From another thread."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._look(), self._loop).result()

    async def _look(self) -> None:
        if self._secure is not None:
            self._context = await asyncio.get_running_loop().run_in_executor(None, self._secure.context)

    def _new_protocol(self, left: Callable[[], None]) -> asyncio.Protocol:
        made = _Visit(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        made.patience, made.left = self._patience, left
        return made


class _Visit(PatientProtocol):
    """One connection that gives its place back when it is lost."""

    left: Callable[[], None] = staticmethod(lambda: None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.left()
        super().connection_lost(exc)


def _config(app: FastAPI) -> uvicorn.Config:
    # No Date header: the camera's clock may be wrong, and stamping it would wake the server every second.
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_Visit,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=1,
    )


def secure_context(certificate: str) -> ssl.SSLContext:
    """TLS 1.3, or 1.2 with the ciphers of 1.3's kind, for the certificate and key in the PEM file ``certificate``.

    Raises: Unavailable when the file is not there or holds something else.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+CHACHA20:ECDHE+AESGCM:!aPSK")
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as refused:
        raise Unavailable(
            f"{certificate} cannot be used ({refused.strerror or refused})",
            do="run `edgecam certificate renew`",
            safe="recording is not touched; the page stays on loopback",
        ) from refused
    return context


def in_url(host: str) -> str:
    """``host`` as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def listen(host: str, port: int, setting: str = "web.port") -> socket.socket:
    """A bound socket; port 0 takes a free one.

    Raises: Unavailable when the port is in use, NotAllowed when it needs privileges, BadInput when the address is
    not this machine's.
    """
    if not 0 <= port <= 65_535:  # the C library would silently take another one
        raise BadInput(f"there is no port {port}", do=f"set {setting} between 1024 and 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(address)
            opened.listen(64)  # at once, so that a second camera's bind is refused
        except OSError:
            opened.close()
            raise
    except OSError as refused:
        raise _bind_refusal(host, port, setting, refused) from refused
    return opened


def _bind_refusal(host: str, port: int, setting: str, refused: OSError) -> BadInput | NotAllowed | Unavailable:
    safe = "recording is not touched"
    if refused.errno == errno.EADDRINUSE:
        return Unavailable(
            f"port {port} is in use", do=f"end the other program or set another {setting}", safe=safe
        )
    if refused.errno == errno.EACCES:
        return NotAllowed(f"port {port} needs privileges", do=f"set {setting} to 1024 or more", safe=safe)
    return BadInput(f"the page cannot listen on {host}:{port} ({refused})", do="correct web.address", safe=safe)
