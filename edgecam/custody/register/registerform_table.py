"""The forms' rows as tables of text, under the titles of the originals: for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S
from edgecam.custody.cases.case import Use, Want
from edgecam.custody.evidence.account import Period
from edgecam.custody.register.formlines import FormLines
from edgecam.custody.register.registerform import (
    EndOfTime,
    Entry,
    FormName,
    Gwangju1Row,
    Gwangju2Row,
    Inzai2Row,
    Kumamoto1Row,
    Kumamoto2Row,
    gwangju1_rows,
    gwangju2_rows,
    inzai2_rows,
    kumamoto1_rows,
    kumamoto2_rows,
)

_USES = {Use.WITHIN: "目的内利用", Use.OUTSIDE: "目的外利用", Use.PROVISION: "外部提供"}
_HANDLINGS = {Want.VIEW: "視聴", Want.COPY: "複製の交付"}
_ENTRIES = {Entry.USE: "이용", Entry.PROVISION: "제공", Entry.INSPECTION: "열람", Entry.DESTRUCTION: "파기"}
_FORMS = {Want.VIEW: "열람", Want.COPY: "사본", Want.ERASE: "삭제", Want.EXISTENCE: "존재 확인"}

_TITLES = {
    FormName.INZAI2: (
        "年月日", "検索指示者 所属・職名", "検索指示者 氏名", "操作担当者 所属・職名", "操作担当者 氏名",
        "検索指示年月日", "検索実施年月日", "検索目的", "設置場所", "防犯カメラ番号", "検索映像日時 から",
        "検索映像日時 まで", "提供映像日時 から", "提供映像日時 まで", "検索結果", "映像データの取扱い",
        "閲覧者", "特記事項", "記録簿の行",
    ),
    FormName.GWANGJU1: (
        "번호", "구분", "일시", "파일명/형태", "담당자", "목적/사유", "이용·제공받는 제3자/열람 등 요구자",
        "이용·제공 근거", "이용·제공 형태", "기간", "관리대장 행",
    ),
    FormName.GWANGJU2: (
        "순번", "요청일자", "요청기관명", "이용목적", "처리정보의 범위", "법령상 근거", "제공여부",
        "결재 운영책임자", "결재 총괄책임자", "관리대장 행",
    ),
    FormName.KUMAMOTO1: (
        "延長決定日", "延長する理由", "本来の保存期間終了年月日", "延長後の保存期間終了年月日",
        "その他の特記事項", "記録簿の行",
    ),
    FormName.KUMAMOTO2: (
        "提供日時", "画像提供先 所属", "画像提供先 職・氏名", "画像提供先 連絡先", "提供する目的・理由",
        "提供する画像の内容", "その他の特記事項", "記録簿の行",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormTable:
    """A form's ``titles`` and a tuple of as many texts for each row. The last column is the register's line."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def form_table(form: FormName, lines: FormLines, zone: ZoneInfo, place: str = "", camera: str = "") -> FormTable:
    """``form`` filled from ``lines``, times in ``zone``."""
    text = _Texts(zone)
    made: dict[FormName, Callable[[], list[tuple[str, ...]]]] = {
        FormName.INZAI2: lambda: [text.inzai2(row) for row in inzai2_rows(lines, place, camera)],
        FormName.GWANGJU1: lambda: [text.gwangju1(row) for row in gwangju1_rows(lines, zone)],
        FormName.GWANGJU2: lambda: [text.gwangju2(row) for row in gwangju2_rows(lines)],
        FormName.KUMAMOTO1: lambda: [text.kumamoto1(row) for row in kumamoto1_rows(lines)],
        FormName.KUMAMOTO2: lambda: [text.kumamoto2(row) for row in kumamoto2_rows(lines)],
    }
    return FormTable(_TITLES[form], tuple(made[form]()))


class _Texts:
    """Times as they are written where the camera hangs."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def inzai2(self, row: Inzai2Row) -> tuple[str, ...]:
        handling = row.handling_other if row.handling is None else _HANDLINGS.get(row.handling, row.handling)
        return (
            self._day(row.made_wall_ns),
            row.ordered_by.affiliation,
            row.ordered_by.name,
            row.operated_by.affiliation,
            row.operated_by.name,
            self._day(row.ordered_wall_ns),
            self._day(row.searched_wall_ns),
            _USES[row.use] if row.use else "",
            row.place,
            row.camera,
            *self._edges(row.searched),
            *self._edges(row.provided),
            "" if row.found is None else "有" if row.found else "無",
            handling,
            row.viewers,
            row.remarks,
            str(row.line),
        )

    def gwangju1(self, row: Gwangju1Row) -> tuple[str, ...]:
        return (
            str(row.number),
            _ENTRIES[row.entry],
            self._minute(row.at_wall_ns),
            " ".join(text for text in (row.file, self._period(row.footage)) if text),
            " ".join(text for text in (row.officer.affiliation, row.officer.name) if text),
            row.purpose,
            row.third_party,
            row.basis,
            _FORMS.get(row.form, "") if row.form else "",
            row.period,
            str(row.line),
        )

    def gwangju2(self, row: Gwangju2Row) -> tuple[str, ...]:
        return (
            str(row.number),
            self._day(row.asked_wall_ns),
            row.asked_by,
            row.purpose,
            self._period(row.scope),
            row.legal_basis,
            "" if row.provided is None else "○" if row.provided else "×",
            row.operator.name,
            row.chief.name,
            str(row.line),
        )

    def kumamoto1(self, row: Kumamoto1Row) -> tuple[str, ...]:
        return (
            self._day(row.decided_wall_ns),
            row.reason,
            self._end(row.original_end),
            self._end(row.extended_end),
            row.remarks,
            str(row.line),
        )

    def kumamoto2(self, row: Kumamoto2Row) -> tuple[str, ...]:
        return (
            self._minute(row.provided_wall_ns),
            row.receiver.affiliation,
            row.receiver.name,
            row.contact,
            row.purpose,
            " ".join(text for text in (self._period(row.content), row.file) if text),
            row.remarks,
            str(row.line),
        )

    def _end(self, end: EndOfTime) -> str:
        return end.told if end.wall_ns is None else self._day(end.wall_ns)

    def _day(self, wall_ns: int | None) -> str:
        return "" if wall_ns is None else f"{self._moment(wall_ns):%Y-%m-%d}"

    def _minute(self, wall_ns: int) -> str:
        return f"{self._moment(wall_ns):%Y-%m-%d %H:%M}"

    def _edges(self, period: Period | None) -> tuple[str, str]:
        return ("", "") if period is None else (self._minute(period.from_wall_ns), self._minute(period.to_wall_ns))

    def _period(self, period: Period | None) -> str:
        return "" if period is None else " ~ ".join(self._edges(period))

    def _moment(self, wall_ns: int) -> datetime:
        return datetime.fromtimestamp(wall_ns // NS_PER_S, self._zone)
