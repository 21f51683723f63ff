"""What goes over MQTT, one line a kind of message, and the JSON Schema of each, made from its model.

`asyncapi.py` makes the whole document of it. Nothing of this runs on a camera.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core.core_schema import ModelSchema

from edgecam.telemetry.command import CommandMessage
from edgecam.telemetry.commandkinds import ARGUMENTS
from edgecam.telemetry.commandresult import CommandResult
from edgecam.telemetry.healthmessage import HealthMessage
from edgecam.telemetry.messages import EventMessage, Frozen, StatusMessage
from edgecam.telemetry.onvif import LIVES_S, OnvifEvent
from edgecam.telemetry.registerheads import TOPIC as REGISTER_HEAD
from edgecam.telemetry.registerheads import RegisterHeadMessage
from edgecam.telemetry.snapshots import EXPIRY_S as SNAPSHOT_EXPIRY_S
from edgecam.telemetry.snapshots import SnapshotProperties
from edgecam.telemetry.states import StateMessage

ROOT: Final = "edgecam/{site}/{camera}"
RESULT_EXPIRY_S: Final = 600
HEALTH_EXPIRY_S: Final = 180  # three of the usual periods
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message; ``topic`` is below `ROOT`, with its parameters in braces.

    ``when`` says when it is sent. ``retained`` of ``None`` means some are and some are not; ``expiry_s`` of 0
    never. ``heard`` is what the camera hears instead of saying it, ``answer`` the kind that answers it. ``beside``
    says that the model tells of user properties, beside a payload that is not JSON. ``arguments`` are the models of
    the field of that name, by what the field ``name`` says.
    """

    name: str
    topic: str
    model: type[Frozen]
    when: str
    retained: bool | None = False
    expiry_s: int = 0
    heard: bool = False
    answer: str = ""
    beside: bool = False
    arguments: Mapping[str, type[Frozen]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{ROOT}/{self.topic}"

    @property
    def mode(self) -> JsonSchemaMode:
        # What is said always tells every field; what is heard may leave out those that have a default.
        return "validation" if self.heard else "serialization"


KINDS: Final = (
    Kind("status", "status", StatusMessage, "at each connection, at a clean stop, and as last will", retained=True),
    Kind("health", "health", HealthMessage, "at each connection, then every 60 s", expiry_s=HEALTH_EXPIRY_S),
    Kind("event", "event", EventMessage, "when something begins, changes or ends"),
    Kind("state", "state/{kind}", StateMessage, "at each connection and change, for Home Assistant", retained=True),
    Kind(
        "register_head", REGISTER_HEAD, RegisterHeadMessage, "at each connection, then once a day", retained=True
    ),
    Kind(
        "snapshot", "snapshot", SnapshotProperties, "when an alarm begins, if the owner switched it on",
        expiry_s=SNAPSHOT_EXPIRY_S, beside=True,
    ),
    Kind(
        "onvif", "onvif-ej/{topic}", OnvifEvent, "when something begins or ends, if the owner switched it on; what "
        "lasts is retained and expires, and an empty payload ends it", retained=None, expiry_s=LIVES_S,
    ),
    Kind(
        "cmd", "cmd/{name}", CommandMessage, "by whoever holds an enrolled key, never retained",
        heard=True, answer="cmd_result", arguments={name.value: model for name, model in ARGUMENTS.items()},
    ),
    Kind("cmd_result", "cmd_result/{name}", CommandResult, "once for each command", expiry_s=RESULT_EXPIRY_S),
)  # fmt: skip


def schema_of(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind, complete in itself."""
    parts = _schemas_of([kind], "#/$defs/")
    made = parts.pop(kind.model.__name__)
    first = {name: made.pop(name) for name in ("title", "description", "type", "properties", "required")}
    return {"$schema": DIALECT, **first, **made, **({"$defs": parts} if parts else {})}


def shared_schemas() -> dict[str, Any]:
    """All models and what they are made of, by name, for ``#/components/schemas``.

    In it stands nothing that draft-07, on which AsyncAPI builds, knows otherwise than draft 2020-12.
    """
    return _schemas_of(KINDS, "#/components/schemas/")


def _schemas_of(kinds: Sequence[Kind], place: str) -> dict[str, Any]:
    models: dict[tuple[type[Frozen], JsonSchemaMode], None] = {}
    for kind in kinds:
        models |= {(model, kind.mode): None for model in (kind.model, *kind.arguments.values())}
    _, told = models_json_schema(list(models), ref_template=f"{place}{{model}}", schema_generator=_Plain)
    schemas: dict[str, Any] = told["$defs"]
    for kind in kinds:
        if kind.arguments:
            schemas[kind.model.__name__]["allOf"] = [
                {
                    "if": {"properties": {"name": {"const": name}}},
                    "then": {"properties": {"arguments": {"$ref": f"{place}{model.__name__}"}}},
                }
                for name, model in kind.arguments.items()
            ]
    return dict(sorted(schemas.items()))


class _Plain(GenerateJsonSchema):
    """Without titles that only repeat a field's name, with descriptions that tell all that a docstring does."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        return {**super().model_schema(schema), "description": description_of(schema["cls"])}


def description_of(model: type[Any]) -> str:
    """What the docstrings of ``model`` and of the messages that it extends say, as one text in Markdown."""
    told = [_plain_words(base.__doc__ or "") for base in model.__mro__ if issubclass(base, Frozen)]
    return "\n\n".join(text for text in told[:-1] if text)


def _plain_words(docstring: str) -> str:
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", docstring))
    words = re.sub(r"``([^`]*)``", r"`\1`", "\n\n".join(paragraphs))
    return words.replace("`None`", "`null`")
