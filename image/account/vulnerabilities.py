"""Known vulnerabilities: what three public sources say of components, and plainly which of them did not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from account.component import Component, everything
from account.debianversion import DebianVersion

Found = Iterable["Vulnerability"]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """``state`` is ``open`` or ``undetermined``; ``fixed_in`` is empty when no fix is told."""

    name: str
    component: str  # its purl
    state: str
    urgency: str
    fixed_in: str
    summary: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source said of the components of one kind; ``failure`` tells why it said nothing."""

    source: str
    kind: str
    asked_about: int
    found: tuple[Vulnerability, ...] = ()
    failure: str = ""


def in_debian(tracker: Mapping[str, Any], release: str, components: Iterable[Component]) -> list[Vulnerability]:
    """What Debian's security tracker (its whole data as JSON) says of Debian packages in ``release``."""
    found = []
    for one in components:
        source, version = one.source or (one.name, one.version)
        for name, told in sorted(tracker.get(source, {}).items()):
            state = told.get("releases", {}).get(release)
            if state is not None and _stands(state, version):
                found.append(
                    Vulnerability(
                        name,
                        one.purl,
                        "undetermined" if state.get("status") == "undetermined" else "open",
                        state.get("urgency", ""),
                        state.get("fixed_version", ""),
                        told.get("description", ""),
                    )
                )
    return found


def _stands(state: Mapping[str, Any], version: str) -> bool:
    fixed = state.get("fixed_version")
    if state.get("status") == "resolved":
        return fixed is not None and fixed != "0" and DebianVersion(version) < DebianVersion(fixed)
    return fixed is None or DebianVersion(version) < DebianVersion(fixed)


def in_python(told: Mapping[str, Any], component: Component) -> list[Vulnerability]:
    """What PyPI's JSON of one version says in ``vulnerabilities``; those withdrawn are left out."""
    return [
        Vulnerability(
            next((name for name in one.get("aliases", []) if name.startswith("CVE-")), one["id"]),
            component.purl,
            "open",
            "",
            " ".join(one.get("fixed_in", [])),
            one.get("summary") or one.get("details", "")[:300],
        )
        for one in told.get("vulnerabilities", [])
        if not one.get("withdrawn")
    ]


def in_page(told: Mapping[str, Any], components: Iterable[Component]) -> list[Vulnerability]:
    """What npm's advisory service says when it is asked for names and versions at once."""
    return [
        Vulnerability(
            one.get("url", str(one.get("id", ""))).rpartition("/")[2],
            component.purl,
            "open",
            one.get("severity", ""),
            f"not {one['vulnerable_versions']}" if one.get("vulnerable_versions") else "",
            one.get("title", ""),
        )
        for component in components
        for one in told.get(component.name, [])
    ]


def answer(source: str, kind: str, components: list[Component], ask: Callable[[list[Component]], Found]) -> Answer:
    """Have ``ask`` look; a source that cannot be reached, or that answers something else, is a failure told."""
    try:
        found = tuple(sorted(ask(components), key=lambda one: (one.component, one.name)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failed:
        return Answer(source, kind, len(components), failure=f"{type(failed).__name__}: {failed}")
    return Answer(source, kind, len(components), found)


def report(components: Iterable[Component], answers: Iterable[Answer], asked: str) -> dict[str, Any]:
    """What goes into vulnerabilities.json; ``asked`` is the day (ISO 8601). Silence is never told as safety."""
    listed, answers = list(everything(components)), list(answers)
    looked_at = {one.kind for one in answers if not one.failure}
    kinds = sorted({one.kind for one in listed} - {"own", "model"})
    unlooked: dict[str, int] = {
        kind: sum(one.kind == kind for one in listed) for kind in kinds if kind not in looked_at
    }
    found = [told for one in answers for told in one.found]
    return {
        "asked": asked,
        "says": " ".join(_sentences(answers, unlooked, found, asked)),
        "sources": [
            {"source": one.source, "kind": one.kind, "components": one.asked_about, "answered": not one.failure}
            | ({"failure": one.failure} if one.failure else {})
            for one in answers
        ],
        "not_looked_at": unlooked,
        "known": [asdict(one) for one in found],
    }


def _sentences(
    answers: list[Answer], unlooked: Mapping[str, int], found: list[Vulnerability], asked: str
) -> Iterable[str]:
    for one in answers:
        many = f"{one.asked_about} components"
        if one.failure:
            yield f"{one.source} could not be asked on {asked} ({one.failure}): nothing is known about {many}."
        else:
            yield f"{one.source} was asked about {many} on {asked} and knows of {len(one.found)}."
    silent = {kind: count for kind, count in unlooked.items() if kind not in {one.kind for one in answers}}
    for kind, count in silent.items():
        yield f"No source is asked about the {count} components of kind {kind}."
    if unlooked:
        yield "This is not a statement that the image has no known vulnerabilities."
    elif not found:
        yield "None of these sources knows of a vulnerability in this image."
