"""The operation standard in three languages: generated from what the camera knows, blank where only a person does.

Japanese follows sections 1 to 8 of Kumamoto's model, Korean what article 25 (1) of the decree to the Personal
Information Protection Act asks of a 운영·관리 방침 and article 18 of Gwangju's rules.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.paperwords import LANGUAGES, words_of
from edgecam.custody.paper.sign import hours_words, retention_words
from edgecam.custody.paper.sign import words_of as sign_words_of
from edgecam.ringbuffer.retention import Retention

# What no setting knows: somebody tells it when the standard is announced, or writes it on the paper.
BY_HAND = ("storage", "department", "basis", "viewing_place")
# What `[notice]` knows once it is filled in.
IN_NOTICE = ("owner", "responsible", "purpose", "place", "area", "contact")


@dataclass(frozen=True, slots=True)
class StandardFacts:
    """What the camera knows of how it is operated.

    ``hours`` are as in the settings, none: always. ``sealing`` is ``owner``, ``shared`` or ``two_person``;
    ``emergency_report_h`` is ``None`` where nobody looks without approval, ``masked_areas`` how many are filled.
    ``holds`` says whether footage can be held longer.
    """

    notice: Notice
    hours: tuple[str, ...]
    retention: Retention
    sealing: str
    permit_h: float
    emergency_report_h: float | None
    answer_days: int
    kept_years: int
    notice_days: int
    masked_areas: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text, or a blank, whose ``text`` says what belongs there."""

    text: str
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One paragraph with its mark (``(1)``, ``ア``; may be empty), ``level`` deep."""

    mark: str
    level: int
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """As one line; a blank stands in ``[…]``."""
        said = "".join(f"[{run.text}]" if run.is_blank else run.text for run in self.runs)
        return f"{self.mark} {said}".strip()


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered title and its paragraphs."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """The whole text in one language."""

    language: str
    title: tuple[Run, ...]
    sections: tuple[Section, ...]

    @property
    def blanks(self) -> list[str]:
        """What is still to be filled in, each once, as the language calls it."""
        runs = [*self.title, *(run for section in self.sections for item in section.items for run in item.runs)]
        return list(dict.fromkeys(run.text for run in runs if run.is_blank))

    def to_text(self) -> str:
        """The standard to read; lines end with a newline."""
        title = "".join(run.text if not run.is_blank else f"[{run.text}]" for run in self.title)
        lines = [title]
        for section in self.sections:
            lines += ["", section.title]
            lines += ["  " * (item.level + 1) + item.text for item in section.items]
        return "\n".join(lines) + "\n"


def standards_of(facts: StandardFacts, filled: Mapping[str, str], in_force: Mapping[str, str]) -> list[Standard]:
    """The standard in each language. ``filled`` are `BY_HAND` texts, ``in_force`` the day in its words."""
    return [
        standard_of(facts, {**filled, "in_force": in_force.get(language, "")}, language) for language in LANGUAGES
    ]


def standard_of(facts: StandardFacts, filled: Mapping[str, str], language: str) -> Standard:
    """The standard in ``language``; ``filled`` are texts for `BY_HAND` and ``in_force``. Raises: BadInput."""
    words = words_of(language)
    values = {name: text.strip() for name, text in {**_told(facts, language), **filled}.items()}
    flags = set(_flags(facts))
    sections = tuple(
        Section(
            section["title"],
            tuple(
                Item(item.get("m", ""), item.get("l", 0), _runs(item["t"], values, words["blanks"]))
                for item in section["items"]
                if item.get("w", "") in flags | {""}
            ),
        )
        for section in words["standard"]["sections"]
    )
    return Standard(language, _runs(words["standard"]["title"], values, words["blanks"]), sections)


def _told(facts: StandardFacts, language: str) -> dict[str, str]:
    sign = sign_words_of(language)
    notice = {name: getattr(facts.notice, name) for name in (*IN_NOTICE, "delegate")}
    return {
        **notice,
        "hours": hours_words(facts.hours, sign),
        "retention": retention_words(facts.retention, sign),
        "cameras": "1",
        "masks": str(facts.masked_areas),
        "permit": f"{facts.permit_h:g}",
        "report": f"{facts.emergency_report_h or 0:g}",
        "answer": str(facts.answer_days),
        "kept": str(facts.kept_years),
        "notice": str(facts.notice_days),
    }


def _flags(facts: StandardFacts) -> Iterable[str]:
    """What is so; an item of the text that names something else is left out."""
    yield facts.sealing
    yield "masked" if facts.masked_areas else "unmasked"
    yield "holds" if facts.holds else "no_holds"
    if facts.emergency_report_h is not None and facts.sealing == "shared":
        yield "emergency"
    if facts.kept_years:
        yield "kept"
    if facts.notice.delegate.strip():
        yield "delegated"


def _runs(text: str, values: Mapping[str, str], blanks: Mapping[str, str]) -> tuple[Run, ...]:
    """``text`` with what its fields name; what nobody told is a blank. No value is read for fields."""
    found: list[Run] = []
    for literal, field, _, _ in string.Formatter().parse(text):
        if literal:
            found.append(Run(literal))
        if field is not None:
            told = values.get(field, "")
            found.append(Run(told) if told else Run(blanks[field], is_blank=True))
    return tuple(found)


def told_standard(standard: Standard) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "title": _told_runs(standard.title),
        "sections": [
            {
                "title": section.title,
                "items": [
                    {"mark": item.mark, "level": item.level, "runs": _told_runs(item.runs)}
                    for item in section.items
                ],
            }
            for section in standard.sections
        ],
    }


def standard_from(language: str, told: Any) -> Standard:
    """What `told_standard` told. Raises: ValueError, TypeError, KeyError for anything else."""
    sections = tuple(
        Section(
            _text(section["title"]),
            tuple(
                Item(_text(item["mark"]), _level(item["level"]), _runs_from(item["runs"]))
                for item in section["items"]
            ),
        )
        for section in told["sections"]
    )
    return Standard(language, _runs_from(told["title"]), sections)


def _told_runs(runs: Iterable[Run]) -> list[list[Any]]:
    return [[run.text, run.is_blank] for run in runs]


def _runs_from(told: Any) -> tuple[Run, ...]:
    runs = tuple(Run(_text(text), is_blank) for text, is_blank in told)
    if not all(type(run.is_blank) is bool for run in runs):
        raise TypeError("not a blank")
    return runs


def _text(told: Any) -> str:
    if type(told) is not str:
        raise TypeError("not a text")
    return told


def _level(told: Any) -> int:
    if type(told) is not int or not 0 <= told <= 9:
        raise ValueError("not a level")
    return told
