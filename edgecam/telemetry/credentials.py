"""By what the camera shows who it is, and by what it knows the broker: password file, certificates."""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import BadInput
from edgecam.telemetry.tlssocket import RememberingSocket

_MAX_PASSWORD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything optional: a user name with a password file, an authority, the camera's own certificate.

    Files are read anew for each connection, so that a renewed certificate or password counts from the next one on.
    """

    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def password(self) -> str | None:
        """The first line of the password file. Raises: BadInput when others may read it, or it is unusable."""
        if self.password_file is None:
            return None
        try:
            with open(self.password_file, "rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                secret = file.read(_MAX_PASSWORD_BYTES + 1)
        except OSError as refused:
            raise BadInput(
                f"the broker's password file {self.password_file} cannot be read ({refused.strerror})",
                do="correct the setting password_file",
            ) from refused
        if mode & 0o077:
            raise BadInput(
                f"the broker's password file {self.password_file} can be read by others (mode {mode:04o})",
                do=f"run: chmod 600 {self.password_file}",
            )
        return self._first_line(secret)

    def tls_context(self) -> ssl.SSLContext:
        """TLS 1.2 or later, name and chain checked against ``ca_file`` or the system's authorities.

        Raises: BadInput when a file is missing or is not PEM.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = RememberingSocket
        try:
            if self.ca_file is None:
                context.load_default_certs()
            else:
                context.load_verify_locations(self.ca_file)
        except OSError as broken:
            raise _unusable("authority file", self.ca_file, broken) from broken
        if self.cert_file is not None:
            try:
                # An empty password: OpenSSL must never ask for one on a terminal.
                context.load_cert_chain(self.cert_file, self.key_file, password="")
            except OSError as broken:
                raise _unusable("certificate or key", self.cert_file, broken) from broken
        return context

    def _first_line(self, secret: bytes) -> str:
        line = secret.partition(b"\n")[0].rstrip(b"\r")
        try:
            password = line.decode()
        except UnicodeDecodeError:
            password = ""
        if not password or len(secret) > _MAX_PASSWORD_BYTES:
            raise BadInput(
                f"the broker's password file {self.password_file} holds no password",
                do="put the password on its first line, UTF-8",
            )
        return password


def _unusable(what: str, path: Path | None, error: OSError) -> BadInput:
    reason = error.strerror if not isinstance(error, ssl.SSLError) else "not PEM, or key and certificate differ"
    return BadInput(f"the broker's {what} {path} cannot be used ({reason})", do="correct the telemetry settings")
