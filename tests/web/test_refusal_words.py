"""What the camera refuses is said in the reader's language, but for what only programs and the terminal meet."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "web" / "src" / "words"
KINDS = {"BadInput", "NotAllowed", "NotSignedIn", "Overtaken", "Unavailable"}
# Whose refusals the page shows, besides those of its own routes.
BEHIND = (
    "albumserving.py",
    "custody/accounts/accounts.py",
    "custody/accounts/accountstore.py",
    "custody/holds.py",
    "custody/register/rule_line.py",
    "custody/paper/sign.py",
    "custody/unmasked_sight.py",
    "firstrun.py",
    "keys/certificatepair.py",
    "masking/drawing.py",
    "masking/lifecycle.py",
    "masking/maskstore.py",
    "newcamera.py",
    "pastfootage.py",
    "ringbuffer/holdstore.py",
    "ringbuffer/retention.py",
    "ringplan.py",
    "serving.py",
    "updatedesk.py",
)
# These belong to screens that have words of their own for what they refuse.
ELSEWHERE = {"cases.py", "papers.py", "permits.py", "registers.py", "requests.py"}
# Said in English, on purpose.
TERMINAL = "only the command line and the log say it"
PROGRAMS = "the page never sends what this refuses"
ENGLISH = {
    "--until and --for say the same thing": TERMINAL,
    "no hold can be kept in {}: {}": TERMINAL,
    "civil days are whole, not {}": TERMINAL,
    "{} cannot be made ({})": TERMINAL,
    "port {} is in use": TERMINAL,
    "port {} needs privileges": TERMINAL,
    "the page cannot listen on {}:{} ({})": TERMINAL,
    "there is no port {}": TERMINAL,
    "{} cannot be used ({})": TERMINAL,
    "{} cannot be read": TERMINAL,
    "{}: {}": "the field's own words stand in its place, and beside a field the page sends nothing unusable",
    "there is no sign in {}": PROGRAMS,
    "from_ms {} is after to_ms {}": PROGRAMS,
    "from_ms {} and to_ms {} do not name a time span": PROGRAMS,
    "that are more than {} pictures": PROGRAMS,
    "the locked key is not base64": PROGRAMS,
    "the step {} shows by itself that it was taken": PROGRAMS,
    "the page has nothing here ({})": PROGRAMS,
    "the page has nothing at such an address": PROGRAMS,
    "a request has {} header lines at most": PROGRAMS,
    "an address has {} characters at most": PROGRAMS,
    "this is not one range of bytes": PROGRAMS,
    "this request comes from another site": PROGRAMS,
    "another process makes room for a hold": "it lasts a moment",
    "the hold {} is being erased": "it lasts a moment",
    "the hold {} is being made or changed": "it lasts a moment",
    "too many holds were made within one second": "it lasts a moment",
}


def sentence_of(node: ast.expr) -> str | None:
    """The sentence that is raised, with {} for what is put into it; ``None`` where it comes from elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]


def refusals() -> Iterator[tuple[str, str]]:
    """File and sentence of each."""
    own = sorted(path for path in (ROOT / "edgecam" / "web").glob("*.py") if path.name not in ELSEWHERE)
    for path in [*own, *(ROOT / "edgecam" / name for name in BEHIND)]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in KINDS
                and node.args
            ):
                choices = [node.args[0]]
                if isinstance(node.args[0], ast.IfExp):
                    choices = [node.args[0].body, node.args[0].orelse]
                for sentence in filter(None, map(sentence_of, choices)):
                    yield path.name, sentence


def known_patterns(language: str) -> list[re.Pattern[str]]:
    """What the page has a sentence for, as it finds them: gaps stand for anything."""
    keys = [key for path in (WORDS / language).glob("*.json") for key in json.loads(path.read_text("utf-8"))]
    told = [key.removeprefix("refused.") for key in keys if key.startswith("refused.")]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(key))) for key in told]


@pytest.mark.row("W1")
def test_every_refusal_that_a_person_can_meet_has_words() -> None:
    patterns = known_patterns("en")
    found = list(refusals())
    assert len(found) > 80
    untold = {
        (path, sentence)
        for path, sentence in found
        if sentence not in ENGLISH and not any(pattern.fullmatch(sentence) for pattern in patterns)
    }
    assert untold == set()


@pytest.mark.row("W1")
def test_nothing_is_left_in_english_that_is_no_refusal_any_more() -> None:
    assert set(ENGLISH) - {sentence for _, sentence in refusals()} == set()
