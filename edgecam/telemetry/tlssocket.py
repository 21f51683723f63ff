"""A TLS socket that closes itself when the handshake fails and remembers why the other side ended it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class RememberingSocket(ssl.SSLSocket):
    """As `ssl.SSLSocket`; ``failure`` keeps the last TLS error met while reading.

    With TLS 1.3 a server refuses the client's certificate only after the handshake: the alert comes with the first
    read, where the MQTT client would take it for a plain loss of the connection.
    """

    failure: ssl.SSLError | None = None

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        try:
            return super().recv(buflen, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            self.failure = error
            raise

    def send(self, data: Buffer, flags: int = 0) -> int:
        try:
            return super().send(data, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError:
            # The other side has closed already; what it said last is still there to be read.
            with suppress(OSError):
                self.recv(1)
            raise
