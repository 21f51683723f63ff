"""Lines of the register as rows of the guidelines' own forms; what nobody told is an empty field.

The forms are Inzai's 別記第2号様式, Gwangju's 별지 제1호 and 제2호서식 and Kumamoto's 参考様式1 and 2. Each row's
fields are those of its form in its order; ``line`` is the register line it is made of. Times are nanoseconds since
1970 UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S
from edgecam.custody.cases.case import Step, Use, Want
from edgecam.custody.evidence.account import Period
from edgecam.custody.register.formlines import HANDLING_ACTS, FormLines, footage_of
from edgecam.custody.register.register_line import Act, RegisterLine

_TOLD_TIME = "%Y-%m-%d %H:%M:%S.%f UTC"

_SHA256 = re.compile(r" ?\b[0-9a-f]{64}\b")
# Of a moment as the register tells it.
_FRACTION = re.compile(r":[0-9]{2}\.[0-9]+(?= UTC$)")


class FormName(StrEnum):
    """Stable names."""

    INZAI2 = "inzai2"
    GWANGJU1 = "gwangju1"
    GWANGJU2 = "gwangju2"
    KUMAMOTO1 = "kumamoto1"
    KUMAMOTO2 = "kumamoto2"


class Entry(StrEnum):
    """Gwangju's 구분: 이용, 제공, 열람, 파기."""

    USE = "use"
    PROVISION = "provision"
    INSPECTION = "inspection"
    DESTRUCTION = "destruction"


@dataclass(frozen=True, slots=True)
class Person:
    """所属・職名 and 氏名."""

    name: str = ""
    affiliation: str = ""


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Inzai2Row:
    """防犯カメラ映像データ取扱記録簿: one sheet for each search, view, copy and provision."""

    line: int
    made_wall_ns: int
    ordered_by: Person
    operated_by: Person
    ordered_wall_ns: int | None
    searched_wall_ns: int
    use: Use | None
    place: str
    camera: str
    searched: Period | None
    provided: Period | None
    found: bool | None
    handling: Want | None
    handling_other: str
    viewers: str
    remarks: str


@dataclass(frozen=True, slots=True)
class Gwangju1Row:
    """개인영상정보 관리대장. ``footage`` belongs to 파일명/형태; ``period`` is until when it may be used."""

    line: int
    number: int
    entry: Entry
    at_wall_ns: int
    file: str
    footage: Period | None
    officer: Person
    purpose: str
    third_party: str
    basis: str
    form: Want | None
    period: str


@dataclass(frozen=True, slots=True)
class Gwangju2Row:
    """처리정보 이용·제공대장. ``operator`` is 운영책임자, ``chief`` 총괄책임자, who decided."""

    line: int
    number: int
    asked_wall_ns: int
    asked_by: str
    purpose: str
    scope: Period | None
    legal_basis: str
    provided: bool | None
    operator: Person
    chief: Person


@dataclass(frozen=True, slots=True)
class EndOfTime:
    """When a time of keeping ends; ``wall_ns`` is ``None`` where no clock knew, ``told`` the words in the line."""

    wall_ns: int | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Kumamoto1Row:
    """画像保存期間延長理由書: one sheet for each hold and each extension of one."""

    line: int
    decided_wall_ns: int
    reason: str
    original_end: EndOfTime
    extended_end: EndOfTime
    remarks: str


@dataclass(frozen=True, slots=True)
class Kumamoto2Row:
    """画像提供記録書. ``receiver`` is 所属 and 職・氏名; ``content`` with ``file`` is 提供する画像の内容."""

    line: int
    provided_wall_ns: int
    receiver: Person
    contact: str
    purpose: str
    content: Period | None
    file: str
    remarks: str


def inzai2_rows(lines: FormLines, place: str = "", camera: str = "") -> list[Inzai2Row]:
    """``place`` is 設置場所 and ``camera`` 防犯カメラ番号, which no line tells."""
    return [_inzai2(lines, line, place, camera) for line in lines.begun if _is_handling(line)]


def _inzai2(lines: FormLines, line: RegisterLine, place: str, camera: str) -> Inzai2Row:
    operated_by, decided, asked = _actor(lines, line), lines.decided(line), lines.asked(line)
    # Without a case nobody else had to order it; with one that nobody decided, nobody did.
    alone = not line.detail.get("case")
    form = _form(lines, line)
    told_form = lines.told(line, "form")
    return Inzai2Row(
        line=line.sequence,
        made_wall_ns=line.at_wall_ns,
        ordered_by=_actor(lines, decided) if decided else operated_by if alone else NOBODY,
        operated_by=operated_by,
        ordered_wall_ns=decided.at_wall_ns if decided else line.at_wall_ns if alone else None,
        searched_wall_ns=line.at_wall_ns,
        use=_use(lines, line),
        place=place,
        camera=camera,
        searched=footage_of(asked) or footage_of(line) if asked else footage_of(line),
        provided=lines.given(line) if line.act in (Act.COPY, Act.DISCLOSURE) else None,
        found=_found(lines, line),
        handling=form,
        handling_other=told_form if form is None else "",
        viewers=lines.told(line, "viewers") or (line.who if line.act is Act.VIEW else ""),
        remarks=_joined(lines.told(line, "remarks"), lines.failed(line)),
    )


def gwangju1_rows(lines: FormLines, zone: ZoneInfo) -> list[Gwangju1Row]:
    """What was erased by its time alone is one row for each civil day in ``zone``."""
    found: list[tuple[RegisterLine, Entry, Period | None]] = []
    for line in lines.begun:
        entry = _entry(lines, line)
        if entry is None:
            continue
        earlier = found[-1] if found else None
        if earlier and entry is Entry.DESTRUCTION and _are_one_erasure(earlier[0], line, zone):
            found[-1] = (earlier[0], entry, _both(earlier[2], footage_of(line)))
        else:
            found.append((line, entry, footage_of(line)))
    return [_gwangju1(lines, number, *one) for number, one in enumerate(found, 1)]


def _gwangju1(
    lines: FormLines, number: int, line: RegisterLine, entry: Entry, footage: Period | None
) -> Gwangju1Row:
    destroyed = entry is Entry.DESTRUCTION
    return Gwangju1Row(
        line=line.sequence,
        number=number,
        entry=entry,
        at_wall_ns=line.at_wall_ns,
        file=_file_names(lines, line) or lines.told(line, "hold"),
        footage=footage if destroyed else lines.given(line),
        officer=_actor(lines, line),
        purpose=line.purpose,
        third_party=_joined(lines.receivers_affiliation(line), lines.told(line, "recipient")),
        basis=lines.told(line, "legal_basis"),
        form=None if destroyed else _form(lines, line),
        period=_FRACTION.sub("", lines.told(line, "erase_by")),
    )


def gwangju2_rows(lines: FormLines) -> list[Gwangju2Row]:
    """Requests from outside, and what was handed over without a case."""
    asking = [line for line in lines.begun if _asks_from_outside(lines, line)]
    return [_gwangju2(lines, number, line) for number, line in enumerate(asking, 1)]


def _asks_from_outside(lines: FormLines, line: RegisterLine) -> bool:
    if line.act is Act.REQUEST:
        is_first = lines.asked(line) in (None, line)
        return is_first and (line.detail.get("use") == Use.PROVISION or bool(line.detail.get("recipient")))
    return _is_given_away(line) and lines.asked(line) is None


def _gwangju2(lines: FormLines, number: int, line: RegisterLine) -> Gwangju2Row:
    decided = lines.decided(line)
    provided: bool | None = None
    if decided is not None:
        provided = decided.detail.get("step") == Step.GRANT
    elif line.act is not Act.REQUEST:
        provided = not lines.failed(line)
    return Gwangju2Row(
        line=line.sequence,
        number=number,
        asked_wall_ns=line.at_wall_ns,
        asked_by=_joined(lines.receivers_affiliation(line), lines.told(line, "recipient")),
        purpose=line.purpose,
        scope=footage_of(line),
        legal_basis=lines.told(line, "legal_basis"),
        provided=provided,
        operator=_actor(lines, line),
        chief=_actor(lines, decided) if decided else NOBODY,
    )


def kumamoto1_rows(lines: FormLines) -> list[Kumamoto1Row]:
    """A review extends nothing, and a hold that failed holds nothing."""
    return [
        _kumamoto1(line, lines.first_of_hold(line))
        for line in lines.begun
        if line.act is Act.HOLD and line.detail.get("change") != "review" and not lines.failed(line)
    ]


def _kumamoto1(line: RegisterLine, first: RegisterLine) -> Kumamoto1Row:
    told = (first.detail.get(name, "") for name in ("asked_by", "case"))
    return Kumamoto1Row(
        line=line.sequence,
        decided_wall_ns=line.at_wall_ns,
        reason=line.purpose,
        original_end=_end(first.detail.get("original_end", "")),
        extended_end=_end(line.detail.get("end", "")),
        remarks=_joined(*told, line.detail.get("note", ""), line.detail.get("remarks", "")),
    )


def kumamoto2_rows(lines: FormLines) -> list[Kumamoto2Row]:
    """What was given to somebody outside; a try that failed gave nothing."""
    return [
        Kumamoto2Row(
            line=line.sequence,
            provided_wall_ns=line.at_wall_ns,
            receiver=Person(lines.told(line, "recipient"), lines.receivers_affiliation(line)),
            contact=lines.told(line, "recipient_contact"),
            purpose=line.purpose,
            content=lines.given(line),
            file=_file_names(lines, line),
            remarks=lines.told(line, "remarks"),
        )
        for line in lines.begun
        if _is_given_away(line) and not lines.failed(line)
    ]


def _entry(lines: FormLines, line: RegisterLine) -> Entry | None:
    if line.act in (Act.ERASURE, Act.DISPOSAL):
        # A book of the register and the file of a case are no footage.
        return None if line.detail.keys() & {"book", "case_sha256"} else Entry.DESTRUCTION
    if not _is_handling(line):
        return None
    if not _is_given_away(line):
        return Entry.USE
    return Entry.INSPECTION if _form(lines, line) is Want.VIEW else Entry.PROVISION


def _is_given_away(line: RegisterLine) -> bool:
    """Whether somebody outside got it: a disclosure, or a copy that was made for somebody without a case."""
    if line.act is Act.DISCLOSURE:
        return _is_handling(line)
    return line.act is Act.COPY and bool(line.detail.get("recipient")) and not line.detail.get("case")


def _is_handling(line: RegisterLine) -> bool:
    """Of a disclosure's steps the handing over alone: what was made ready before gave nobody anything."""
    if line.act is Act.DISCLOSURE:
        return line.detail.get("step", Step.HAND_OVER) == Step.HAND_OVER
    return line.act in HANDLING_ACTS


def _file_names(lines: FormLines, line: RegisterLine) -> str:
    """Without their hashes, for which no form has room; the register and its page tell them."""
    return _SHA256.sub("", lines.told(line, "files") or lines.told(line, "file"))


def _use(lines: FormLines, line: RegisterLine) -> Use | None:
    told = lines.told(line, "use")
    if told in tuple(Use):
        return Use(told)
    return Use.PROVISION if _is_given_away(line) else None


def _form(lines: FormLines, line: RegisterLine) -> Want | None:
    told = lines.told(line, "form")
    if told:
        return Want(told) if told in tuple(Want) else None
    return {Act.VIEW: Want.VIEW, Act.COPY: Want.COPY}.get(line.act)


def _found(lines: FormLines, line: RegisterLine) -> bool | None:
    told = lines.told(line, "found")
    if told:
        return told == "yes"
    # Who copied something found something.
    return True if lines.told(line, "outcome") == "done" else None


def _are_one_erasure(first: RegisterLine, line: RegisterLine, zone: ZoneInfo) -> bool:
    """Whether both were erased by the same, because their time was over, on one civil day."""
    if first.act is not Act.ERASURE or line.act is not Act.ERASURE:
        return False
    reasons = (first.detail.get("reason"), line.detail.get("reason"))
    same = (first.who, first.purpose, reasons[0]) == (line.who, line.purpose, reasons[1])
    return same and "epoch" in line.detail and _day(first.at_wall_ns, zone) == _day(line.at_wall_ns, zone)


def _day(wall_ns: int, zone: ZoneInfo) -> object:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, zone).date()


def _both(first: Period | None, second: Period | None) -> Period | None:
    if first is None or second is None:
        return first or second
    return Period(min(first.from_wall_ns, second.from_wall_ns), max(first.to_wall_ns, second.to_wall_ns))


def _actor(lines: FormLines, line: RegisterLine) -> Person:
    return Person(line.who, lines.affiliation(line))


def _end(told: str) -> EndOfTime:
    try:
        moment = datetime.strptime(told, _TOLD_TIME).replace(tzinfo=UTC)
    except ValueError:
        return EndOfTime(None, told)
    return EndOfTime(round(moment.timestamp() * NS_PER_S), told)


def _joined(*texts: str) -> str:
    return " / ".join(dict.fromkeys(text for text in texts if text))
