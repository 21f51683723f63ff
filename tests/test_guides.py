"""The guides say the same in each language, in the page's own words, and nothing in them leads nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from edgecam.appliance.bootfolder import BOOT_FILES, LABEL, PROBLEMS, RESET
from edgecam.choices import camera_of, retention_of
from edgecam.cli.commands import COMMANDS
from edgecam.ringbuffer.plan import Plan, Verdict, data_size_of
from edgecam.ringplan import GIB
from edgecam.settings import RetentionSettings, RingSettings, Settings, decode_settings

pytestmark = pytest.mark.row("W4")
ROOT = Path(__file__).parents[1]
GUIDES, WORDS = ROOT / "docs" / "guides", ROOT / "web" / "src" / "words"
LANGUAGES, PEOPLE = ("en", "ja", "ko"), ("installer", "owner")
MOST_PICTURE_BYTES, MOST_BYTES = 60_000, 3_000_000
# What the other six partitions of the image take (docs/design/image.md), and a card's own gigabyte.
BESIDE_RING_MIB, GB = 64 + 2 * 128 + 2 * 1024 + 1024, 10**9
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
MARKS = {Verdict.KEPT: "○", Verdict.SQUEEZED: "△"}
# Written in an owner's or installer's guide where a person meets them.
BY_PERSON = {
    "installer": {*BOOT_FILES, LABEL, PROBLEMS},
    "owner": {RESET},
}

each_guide = pytest.mark.parametrize("person", PEOPLE)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def guide(language: str, person: str) -> str:
    return (GUIDES / language / f"{person}.md").read_text("utf-8")


def prose(text: str) -> str:
    """``text`` without what is between fences or backticks."""
    return re.sub(r"`[^`\n]*`", "", FENCED.sub("", text))


def sections(text: str) -> list[tuple[str, str]]:
    """The name of each section, and how deep it lies; every heading has one."""
    named = re.findall(r'<a id="([a-z-]+)"></a>\n\n(#+) ', text)
    assert len(named) == len(re.findall(r"^##+ ", FENCED.sub("", text), re.MULTILINE))
    return named


def pictures(text: str) -> list[str]:
    return re.findall(r'<img src="([^"]+)"', text)


def commands(text: str) -> list[str]:
    """What is typed, in the order of the text; but for a language or a country."""
    typed = [body for kind, body in FENCED.findall(text) if not kind] + re.findall(r"`edgecam [^`\n]*`", text)
    return [re.sub(r"--(language|country) \w+", "", one) for one in typed]


def page_words(language: str) -> tuple[dict[str, str], re.Pattern[str]]:
    """Every word of the page by its key, and what matches each of them with anything in its gaps."""
    told: dict[str, str] = {}
    for path in sorted((WORDS / language).glob("*.json")):
        told |= json.loads(path.read_text("utf-8"))
    shapes = {
        ".+?".join(map(re.escape, re.split(r"\{\w+\}", said))) for said in told.values() if said != "{sentence}"
    }
    return told, re.compile("|".join(sorted(shapes)))


@each_guide
def test_the_languages_have_the_same_sections_and_pictures(person: str) -> None:
    texts = {language: guide(language, person) for language in LANGUAGES}
    assert len(sections(texts["en"])) > 5
    for language in LANGUAGES:
        assert sections(texts[language]) == sections(texts["en"])
        shown = [path.replace(f"/{language}/", "/en/") for path in pictures(texts[language])]
        assert shown == pictures(texts["en"])
        assert commands(texts[language]) == commands(texts["en"])
        # Tables and lists have as many rows.
        for mark in ("|", "- ", "1. "):
            assert _lines(texts[language], mark) == _lines(texts["en"], mark), (language, mark)


def _lines(text: str, mark: str) -> int:
    return sum(line.startswith(mark) for line in text.splitlines())


@each_guide
@each_language
def test_every_picture_and_link_is_there(person: str, language: str) -> None:
    text, here = guide(language, person), GUIDES / language
    for path in pictures(text):
        assert (here / path).is_file(), path
    assert all(alt.strip() for alt in re.findall(r'<img [^>]*alt="([^"]*)"', text))
    assert text.count("<img ") == len(re.findall(r'<img src="[^"]+" width="\d+" alt="[^"]+">', text))
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, name = target.partition("#")
        assert (here / path).is_file(), target
        if name:
            assert name in dict(sections((here / path).read_text("utf-8"))), target


def test_no_picture_is_heavy_and_none_lies_about() -> None:
    used = {
        (GUIDES / language / path).resolve()
        for language in LANGUAGES
        for person in PEOPLE
        for path in pictures(guide(language, person))
    }
    lying = {path.resolve() for path in (GUIDES / "pictures").rglob("*") if path.is_file()}
    assert lying == used
    assert all(path.stat().st_size <= MOST_PICTURE_BYTES for path in lying)
    assert sum(path.stat().st_size for path in lying) <= MOST_BYTES


@each_guide
@each_language
def test_what_is_bold_stands_on_the_page(person: str, language: str) -> None:
    _, on_page = page_words(language)
    labels = re.findall(r"\*\*(.+?)\*\*", prose(guide(language, person)))
    # The first says what bold means.
    assert len(labels) > 20
    said = {"ja": "太字", "ko": "굵은 글씨", "en": "bold"}[language]
    assert [label for label in labels if label != said and not on_page.fullmatch(label)] == []


@each_guide
def test_the_languages_name_the_same_labels(person: str) -> None:
    """Where a label occurs in English, the others have theirs, as often."""
    counts = {language: len(re.findall(r"\*\*(.+?)\*\*", prose(guide(language, person)))) for language in LANGUAGES}
    assert max(counts.values()) - min(counts.values()) <= 3, counts


@each_guide
@each_language
def test_every_command_is_one(person: str, language: str) -> None:
    named = re.findall(r"(?:`|sudo )edgecam ([a-z]+)", guide(language, person))
    assert len(named) > 2
    assert set(named) <= set(COMMANDS)


@each_guide
@each_language
def test_every_file_of_the_boot_folder_is_named(person: str, language: str) -> None:
    named = set(re.findall(r"`([^`\n]+)`", FENCED.sub("", guide(language, person))))
    assert BY_PERSON[person] <= named


@each_language
def test_settings_that_are_shown_can_be_used(language: str) -> None:
    shown = re.findall(r"```toml\n(\[.*?)```", guide(language, "installer"), re.DOTALL)
    assert len(shown) == 1
    chosen = decode_settings(shown[0])
    assert (chosen.button.hold_s, chosen.daynight.lamp_line, chosen.button.line) == (10, 22, 23)


@pytest.mark.row("R2")
@each_language
def test_the_table_of_cards_is_what_the_plan_says(language: str) -> None:
    told, _ = page_words(language)
    policies = ("kumagaya", "inzai", "gwangju", "daejeon")
    rows = re.findall(r"^\| (\d+) GB \| (.+) \|$", guide(language, "installer"), re.MULTILINE)
    assert len(rows) == 5
    for card_gb, cells in rows:
        assert cells.split(" | ") == [_cell(int(card_gb), policy, told) for policy in policies], card_gb


def _cell(card_gb: int, policy: str, told: dict[str, str]) -> str:
    """The table's words for a card: mark, pictures a second and quality; or the days at most."""
    size_gib = (card_gb * GB - (BESIDE_RING_MIB << 20)) / GIB
    retention = RetentionSettings.model_validate({"policy": policy})
    settings = Settings(ring=RingSettings(size_gib=size_gib), retention=retention)
    lives = retention_of(settings)
    made = Plan(data_size_of(int(size_gib * GIB), lives), lives, camera_of(settings), None)
    picked = made.pick()
    if picked is None:
        return f"× {made.most_days():.1f}"
    return f"{MARKS[picked.verdict]} {picked.fps:g}, **{told[f'quality.{picked.quality}']}**"
