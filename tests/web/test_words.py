"""The page says the same in three languages, and everything it can say has words."""

from __future__ import annotations

import json
import re

import pytest

from edgecam.core.aim import AimState
from edgecam.core.clock import TimeTrust
from edgecam.core.events import EventKind
from edgecam.masking.lifecycle import MaskState
from edgecam.masking.permit import Why
from edgecam.web.app import STATIC
from edgecam.web.condition import Condition

LANGUAGES = ("en", "ja", "ko")
WORDS: dict[str, dict[str, str]] = {
    language: json.loads((STATIC / f"words.{language}.json").read_text()) for language in LANGUAGES
}
SCRIPTS = {path.name: path.read_text() for path in sorted(STATIC.glob("*.js"))}
PAGE = (STATIC / "index.html").read_text()


@pytest.mark.row("W5")
def test_languages_have_the_same_keys_and_the_same_gaps_to_fill() -> None:
    english = WORDS["en"]
    assert len(english) > 60
    for language in LANGUAGES[1:]:
        assert WORDS[language].keys() == english.keys()
        for key, sentence in WORDS[language].items():
            assert set(re.findall(r"\{\w+\}", sentence)) == set(re.findall(r"\{\w+\}", english[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language: str) -> None:
    assert all(sentence.strip() for sentence in WORDS[language].values())


@pytest.mark.row("W5")
def test_languages_are_written_in_their_own_script() -> None:
    foreign = {"fps", "tile", "Mbit/s"}
    for language, letters in (("ja", r"[぀-ヿ一-鿿]"), ("ko", r"[가-힣]")):
        plain = [
            key for key, said in WORDS[language].items() if not re.search(letters, said) and key not in foreign
        ]
        assert plain == [] or all(re.fullmatch(r"[\W\d]*(\{\w+\}[\W\d]*)*", WORDS[language][key]) for key in plain)


def test_everything_the_camera_can_be_has_words() -> None:
    needed = [f"kind.{kind.value}" for kind in EventKind]
    needed += [f"condition.{word.value}" for word in Condition]
    needed += [f"trust.{trust.value}" for trust in TimeTrust]
    needed += [f"broker.{state}" for state in ("connected", "connecting", "refused", "off")]
    needed += [f"aim.{state.name.lower()}" for state in AimState]
    quiet = (AimState.UNGUARDED, AimState.STEADY)
    needed += [f"aim_says.{state.name.lower()}" for state in AimState if state not in quiet]
    needed += [f"why.{why.value}" for why in Why]
    needed += [f"masks.{state.value}" for state in (MaskState.DRAFT, MaskState.PROPOSED)]
    assert [key for key in needed if key not in WORDS["en"]] == []


@pytest.mark.row("W5")
def test_every_fault_has_words() -> None:
    sources = [path.read_text() for path in STATIC.parent.parent.rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'\bFault\(\s*"(\w+)"', source)}
    assert len(codes) > 20
    assert {code for code in codes if f"fault.{code}" not in WORDS["en"]} == set()


def test_every_word_that_the_page_asks_for_exists_and_none_is_left_over() -> None:
    asked = set(re.findall(r'data-word="([^"]+)"', PAGE))
    for script in SCRIPTS.values():
        asked |= set(re.findall(r'\bsay\("([^"]+)"', script))
        asked |= {key for pair in re.findall(r'\bsay\([^)"]*\? "([^"]+)" : "([^"]+)"', script) for key in pair}
        asked |= set(re.findall(r'#absent\("([^"]+)"', script))
        asked |= {f"tile.{key}" for key in re.findall(r'\{ key: "(\w+)"', script)}
        asked |= {key for pair in re.findall(r'\? "(live_\w+)" : "(live_\w+)"', script) for key in pair}
        asked |= set(re.findall(r'return "(live_\w+)"', script))
        asked |= {key for pair in re.findall(r'\? "(legend_\w+)" : "(legend_\w+)"', script) for key in pair}
    known = WORDS["en"].keys()
    assert asked - known == set()
    families = (
        "kind.",
        "condition.",
        "trust.",
        "broker.",
        "cause.",
        "fault.",
        "aim.",
        "aim_says.",
        "why.",
        "masks.",
    )
    assert {key for key in known - asked if not key.startswith(families)} == set()


def test_scripts_make_no_markup_and_name_no_other_place() -> None:
    for name, script in SCRIPTS.items():
        assert script.splitlines()[1] == "// @ts-check", name
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "https://"):
            assert forbidden not in script, (name, forbidden)
    assert " style=" not in PAGE
    assert not re.search(r"\son\w+=", PAGE)
    assert not re.search(r'(src|href)="(?!/static/|#)', PAGE)
