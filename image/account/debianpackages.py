"""Debian packages of a root, from the status file that the recipe wrote and the copyright files that it kept."""

from __future__ import annotations

import re
from pathlib import Path

from account.component import Component, purl
from account.copyright import CopyrightFile, decode_copyright

STATUS = "var/lib/dpkg/status"
_NO_COPYRIGHT = CopyrightFile("", ())


def decode_status(text: str) -> list[dict[str, str]]:
    """The entries of a status file, field by field; those that are not unpacked are left out."""
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t"):
                fields[name] = f"{fields.get(name, '')}\n{line.strip()}"
            elif ":" in line:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        if {"Package", "Version"} <= set(fields) and not fields.get("Status", "").startswith("deinstall"):
            found.append(fields)
    return found


def codename(root: Path) -> str:
    """The release that ``root`` is of, as ``trixie``."""
    told = re.search(r'^VERSION_CODENAME="?([a-z]+)"?$', (root / "etc/os-release").read_text("utf-8"), re.M)
    if told is None:
        raise SystemExit(f"{root}/etc/os-release does not say which Debian it is")
    return told[1]


def debian_packages(root: Path) -> list[Component]:
    """What dpkg would list in ``root``. Raises: SystemExit when the recipe did not note it."""
    entries = decode_status((root / STATUS).read_text("utf-8", "replace"))
    if not entries:
        raise SystemExit(
            f"{root / STATUS} is empty: the recipe has to note what it unpacks (see docs/design/account.md)"
        )
    release = codename(root)
    sources = [(_source(fields), fields["Package"]) for fields in entries]
    kin: dict[str, list[str]] = {}
    for (source, _), package in sources:
        kin.setdefault(source, []).append(package)
    return [_component(root, fields, release, kin[_source(fields)[0]]) for fields in entries]


def _component(root: Path, fields: dict[str, str], release: str, kin: list[str]) -> Component:
    name, version = fields["Package"], fields["Version"]
    path = _copyright_path(root, [name, *kin])
    told = decode_copyright((root / path).read_text("utf-8", "replace"), f"/{path}") if path else _NO_COPYRIGHT
    archive = "raspberrypi" if re.search(r"\+rpt|\+rpi|~rpt", version) else "debian"
    return Component(
        "debian",
        name,
        version,
        purl("deb", archive, name, version=version, arch=fields.get("Architecture", "all"), distro=release),
        licence=told.licence,
        sha256=fields.get("SHA256", ""),
        supplier=fields.get("Maintainer", ""),
        source=_source(fields),
        needs=_names(f"{fields.get('Pre-Depends', '')},{fields.get('Depends', '')}"),
        answers_to=_names(fields.get("Provides", "")),
        texts=(f"/{path}",) if path else (),
        named_texts=told.named_texts,
    )


def _copyright_path(root: Path, names: list[str]) -> str:
    """A package without a file of its own shares that of one built from the same source."""
    paths = (f"usr/share/doc/{name}/copyright" for name in names)
    return next((path for path in paths if (root / path).is_file()), "")


def _source(fields: dict[str, str]) -> tuple[str, str]:
    told = re.fullmatch(r"(\S+)(?:\s+\(([^)]+)\))?", fields.get("Source", fields["Package"]))
    return (told[1], told[2] or fields["Version"]) if told else (fields["Package"], fields["Version"])


def _names(relation: str) -> tuple[str, ...]:
    return tuple(re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]*)", relation))
