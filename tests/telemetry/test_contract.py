"""The published contract is what the models give, holds together, and refuses what it does not promise."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import runpy
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, ValidationError

from edgecam import telemetry
from edgecam.telemetry.asyncapi import asyncapi, json_schemas
from edgecam.telemetry.blockyaml import to_yaml
from edgecam.telemetry.command import decode_command
from edgecam.telemetry.commandkinds import CommandName, arguments_of
from edgecam.telemetry.contract import KINDS, Kind, schema_of, shared_schemas
from edgecam.telemetry.examples import CAMERA, EXAMPLES, SITE
from edgecam.telemetry.messages import EventMessage, Header, Moment
from edgecam.telemetry.topics import Identity, Topics

ROOT = Path(__file__).parents[2]
DOCUMENT = asyncapi()
# ONVIF's own form, and what comes from elsewhere, under a signature of its own.
OTHER_FORMS = {"onvif", "cmd"}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def _example(kind: Kind) -> Any:
    return EXAMPLES[kind.name].model_dump(mode="json")


def _check(kind: Kind, message: Any) -> None:
    Draft202012Validator(schema_of(kind)).validate(message)


def _within(value: Any, key: str) -> Iterator[Any]:
    """Everything that stands under ``key``, at any depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for item in value.values():
            yield from _within(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _within(item, key)


@pytest.mark.row("T1")
def test_the_published_files_are_what_the_models_give() -> None:
    told = runpy.run_path(str(ROOT / "scripts" / "document"))["contract"]()
    published = {ROOT / "docs" / "asyncapi.yaml", *(ROOT / "docs" / "schemas").iterdir()}
    assert published == set(told), "run scripts/document"
    for path, text in told.items():
        assert path.read_text() == text, f"{path.name} is not what the models give: run scripts/document"


@pytest.mark.row("T1")
@each_kind
def test_the_example_keeps_the_contract_and_comes_back_as_it_was(kind: Kind) -> None:
    Draft202012Validator.check_schema(schema_of(kind))
    _check(kind, _example(kind))
    assert kind.model.model_validate_json(json.dumps(_example(kind))) == EXAMPLES[kind.name]


@each_kind
def test_the_contract_refuses_a_field_more_a_field_less_and_another_version(kind: Kind) -> None:
    told = _example(kind)
    with pytest.raises(ValidationError):
        _check(kind, {**told, "picture": "x"})
    for name in schema_of(kind)["required"]:
        with pytest.raises(ValidationError):
            _check(kind, {field: value for field, value in told.items() if field != name})
    if kind.name != "onvif":
        with pytest.raises(ValidationError):
            _check(kind, {**told, "schema_version": 2})


@pytest.mark.row("T1")
@each_kind
def test_every_message_says_who_speaks_and_when_with_trust(kind: Kind) -> None:
    if kind.name not in OTHER_FORMS:
        assert issubclass(kind.model, Header)
        assert set(Header.model_fields) == {"schema_version", "camera", "site", "session", "sequence"}
        assert set(Header.model_fields) <= set(schema_of(kind)["required"])
    times = [text for text in _texts(_example(kind)) if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", text)]
    assert times
    assert all(datetime.fromisoformat(text).utcoffset() is not None for text in times)
    trusted = list(_within(schema_of(kind), "Moment")) or "captured_trust" in schema_of(kind)["properties"]
    assert trusted or kind.name in OTHER_FORMS


def test_an_event_says_which_it_is_and_which_revision() -> None:
    assert {"event_id", "revision"} <= set(schema_of(next(k for k in KINDS if k.model is EventMessage))["required"])


def test_topics_are_those_that_the_camera_uses() -> None:
    topics = Topics.of(Identity(SITE, CAMERA, "0"))
    told = {kind.name: kind.address.replace("{site}", SITE).replace("{camera}", CAMERA) for kind in KINDS}
    assert (told["status"], told["health"], told["event"]) == (topics.status, topics.health, topics.event)
    assert told["state"].replace("{kind}", "person") == topics.state("person")
    assert told["snapshot"] == topics.snapshot
    assert told["cmd"].replace("{name}", "hold") == topics.command("hold")
    assert told["cmd_result"].replace("{name}", "hold") == topics.command_result("hold")


@pytest.mark.row("T5")
def test_the_command_of_the_contract_is_signed_and_each_has_its_own_arguments() -> None:
    kind = next(kind for kind in KINDS if kind.name == "cmd")
    told = _example(kind)
    command = decode_command(json.dumps(told).encode())
    assert command.is_signed
    assert arguments_of(CommandName.HOLD, command.arguments)
    assert set(kind.arguments) == {name.value for name in CommandName}
    _check(kind, {**told, "name": "restart", "arguments": {"part": "hub"}})
    for name, arguments in (("hold", {"minutes": 0, "reason": "x"}), ("hold", {}), ("restart", {"part": "all"})):
        with pytest.raises(ValidationError):
            _check(kind, {**told, "name": name, "arguments": arguments})


@pytest.mark.row("T1")
def test_every_reference_in_the_document_leads_somewhere() -> None:
    references = list(_within(DOCUMENT, "$ref"))
    assert len(references) > 30
    for reference in references:
        found: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert isinstance(found, dict), reference


@pytest.mark.row("T1")
def test_channels_operations_and_messages_belong_together() -> None:
    channels, operations = DOCUMENT["channels"], DOCUMENT["operations"]
    addresses = [channel["address"] for channel in channels.values()]
    assert len(set(addresses)) == len(addresses)
    assert {operation["channel"]["$ref"] for operation in operations.values()} == {
        f"#/channels/{c}" for c in channels
    }
    for channel in channels.values():
        assert set(channel.get("parameters", {})) == set(re.findall(r"{(\w+)}", channel["address"]))
    for operation in operations.values():
        assert operation["action"] in ("send", "receive")
        bound = operation.get("bindings", {}).get("mqtt", {"qos": 1, "bindingVersion": "0.2.0"})
        assert (bound["qos"], bound["bindingVersion"]) == (1, "0.2.0")
    retained = {name for name, operation in operations.items() if _bound(operation).get("retain")}
    assert {"say_status", "say_state", "say_discovery"} <= retained
    assert not retained & {"say_event", "say_health", "say_snapshot"}


@pytest.mark.row("T1")
def test_the_will_is_told() -> None:
    for server in DOCUMENT["servers"].values():
        will = server["bindings"]["mqtt"]["lastWill"]
        assert (will["topic"], will["qos"], will["retain"]) == ("edgecam/{site}/{camera}/status", 1, True)


def test_the_document_says_nothing_that_draft_07_reads_otherwise() -> None:
    """AsyncAPI's own schemas are of draft-07: what is new since then would be passed over there."""
    schemas = shared_schemas()
    for word in ("prefixItems", "$defs", "unevaluatedProperties", "dependentRequired", "minContains"):
        assert not list(_within(schemas, word)), word
    assert not any(isinstance(items, list) for items in _within(schemas, "items"))


@pytest.mark.row("T1")
@each_kind
def test_the_document_alone_tells_right_from_wrong(kind: Kind) -> None:
    """Read as draft-07, which every tool for AsyncAPI does."""
    message = DOCUMENT["components"]["messages"][kind.name]
    part = "headers" if kind.beside else "payload"
    check = Draft7Validator({"components": DOCUMENT["components"], "allOf": [message[part]]})
    (example,) = message["examples"]
    check.validate(example[part])
    assert not check.is_valid({**example[part], "picture": 1})
    assert not check.is_valid({})


def test_no_message_is_forgotten() -> None:
    for module in pkgutil.iter_modules(telemetry.__path__, "edgecam.telemetry."):
        importlib.import_module(module.name)
    assert _all_below(Header) == {kind.model for kind in KINDS if kind.name not in OTHER_FORMS}


def _all_below(model: type[Any]) -> set[type[Any]]:
    return {one for below in model.__subclasses__() for one in (below, *_all_below(below))}


def test_what_models_say_of_themselves_is_in_the_contract() -> None:
    schemas = json_schemas()
    assert "`days_owed`" in schemas["health.json"]["description"]
    assert "one run of the agent" in schemas["event.json"]["description"]
    assert "``" not in json.dumps(schemas)
    assert Moment.__name__ in shared_schemas()


def test_yaml_is_written_so_that_nothing_is_taken_for_something_else() -> None:
    told = {
        "a": [{"b": "1.0", "c": []}, [2, None]],
        "on": "no",
        "$ref": "#/x",
        "d": {"e": True, "f": {}},
        "g": "z: - #",
    }
    assert to_yaml(told) == (
        'a:\n  - b: "1.0"\n    c: []\n  - - 2\n    - null\n'
        '"on": "no"\n$ref: "#/x"\nd:\n  e: true\n  f: {}\ng: "z: - #"\n'
    )
    assert to_yaml({"1": "a\nb\u2028ü"}) == '"1": "a\\nb\\u2028\\u00fc"\n'


def _bound(operation: Any) -> Any:
    return operation.get("bindings", {}).get("mqtt", {})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
