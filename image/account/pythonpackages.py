"""Python packages of a root, from their *.dist-info folders, and the libraries that their wheels brought along."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from account.component import Component, LicenceText, purl
from account.licencenames import identifier, references
from account.wheellibraries import wheel_library

FOLDERS = ("usr/lib/python3/dist-packages", "usr/local/lib/python3.13/dist-packages")
OWN = "edgecam"


def python_packages(root: Path) -> list[Component]:
    """What pip would list in ``root``, without what Debian packages brought there."""
    folders = [folder for name in FOLDERS for folder in sorted((root / name).glob("*.dist-info"))]
    return [_component(root, folder) for folder in folders if not _debians(folder)]


def _debians(folder: Path) -> bool:
    """Debian leaves out the list of files, or says that it installed the package."""
    installer = folder / "INSTALLER"
    return (installer.is_file() and installer.read_text("utf-8").strip() == "debian") or not (
        folder / "RECORD"
    ).is_file()


def normal(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(root: Path, folder: Path) -> Component:
    told = HeaderParser().parsestr((folder / "METADATA").read_text("utf-8", "replace"))
    name, version = normal(told["Name"]), told["Version"]
    texts = tuple(f"/{path.relative_to(root)}" for path in _texts(folder))
    licence = _licence(told)
    return Component(
        "own" if name == OWN else "python",
        name,
        version,
        purl("pypi", name, version=version),
        licence=licence,
        supplier=told.get("Author", "") or told.get("Author-email", ""),
        needs=_needs(told),
        texts=texts,
        named_texts=tuple(LicenceText(ref, f"See {', '.join(texts) or name}.") for ref in references(licence)),
        inside=tuple(_brought(folder, purl("pypi", name, version=version))),
    )


def _texts(folder: Path) -> list[Path]:
    named = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.I)
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "sboms"]
    return [path for path in found if named.match(path.name) or "licenses" in path.relative_to(folder).parts[:-1]]


def _licence(told: Message[str, str]) -> str:
    if expression := told.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition("::")[2].strip() for line in told.get_all("Classifier", []) if "License ::" in line
    ]
    written = told.get("License", "").strip()
    if written and "\n" not in written and len(written) < 60:
        short = re.split(r"\s+AND\s+", written)
        return " AND ".join(identifier(name) for name in short)
    return " OR ".join(sorted(identifier(name) for name in classifiers if name != "OSI Approved"))


def _needs(told: Message[str, str]) -> tuple[str, ...]:
    lines = [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return tuple(normal(name[0]) for name in names if name)


def _brought(folder: Path, within: str) -> Iterator[Component]:
    """What the wheel's own bills of materials list (PEP 770), and shared libraries that none of them names."""
    named: set[str] = set()
    for path in sorted(folder.glob("sboms/*.json")):
        for told in json.loads(path.read_text("utf-8")).get("components", []):
            if (one := _listed(told, within)) is not None and one.purl not in named:
                named.add(one.purl)
                yield one
    libraries = re.findall(r"^([^,\n]*\.libs/lib[^,\n]*\.so[^,\n]*),", (folder / "RECORD").read_text("utf-8"), re.M)
    for library in libraries:
        yield wheel_library(folder.parent / library, within, library)


def _listed(told: dict[str, Any], within: str) -> Component | None:
    itself = told.get("purl", within).partition("?")[0].replace("_", "-") == within
    if itself or "download_url=file" in told["purl"]:
        return None
    hashes = {one["alg"]: one["content"] for one in told.get("hashes", [])}
    licences = [
        one.get("expression") or one.get("license", {}).get("id") or identifier(one["license"]["name"])
        for one in told.get("licenses", [])
    ]
    licence = " AND ".join(f"({one})" if " OR " in one and len(licences) > 1 else one for one in licences)
    return Component(
        "bundled",
        told["name"],
        told.get("version", ""),
        told["purl"],
        licence=licence.replace("/", " OR ") if "/" in licence else licence,
        sha256=hashes.get("SHA-256", ""),
    )
