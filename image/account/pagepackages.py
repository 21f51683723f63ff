"""npm packages whose code ends in the page, from its lock file: not those that only build it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from account.component import Component, purl


def decode_lock(text: str, modules: Path | None = None) -> list[Component]:
    """The packages of a package-lock.json (version 3); licences' words are looked for beside ``modules``."""
    packages = json.loads(text)["packages"]
    found = {}
    for path, told in packages.items():
        if not path or told.get("dev") or told.get("link"):
            continue
        name = path.rpartition("node_modules/")[2]
        algorithm, _, digest = told.get("integrity", "").partition("-")
        one = Component(
            "page",
            name,
            told["version"],
            purl("npm", *name.split("/"), version=told["version"]),
            licence=told.get("license", ""),
            sha512=base64.b64decode(digest).hex() if algorithm == "sha512" else "",
            needs=tuple(told.get("dependencies", {})),
            texts=_texts(modules, path),
        )
        found[one.purl] = one
    return [found[key] for key in sorted(found)]


def page_packages(web: Path) -> list[Component]:
    """What ``web/package-lock.json`` puts into the page."""
    return decode_lock((web / "package-lock.json").read_text("utf-8"), web)


def _texts(modules: Path | None, path: str) -> tuple[str, ...]:
    if modules is None:
        return ()
    return tuple(str(one) for one in sorted((modules / path).glob("LICEN[CS]E*")) if one.is_file())
