"""The embedded MQTT 5 broker for a first try: rumqttd in a child process, on loopback only, without persistence."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import iotcore

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.door import CONNACK, CONNECT

_HOST = "127.0.0.1"
_START_TIMEOUT_S = 15.0
_PROBE_TIMEOUT_S = 2.0
_CONFIGURATION = """id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 200
max_segment_size = 4194304
max_segment_count = 4
[v5.1]
name = "v5-1"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 10000
max_payload_size = 262144
max_inflight_count = 100
dynamic_filters = true
"""


class EmbeddedBroker:
    """A broker that ends with the process that started it, be it by SIGKILL: its stdin closes then."""

    def __init__(self, port: int, folder: Path) -> None:
        """``folder`` takes the broker's configuration, ``rumqttd.toml``; nothing else is written."""
        self._configuration = folder / "rumqttd.toml"
        self._broker: iotcore.Broker | None = None
        self.address = Address(_HOST, port, tls=False)

    @property
    def is_running(self) -> bool:
        return self._broker is not None and bool(self._broker.is_running)

    def start(self) -> None:
        """Start and wait until it accepts connections. Raises: Unavailable."""
        if self.is_running:
            return
        self._write_configuration()
        try:
            broker = iotcore.Broker(config_path=str(self._configuration))
            with _without_interrupt():
                broker.start(timeout=_START_TIMEOUT_S)
        except OSError as refused:
            raise self._explained(refused) from refused
        except RuntimeError as refused:
            raise Unavailable(
                f"the embedded broker did not start ({refused})",
                do="set telemetry to another broker, or off",
                safe="the recording goes on",
            ) from refused
        self._broker = broker

    def stop(self) -> None:
        """End the broker and free its port; its retained messages are gone. May be called twice."""
        broker, self._broker = self._broker, None
        if broker is not None:
            broker.stop()
        self._configuration.unlink(missing_ok=True)

    def _write_configuration(self) -> None:
        text = _CONFIGURATION.format(host=_HOST, port=self.address.port)
        try:
            self._configuration.write_text(text, encoding="ascii")
        except OSError as refused:
            raise Unavailable(
                f"the embedded broker's {self._configuration} cannot be written ({refused.strerror})",
                do="make room or check the permissions of its folder",
                safe="the recording goes on",
            ) from refused

    def _explained(self, refused: OSError) -> Unavailable:
        port = self.address.port
        if not _accepts(port):
            return Unavailable(
                f"the embedded broker cannot use port {port} ({refused})",
                do="choose another embedded_port",
                safe="the recording goes on",
            )
        if speaks_mqtt(port):
            return Unavailable(
                f"port {port} is in use by another MQTT broker",
                do=f"set telemetry's broker to {self.address}, or choose another embedded_port",
                safe="the recording goes on",
            )
        return Unavailable(
            f"port {port} is in use by another program",
            do="end it, or choose another embedded_port",
            safe="the recording goes on",
        )


def speaks_mqtt(port: int) -> bool:
    """Whether whoever listens at this port of loopback answers an MQTT 5 CONNECT."""
    try:
        with socket.create_connection((_HOST, port), timeout=_PROBE_TIMEOUT_S) as probe:
            probe.sendall(CONNECT)
            answer = probe.recv(1)
    except OSError:
        return False
    return answer == bytes([CONNACK])


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=_PROBE_TIMEOUT_S):
            return True
    except OSError:
        return False


@contextmanager
def _without_interrupt() -> Iterator[None]:
    """Start a child that Ctrl-C does not reach: a blocked signal stays blocked in what is started meanwhile.

    The agent must still be able to tell the broker of its own clean stop.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
