"""The page's listener: a socket opened with a clear refusal, and a server that sleeps while nobody asks."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading

import uvicorn
from fastapi import FastAPI

from edgecam.core.errors import BadInput, Bug, NotAllowed, Unavailable

_START_S = 10


class PageServer:
    """Serves one application from a thread of its own, `edgecam.page`; `start` once, then `close`."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._socket = listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._server = _SleepingServer(app)
        self._thread = threading.Thread(target=self._run, name="edgecam.page", daemon=True)

    def start(self) -> None:
        """Return when the page answers. Raises: Bug when it does not come up."""
        self._thread.start()
        if not self._server.up.wait(_START_S) or not self._server.started:
            raise Bug("the page did not start", do="look into the camera's log", safe="recording is not touched")

    def close(self) -> None:
        """End open streams and return when the thread has ended."""
        self._server.stop()
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.up.set()


class _SleepingServer(uvicorn.Server):
    """uvicorn wakes ten times a second to look whether it should end; this one is told."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(_config(app))
        self._end_streams = app.state.end_streams
        self.up = threading.Event()
        self._ending = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.up.set()
        if not self._ending.is_set():
            await self._end.wait()
        self._end_streams()

    def stop(self) -> None:
        self._ending.set()
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)


def _config(app: FastAPI) -> uvicorn.Config:
    # No Date header: the camera's clock may be wrong, and stamping it would wake the server every second.
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        limit_concurrency=64,
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=1,
    )


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one.

    Raises: Unavailable when the port is in use, NotAllowed when it needs privileges, BadInput when the address is
    not this machine's.
    """
    if not 0 <= port <= 65_535:  # the C library would silently take another one
        raise BadInput(f"there is no port {port}", do="set web.port between 1024 and 65535")
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
        raise _bind_refusal(host, port, refused) from refused
    return opened


def _bind_refusal(host: str, port: int, refused: OSError) -> BadInput | NotAllowed | Unavailable:
    safe = "recording is not touched"
    if refused.errno == errno.EADDRINUSE:
        return Unavailable(f"port {port} is in use", do="end the other program or set another web.port", safe=safe)
    if refused.errno == errno.EACCES:
        return NotAllowed(f"port {port} needs privileges", do="set web.port to 1024 or more", safe=safe)
    return BadInput(f"the page cannot listen on {host}:{port} ({refused})", do="correct web.address", safe=safe)
