"""One announced version of the operation standard: its text in all languages, its days, why it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.custody.paper.paperwords import LANGUAGES
from edgecam.custody.paper.standard import Standard, standard_from, told_standard

FORMAT = "edgecam-standard-1"


@dataclass(frozen=True, slots=True)
class StandardVersion:
    """``number`` counts from 1; ``in_force`` is the civil day from which it holds, where the camera hangs.

    ``filled`` is what somebody told for the blanks that no setting knows.
    """

    number: int
    announced_wall_ns: int
    trust: TimeTrust
    announced_by: str
    in_force: date
    reason: str
    standards: Mapping[str, Standard]
    filled: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The file, canonical JSON with a newline."""
        told = {
            "format": FORMAT,
            "number": self.number,
            "announced_wall_ns": self.announced_wall_ns,
            "trust": int(self.trust),
            "announced_by": self.announced_by,
            "in_force": self.in_force.isoformat(),
            "reason": self.reason,
            "filled": dict(sorted(self.filled.items())),
            "standards": {language: told_standard(self.standards[language]) for language in LANGUAGES},
        }
        return ordered_json(told) + b"\n"

    @property
    def sha256(self) -> bytes:
        """Of `encode`; the register line of its announcement names it."""
        return hashlib.sha256(self.encode()).digest()


def decode_version(data: bytes) -> StandardVersion:
    """The version whose `encode` is ``data``. Raises: DataLoss for anything else."""
    try:
        version = _parse(json.loads(data))
        same = version.encode() == data
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as broken:
        raise DataLoss("a version of the operation standard does not parse") from broken
    if not same:
        raise DataLoss("a version of the operation standard is not written as edgecam writes it")
    return version


def _parse(told: Any) -> StandardVersion:
    texts = (told["announced_by"], told["reason"], *told["filled"].keys(), *told["filled"].values())
    numbers = (told["number"], told["announced_wall_ns"], told["trust"])
    if told["format"] != FORMAT or not all(type(text) is str for text in texts):
        raise TypeError("not a version")
    if not all(type(number) is int for number in numbers) or told["number"] < 1:
        raise TypeError("not a version")
    return StandardVersion(
        told["number"],
        told["announced_wall_ns"],
        TimeTrust(told["trust"]),
        told["announced_by"],
        date.fromisoformat(told["in_force"]),
        told["reason"],
        {language: standard_from(language, told["standards"][language]) for language in LANGUAGES},
        dict(told["filled"]),
    )


@dataclass(frozen=True, slots=True)
class StandardChange:
    """A paragraph of ``section`` that changed: ``before`` is empty where it is new, ``after`` where it went."""

    section: str
    before: str
    after: str


def changes_between(old: Standard, new: Standard) -> list[StandardChange]:
    """What a reader of ``old`` has to be told of ``new``, in the order of the text."""
    found: list[StandardChange] = []
    before, after = _paragraphs(old), _paragraphs(new)
    for section in dict.fromkeys([*before, *after]):
        gone = [text for text in before.get(section, ()) if text not in after.get(section, ())]
        come = [text for text in after.get(section, ()) if text not in before.get(section, ())]
        for index in range(max(len(gone), len(come))):
            found.append(
                StandardChange(
                    section, gone[index] if index < len(gone) else "", come[index] if index < len(come) else ""
                )
            )
    return found


def _paragraphs(standard: Standard) -> dict[str, list[str]]:
    titled: dict[str, list[str]] = {"": ["".join(run.text for run in standard.title)]}
    for section in standard.sections:
        titled[section.title] = [item.text for item in section.items]
    return titled


def newest(versions: Iterable[StandardVersion]) -> StandardVersion | None:
    """The version that was announced last."""
    return max(versions, key=lambda version: version.number, default=None)


def in_force_on(versions: Iterable[StandardVersion], day: date) -> StandardVersion | None:
    """The version that holds on ``day``: of those that have begun, the newest."""
    return newest(version for version in versions if version.in_force <= day)
