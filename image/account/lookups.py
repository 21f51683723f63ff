"""Asks the public sources of known vulnerabilities over the network."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

from account.component import Component, everything
from account.vulnerabilities import Answer, Vulnerability, answer, in_debian, in_page, in_python

_WAIT_S = 60
_TRACKER = "https://security-tracker.debian.org/tracker/data/json"
_PYPI = "https://pypi.org/pypi/{}/{}/json"
_NPM = "https://registry.npmjs.org/-/npm/v1/security/advisories/bulk"


def look_up(components: tuple[Component, ...], release: str) -> list[Answer]:
    """What each source answers about ``components`` of a Debian ``release``."""
    kinds: dict[str, list[Component]] = {}
    for one in everything(components):
        kinds.setdefault(one.kind, []).append(one)
    return [
        answer("Debian's security tracker", "debian", kinds.get("debian", []), lambda ours: _debian(ours, release)),
        answer("PyPI", "python", kinds.get("python", []), lambda ours: list(_python(ours))),
        answer("npm's advisories", "page", kinds.get("page", []), _page),
    ]


def _debian(components: list[Component], release: str) -> list[Vulnerability]:
    return in_debian(_json(_TRACKER), release, components)


def _python(components: list[Component]) -> Iterator[Vulnerability]:
    """One that is not answered ends it: half an answer would read like a whole one."""
    for one in components:
        yield from in_python(_json(_PYPI.format(one.name, one.version)), one)


def _page(components: list[Component]) -> list[Vulnerability]:
    versions: dict[str, list[str]] = {}
    for one in components:
        versions.setdefault(one.name, []).append(one.version)
    return in_page(_json(_NPM, json.dumps(versions).encode()), components)


def _json(url: str, body: bytes | None = None) -> Any:
    """Raises: OSError, ValueError."""
    asked = urllib.request.Request(url, body, {"Accept": "application/json", "Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=_WAIT_S) as told:
        return json.loads(told.read())
