"""The bill of materials as CycloneDX 1.6 in JSON."""

from __future__ import annotations

from typing import Any

from account.component import Component, everything, needed_by
from account.image import Image

_TYPES = {"debian": "library", "python": "library", "page": "library", "bundled": "library", "own": "application"}
_FIRMWARE = "edgecam-image"


def cyclonedx(image: Image) -> dict[str, Any]:
    """The document for ``image``: the same bytes for the same image."""
    components = sorted(everything(image.components), key=lambda one: one.purl)
    needs = needed_by(image.components)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{image.uuid}",
        "version": 1,
        "metadata": {
            "timestamp": image.moment,
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "firmware",
                "bom-ref": _FIRMWARE,
                "name": "edgecam",
                "version": image.version,
                "description": f"root file system of the edgecam image, target {image.target}",
                "hashes": [{"alg": "SHA-256", "content": image.root_hash}],
            },
        },
        "components": [_component(one) for one in components],
        "dependencies": [
            {"ref": _FIRMWARE, "dependsOn": sorted({one.purl for one in image.components})},
            *({"ref": one.purl, "dependsOn": needs[one.purl]} for one in components if needs.get(one.purl)),
        ],
    }


def _component(one: Component) -> dict[str, Any]:
    hashes = [
        {"alg": name, "content": value}
        for name, value in (("SHA-256", one.sha256), ("SHA-512", one.sha512))
        if value
    ]
    properties = [{"name": "edgecam:kind", "value": one.kind}]
    if one.source is not None:
        properties.append({"name": "edgecam:debian-source", "value": f"{one.source[0]} {one.source[1]}"})
    told: dict[str, Any] = {
        "type": _TYPES.get(one.kind, "machine-learning-model"),
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "properties": properties,
    }
    if "#" not in one.purl:
        told["purl"] = one.purl
    if one.supplier:
        told["supplier"] = {"name": one.supplier}
    if one.licence_as_shipped:
        concluded = {"acknowledgement": "concluded"} if one.source_owed else {}
        told["licenses"] = [{"expression": one.licence_as_shipped, **concluded}]
    if hashes:
        told["hashes"] = hashes
    return told
