"""Why a connection ended: what the link's state is then, and the fault that tells a person."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.errors import EdgecamError, NotAllowed, Unavailable
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address

_SAFE = "recording goes on and events wait on disk"
# MQTT 5.0, table 2-6: codes by which a broker says that this client, as it is, may not.
_REFUSALS = {
    0x84: "the broker does not speak MQTT 5",
    0x85: "the broker does not accept the camera's name as a client id",
    0x86: "the broker does not know the user name or the password",
    0x87: "the broker does not authorise the camera",
    0x8A: "the broker has banned the camera",
    0x8C: "the broker wants another way of authentication",
    0x8E: "another client took the camera's name at the broker",
    0x90: "the broker does not accept the camera's topic",
    0x95: "the broker's greatest packet is too small for the camera's messages",
    0x99: "the broker does not accept the form of the camera's message",
    0x9A: "the broker keeps no retained messages",
    0x9B: "the broker does not give QoS 1",
    0x9C: "the broker wants the camera to use another server",
    0x9D: "the broker was moved",
}
_DO = {
    0x84: "use a broker that does, such as Mosquitto 2",
    0x86: "check username and password_file",
    0x87: "allow this camera its own topics at the broker",
    0x8E: "find out whether this camera was copied",
    0x95: "let the broker take larger packets",
    0x9C: "write its new address into the settings",
    0x9D: "write its new address into the settings",
}


class BrokerState(StrEnum):
    """How it stands with the broker."""

    CONNECTED = "connected"
    CONNECTING = "connecting"
    REFUSED = "refused"
    OFF = "off"


class Ending(Enum):
    """What in an end matters for the next try."""

    OTHER = auto()
    # Nobody listens there: that cost the broker nothing, and says nothing of how many others try.
    NOBODY = auto()
    # To everybody at once, perhaps: who comes back must not come back in the same second.
    HUNG_UP = auto()
    SHUT_DOWN = auto()
    # It has too much to do, or this client asks too much of it.
    BUSY = auto()
    TAKEN_OVER = auto()
    TOO_LARGE = auto()


_ENDINGS = {
    0x88: Ending.BUSY,
    0x89: Ending.BUSY,
    0x8B: Ending.SHUT_DOWN,
    0x8E: Ending.TAKEN_OVER,
    0x95: Ending.TOO_LARGE,
    0x96: Ending.BUSY,
    0x97: Ending.BUSY,
    0x9F: Ending.BUSY,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a connection, or of the try to make one."""

    state: BrokerState
    fault: Fault
    ending: Ending = Ending.OTHER


def away(address: Address, why: str) -> Verdict:
    """The broker cannot be reached now; trying again may help."""
    return Verdict(BrokerState.CONNECTING, _away(address, why))


def hung_up(address: Address) -> Verdict:
    """The broker ended the connection without a word."""
    return Verdict(BrokerState.CONNECTING, _away(address, "it hung up"), Ending.HUNG_UP)


def refused(what: str, do: str = "check the broker's settings") -> Verdict:
    """Somebody has to change something before it can work."""
    return Verdict(BrokerState.REFUSED, Fault("broker_refused", str(NotAllowed(what, do=do, safe=_SAFE))))


def subscription_refused(topic_filter: str) -> Fault:
    """The broker brings the camera nothing on ``topic_filter``."""
    what = f"the broker does not let the camera hear {topic_filter}"
    error = NotAllowed(what, do="allow this camera to read it there", safe="events are sent all the same")
    return Fault("subscription_refused", str(error))


def publication_refused(topic: str, why: str) -> Fault:
    """The broker does not take what the camera says on ``topic``, beside its events."""
    what = f"the broker does not take the camera's message on {topic} ({why})"
    error = NotAllowed(what, do="allow this camera to write it there", safe="events are sent all the same")
    return Fault("publication_refused", str(error))


def of_settings(error: EdgecamError) -> Verdict:
    """A file that the settings name cannot be used."""
    sentence = type(error)(error.what, do=error.do, safe=_SAFE)
    return Verdict(BrokerState.REFUSED, Fault("broker_settings", str(sentence)))


def of_code(address: Address, code: ReasonCode) -> Verdict:
    """What a reason code of 0x80 or above means in a CONNACK, PUBACK or DISCONNECT."""
    ending = _ENDINGS.get(code.value, Ending.OTHER)
    if code.value in _REFUSALS:
        told = refused(_REFUSALS[code.value], _DO.get(code.value, "check the broker's settings"))
        return replace(told, ending=ending)
    return Verdict(BrokerState.CONNECTING, _away(address, str(code).lower()), ending)


def of_error(address: Address, error: OSError) -> Verdict:
    """What an error of the network or of TLS means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(
            f"the certificate of {address} was not accepted ({error.verify_message})",
            "check ca_file, the broker's name and certificate, and the camera's clock",
        )
    if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
        return _certificate(
            f"the broker {address} did not accept the camera's certificate ({_words(error)})",
            "check cert_file and key_file",
        )
    if isinstance(error, ssl.SSLError):
        return away(address, f"no TLS there: {_words(error)}")
    if isinstance(error, TimeoutError):
        return away(address, "it does not answer")
    ending = Ending.NOBODY if isinstance(error, ConnectionRefusedError) else Ending.OTHER
    return Verdict(BrokerState.CONNECTING, _away(address, (error.strerror or str(error)).lower()), ending)


def _away(address: Address, why: str) -> Fault:
    error = Unavailable(f"the broker {address} is away ({why})", do="check it and the network", safe=_SAFE)
    return Fault("broker_away", str(error))


def _certificate(what: str, do: str) -> Verdict:
    return Verdict(BrokerState.REFUSED, Fault("broker_certificate", str(NotAllowed(what, do=do, safe=_SAFE))))


def _words(error: ssl.SSLError) -> str:
    return (error.reason or "unknown").replace("_", " ").lower()
