"""The sign: what stands on it in three languages, what it must say, and that it becomes one page of paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from edgecam.__main__ import app
from edgecam.core.errors import BadInput
from edgecam.core.timetable import Timetable
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.sign import Sign, SignSize, hours_words, retention_words, words_of
from edgecam.custody.paper.sign_words import WORDS
from edgecam.custody.paper.signpaper import sign_paper
from edgecam.custody.paper.typesetting import Typesetter
from edgecam.ringbuffer.retention import PRESETS, Retention

pytestmark = pytest.mark.row("G6")
TOLD = {
    "owner": "田中商店",
    "responsible": "김민수",
    "purpose": "preventing theft",
    "place": "門の上",
    "area": "the drive",
    "contact": "048-000-0000",
    "delegate": "",
}


def printed(sign: Sign, size: SignSize, language: str, font_folders: list[Path] | None = None) -> bytes:
    return Typesetter(font_folders).pdf(sign_paper(sign, size, language))


def saying(**lines: str) -> Sign:
    return Sign(Notice(**{**TOLD, **lines}), hours=(), retention=PRESETS["kumagaya"])


SIGN = saying()


@pytest.mark.parametrize("language", WORDS)
def test_it_says_owner_purpose_area_hours_retention_and_contact(language: str) -> None:
    words, rows = words_of(language), dict(SIGN.rows(language))
    for name in ("owner", "purpose", "area", "contact", "responsible", "place"):
        assert rows[words.labels[name]] == TOLD[name]
    assert rows[words.labels["hours"]] == words.always
    assert "14" in rows[words.labels["retention"]]
    assert words.labels["delegate"] not in rows


def test_korean_law_fixes_purpose_place_area_hours_and_whom_to_ask() -> None:
    assert [label for label, _ in SIGN.rows("ko")][:6] == [
        "설치 목적",
        "설치 장소",
        "촬영 범위",
        "촬영 시간",
        "관리책임자",
        "관리책임자 연락처",
    ]
    for name in ("purpose", "place", "area", "responsible", "contact"):
        lacking = saying(**{name: " "})
        with pytest.raises(BadInput, match="has to say") as refused:
            lacking.rows("ko")
        assert refused.value.field == name


def test_korean_law_has_it_say_who_was_entrusted_with_it() -> None:
    assert dict(saying(delegate="ABC 보안 02-000-0000").rows("ko"))["수탁자(연락처)"] == "ABC 보안 02-000-0000"


@pytest.mark.parametrize(
    ("language", "hours", "words"),
    [
        ("ja", ("mon-fri 07:00-19:00", "sat 22:00-06:00"), "月〜金 07:00〜19:00, 土 22:00〜06:00"),
        ("ko", ("daily 00:00-24:00",), "매일 00:00~24:00"),
        ("en", ("mon,wed-fri 09:00-17:00",), "Mon,Wed–Fri 09:00–17:00"),
    ],
)
def test_hours_are_told_as_people_read_them(language: str, hours: tuple[str, ...], words: str) -> None:
    Timetable.parse(hours, "Asia/Seoul")
    assert hours_words(hours, words_of(language)) == words


def test_how_long_it_is_kept_is_told_as_it_is_counted() -> None:
    ja = words_of("ja")
    assert retention_words(PRESETS["inzai"], ja).startswith("記録の翌日から20日以内")
    assert retention_words(PRESETS["gwangju"], ja).startswith("15日間")
    assert retention_words(Retention(0.5), ja).startswith("12時間")


@pytest.mark.parametrize("size", SignSize)
@pytest.mark.parametrize("language", WORDS)
def test_it_is_one_page(language: str, size: SignSize) -> None:
    assert printed(SIGN, size, language).startswith(b"%PDF-")


def test_what_does_not_fit_is_refused_and_not_cut_off() -> None:
    long = replace(saying(delegate="W" * 120, area="W" * 120, purpose="W" * 120), hours=("daily 00:00-24:00",) * 50)
    with pytest.raises(BadInput, match="too much for one sign"):
        printed(long, SignSize.STICKER, "en")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40))
def test_no_text_is_taken_for_markup(text: str) -> None:
    if text.strip():
        assert dict(saying(owner=text).rows("en"))["Put up by"] == text.strip()


def test_markup_stays_text() -> None:
    strange = saying(owner='#read("/etc/passwd") $x$ *b* \\ "', place="#{panic()}")
    assert printed(strange, SignSize.A5, "en").startswith(b"%PDF-")


def test_a_font_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no font here"):
        printed(SIGN, SignSize.A4, "ja", [tmp_path])


def test_the_command_writes_a_new_file_alone(tmp_path: Path) -> None:
    settings = tmp_path / "edgecam.toml"
    settings.write_text('[notice]\nlanguage = "ko"\n')
    out = tmp_path / "sign.pdf"
    arguments = ["sign", "-o", str(out), "--settings", str(settings)]
    refused = CliRunner().invoke(app, arguments)
    assert isinstance(refused.exception, BadInput)
    assert refused.exception.field == "purpose"
    settings.write_text("[notice]\n" + "\n".join(f'{name} = "{text}"' for name, text in TOLD.items()))
    assert CliRunner().invoke(app, [*arguments, "--size", "sticker"]).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF-")
    assert isinstance(CliRunner().invoke(app, arguments).exception, BadInput)
