"""The sign that says who films here and why: what stands on it, in three languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from edgecam.core.errors import BadInput
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.sign_words import WORDS, SignWords
from edgecam.ringbuffer.retention import Retention

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SignSize(StrEnum):
    """What it is printed on; the sticker is 105 mm wide and 74 mm high."""

    A4 = "a4"
    A5 = "a5"
    STICKER = "sticker"


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands on it. ``hours`` are as in the settings, none: always; what is empty is left out."""

    notice: Notice
    hours: tuple[str, ...]
    retention: Retention

    def check(self, language: str) -> None:
        """Raises: BadInput for the first thing that a sign in ``language`` must say and that nobody told."""
        words = words_of(language)
        for name in words.required:
            if not self._told(name):
                raise BadInput(
                    f"the sign has to say {name!r} ({words.labels[name]}), and nobody told it",
                    do=f"set notice.{name}",
                    field=name,
                )

    def rows(self, language: str) -> list[tuple[str, str]]:
        """Label and text of each line, in the order that is usual there. Raises: BadInput, as `check`."""
        self.check(language)
        words = words_of(language)
        told = {
            **{name: self._told(name) for name in words.labels if name not in ("hours", "retention")},
            "hours": hours_words(self.hours, words),
            "retention": retention_words(self.retention, words),
        }
        return [(label, told[name]) for name, label in words.labels.items() if told[name]]

    def _told(self, name: str) -> str:
        line: str = getattr(self.notice, name)
        return line.strip()


def words_of(language: str) -> SignWords:
    """Raises: BadInput for a language in which there is no sign."""
    if language not in WORDS:
        raise BadInput(f"there is no sign in {language!r}", do=f"use one of {', '.join(WORDS)}", field="language")
    return WORDS[language]


def hours_words(hours: Sequence[str], words: SignWords) -> str:
    """The recording hours as people read them; entries are as `Timetable.parse` takes them."""
    return ", ".join(_entry_words(entry, words) for entry in hours) if hours else words.always


def retention_words(retention: Retention, words: SignWords) -> str:
    if retention.zone is not None:
        return words.kept_civil.format(n=f"{retention.days:g}")
    if retention.days < 1:
        return words.kept_hours.format(n=f"{retention.days * 24:.3g}")
    return words.kept_days.format(n=f"{retention.days:.3g}")


def _entry_words(entry: str, words: SignWords) -> str:
    days, _, times = entry.partition(" ")
    named = re.sub(r"[a-z]{3}", lambda day: words.days[_DAYS.index(day[0])] if day[0] in _DAYS else day[0], days)
    named = words.daily if days == "daily" else named.replace("-", words.to)
    return f"{named} {times.strip().replace('-', words.to)}"
