# mypy: ignore-errors
"""A whole Home Assistant without its windows, for a test: run by a Python in which Home Assistant is installed.

    python homeassistantcore.py FOLDER BROKER_PORT PAGE_PORT

Adds the MQTT integration the way a person does (its own form), then answers each line of standard input with one
line of JSON: ``look`` (what it knows and shows now) or ``check JSON`` (what its own schemas say of a discovery
message).
"""

import asyncio
import importlib
import json
import logging
import sys
from pathlib import Path

import probatio
from homeassistant import bootstrap, const
from homeassistant.components.mqtt.schemas import (
    DEVICE_DISCOVERY_SCHEMA,
    SHARED_OPTIONS,
    validate_device_discovery_components,
)
from homeassistant.config_entries import SOURCE_USER
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.runner import RuntimeConfig

_FORM = {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"}
_WATCHED = ("homeassistant.components.mqtt", "homeassistant.helpers.template", "homeassistant.components.sensor")


class Complaints(logging.Handler):
    """What Home Assistant warned of, as far as it is about MQTT, templates and values."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        if record.name.startswith(_WATCHED):
            self.said.append(record.getMessage())


async def main(folder, broker_port, page_port):
    folder.mkdir(exist_ok=True)
    (folder / "configuration.yaml").write_text(
        f"http:\n  server_host: 127.0.0.1\n  server_port: {page_port}\nlogger:\n  default: warning\n"
    )
    hass = await bootstrap.async_setup_hass(RuntimeConfig(str(folder), skip_pip=True, log_no_color=True))
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    if not hass.config_entries.async_entries("mqtt"):
        flow = await hass.config_entries.flow.async_init("mqtt", context={"source": SOURCE_USER})
        filled = {"broker": "127.0.0.1", "port": broker_port, "other_settings": _FORM}
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"], filled)
        assert flow["type"] == "create_entry", flow
    await hass.async_start()
    say({"version": const.__version__, "recovery": hass.config.recovery_mode})
    lines = asyncio.StreamReader(limit=1 << 20)
    await hass.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := (await lines.readline()).decode().strip():
        word, _, rest = line.partition(" ")
        say(look(hass, complaints) if word == "look" else {"wrong": check(json.loads(rest))})
    await hass.async_stop()


def say(answer):
    sys.stdout.write(json.dumps(answer, default=str) + "\n")
    sys.stdout.flush()


def look(hass, complaints):
    """Devices and entities as they stand in the registries, with the states that are shown."""
    devices = [
        {
            "name": device.name,
            "model": device.model,
            "version": device.sw_version,
            "identifiers": sorted(name for _, name in device.identifiers),
            "page": device.configuration_url,
        }
        for device in device_registry.async_get(hass).devices
        if any(domain == "mqtt" for domain, _ in device.identifiers)
    ]
    entities = {}
    for entry in entity_registry.async_get(hass).entities.values():
        if entry.platform == "mqtt":
            state = hass.states.get(entry.entity_id)
            entities[entry.unique_id] = {
                "entity_id": entry.entity_id,
                "name": entry.original_name,
                "category": entry.entity_category,
                "disabled": entry.disabled_by is not None,
                "state": None if state is None else state.state,
                "attributes": {} if state is None else dict(state.attributes),
            }
    return {"devices": devices, "entities": entities, "complaints": complaints.said}


def check(config):
    """What Home Assistant's own schemas refuse, key by key; its strict ones, which know every option by name."""
    wrong = {}
    try:
        validate_device_discovery_components(DEVICE_DISCOVERY_SCHEMA(json.loads(json.dumps(config))))
    except probatio.Invalid as refused:
        wrong["device"] = str(refused)
    for key, component in config["components"].items():
        component = dict(component)
        module = importlib.import_module(f"homeassistant.components.mqtt.{component.pop('platform')}")
        shared = {option: config[option] for option in SHARED_OPTIONS if option in config}
        try:
            module.PLATFORM_SCHEMA_MODERN(
                shared | {"device": config["device"], "origin": config["origin"]} | component
            )
        except probatio.Invalid as refused:
            wrong[key] = str(refused)
    return wrong


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
