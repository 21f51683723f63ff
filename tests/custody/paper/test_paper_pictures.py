"""Every page looks as it did when somebody last looked at it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from paperpictures import difference, kept_pages, pages_of
from paperstand import INZAI_2, filled, head_in

from edgecam.custody.paper.formpapers import inzai_2
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.paperwords import LANGUAGES
from edgecam.custody.register.registerform import Person

pytestmark = pytest.mark.row("G5")
_MOST = 32


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(PaperKind))
def test_it_looks_as_it_was_looked_at(kind: PaperKind, language: str) -> None:
    kept, pages = kept_pages(kind, language), pages_of(filled(kind, language))
    assert kept
    assert [page.shape for page in pages] == [page.shape for page in kept]
    assert max(difference(one, other) for one, other in zip(pages, kept, strict=True)) < _MOST


def test_another_page_does_not_look_the_same() -> None:
    (kept,) = kept_pages(PaperKind.INZAI_2, "ja")
    for changed in (
        [],
        [replace(INZAI_2, remarks="")],
        [replace(INZAI_2, operated_by=Person())],
    ):
        (page,) = pages_of(inzai_2(head_in("ja"), changed))
        assert difference(page, kept) > _MOST
