"""Documents say what the code says: links lead somewhere, tables are written from the source, words are ours."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
# Second names of what has one (docs/glossary.md), but in the titles of forms, which are their guidelines' own.
SECOND_NAMES = {
    "ja": re.compile(r"管理簿|台帳"),
    "ko": re.compile(r"(?<!관리)대장|기록부|(?<!드)라이브(?!러리)"),
}
TITLES_OF_FORMS = re.compile(
    "個人映像情報管理台帳|利用・提供台帳|（管理台帳）|취급 기록부|이용·제공대장|민원 처리대장"
)
WRITTEN = runpy.run_path(str(ROOT / "scripts" / "document"))


def test_the_readme_lists_the_modules_as_they_are() -> None:
    readme = (ROOT / "README.md").read_text()
    assert WRITTEN["with_table"](readme) == readme, "run scripts/document"


def test_the_requirement_map_is_up_to_date() -> None:
    assert (ROOT / "docs" / "requirement-map.md").read_text() == WRITTEN["requirement_map"](), (
        "run scripts/document"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_in_documents_exist(page: Path) -> None:
    for path in re.findall(r"`((?:edgecam|tests|docs|benchmarks|scripts)/[\w./-]*\w/?)`", page.read_text()):
        assert (ROOT / path).exists(), f"{page.name} names {path}"


def test_every_page_of_docs_can_be_found_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in (ROOT / "docs" / "design").glob("*.md"):
        assert f"docs/design/{page.name}" in readme, page.name


def test_no_placeholder_is_left_in_the_readme() -> None:
    assert not re.findall(r"@[A-Z]{3,}@", (ROOT / "README.md").read_text())


@pytest.mark.parametrize("language", SECOND_NAMES)
def test_nothing_has_a_second_name(language: str) -> None:
    told = [
        *(ROOT / "web/src/words" / language).glob("*.json"),
        *(ROOT / "docs/guides" / language).glob("*.md"),
        *(path for kind in ("py", "toml", "typ") for path in (ROOT / "edgecam").rglob(f"*.{kind}")),
    ]
    assert len(told) > 100
    second = {
        (path.name, name[0])
        for path in told
        for name in SECOND_NAMES[language].finditer(TITLES_OF_FORMS.sub("", path.read_text("utf-8")))
    }
    assert second == set()
