"""Does a broker let somebody in? One bare MQTT 5 CONNECT, with or without TLS, and what came of it."""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address

_PATIENCE_S = 10.0
_REFUSAL_S = 2.0
_GLANCE_S = 0.05
# MQTT 5.0, 3.1: CONNECT, clean start, keep alive 5 s, no properties, client id given by the server.
CONNECT = bytes.fromhex("100d00044d5154540502000500") + b"\x00\x00"
CONNACK = 0x20
_SUCCESS = 0x00


@dataclass(frozen=True, slots=True)
class Knock:
    """Whether one was let in, and in words what the broker did."""

    let_in: bool
    happened: str


def knock(address: Address, context: ssl.SSLContext | None) -> Knock:
    """Try to get in; ``None`` tries without TLS. Raises: Unavailable when nobody listens there."""
    try:
        plain = socket.create_connection((address.host, address.port), timeout=_PATIENCE_S)
    except OSError as nobody:
        raise Unavailable(
            f"nobody listens at {address} ({(nobody.strerror or str(nobody)).lower()})",
            do="check that the broker runs",
        ) from nobody
    try:
        with plain if context is None else context.wrap_socket(plain, server_hostname=address.host) as line:
            if isinstance(line, ssl.SSLSocket):
                _hear_refusal(line)
            line.sendall(CONNECT)
            return _understood(line.recv(64))
    except ssl.SSLCertVerificationError as refused:
        return Knock(False, f"we refused its certificate: {refused.verify_message}")
    except ssl.SSLError as refused:
        return Knock(False, f"refused: {_words(refused)}")
    except TimeoutError:
        return Knock(False, "no answer")
    except OSError:
        return Knock(False, "it hung up")
    finally:
        plain.close()


def _hear_refusal(line: ssl.SSLSocket) -> None:
    """With TLS 1.3 a refusal comes after the handshake, and is lost to who speaks first. Raises: ssl.SSLError."""
    # A server that accepts says something too, to the TLS layer alone: a session to resume.
    select.select([line], [], [], _REFUSAL_S)
    line.settimeout(_GLANCE_S)
    with suppress(TimeoutError):
        line.recv(1)
    line.settimeout(_PATIENCE_S)


def _understood(answer: bytes) -> Knock:
    if not answer:
        return Knock(False, "it hung up")
    if answer[0] != CONNACK:
        return Knock(False, "an answer that is no MQTT")
    code = _connack_code(answer)
    if code is None:
        return Knock(False, "an answer that is no MQTT")
    return Knock(True, "let in") if code == _SUCCESS else Knock(False, f"refused: code 0x{code:02x}")


def _connack_code(answer: bytes) -> int | None:
    """MQTT 5.0, 3.2: remaining length of one to four bytes, flags, reason code."""
    at = 1
    while at < min(len(answer), 4) and answer[at] & 0x80:
        at += 1
    return answer[at + 2] if len(answer) > at + 2 else None


def _words(error: ssl.SSLError) -> str:
    reason = (error.reason or "it hung up").lower().replace("_", " ")
    return reason.rpartition("alert ")[2]
