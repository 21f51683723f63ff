"""One thing that an image is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from account.licencenames import all_of

Kind = Literal["debian", "python", "page", "own", "model", "bundled"]


@dataclass(frozen=True, slots=True)
class LicenceText:
    """The words of a licence that has no name of its own in SPDX's list; ``reference`` is its ``LicenseRef-…``."""

    reference: str
    text: str


@dataclass(frozen=True, slots=True)
class Component:
    """``purl`` names it in the world, and is unique in an image; empty hashes and licences are not known."""

    kind: Kind
    name: str
    version: str
    purl: str
    licence: str = ""  # an SPDX expression
    sha256: str = ""
    sha512: str = ""
    supplier: str = ""
    source: tuple[str, str] | None = None  # Debian's source package and its version
    needs: tuple[str, ...] = ()  # names of the same kind
    answers_to: tuple[str, ...] = ()  # further names that others may need it by
    texts: tuple[str, ...] = ()  # where its licences are written out, inside the root
    named_texts: tuple[LicenceText, ...] = ()
    inside: tuple[Component, ...] = ()  # what it brought along in its own archive

    @property
    def source_owed(self) -> tuple[Component, ...]:
        """What lies inside under a licence that asks whoever hands it on for its source."""
        return tuple(one for one in self.inside if "GPL" in one.licence)

    @property
    def licence_as_shipped(self) -> str:
        """``licence``, and where any of `source_owed` came along, all that is known to lie inside as well."""
        if not self.source_owed:
            return self.licence
        return all_of({one.licence for one in (self, *self.inside) if one.licence})


def purl(kind: str, *names: str, version: str, **qualifiers: str) -> str:
    """A package URL: ``purl("deb", "debian", "bash", version="5.2-1", arch="arm64")``."""
    path = "/".join(quote(name, safe="") for name in names)
    told = "&".join(f"{key}={quote(value, safe=':')}" for key, value in sorted(qualifiers.items()))
    return f"pkg:{kind}/{path}@{quote(version, safe=':')}" + (f"?{told}" if told else "")


def everything(components: Iterable[Component]) -> Iterator[Component]:
    """``components`` and all that lies inside them, each once."""
    seen: set[str] = set()
    for outer in components:
        for one in (outer, *outer.inside):
            if one.purl not in seen:
                seen.add(one.purl)
                yield one


def needed_by(components: Iterable[Component]) -> dict[str, list[str]]:
    """Each one's purl and the purls of what it needs and brings along, as far as they are in the image."""
    components = list(components)
    named = {(one.kind, name): one.purl for one in reversed(components) for name in (*one.answers_to, one.name)}
    named |= {("python", one.name): one.purl for one in components if one.kind == "own"}
    found: dict[str, list[str]] = {}
    for one in components:
        kind = "python" if one.kind == "own" else one.kind
        needs = {named[kind, name] for name in one.needs if (kind, name) in named}
        found[one.purl] = sorted((needs | {brought.purl for brought in one.inside}) - {one.purl})
    return found
