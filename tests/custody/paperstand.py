"""A case of each kind, rows of each form, and everything that is printed from them, for tests of paper."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.custody.cases.case import (
    AskerKind,
    Case,
    CaseKind,
    CaseState,
    Decision,
    HandOver,
    Party,
    Use,
    Want,
)
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.certificate import DisposalCertificate
from edgecam.custody.paper.certificatepapers import Erased, disposal, erasure
from edgecam.custody.paper.formpapers import (
    complaints,
    gwangju_1,
    gwangju_2,
    inzai_1,
    inzai_2,
    kumamoto_1,
    kumamoto_2,
)
from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.letters import answer, refusal
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.sign import Sign
from edgecam.custody.paper.signpaper import SIZES, sign_paper
from edgecam.custody.paper.standard import StandardFacts, standard_of
from edgecam.custody.paper.standardpaper import draft_paper
from edgecam.custody.paper.typesetting import Typesetter
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
from edgecam.keys.camera import CameraKey
from edgecam.ringbuffer.retention import PRESETS

ZONE = ZoneInfo("Asia/Tokyo")
NOW = Instant(1_795_255_200 * NS_PER_S, 9 * NS_PER_S, bytes(16), TimeTrust.SYNCED)  # 2026-11-21T19:00 in Tokyo
HOUR_NS = 3_600 * NS_PER_S
LAST_TUESDAY = Period(NOW.wall_ns - 101 * HOUR_NS, NOW.wall_ns - 100 * HOUR_NS)
KEY = CameraKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NOTICE = Notice(
    owner="田中商店",
    responsible="田中花子",
    purpose="万引きの防止",
    place="店舗の入口の上",
    area="入口とレジの前",
    contact="048-000-0000",
)


def head_in(language: str, notice: Notice = NOTICE) -> Letterhead:
    return Letterhead(language, notice, "front", KEY.camera_id, ZONE)


CASE = Case(
    case_id="20261118-100000",
    kind=CaseKind.DISCLOSURE,
    want=Want.COPY,
    state=CaseState.ASKED,
    asked=replace(NOW, wall_ns=NOW.wall_ns - 72 * HOUR_NS),
    asked_by="sato",
    asker=Party("山本太郎", "熊谷警察署 刑事課 巡査部長", "熊谷市筑波1-1", "048-111-2222", "署長 鈴木一"),
    asker_kind=AskerKind.POLICE,
    use=Use.PROVISION,
    purpose="11月17日の窃盗事件の捜査のため",
    legal_basis="刑事訴訟法第197条第2項",
    identity_check="警察手帳で確認",
    from_wall_ns=LAST_TUESDAY.from_wall_ns,
    to_wall_ns=LAST_TUESDAY.to_wall_ns,
    remarks="照会書 第1234号",
    due_wall_ns=NOW.wall_ns + 173 * HOUR_NS - 1,
)
REFUSED = replace(
    CASE,
    state=CaseState.REFUSED,
    want=Want.ERASE,
    asker=Party("이수진", "", "광주광역시 서구 상무대로 1", "062-000-0000"),
    asker_kind=AskerKind.PERSON,
    purpose="본인의 영상 삭제",
    decision=Decision(False, "tanaka", NOW, "다른 사람의 사생활권이 침해될 우려가 크기 때문입니다."),
)
ANSWERED = replace(
    CASE,
    state=CaseState.GRANTED,
    found=True,
    answer="Two clips of the range were handed over on a card.",
    decision=Decision(True, "tanaka", NOW, "法令に基づく照会のため"),
    handed_over=(HandOver(NOW, "tanaka", Want.COPY, (("front-20261117-1400.mp4", bytes(range(32))),)),),
)
COMPLAINT = replace(
    CASE,
    kind=CaseKind.COMPLAINT,
    want=Want.NOTHING,
    state=CaseState.CLOSED,
    asker=Party("Anna Müller", "neighbour", "", "anna@example.org"),
    purpose="The camera seems to film our garden",
    remarks="",
    answer="Shown the masks on the page; the garden is filled with grey.",
)
INZAI_2 = Inzai2Row(
    line=12,
    made_wall_ns=NOW.wall_ns,
    ordered_by=Person("田中花子", "店主"),
    operated_by=Person("佐藤一郎", "店員"),
    ordered_wall_ns=NOW.wall_ns,
    searched_wall_ns=NOW.wall_ns,
    use=Use.PROVISION,
    place=NOTICE.place,
    camera="front",
    searched=LAST_TUESDAY,
    provided=LAST_TUESDAY,
    found=True,
    handling=Want.COPY,
    handling_other="",
    viewers="熊谷警察署 山本太郎",
    remarks="照会書 第1234号による",
)
GWANGJU_1 = Gwangju1Row(
    line=12,
    number=1,
    entry=Entry.PROVISION,
    at_wall_ns=NOW.wall_ns,
    file="front-20261117-1400.mp4",
    footage=LAST_TUESDAY,
    officer=Person("김민수", "관리과"),
    purpose="절도 사건 수사",
    third_party="광주서부경찰서 / 박지훈",
    basis="형사소송법 제199조",
    form=Want.COPY,
    period="2026-12-05",
)
GWANGJU_2 = Gwangju2Row(
    line=12,
    number=1,
    asked_wall_ns=NOW.wall_ns,
    asked_by="광주서부경찰서 / 박지훈",
    purpose="절도 사건 수사",
    scope=LAST_TUESDAY,
    legal_basis="형사소송법 제199조",
    provided=True,
    operator=Person("김민수"),
    chief=Person("이영희"),
)
KUMAMOTO_1 = Kumamoto1Row(
    line=13,
    decided_wall_ns=NOW.wall_ns,
    reason="窃盗事件の捜査に協力するため",
    original_end=EndOfTime(NOW.wall_ns + 240 * HOUR_NS),
    extended_end=EndOfTime(None, "90.0 days after it was made"),
    remarks="熊谷警察署 / 1234",
)
KUMAMOTO_2 = Kumamoto2Row(
    line=14,
    provided_wall_ns=NOW.wall_ns,
    receiver=Person("巡査部長 山本太郎", "熊谷警察署 刑事課"),
    contact="048-111-2222",
    purpose="窃盗事件の捜査のため",
    content=LAST_TUESDAY,
    file="front-20261117-1400.mp4",
    remarks="",
)
ERASED = Erased(NOW.wall_ns - HOUR_NS, NOW.wall_ns, LAST_TUESDAY, 144, "due", True, 20, 163)
CERTIFICATE = DisposalCertificate(
    camera_public=KEY.public,
    ring_id=bytes(16),
    medium="/dev/mmcblk0",
    medium_serial="0x1234abcd",
    size_bytes=64_000_000_000,
    epochs=2016,
    album_epochs=14,
    holds=1,
    from_wall_ns=LAST_TUESDAY.from_wall_ns,
    to_wall_ns=LAST_TUESDAY.to_wall_ns,
    verified=True,
    at_wall_ns=NOW.wall_ns,
    trust=TimeTrust.SYNCED,
    who="tanaka",
    reason="the camera is replaced",
    register_sequence=200,
).signed(KEY.sign)
FACTS = StandardFacts(
    NOTICE, ("mon-fri 07:00-19:00",), PRESETS["kumagaya"], "two_person", 24, None, 10, 5, 7, 2, True
)


def filled(kind: PaperKind, language: str) -> Paper:
    """Every paper with something on each of its lines."""
    head = head_in(language)
    paper = _MADE[kind](head) if kind in _MADE else _sign(kind, language)
    return replace(paper, foot=head.foot(NOW, 12, 14))


def _sign(kind: PaperKind, language: str) -> Paper:
    return sign_paper(Sign(NOTICE, FACTS.hours, FACTS.retention), SIZES[kind], language)


_OTHERS = [replace(GWANGJU_1, number=number, entry=entry) for number, entry in enumerate(Entry, 2)]
_OPEN = replace(COMPLAINT, state=CaseState.ASKED, answer="")
_MADE: dict[PaperKind, Callable[[Letterhead], Paper]] = {
    PaperKind.INZAI_1: lambda head: inzai_1(head, CASE),
    PaperKind.INZAI_2: lambda head: inzai_2(head, [INZAI_2]),
    PaperKind.GWANGJU_1: lambda head: gwangju_1(head, [GWANGJU_1, *_OTHERS]),
    PaperKind.GWANGJU_2: lambda head: gwangju_2(head, [GWANGJU_2, replace(GWANGJU_2, number=2, provided=False)]),
    PaperKind.KUMAMOTO_1: lambda head: kumamoto_1(head, [KUMAMOTO_1]),
    PaperKind.KUMAMOTO_2: lambda head: kumamoto_2(head, [KUMAMOTO_2]),
    PaperKind.REFUSAL: lambda head: refusal(head, REFUSED, NOW, 10),
    PaperKind.ANSWER: lambda head: answer(head, ANSWERED, NOW, 10),
    PaperKind.COMPLAINTS: lambda head: complaints(head, [COMPLAINT, _OPEN]),
    PaperKind.ERASURE: lambda head: erasure(
        head, [ERASED, replace(ERASED, reason="released", keys=1, verified=False)], LAST_TUESDAY
    ),
    PaperKind.DISPOSAL: lambda head: disposal(head, CERTIFICATE),
    PaperKind.STANDARD: lambda head: draft_paper(head, standard_of(FACTS, {}, head.language)),
}


@cache
def typesetter() -> Typesetter:
    return Typesetter()


def text_of(pdf: bytes) -> str:
    """All text of the pages without any white space, nor places where a word may be broken."""
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(shown.stdout.decode().split()).replace("\u200b", "")
