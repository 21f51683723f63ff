"""Papers: every kind in three languages says what it was told, whatever that is, and as text alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paperstand import (
    ANSWERED,
    CASE,
    CERTIFICATE,
    COMPLAINT,
    GWANGJU_1,
    GWANGJU_2,
    INZAI_2,
    KUMAMOTO_1,
    NOTICE,
    NOW,
    REFUSED,
    filled,
    head_in,
    text_of,
    typesetter,
)

from edgecam.core.errors import BadInput, Bug
from edgecam.custody.cases.case import CaseState
from edgecam.custody.paper.certificatepapers import disposal
from edgecam.custody.paper.formpapers import (
    complaints,
    gwangju_1,
    gwangju_2,
    inzai_1,
    inzai_2,
    kumamoto_1,
    kumamoto_2,
)
from edgecam.custody.paper.letters import answer, refusal
from edgecam.custody.paper.paper import MAX_SIZE_BYTES, Paper, _refusal, printed_apart
from edgecam.custody.paper.paperkind import OWN_LANGUAGE, SIGNS, PaperKind
from edgecam.custody.paper.paperwords import LANGUAGES, words_of
from edgecam.custody.paper.typesetting import Typesetter
from edgecam.custody.register.registerform import EndOfTime

pytestmark = [
    pytest.mark.row("G5"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="Debian's poppler-utils is not installed"),
]
KINDS = list(PaperKind)
STRANGE = '#read("/etc/passwd") $x$ *b* _u_ `c` \\ " = <label> @ref // /* */ [a] {b} ~ --- #{panic()}'


def squeezed(text: str) -> str:
    return "".join(text.split())


def texts_in(told: object) -> Iterator[str]:
    """Every text of the facts, but for names of choices."""
    if isinstance(told, str):
        yield from told.split("\n")
    elif isinstance(told, Mapping):
        for name, each in told.items():
            if name not in {
                "qr",
                "pictogram",
                "size",
                "use",
                "act",
                "found",
                "state",
                "receive",
                "handling",
                "object",
                "more",
            }:
                yield from texts_in(each)
    elif isinstance(told, list | tuple):
        for each in told:
            yield from texts_in(each)


def pages_of(pdf: bytes) -> int:
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("Pages:")))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_it_says_everything_that_it_was_told(kind: PaperKind, language: str) -> None:
    paper = filled(kind, language)
    shown = text_of(typesetter().pdf(paper))
    for text in texts_in(paper.facts):
        assert squeezed(text) in shown, text
    assert "�" not in shown
    if kind not in SIGNS:
        assert squeezed(paper.foot) in shown
        assert squeezed(words_of(language)["titles"][kind.value]) in shown or kind is PaperKind.STANDARD


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(OWN_LANGUAGE))
def test_a_form_in_another_language_says_of_which_form_it_is_a_translation(kind: PaperKind, language: str) -> None:
    words = words_of(language)
    shown = text_of(typesetter().pdf(filled(kind, language)))
    assert squeezed(words["origins"][kind.value]) in shown
    assert (squeezed(words["translated"]) in shown) is (OWN_LANGUAGE[kind] != language)


def test_the_languages_have_the_same_words() -> None:
    def names(told: Any, at: str = "") -> set[str]:
        if isinstance(told, dict):
            return {name for key, each in told.items() for name in names(each, f"{at}.{key}")}
        return {at}

    japanese = names(words_of("ja"))
    assert len(japanese) > 150
    assert names(words_of("ko")) == japanese == names(words_of("en"))
    with pytest.raises(BadInput, match="ja, ko, en"):
        words_of("fr")


LABELS = {
    PaperKind.INZAI_1: "申請者 住所 氏名 目的 映像データの範囲 希望する受取方法 視聴 複製の交付 その他 特記事項",
    PaperKind.INZAI_2: "検索指示者 操作担当者 所属・職名 検索指示年月日 検索実施年月日 検索目的 目的内利用のため "
    "目的外利用のため 外部提供のため 設置場所 防犯カメラ番号 検索映像日時 提供映像日時 検索結果 映像データの取扱い "
    "閲覧者 特記事項",
    PaperKind.GWANGJU_1: "번호 구분 일시 파일명/형태 담당자 목적/사유 제3자 이용·제공근거 이용·제공형태 기간 "
    "이용 제공 열람 파기",
    PaperKind.GWANGJU_2: "순번 요청일자 요청기관명 이용목적 처리정보의범위 법령상근거 제공여부 결재 운영책임자 "
    "총괄책임자",
    PaperKind.KUMAMOTO_1: "延長決定日 延長する理由 本来の保存期間終了年月日 延長後の保存期間終了年月日 特記事項",
    PaperKind.KUMAMOTO_2: "提供日時 画像提供先 所属 職・氏名 連絡先 提供する目的・理由 提供する画像の内容 特記事項",
}


@pytest.mark.parametrize("kind", LABELS)
def test_the_form_has_every_field_of_the_original_in_its_order(kind: PaperKind) -> None:
    language = OWN_LANGUAGE[kind]
    blank = {
        PaperKind.INZAI_1: lambda: inzai_1(head_in(language), None),
        PaperKind.INZAI_2: lambda: inzai_2(head_in(language), []),
        PaperKind.GWANGJU_1: lambda: gwangju_1(head_in(language), None),
        PaperKind.GWANGJU_2: lambda: gwangju_2(head_in(language), None),
        PaperKind.KUMAMOTO_1: lambda: kumamoto_1(head_in(language), []),
        PaperKind.KUMAMOTO_2: lambda: kumamoto_2(head_in(language), []),
    }[kind]()
    pdf = typesetter().pdf(blank)
    shown = text_of(pdf)
    places = [shown.find(label) for label in LABELS[kind].split()]
    assert -1 not in places, [label for label in LABELS[kind].split() if label not in shown]
    assert pages_of(pdf) == 1
    assert not {"山本太郎", "田中花子", "sato"} & {shown[i : i + 4] for i in range(len(shown))}


def test_what_was_chosen_is_ticked_and_nothing_else() -> None:
    shown = text_of(typesetter().pdf(inzai_2(head_in("ja"), [INZAI_2])))
    assert "☑外部提供のため" in shown
    assert "☑複製の交付" in shown
    assert shown.count("☑") == 2
    blank = text_of(typesetter().pdf(inzai_2(head_in("ja"), [])))
    assert "☑" not in blank
    assert blank.count("☐") == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_overfull_form_goes_on_over_pages_and_loses_nothing(language: str) -> None:
    rows = [
        replace(
            GWANGJU_1, number=number, file=f"{'x' * 60}-{number}.mp4", third_party="警察署 " * 40 + f"<{number}>"
        )
        for number in range(1, 301)
    ]
    pdf = typesetter().pdf(gwangju_1(head_in(language), rows))
    shown = text_of(pdf)
    assert pages_of(pdf) > 20
    assert all(f"<{number}>" in shown for number in range(1, 301))
    # The head of the table stands on every page.
    assert shown.count(squeezed(words_of(language)["gwangju-1"]["officer"])) == pages_of(pdf)


def test_long_names_are_broken_and_not_cut_off() -> None:
    long = "W" * 190
    head = head_in("en", NOTICE.model_copy(update={"owner": "W" * 120}))
    for paper in (
        gwangju_2(head, [replace(GWANGJU_2, asked_by=long)]),
        inzai_2(head, [replace(INZAI_2, viewers=long, remarks=long)]),
        complaints(head, [replace(COMPLAINT, answer=long * 10)]),
        refusal(head, REFUSED, NOW, 10),
    ):
        page = typesetter().pictures(paper, 30)[0]
        shown = text_of(typesetter().pdf(paper))
        assert max(len(run) for run in squeezed(shown).split("V")) >= 120
        assert _right_margin_is_white(page)


def _right_margin_is_white(png: bytes) -> bool:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return bool((picture[:, -10:] > 250).all())


@pytest.mark.parametrize("text", [STRANGE, "👩‍👩‍👧 🎥", "שלום", "a\u202eb", "\u0000" * 0 + "é́́", " ", "\t"])
def test_no_text_is_taken_for_markup(text: str) -> None:
    paper = inzai_1(head_in("en"), replace(CASE, purpose=text, remarks=text))
    assert text_of(typesetter().pdf(paper)).count(squeezed(STRANGE)) == (2 if text is STRANGE else 0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80), st.sampled_from(["ja", "ko", "en"]))
def test_any_text_makes_a_page(text: str, language: str) -> None:
    case = replace(COMPLAINT, purpose=text, answer=text, asker=replace(COMPLAINT.asker, name=text))
    for paper in (
        complaints(head_in(language), [case]),
        inzai_2(head_in(language), [replace(INZAI_2, remarks=text)]),
    ):
        assert typesetter().pdf(Paper.decode(paper.encode())).startswith(b"%PDF-")


@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_a_paper_or_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        Paper.decode(data)


@pytest.mark.parametrize("field", ["kind", "language", "facts", "foot"])
def test_a_paper_with_a_wrong_part_is_refused(field: str) -> None:
    told = json.loads(filled(PaperKind.INZAI_1, "ja").encode())
    with pytest.raises(BadInput):
        Paper.decode(json.dumps(told | {field: 7}).encode())
    with pytest.raises(BadInput):
        Paper.decode(json.dumps(told | {"more": 1}).encode())


def test_too_much_for_one_paper_is_refused() -> None:
    with pytest.raises(BadInput, match="too much"):
        Paper(PaperKind.COMPLAINTS, "en", {"rows": ["x" * MAX_SIZE_BYTES]}).encode()


def test_a_child_process_sets_the_same_paper() -> None:
    paper = filled(PaperKind.KUMAMOTO_2, "ja")
    assert text_of(printed_apart(paper)) == text_of(typesetter().pdf(paper))


def test_what_the_child_refuses_is_refused_here() -> None:
    many = {"rows": [["W" * 100, "W" * 300]] * 60}
    sign = filled(PaperKind.SIGN_STICKER, "en")
    with pytest.raises(BadInput, match="too much for one sign") as refused:
        printed_apart(replace(sign, facts={**sign.facts, **many}))
    assert refused.value.do == "shorten what it says"
    assert isinstance(_refusal(b"Traceback"), Bug)


def test_a_missing_font_is_said_with_its_package(tmp_path: Any) -> None:
    bare = Typesetter([tmp_path])
    for language in ("ja", "ko"):
        with pytest.raises(BadInput, match="Debian package fonts-noto-cjk") as refused:
            bare.pdf(inzai_1(head_in(language), None))
        assert refused.value.field == "language"
    assert bare.pdf(inzai_1(head_in("en"), None)).startswith(b"%PDF-")


@pytest.mark.row("G8")
@pytest.mark.parametrize(
    ("language", "due"), [("ja", "2026年11月29日"), ("ko", "2026년11월29일"), ("en", "29November2026")]
)
def test_a_refusal_has_reason_how_to_object_and_the_day_that_was_due(language: str, due: str) -> None:
    shown = text_of(typesetter().pdf(refusal(head_in(language), REFUSED, NOW, 10)))
    assert REFUSED.decision is not None
    words = words_of(language)["letter"]
    for said in (REFUSED.decision.reason, words["object"].format(days=10), due, NOTICE.contact, REFUSED.case_id):
        assert squeezed(said) in shown, said


@pytest.mark.row("G8")
def test_there_is_no_letter_about_what_was_not_decided() -> None:
    head = head_in("en")
    with pytest.raises(BadInput, match="was not refused"):
        refusal(head, CASE, NOW, 10)
    with pytest.raises(BadInput, match="was refused"):
        answer(head, REFUSED, NOW, 10)
    with pytest.raises(BadInput, match="not answered yet"):
        answer(head, CASE, NOW, 10)
    assert answer(head, replace(COMPLAINT, state=CaseState.CLOSED), NOW, 10).kind is PaperKind.ANSWER


@pytest.mark.row("G10")
def test_the_register_of_complaints_tells_open_ones_apart() -> None:
    shown = text_of(
        typesetter().pdf(complaints(head_in("ja"), [COMPLAINT, replace(COMPLAINT, state=CaseState.ASKED)]))
    )
    assert "回答済" in shown
    assert "未回答" in shown
    assert words_of("ja")["nothing"] in text_of(typesetter().pdf(complaints(head_in("ja"), [])))


@pytest.mark.row("R4")
def test_an_end_that_no_clock_knows_is_told_in_days() -> None:
    sheet = kumamoto_1(head_in("ja"), [KUMAMOTO_1]).facts["sheets"][0]
    assert sheet["original"] == "令和8年12月1日まで"
    assert sheet["extended"] == "決定から90.0日後"
    odd = kumamoto_1(head_in("ja"), [replace(KUMAMOTO_1, extended_end=EndOfTime(None, "some day"))])
    assert odd.facts["sheets"][0]["extended"] == "some day"


@pytest.mark.row("R6")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_certificate_of_disposal_says_what_its_text_says(language: str) -> None:
    shown = text_of(typesetter().pdf(disposal(head_in(language), CERTIFICATE)))
    lines = CERTIFICATE.to_text(language).split("\n\n")[:-1]
    for line in (each for part in lines for each in part.split("\n")):
        assert squeezed(line).replace(":", "") in shown.replace(":", ""), line


@pytest.mark.row("R6")
def test_a_forged_certificate_is_not_printed() -> None:
    with pytest.raises(BadInput, match="not signed"):
        disposal(head_in("en"), replace(CERTIFICATE, epochs=1))


def test_the_letter_of_answer_names_what_was_handed_over() -> None:
    shown = text_of(typesetter().pdf(answer(head_in("en"), ANSWERED, NOW, 10)))
    assert "front-20261117-1400.mp4" in shown
    assert bytes(range(32)).hex() in shown


def test_a_form_without_rows_has_room_to_write() -> None:
    assert len(gwangju_1(head_in("ko"), None).facts["rows"]) == 6
    assert gwangju_1(head_in("ko"), []).facts == {"rows": [], "nothing": True}
    assert len(kumamoto_2(head_in("ja"), []).facts["sheets"]) == 1
