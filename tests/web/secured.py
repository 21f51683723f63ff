"""A page on loopback by HTTP and HTTPS, with certificates of its own, and visitors as plain sockets."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, StreamingResponse

from edgecam.core.clock import SystemClock
from edgecam.core.localaddresses import IPAddress
from edgecam.keys.pagecertificate import PageCertificates, PageNames
from edgecam.web.certificates import PageCertified
from edgecam.web.guard import Guard
from edgecam.web.patience import Patience
from edgecam.web.rates import Limits, Rates
from edgecam.web.server import PageServer, Secure, secure_context

_MOST_BYTES = 64 << 20
OWN = "edgecam-1f2e3d4c.local"


def no_addresses() -> tuple[IPAddress, ...]:
    return (ipaddress.IPv4Address("192.168.1.7"),)


class PageSecurity:
    """`CertificateParts` over files in ``folder``; ``renewals`` is who asked for new ones."""

    def __init__(self, folder: Path) -> None:
        names = PageNames.of("edgecam_1f2e3d4c", "porch", ())
        self.files = PageCertificates(folder / "a.pem", folder / "p.pem", names, no_addresses, SystemClock())
        self.renewals: list[tuple[str, bool]] = []

    def names(self) -> tuple[str, ...]:
        return self.told().leaf.names

    def strict_names(self) -> frozenset[str]:
        return self.files.strict_names()

    def told(self) -> PageCertified:
        authority, leaf = self.files.keep()
        return PageCertified(authority.told, leaf.told, authority.der)

    def renew(self, who: str, *, authority: bool) -> PageCertified:
        self.renewals.append((who, authority))
        self.files.renew(authority=authority)
        return self.told()

    def context(self) -> ssl.SSLContext | None:
        self.files.keep()
        return secure_context(str(self.files.leaf_path))

    def trusting(self) -> ssl.SSLContext:
        """What a browser has after its owner trusted the authority."""
        return ssl.create_default_context(cadata=self.files.keep()[0].pem.decode())


def small_app(security: PageSecurity | None, limits: Limits) -> FastAPI:
    """An application behind the guard that says a word, or talks without end."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.end_streams = lambda: None
    app.add_middleware(Guard, listen_host="127.0.0.1", certificates=security, rates=Rates(SystemClock(), limits))

    @app.get("/")
    async def word() -> PlainTextResponse:
        return PlainTextResponse("here")

    @app.post("/api/word")
    async def answer() -> PlainTextResponse:
        return PlainTextResponse("heard")

    @app.get("/api/endless")
    async def endless() -> StreamingResponse:
        return StreamingResponse(_without_end())

    return app


async def _without_end() -> AsyncIterator[bytes]:
    while True:
        yield bytes(65_536)
        await asyncio.sleep(0)  # as every real stream does: let the others have their turn


@dataclass(frozen=True)
class Stand:
    """The served page, and how to come to it."""

    server: PageServer
    security: PageSecurity | None

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def tls_port(self) -> int:
        return int(self.server.secure_address.rpartition(":")[2])

    def visit(self, port: int | None = None) -> socket.socket:
        visitor = socket.create_connection(("127.0.0.1", port or self.port), timeout=30)
        visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return visitor

    def visit_safely(self, name: str = OWN, trusting: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        assert self.security is not None
        context = trusting or self.security.trusting()
        return context.wrap_socket(self.visit(self.tls_port), server_hostname=name)


@contextmanager
def stand(
    folder: Path | None = None,
    limits: Limits | None = None,
    patience: Patience | None = None,
    context: Callable[[], ssl.SSLContext | None] | None = None,
) -> Iterator[Stand]:
    """Serve the small application, by HTTPS too with its certificates in ``folder``."""
    security = PageSecurity(folder) if folder is not None else None
    limits = limits or Limits()
    secure = None
    if security is not None:
        # Port 0 is no setting, but takes a free one.
        secure = Secure("127.0.0.1", 0, OWN, context or security.context)
    server = PageServer(small_app(security, limits), "127.0.0.1", 0, secure, limits, patience)
    server.start()
    try:
        yield Stand(server, security)
    finally:
        server.close()


def asked(visitor: socket.socket, request: str) -> bytes:
    """All that comes back until the other side closes; empty when it was cut off."""
    visitor.sendall(request.encode())
    return rest(visitor)


def rest(visitor: socket.socket) -> bytes:
    got = b""
    try:
        while piece := visitor.recv(65_536):
            got += piece
            assert len(got) < _MOST_BYTES, "it never ends"
    except ConnectionResetError:
        pass
    return got


def get(host: str = "127.0.0.1", path: str = "/") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
