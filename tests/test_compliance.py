"""The answers to the security baselines hold: what they name is there, and no answer is without proof."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.row("I5")

# Table B.1 of EN 303 645 V3.1.3, schedule 1 of PSTI, ★1 of JC-STAR, Annex I of the Cyber Resilience Act.
ASKED = {
    "en303645": "5.0-1 5.1-1 5.1-2 5.1-2A 5.1-3 5.1-4 5.1-5 5.2-1 5.2-2 5.2-3 5.3-1 5.3-2 5.3-3 5.3-4A 5.3-4B "
    "5.3-5 5.3-6A 5.3-6B 5.3-7 5.3-8 5.3-9 5.3-10 5.3-11 5.3-12 5.3-13 5.3-14 5.3-15A 5.3-15B 5.3-16 5.4-1 "
    "5.4-2 5.4-3 5.4-4 5.5-1 5.5-2 5.5-3 5.5-4 5.5-5 5.5-6 5.5-7 5.5-8 5.6-1 5.6-2 5.6-3 5.6-4A 5.6-4B "
    "5.6-5 5.6-6 5.6-7 5.6-8 5.6-9 5.7-1 5.7-2 5.8-1 5.8-2 5.8-3 5.9-1 5.9-2 5.9-3 5.10-1 5.11-1 5.11-2 "
    "5.11-3 5.11-4 5.12-1 5.12-2 5.12-3 5.13-1A 5.13-1B 6-1 6-2 6-3A 6-3B 6-4 6-5 6-6 6-7 6-8 ",
    "jcstar": " ".join(f"S1.1-{number:02}" for number in range(1, 17)),
    "psti": "1 2 3 statement",
    "cra": " ".join(["I-1", *(f"I-2{letter}" for letter in "abcdefghijklm"), *(f"II-{n}" for n in range(1, 9))]),
}
MANDATORY = (
    "5.1-1 5.1-3 5.1-4 5.1-5 5.3-2 5.3-10 5.4-1 5.4-3 5.5-1 5.5-5 5.6-1 5.6-2 5.8-3 5.11-1 5.13-1A 5.13-1B 6-6"
)


@pytest.fixture(scope="module")
def compliance() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "compliance"))


def test_every_provision_is_answered(compliance: dict[str, Any]) -> None:
    told = {one.name: [provision.id for provision in one.provisions] for one in compliance["standards"]()}
    assert told == {name: ids.split() for name, ids in ASKED.items()}


def test_what_is_named_is_there_and_no_answer_is_without_proof(compliance: dict[str, Any]) -> None:
    assert compliance["problems"]() == []


def test_what_is_mandatory_of_the_software_is_met_and_tested(compliance: dict[str, Any]) -> None:
    named = compliance["named"]()
    for name in MANDATORY.split():
        assert named[f"EN303645-{name}"].status == "met", name
        assert compliance["proofs"](f"EN303645-{name}"), name


def test_the_pages_are_up_to_date(compliance: dict[str, Any]) -> None:
    for page, text in compliance["pages"]().items():
        assert page.read_text("utf-8") == text, f"{page.name}: run scripts/compliance"


WRONG = {
    'status = "met"': "is met without proof",
    'status = "fine"': "'fine' is no status",
    'status = "met"\nproof = ["tests/test_a.py::test_gone"]': "there is no test tests/test_a.py::test_gone",
    'status = "met"\nproof = ["tests/test_gone.py"]': "there is no test tests/test_gone.py",
    'status = "met"\ndocuments = ["docs/gone.md"]': "there is no docs/gone.md",
    'status = "met"\nrows = ["Z9"]': "no test is marked with row Z9",
    'status = "met"\nsame = ["EN303645-9"]': "there is no provision EN303645-9",
    'status = "met"\nsame = ["EN303645-2"]': "is met by what is not",
    'status = "not met yet"': "does not say what is missing",
    'status = "not applicable"': "does not say why not",
    'status = "maker\'s part"': "does not say what the maker does",
}


@pytest.fixture
def elsewhere(tmp_path: Path) -> tuple[dict[str, Any], Path]:
    """The script over a project of its own, with one test that proves provision 2."""
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "compliance"
    script.write_text((ROOT / "scripts" / "compliance").read_text())
    (tmp_path / "docs" / "compliance").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "import pytest\n\n@pytest.mark.provision('PSTI-1')\ndef test_one() -> None: ...\n"
    )
    for name, prefix in (("jcstar", "JCSTAR"), ("psti", "PSTI"), ("cra", "CRA"), ("en303645", "EN303645")):
        written(
            tmp_path,
            name,
            prefix,
            '[[provision]]\nid = "1"\nasks = "?"\nstatus = "met"\nproof = ["tests/test_a.py"]',
        )
    return runpy.run_path(str(script)), tmp_path


def written(root: Path, name: str, prefix: str, provisions: str) -> None:
    head = f'title = "{name}"\nprefix = "{prefix}"\nabout = ""\nnot_read = ""\n'
    (root / "docs" / "compliance" / f"{name}.toml").write_text(head + provisions)


def test_a_sound_answer_has_no_problem(elsewhere: tuple[dict[str, Any], Path]) -> None:
    script, _ = elsewhere
    assert script["problems"]() == []
    assert script["proofs"]("PSTI-1") == ["tests/test_a.py", "tests/test_a.py::test_one"]


@pytest.mark.parametrize(("answer", "said"), WRONG.items(), ids=WRONG.values())
def test_what_is_wrong_is_said(elsewhere: tuple[dict[str, Any], Path], answer: str, said: str) -> None:
    script, root = elsewhere
    other = '\n[[provision]]\nid = "2"\nasks = "?"\nstatus = "not met yet"\nmissing = "all"\n'
    written(root, "en303645", "EN303645", f'[[provision]]\nid = "1"\nasks = "?"\n{answer}\n{other}')
    assert any(one.startswith("EN303645-1: ") and said in one for one in script["problems"]())


def test_a_mark_that_names_nothing_is_said(elsewhere: tuple[dict[str, Any], Path]) -> None:
    script, root = elsewhere
    (root / "tests" / "test_b.py").write_text("import pytest\n\npytestmark = [pytest.mark.provision('PSTI-77')]\n")
    assert script["problems"]() == ["tests/test_b.py: there is no provision PSTI-77"]


_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}|AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{40}"
)
_MADE = {"static", "node_modules", "__pycache__"}
_SOURCES = ("edgecam", "image", "scripts", "web/src", "docs")


def test_no_secret_stands_in_the_source() -> None:
    read = 0
    for folder in _SOURCES:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not _MADE & set(path.parts) and not path.name.endswith(".test.ts"):
                read += 1
                assert _SECRET.search(path.read_bytes().decode("latin1")) is None, path
    assert read > 500
