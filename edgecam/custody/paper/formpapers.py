"""The guidelines' forms as papers, from a case and from rows of the register; without any they are blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from edgecam.custody.cases.case import Case, Want
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.paperwords import words_of
from edgecam.custody.register.registerform import (
    EndOfTime,
    Entry,
    Gwangju1Row,
    Gwangju2Row,
    Inzai2Row,
    Kumamoto1Row,
    Kumamoto2Row,
    Person,
)

_BLANK_ROWS = 6  # as many as the originals have
# As `Standing.told` writes it.
_DAYS_AFTER = re.compile(r"([0-9.]+) days after it was made")
_ACTS = {Entry.USE: "use", Entry.PROVISION: "provide", Entry.INSPECTION: "view", Entry.DESTRUCTION: "destroy"}


def inzai_1(head: Letterhead, case: Case | None) -> Paper:
    """防犯カメラ映像データ（利用・提供）申出書: the request as it was written down; ``None``: to be filled in."""
    asker, moments = case.asker if case else None, head.moments
    facts = {
        "date": moments.day(case.asked.wall_ns if case else None),
        "addressee": head.notice.owner,
        "address": asker.address if asker else "",
        "name": _lines(asker.affiliation, asker.name, asker.representative) if asker else "",
        "use": case.use.value if case else "",
        "purpose": _lines(case.purpose, case.legal_basis) if case else "",
        "from": moments.moment(case.from_wall_ns if case else None),
        "to": moments.moment(case.to_wall_ns if case else None),
        **_received(head, case.want if case else None, "receive"),
        "remarks": _lines(case.remarks, case.identity_check) if case else "",
    }
    return Paper(PaperKind.INZAI_1, head.language, facts)


def inzai_2(head: Letterhead, rows: Sequence[Inzai2Row]) -> Paper:
    """防犯カメラ映像データ取扱記録簿: a page for each row; without rows one to be filled in."""
    records = [_record(head, row) for row in rows] or [_record(head, None)]
    return Paper(PaperKind.INZAI_2, head.language, {"records": records})


def _record(head: Letterhead, row: Inzai2Row | None) -> dict[str, Any]:
    moments = head.moments
    if row is None:
        blank = moments.day(None)
        return {
            "date": blank,
            "instructor": _person(),
            "operator": _person(),
            "instructed": blank,
            "searched_on": blank,
            "use": "",
            "place": head.notice.place,
            "camera": head.camera,
            "searched": _edges(head, None),
            "provided": _edges(head, None),
            "found": "",
            **_received(head, None, "handling"),
            "viewer": _person(),
            "remarks": "",
        }
    return {
        "date": moments.day(row.made_wall_ns),
        "instructor": _person(row.ordered_by),
        "operator": _person(row.operated_by),
        "instructed": moments.day(row.ordered_wall_ns),
        "searched_on": moments.day(row.searched_wall_ns),
        "use": row.use.value if row.use else "",
        "place": row.place,
        "camera": row.camera,
        "searched": _edges(head, row.searched),
        "provided": _edges(head, row.provided),
        "found": "" if row.found is None else "yes" if row.found else "no",
        **_received(head, row.handling, "handling", row.handling_other),
        "viewer": {"affiliation": "", "name": row.viewers},
        "remarks": row.remarks,
    }


def gwangju_1(head: Letterhead, rows: Sequence[Gwangju1Row] | None) -> Paper:
    """개인영상정보 관리대장; ``None``: to be filled in."""
    filled = [
        {
            "number": str(row.number),
            "act": _ACTS[row.entry],
            "at": head.moments.brief(row.at_wall_ns),
            "file": _lines(row.file, head.period(row.footage)),
            "officer": _lines(row.officer.affiliation, row.officer.name),
            "purpose": row.purpose,
            "third": row.third_party,
            "basis": row.basis,
            "form": words_of(head.language)["forms"][row.form.value] if row.form else "",
            "period": row.period,
        }
        for row in rows or ()
    ]
    names = ("act", "at", "file", "officer", "purpose", "third", "basis", "form", "period")
    return Paper(PaperKind.GWANGJU_1, head.language, _ledger(filled, rows is None, names))


def gwangju_2(head: Letterhead, rows: Sequence[Gwangju2Row] | None) -> Paper:
    """처리정보 이용·제공대장; ``None``: to be filled in. The approvals are names; a hand signs beside them."""
    words = words_of(head.language)[PaperKind.GWANGJU_2.value]
    filled = [
        {
            "number": str(row.number),
            "asked": head.moments.brief_day(row.asked_wall_ns),
            "body": row.asked_by,
            "purpose": row.purpose,
            "scope": head.period(row.scope),
            "basis": row.legal_basis,
            "provided": "" if row.provided is None else words["given"] if row.provided else words["refused"],
            "operator": _lines(row.operator.affiliation, row.operator.name),
            "chief": _lines(row.chief.affiliation, row.chief.name),
        }
        for row in rows or ()
    ]
    names = ("asked", "body", "purpose", "scope", "basis", "provided", "operator", "chief")
    return Paper(PaperKind.GWANGJU_2, head.language, _ledger(filled, rows is None, names))


def kumamoto_1(head: Letterhead, rows: Sequence[Kumamoto1Row]) -> Paper:
    """画像保存期間延長理由書: a page for each row; without rows one to be filled in."""
    moments = head.moments
    sheets = [
        {
            "decided": moments.era_day(row.decided_wall_ns),
            "reason": row.reason,
            "original": _end(head, row.original_end),
            "extended": _end(head, row.extended_end),
            "remarks": row.remarks,
        }
        for row in rows
    ] or [
        {
            "decided": moments.era_day(None),
            "reason": "",
            "original": _end(head, EndOfTime()),
            "extended": _end(head, EndOfTime()),
            "remarks": "",
        }
    ]
    return Paper(PaperKind.KUMAMOTO_1, head.language, {"sheets": sheets})


def kumamoto_2(head: Letterhead, rows: Sequence[Kumamoto2Row]) -> Paper:
    """画像提供記録書: a page for each row; without rows one to be filled in."""
    sheets = [
        {
            "at": head.moments.era_moment(row.provided_wall_ns),
            "affiliation": row.receiver.affiliation,
            "name": row.receiver.name,
            "contact": row.contact,
            "purpose": row.purpose,
            "content": _lines(head.period(row.content), row.file),
            "remarks": row.remarks,
        }
        for row in rows
    ] or [
        {
            "at": head.moments.era_moment(None),
            **dict.fromkeys(("affiliation", "name", "contact", "purpose", "content", "remarks"), ""),
        }
    ]
    return Paper(PaperKind.KUMAMOTO_2, head.language, {"sheets": sheets})


def complaints(head: Letterhead, cases: Sequence[Case] | None) -> Paper:
    """The register of complaints, oldest first; ``None``: to be filled in."""
    filled = [
        {
            "number": str(number),
            "at": head.moments.brief_day(case.asked.wall_ns),
            "who": _lines(case.asker.affiliation, case.asker.name, case.asker.contact),
            "about": _lines(case.purpose, case.remarks),
            "due": head.moments.brief_day(case.due_wall_ns) if case.due_wall_ns is not None else "",
            "state": "open" if case.is_open else "closed",
            "answer": case.answer,
            "by": case.asked_by,
        }
        for number, case in enumerate(cases or (), 1)
    ]
    names = ("at", "who", "about", "due", "state", "answer", "by")
    return Paper(PaperKind.COMPLAINTS, head.language, _ledger(filled, cases is None, names))


def _ledger(filled: Sequence[dict[str, str]], blank: bool, names: Sequence[str]) -> dict[str, Any]:
    empty = [{"number": str(number), **dict.fromkeys(names, "")} for number in range(1, _BLANK_ROWS + 1)]
    return {"rows": empty if blank else list(filled), "nothing": not blank and not filled}


def _received(head: Letterhead, want: Want | None, name: str, other: str = "") -> dict[str, str]:
    """Which box is ticked; what is neither viewing nor a copy stands behind "other"."""
    if want in (Want.VIEW, Want.COPY):
        return {name: want.value, f"{name}_other": ""}
    told = other if want is None else words_of(head.language)["wants"][want.value]
    return {name: "other" if told else "", f"{name}_other": told}


def _person(person: Person | None = None) -> dict[str, str]:
    known = person or Person()
    return {"affiliation": known.affiliation, "name": known.name}


def _edges(head: Letterhead, period: Period | None) -> dict[str, str]:
    moment = head.moments.moment
    return {
        "from": moment(period.from_wall_ns if period else None),
        "to": moment(period.to_wall_ns if period else None),
    }


def _end(head: Letterhead, end: EndOfTime) -> str:
    """Until when; a clock that was never set told days instead."""
    words = words_of(head.language)
    if end.wall_ns is not None or not end.told:
        return f"{head.moments.era_day(end.wall_ns)}{words['kumamoto-1']['until']}"
    days = _DAYS_AFTER.fullmatch(end.told)
    return str(words["days_after"].format(days=days[1])) if days else end.told


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
