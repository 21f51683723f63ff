"""The contract as one AsyncAPI document: servers, channels, operations and messages, seen from the camera."""

from __future__ import annotations

import re
from typing import Any, Final

from edgecam.telemetry.connection import Manner
from edgecam.telemetry.contract import KINDS, ROOT, Kind, schema_of, shared_schemas
from edgecam.telemetry.examples import EXAMPLES
from edgecam.telemetry.messages import SCHEMA_VERSION

VERSION: Final = "3.0.0"
BINDING: Final = {"bindingVersion": "0.2.0"}
_DISCOVERY = "homeassistant/device/{site}/{camera}/config"
_BIRTH = "homeassistant/status"
_PARAMETERS: Final = {
    "site": "The home, shop or district that the camera belongs to.",
    "camera": "The camera's own name, unique at the broker: its MQTT client id too.",
    "kind": "What lasts: the kind of an event, or recording, private, tamper.",
    "name": "The command's name.",
    "topic": "The topic of ONVIF, several levels.",
}
_ABOUT = (
    "What an edgecam camera says over MQTT 5 and what it hears. Everything has QoS 1. JSON is UTF-8; no message "
    "has a field that its schema does not name: a new field comes with a new `schema_version`. An event is named "
    "by `(camera, event_id, revision)`: whoever got it once may forget a second copy."
)


def asyncapi() -> dict[str, Any]:
    """The document as JSON values."""
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "edgecam",
            "version": f"{SCHEMA_VERSION}.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {**{kind.name: _channel(kind) for kind in KINDS}, **_foreign_channels()},
        "operations": {**{_operation_name(kind): _operation(kind) for kind in KINDS}, **_foreign_operations()},
        "components": {
            "messages": {kind.name: _message(kind) for kind in KINDS},
            "schemas": shared_schemas(),
            "securitySchemes": {
                "certificate": {
                    "type": "X509",
                    "description": "The camera's own; its name is <site>/<camera>, which is all it may write to.",
                },
                "password": {"type": "userPassword", "description": "For brokers that know no certificates."},
            },
        },
    }


def json_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind, by the name of its file."""
    return {f"{kind.name}.json": {**schema_of(kind), "examples": [_example(kind)]} for kind in KINDS}


def _servers() -> dict[str, Any]:
    manner = Manner()
    status = KINDS[0].address
    bindings = {
        "mqtt": {
            "clientId": "{camera}",
            "cleanSession": False,
            "lastWill": {
                "topic": status,
                "qos": 1,
                "message": f"As on {ROOT}/status, its state offline; {manner.will_delay_s} s after the loss.",
                "retain": True,
            },
            "keepAlive": manner.keepalive_s,
            "sessionExpiryInterval": manner.session_expiry_s,
            **BINDING,
        }
    }
    return {
        "central": {
            "host": "{host}:8883",
            "protocol": "secure-mqtt",
            "protocolVersion": "5.0",
            "description": "A broker of one's own, as `edgecam broker` sets it up.",
            "variables": {"host": {"default": "broker.example", "description": "Its name, as in its certificate."}},
            "security": [
                {"$ref": "#/components/securitySchemes/certificate"},
                {"$ref": "#/components/securitySchemes/password"},
            ],
            "bindings": bindings,
        },
        "embedded": {
            "host": "127.0.0.1:1883",
            "protocol": "mqtt",
            "protocolVersion": "5.0",
            "description": "The camera's own broker, for a first try; nobody else reaches it.",
            "bindings": bindings,
        },
    }


def _channel(kind: Kind) -> dict[str, Any]:
    message = {kind.name: {"$ref": f"#/components/messages/{kind.name}"}}
    return _addressed(kind.address, f"Sent {kind.when}.", message)


def _addressed(address: str, description: str, messages: dict[str, Any]) -> dict[str, Any]:
    parameters = {name: {"description": _PARAMETERS[name]} for name in re.findall(r"{(\w+)}", address)}
    told = {"parameters": parameters} if parameters else {}
    return {"address": address, "description": description, "messages": messages, **told}


def _operation_name(kind: Kind) -> str:
    return f"{'hear' if kind.heard else 'say'}_{kind.name}"


def _operation(kind: Kind) -> dict[str, Any]:
    answer = {"reply": {"channel": {"$ref": f"#/channels/{kind.answer}"}}} if kind.answer else {}
    return {
        "action": "receive" if kind.heard else "send",
        "channel": {"$ref": f"#/channels/{kind.name}"},
        "summary": f"Sent {kind.when}.",
        "messages": [{"$ref": f"#/channels/{kind.name}/messages/{kind.name}"}],
        **answer,
        "bindings": {"mqtt": _bound(kind.retained, kind.expiry_s)},
    }


def _bound(retained: bool | None, expiry_s: int) -> dict[str, Any]:
    retain = {} if retained is None else {"retain": retained}
    expiry = {"messageExpiryInterval": expiry_s} if expiry_s else {}
    return {"qos": 1, **retain, **expiry, **BINDING}


def _message(kind: Kind) -> dict[str, Any]:
    model = {"$ref": f"#/components/schemas/{kind.model.__name__}"}
    told = {"name": kind.name, "title": kind.model.__name__, "summary": f"Sent {kind.when}."}
    if kind.beside:
        return {
            **told,
            "contentType": "application/octet-stream",
            "headers": model,
            "payload": {"type": "string", "description": "As `picture` in the user properties says; may be empty."},
            "examples": [{"name": "sealed", "headers": _example(kind), "payload": "age-encryption.org/v1 ..."}],
            "bindings": {"mqtt": BINDING},
        }
    return {
        **told,
        "contentType": "application/json",
        "payload": model,
        "examples": [{"name": kind.name, "payload": _example(kind)}],
        "bindings": {
            "mqtt": {"payloadFormatIndicator": 1, **_correlated(kind), "contentType": "application/json", **BINDING}
        },
    }


def _correlated(kind: Kind) -> dict[str, Any]:
    if not kind.answer and kind.name not in {one.answer for one in KINDS}:
        return {}
    return {"correlationData": {"type": "string", "description": "Chosen by who commands; the answer has it too."}}


def _example(kind: Kind) -> Any:
    return EXAMPLES[kind.name].model_dump(mode="json")


def _foreign_channels() -> dict[str, Any]:
    """What Home Assistant defines, not edgecam."""
    discovery = {
        "name": "discovery",
        "summary": "Home Assistant's device discovery payload, as its MQTT integration documents it.",
        "contentType": "application/json",
        "payload": {"type": "object", "required": ["device", "origin", "components"]},
    }
    birth = {
        "name": "birth",
        "summary": "Home Assistant has started; it is told everything anew.",
        "contentType": "text/plain",
        "payload": {"type": "string", "enum": ["online", "offline"]},
    }
    return {
        "discovery": _addressed(
            _DISCOVERY, "Says to Home Assistant what the camera has; empty when it is to be forgotten.",
            {"discovery": discovery},
        ),
        "birth": _addressed(_BIRTH, "Said by Home Assistant.", {"birth": birth}),
    }  # fmt: skip


def _foreign_operations() -> dict[str, Any]:
    return {
        "say_discovery": {
            "action": "send",
            "channel": {"$ref": "#/channels/discovery"},
            "summary": "Sent at each connection and after Home Assistant's birth, where that is switched on.",
            "bindings": {"mqtt": _bound(True, 0)},
        },
        "hear_birth": {"action": "receive", "channel": {"$ref": "#/channels/birth"}},
    }
