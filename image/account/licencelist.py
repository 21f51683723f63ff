"""licences.txt: what an image is made of, under which licence each part is, and where its words can be read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from account.component import Component, everything

_TITLES = {
    "own": "edgecam",
    "model": "What edgecam detects with",
    "debian": "Debian packages",
    "python": "Python packages",
    "page": "In the page (JavaScript)",
    "bundled": "Brought along inside Python packages",
}
_HEAD = """\
What edgecam {version} is made of, and under which licences

Licences are told as SPDX expressions, as far as packages say them in a form that can be read by machine. The words
of each are on the camera under the path beside it; those of what went into the page stand at the end of this file.
The source of each Debian package is had from Debian, by the name and version told here.
"""
_OWED = """\
Whose source is owed
--------------------
Python packages brought these along, under the GPL or the LGPL, without their source. Whoever hands this image on,
or a camera with it, owes whoever gets it an offer of the source of exactly these, with the scripts that build them.
"""


def licences_text(version: str, components: Iterable[Component], notice: str = "") -> str:
    """The file's text; ``notice`` is edgecam's own NOTICE."""
    listed = sorted(everything(components), key=lambda one: (list(_TITLES).index(one.kind), one.name, one.version))
    parts = [_HEAD.format(version=version)]
    if notice:
        parts.append(notice.strip() + "\n")
    for kind, title in _TITLES.items():
        if lines := [_line(one) for one in listed if one.kind == kind]:
            parts.append("\n".join([title, "-" * len(title), *lines]) + "\n")
    if owed := sorted({_owed(one, outer) for outer in listed for one in outer.source_owed}):
        parts.append("\n".join([_OWED.rstrip(), *owed]) + "\n")
    parts += [_words(one) for one in listed if one.kind == "page" and one.texts]
    return "\n".join(parts)


def _line(one: Component) -> str:
    licence = one.licence or ("not told in a form that can be read by machine" if one.texts else "not known")
    shipped = f"\n    with what it brought along: {one.licence_as_shipped}" if one.source_owed else ""
    where = f"\n    {', '.join(one.texts)}" if one.texts and one.kind != "page" else ""
    return f"{one.name} {one.version}: {licence}".replace("  ", " ") + shipped + where


def _owed(one: Component, outer: Component) -> str:
    return f"{one.name} {one.version} (in {outer.name} {outer.version}): {one.licence}".replace("  ", " ")


def _words(one: Component) -> str:
    title = f"{one.name} {one.version}"
    told = "\n\n".join(Path(path).read_text("utf-8", "replace").strip() for path in one.texts)
    return f"{title}\n{'=' * len(title)}\n{told}\n"
