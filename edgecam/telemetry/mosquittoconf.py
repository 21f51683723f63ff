"""The configuration of a Mosquitto 2 that drops no alarm, and the lines by which systemd starts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_CONF = """\
# Written by edgecam, for Mosquitto 2.0 and 2.1. Everything that can be reached is behind TLS 1.3 and a certificate.
per_listener_settings true
user {account}
pid_file {folder}/data/mosquitto.pid
log_dest stderr
log_type error
log_type warning
log_type notice

# Sessions, retained messages and what waits for a watcher survive a restart.
persistence true
persistence_location {folder}/data/
autosave_interval 60
persistent_client_expiration 14d

# The default of 1,000 waiting messages drops a burst of alarms without a word. Bounded by bytes for each watcher
# instead: 64 MiB are more than 100,000 alarms. Not 0: 2.0.11 then hangs up on whoever is denied a message.
max_queued_messages 1000000
max_queued_bytes 67108864
max_inflight_messages 100
max_packet_size 1048576
max_keepalive 120
set_tcp_nodelay true

listener {listener}
allow_anonymous false
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.pem
crlfile {folder}/crl.pem
tls_version tlsv1.3
require_certificate true
# The name in the certificate is the user and the client id, whatever a client says of itself.
use_identity_as_username true
use_username_as_clientid true
acl_file {folder}/acl
"""
_DROP_IN = """\
# Written by edgecam: Debian's mosquitto.service with the broker of {folder}.
[Service]
# Never root, not even for a moment: its data folder belongs to it.
User={account}
ExecStartPre=
ExecStart=
ExecStart=/usr/sbin/mosquitto -c {folder}/mosquitto.conf
ProtectSystem=strict
ReadWritePaths={folder}/data
NoNewPrivileges=true
# Each camera is an open file.
LimitNOFILE=65536
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker's files lie, at which port it listens (``bind`` empty: on all addresses), as whom it runs."""

    folder: Path
    port: int
    bind: str
    account: str


def mosquitto_conf(place: Place) -> str:
    """The text of ``mosquitto.conf``."""
    listener = f"{place.port} {place.bind}".strip()
    return _CONF.format(folder=place.folder, account=place.account, listener=listener)


def systemd_drop_in(place: Place) -> str:
    """The text of a drop-in for Debian's ``mosquitto.service``."""
    return _DROP_IN.format(folder=place.folder, account=place.account)
