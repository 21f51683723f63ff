"""A head of the register as it leaves the camera: how far the register had come, when, signed; and read back.

Who keeps one proves later that no line up to it was changed or taken away, whoever holds the card and its keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.core.told import octets
from edgecam.custody.register.register_check import RegisterHead
from edgecam.custody.register.register_line import RegisterLine
from edgecam.keys.camera import signed_by

FORMAT = "edgecam-register-head-1"
_MOST_SIZE_BYTES = 1 << 22
_MOST_SEQUENCE = 1 << 63
Trust = Literal["unset", "restored", "synced"]
_TRUSTS: dict[TimeTrust, Trust] = {
    TimeTrust.UNSET: "unset",
    TimeTrust.RESTORED: "restored",
    TimeTrust.SYNCED: "synced",
}


@dataclass(frozen=True, slots=True)
class SignedHead:
    """``utc`` (RFC 3339 with milliseconds) and ``trust`` tell when it was signed."""

    head: RegisterHead
    utc: str
    trust: Trust
    signature: bytes = b""

    def body(self) -> bytes:
        """What is signed: one line of text without its newline."""
        return f"{FORMAT} {self.head.sequence} {self.head.hash.hex()} {self.utc} {self.trust}".encode()

    def signed(self, sign: Callable[[bytes], bytes]) -> SignedHead:
        return replace(self, signature=sign(self.body()))


def head_of(line: RegisterLine, now: Instant, sign: Callable[[bytes], bytes]) -> SignedHead:
    """The head of a register whose last line is ``line``, at ``now``."""
    seconds, rest_ns = divmod(now.wall_ns, NS_PER_S)
    utc = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns // 1_000_000:03d}Z"
    return SignedHead(RegisterHead(line.sequence, line.hash), utc, _TRUSTS[now.trust]).signed(sign)


def decode_head(data: bytes) -> SignedHead:
    """The head in a message of the topic ``register/head``; what else stands in it does not matter here.

    Raises: DataLoss for anything else.
    """
    try:
        told = json.loads(data)
        return SignedHead(
            RegisterHead(_sequence(told["lines"]), octets(told["sha256"], 32)),
            _word(told["at"]["utc"]),
            _trust(told["at"]["trust"]),
            octets(told["signature"], 64),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("this is no head of a register") from broken


def read_heads(path: Path, camera_public: bytes) -> list[RegisterHead]:
    """The heads that somebody kept at ``path``, one message a line.

    Raises: BadInput when it cannot be read or holds anything else, NotAllowed for one of another camera.
    """
    try:
        with open(path, "rb") as file:
            kept = file.read(_MOST_SIZE_BYTES)
        found = [decode_head(line) for line in kept.splitlines() if line.strip()]
    except OSError as missing:
        raise BadInput(f"{path} cannot be read ({missing.strerror})") from missing
    except DataLoss as broken:
        raise BadInput(
            f"{path} holds something else than heads of a register",
            do="keep the messages of the topic register/head as they are, one a line",
        ) from broken
    if not found:
        raise BadInput(f"{path} holds no head of a register")
    for signed in found:
        if not signed_by(camera_public, signed.signature, signed.body()):
            raise NotAllowed(
                f"the head of {signed.head.sequence} lines in {path} was not signed by this camera",
                do="check which camera it is of",
            )
    return [signed.head for signed in found]


def _sequence(value: Any) -> int:
    if type(value) is not int or not 0 < value < _MOST_SEQUENCE:
        raise ValueError("no sequence")
    return value


def _word(value: Any) -> str:
    if type(value) is not str or not value.isascii() or not value.isprintable() or len(value) > 40:
        raise ValueError("no word")
    return value


def _trust(value: Any) -> Trust:
    for known in _TRUSTS.values():
        if value == known:
            return known
    raise ValueError("no trust")
