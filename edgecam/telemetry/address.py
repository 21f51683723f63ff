"""Where the broker is: ``mqtt://host:1883`` or ``mqtts://host:8883``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from edgecam.core.errors import BadInput

_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's host and port, and whether TLS is spoken there."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address told by ``text``; without a port it is 1883, with ``mqtts`` 8883. Raises: BadInput."""
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as broken:
            raise _not_an_address(text.rpartition("@")[2]) from broken
        if parts.username is not None or parts.password is not None:
            # Addresses are shown, logged and listed among processes; a password has no place there.
            raise BadInput("the broker's address holds a user name", do="use username and password_file instead")
        rest = parts.path.rstrip("/") + parts.query + parts.fragment
        if parts.scheme not in _DEFAULT_PORTS or not host or port == 0 or rest or any(map(str.isspace, host)):
            raise _not_an_address(text)
        return cls(host, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "mqtts")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def _not_an_address(text: str) -> BadInput:
    return BadInput(f"{text!r} is not a broker's address", do="write mqtt://host:1883 or mqtts://host:8883")
