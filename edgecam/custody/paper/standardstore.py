"""Announced versions of the operation standard, kept for good: a register line first, then the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.durable import changing_alone, write_new_durably
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.custody.paper.papermoments import Moments
from edgecam.custody.paper.paperwords import LANGUAGES, words_of
from edgecam.custody.paper.standard import BY_HAND, IN_NOTICE, Standard, StandardFacts, standards_of
from edgecam.custody.paper.standardversion import (
    StandardChange,
    StandardVersion,
    changes_between,
    decode_version,
    newest,
)
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act

MAX_SIZE_BYTES = 1 << 20
_NAME = re.compile(r"[0-9]{4,8}\.json")
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is announced: why, from when (``None``: as soon as the notice allows), and what fills the blanks."""

    who: str
    reason: str
    in_force: date | None = None
    filled: Mapping[str, str] | None = None

    def check(self) -> None:
        """Raises: BadInput for what no paper can print."""
        if not self.reason.strip():
            raise BadInput("a new standard needs a reason", do="say why it changes", field="reason")
        for name, text in (("reason", self.reason), *(self.filled or {}).items()):
            if len(text) > _LONGEST_TEXT or any(character < " " for character in text):
                raise BadInput(f"{name} must be one line of at most {_LONGEST_TEXT} characters", field=name)
        if unknown := sorted(set(self.filled or {}) - set(BY_HAND)):
            raise BadInput(
                f"{unknown[0]!r} is nothing that is filled in here",
                do=f"fill {', '.join(BY_HAND)}",
                field=unknown[0],
            )


@dataclass(frozen=True, slots=True)
class StandardDue:
    """What the owner's calendar tells of the standard.

    ``outdated``: the announced text no longer holds, as ``changes`` say in the owner's language; ``begins``: a new
    version is in force from ``due_wall_ns`` on.
    """

    what: str
    due_wall_ns: int | None
    number: int
    changes: tuple[StandardChange, ...] = ()


class StandardStore:
    """The versions in ``folder``, which is made with the first one. Threads and processes may share it."""

    def __init__(self, folder: Path, register: Register, zone: ZoneInfo, clock: Clock) -> None:
        self._folder, self._register, self._zone, self._clock = folder, register, zone, clock

    def versions(self) -> list[StandardVersion]:
        """All, oldest first. Raises: DataLoss for one that was changed, MediaFailing."""
        try:
            names = sorted(path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        except FileNotFoundError:
            return []
        except OSError as refused:
            raise _unreadable(self._folder, refused) from refused
        return sorted((self._read(self._folder / name) for name in names), key=lambda version: version.number)

    def draft(self, facts: StandardFacts, filled: Mapping[str, str] | None = None) -> dict[str, Standard]:
        """The text as it would be announced now, by language; blanks keep what filled them last time.

        Raises: as `versions`.
        """
        last = newest(self.versions())
        return _texts(facts, {**(last.filled if last else {}), **(filled or {})}, None, self._zone)

    def blanks(self, facts: StandardFacts, language: str) -> list[str]:
        """What is still to be filled in, as ``language`` calls it; the day from which it holds fills itself in.

        Raises: as `versions`.
        """
        of_itself = words_of(language)["blanks"]["in_force"]
        return [blank for blank in self.draft(facts)[language].blanks if blank != of_itself]

    def changes(self, facts: StandardFacts, language: str) -> list[StandardChange]:
        """How the newest announced text differs from what ``facts`` say now; nothing where there is none.

        Raises: as `versions`.
        """
        last = newest(self.versions())
        if last is None:
            return []
        now = _texts(facts, last.filled, last.in_force, self._zone)
        return changes_between(last.standards[language], now[language])

    def announce(self, facts: StandardFacts, asked: Announcement) -> StandardVersion:
        """Register and keep a new version, in force no sooner than the notice allows.

        Raises: BadInput (no reason, too early, `[notice]` not filled in, nothing changed), Unavailable without a
        clock, DataLoss, and what `Register.write` raises; then nothing was announced.
        """
        asked.check()
        now = self._clock.now()
        if now.trust is TimeTrust.UNSET:
            raise Unavailable(
                "the clock of this camera was never set, so it cannot say when a standard begins",
                do="let it find a time server first",
                safe="nothing was announced",
            )
        _check_notice(facts)
        self._make_folder()
        with changing_alone(self._folder / "standards"):
            version = self._next(facts, asked, now)
            detail = {
                "version": str(version.number),
                "sha256": version.sha256.hex(),
                "in_force": version.in_force.isoformat(),
            }
            line = self._register.write(Act.STANDARD, who=asked.who, purpose=version.reason, detail=detail)
            write_new_durably(self._folder / f"{version.number:04}.json", version.encode())
            self._register.complete(line, {"outcome": "done"})
        return version

    def due(self, facts: StandardFacts, language: str, now: Instant) -> list[StandardDue]:
        """For the owner's calendar: what to announce anew, and what begins soon. Raises: as `versions`."""
        last = newest(self.versions())
        if last is None:
            return []
        found: list[StandardDue] = []
        changed = self.changes(facts, language)
        if changed:
            found.append(StandardDue("outdated", None, last.number, tuple(changed)))
        if last.in_force > self.today(now):
            begins = datetime(last.in_force.year, last.in_force.month, last.in_force.day, tzinfo=self._zone)
            found.append(StandardDue("begins", round(begins.timestamp()) * NS_PER_S, last.number))
        return found

    def today(self, now: Instant) -> date:
        """The civil day where the camera hangs."""
        return datetime.fromtimestamp(now.wall_ns // NS_PER_S, UTC).astimezone(self._zone).date()

    def _next(self, facts: StandardFacts, asked: Announcement, now: Instant) -> StandardVersion:
        last = newest(self.versions())
        soonest = self.today(now) + timedelta(days=facts.notice_days)
        in_force = asked.in_force or soonest
        if in_force < soonest:
            raise BadInput(
                f"a new standard is announced {facts.notice_days} days before it begins: {soonest} at the soonest",
                do="choose a later day",
                safe="nothing was announced",
                field="in_force",
            )
        filled = {**(last.filled if last else {}), **(asked.filled or {})}
        filled = {name: text.strip() for name, text in filled.items() if text.strip()}
        texts = _texts(facts, filled, in_force, self._zone)
        if last is not None and not any(
            changes_between(last.standards[language], _texts(facts, filled, last.in_force, self._zone)[language])
            for language in LANGUAGES
        ):
            raise BadInput(
                f"nothing has changed since version {last.number}", do="change a setting, or fill in a blank"
            )
        return StandardVersion(
            (last.number if last else 0) + 1,
            now.wall_ns,
            now.trust,
            asked.who,
            in_force,
            asked.reason.strip(),
            texts,
            filled,
        )

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as refused:
            raise MediaFailing(
                f"{self._folder} cannot be made ({refused.strerror})", do="check the card"
            ) from refused

    def _read(self, path: Path) -> StandardVersion:
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_SIZE_BYTES + 1)
        except OSError as refused:
            raise _unreadable(path, refused) from refused
        version = decode_version(data)
        if path.name != f"{version.number:04}.json":
            raise DataLoss(f"{path} holds another version of the operation standard")
        return version


def _texts(
    facts: StandardFacts, filled: Mapping[str, str], in_force: date | None, zone: ZoneInfo
) -> dict[str, Standard]:
    days = {language: Moments(language, zone).day_of(in_force) if in_force else "" for language in LANGUAGES}
    return {standard.language: standard for standard in standards_of(facts, filled, days)}


def _check_notice(facts: StandardFacts) -> None:
    for name in IN_NOTICE:
        if not getattr(facts.notice, name).strip():
            label = words_of("en")["blanks"][name]
            raise BadInput(
                f"the standard has to say {name!r} ({label}), and nobody told it",
                do=f"set notice.{name}",
                safe="nothing was announced",
                field=name,
            )


def _unreadable(path: Path, refused: OSError) -> MediaFailing:
    return MediaFailing(f"{path} could not be read ({refused.strerror})", do="check the card")
