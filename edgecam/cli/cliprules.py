"""What a video is judged by: the rules and settings as the observer has them, and the judges made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rule import NO_RULES, RuleBook
from edgecam.analysis.rulebook import decode_rules, read_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.cli.annotation import Outline
from edgecam.cli.clip import Clip
from edgecam.cli.clipaim import ClipAim
from edgecam.cli.clipanalysis import numbered_ids
from edgecam.cli.clipwitness import ClipWitness
from edgecam.cli.kisaarea import kisa_area_rules
from edgecam.core.errors import BadInput
from edgecam.drawnrules import DrawnRules, Tables
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.observer import analysis_settings
from edgecam.places import find_places
from edgecam.settings import Settings


@dataclass(frozen=True, slots=True)
class Watching:
    """What looks at one video, once."""

    analyser: Analyser
    aim: ClipAim
    witness: ClipWitness | None


@dataclass(frozen=True, slots=True)
class ClipRules:
    """What a video is judged by; a video has no hour of the day, so rules with a timetable always hold in it."""

    settings: AnalysisSettings
    book: RuleBook = NO_RULES

    @classmethod
    def read(cls, rules: Path | None, settings: Path | None, size: tuple[int, int]) -> ClipRules:
        """The rules in the file ``rules``, else those of the camera of ``settings``; ``size`` of the video.

        Raises: BadInput naming what is wrong.
        """
        told = Settings()
        tables: Tables = told.rules
        if settings is not None:
            told, places = find_places(settings)
            tables = DrawnRules(places.rules, told.rules).read().tables
        book = _book_of(tables, told.retention.timezone) if rules is None else _book(rules, size)
        always = tuple(replace(rule, timetable=None) for rule in book.rules)
        return cls(analysis_settings(told), replace(book, rules=always))

    @property
    def looks_per_s(self) -> float:
        """How often a second of video is looked at."""
        return self.settings.looks_per_s

    @property
    def outlines(self) -> list[Outline]:
        """What can be drawn of the rules."""
        zones = [Outline(zone.name, zone.polygon, closed=True) for zone in self.book.zones]
        return zones + [Outline(line.name, line.points, closed=False) for line in self.book.lines]

    def watching(self, clip: Clip, *, witness: bool = False) -> Watching:
        """Ready to look at ``clip``. Raises: BadInput or DataLoss when the detector's model cannot be used."""
        writes_down = ClipWitness(clip.small_size) if witness else None
        analyser = Analyser(
            clip.small_size,
            self.settings,
            LiteRtDetector(),
            rules=self.book,
            new_id=numbered_ids(),
            fill=(FILL_Y, FILL_U, FILL_V),
        )
        return Watching(analyser, ClipAim.of(clip), writes_down)


def _book_of(tables: Tables, timezone: str) -> RuleBook:
    book, wrong = read_rules(tables, timezone)
    if wrong:
        raise wrong[0]
    return book


def _book(path: Path, size: tuple[int, int]) -> RuleBook:
    try:
        if path.suffix.lower() == ".xml":
            return kisa_area_rules(path.read_bytes(), size)
        return decode_rules(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise BadInput(f"the rules {path} cannot be read ({unreadable})", do="name a TOML file") from unreadable
    except BadInput as refused:
        raise BadInput(f"{path}: {refused.what}", do=refused.do) from refused
