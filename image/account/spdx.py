"""The bill of materials as SPDX 2.3 in JSON."""

from __future__ import annotations

import hashlib
from typing import Any

from account.component import Component, everything, needed_by
from account.image import Image
from account.licencenames import references

_ROOT = "SPDXRef-image"
_UNKNOWN = "NOASSERTION"


def spdx(image: Image) -> dict[str, Any]:
    """The document for ``image``: the same bytes for the same image."""
    components = sorted(everything(image.components), key=lambda one: one.purl)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"edgecam-{image.version}-{image.target}",
        "documentNamespace": f"urn:uuid:{image.uuid}",
        "creationInfo": {"created": image.moment, "creators": ["Tool: edgecam-image-account"]},
        "packages": [_firmware(image), *(_package(one) for one in components)],
        "hasExtractedLicensingInfos": _texts(components),
        "relationships": _relationships(image),
    }


def _firmware(image: Image) -> dict[str, Any]:
    return {
        **_plain(_ROOT, "edgecam", image.version, _UNKNOWN),  # many licences: each package says its own
        "primaryPackagePurpose": "FIRMWARE",
        "checksums": [{"algorithm": "SHA256", "checksumValue": image.root_hash}],
    }


def _package(one: Component) -> dict[str, Any]:
    told = _plain(_name(one.purl), one.name, one.version, one.licence or _UNKNOWN)
    if one.source_owed:
        told["licenseConcluded"] = one.licence_as_shipped
    if one.supplier and one.kind == "debian":
        told["supplier"] = f"Organization: {one.supplier}"
    hashes = (("SHA256", one.sha256), ("SHA512", one.sha512))
    if checksums := [{"algorithm": name, "checksumValue": value} for name, value in hashes if value]:
        told["checksums"] = checksums
    if "#" not in one.purl:
        told["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": one.purl}
        ]
    if one.source is not None:
        told["sourceInfo"] = f"built from Debian source package {one.source[0]} {one.source[1]}"
    return told


def _plain(reference: str, name: str, version: str, licence: str) -> dict[str, Any]:
    told = {
        "SPDXID": reference,
        "name": name,
        "downloadLocation": _UNKNOWN,
        "filesAnalyzed": False,
        "licenseConcluded": _UNKNOWN,
        "licenseDeclared": licence,
        "copyrightText": _UNKNOWN,
    }
    return told | ({"versionInfo": version} if version else {})


def _name(purl: str) -> str:
    return f"SPDXRef-{hashlib.sha256(purl.encode()).hexdigest()[:24]}"


def _texts(components: list[Component]) -> list[dict[str, Any]]:
    """Words of what SPDX does not list; where packages mean different words by one name, all of them."""
    words: dict[str, list[str]] = {}
    for one in components:
        for text in one.named_texts:
            if text.text not in words.setdefault(text.reference, []):
                words[text.reference].append(text.text)
        for reference in references(one.licence):
            words.setdefault(reference, [f"{one.name} {one.version} does not bring its words along."])
    return [
        {"licenseId": reference, "name": reference.removeprefix("LicenseRef-"), "extractedText": "\n\n".join(texts)}
        for reference, texts in sorted(words.items())
    ]


def _relationships(image: Image) -> list[dict[str, str]]:
    described = [("SPDXRef-DOCUMENT", "DESCRIBES", _ROOT)]
    contained = [(_ROOT, "CONTAINS", _name(one.purl)) for one in everything(image.components)]
    needs = [
        (_name(purl), "DEPENDS_ON", _name(needed))
        for purl, all_needed in needed_by(image.components).items()
        for needed in all_needed
    ]
    return [
        {"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second}
        for first, kind, second in (*described, *sorted({*contained, *needs}))
    ]
