"""What is printed from the register, cases and holds is what they tell, and is registered before it is made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.stoodclock import StoodClock
from paperdeskstand import desk_of
from paperstand import CASE, CERTIFICATE, COMPLAINT, HOUR_NS, KEY, NOW, REFUSED, text_of, typesetter

from edgecam.core.errors import BadInput, MediaFailing
from edgecam.custody.cases.case import Case, CaseKind, Decision, Step, Want
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.paperdesk import MOST_PAGES, PaperAsk, PaperDesk
from edgecam.custody.paper.paperkind import BLANK_KINDS, SOURCES, PaperKind, Source
from edgecam.custody.paper.paperlines import LinesWanted, paper_lines
from edgecam.custody.paper.standardstore import Announcement
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerpage import read_page

pytestmark = pytest.mark.row("G5")
TODAY = Period(NOW.wall_ns - HOUR_NS, NOW.wall_ns + HOUR_NS)
FOOTAGE = (NOW.wall_ns - 5 * HOUR_NS, NOW.wall_ns - 4 * HOUR_NS)


class Camera:
    """A register and cases in a folder, and the desk over them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, StoodClock(NOW)
        self.register = Register(folder / "register.jsonl", KEY.sign, KEY.public, self.clock)
        self.cases = CaseStore(folder / "cases", self.register, KEY, self.clock)
        self.desk: PaperDesk = desk_of(folder, self.register, self.cases, self.clock)

    def write(self, act: Act, purpose: str = "11月の窃盗事件の捜査", **detail: str) -> RegisterLine:
        return self.register.write(act, who="sato", purpose=purpose, footage=FOOTAGE, detail=detail)

    def lines(self) -> list[RegisterLine]:
        return list(reversed(read_page(self.register.path, limit=200).lines))

    def facts(self, kind: PaperKind, language: str = "ja", span: Period | None = TODAY) -> Mapping[str, Any]:
        return self.desk.made(PaperAsk(kind, language, span)).facts

    def refuse(self, case: Case) -> str:
        case_id = self.cases.ask(replace(case, decision=None)).case_id
        decision = Decision(False, "tanaka", NOW, "私生活への影響が大きいため")
        return self.cases.step(case_id, Step.REFUSE, "tanaka", decision=decision).case_id


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


def test_a_disclosure_fills_every_form_that_asks_for_it(camera: Camera) -> None:
    camera.write(
        Act.DISCLOSURE,
        affiliation="店員",
        recipient="巡査部長 山本太郎",
        recipient_affiliation="熊谷警察署",
        recipient_contact="048-111-2222",
        legal_basis="刑事訴訟法第197条第2項",
        form="copy",
        use="provision",
        file="front.mp4",
    )
    (record,) = camera.facts(PaperKind.INZAI_2)["records"]
    assert (record["use"], record["handling"], record["operator"]["affiliation"]) == ("provision", "copy", "店員")
    (row,) = camera.facts(PaperKind.GWANGJU_1)["rows"]
    assert (row["act"], row["basis"]) == ("provide", "刑事訴訟法第197条第2項")
    (asked,) = camera.facts(PaperKind.GWANGJU_2)["rows"]
    assert asked["body"] == "熊谷警察署 / 巡査部長 山本太郎"
    (sheet,) = camera.facts(PaperKind.KUMAMOTO_2)["sheets"]
    assert sheet["contact"] == "048-111-2222"
    assert sheet["at"] == "令和8年11月21日 19時00分"


@pytest.mark.row("R4")
def test_a_hold_fills_the_form_of_extension_alone(camera: Camera) -> None:
    for hold in ("h1", "h2"):
        camera.write(
            Act.HOLD, hold, hold=hold, original_end="2026-12-01 00:00:00.000 UTC", end="90.0 days after it was made"
        )
    paper = camera.desk.made(PaperAsk(PaperKind.KUMAMOTO_1, "ja", hold_id="h2"))
    (sheet,) = paper.facts["sheets"]
    assert (sheet["reason"], sheet["original"]) == ("h2", "令和8年12月1日まで")
    assert len(camera.facts(PaperKind.KUMAMOTO_1)["sheets"]) == 2
    with pytest.raises(BadInput, match="nothing that belongs on this form"):
        camera.desk.made(PaperAsk(PaperKind.KUMAMOTO_1, "ja", hold_id="h3"))


def test_another_time_is_not_printed(camera: Camera) -> None:
    camera.write(Act.VIEW)
    other = Period(NOW.wall_ns + HOUR_NS, NOW.wall_ns + 2 * HOUR_NS)
    with pytest.raises(BadInput, match="nothing that belongs on this form"):
        camera.facts(PaperKind.INZAI_2, span=other)
    assert camera.facts(PaperKind.GWANGJU_1, span=other) == {"rows": [], "nothing": True}


def test_a_request_is_printed_from_its_case(camera: Camera) -> None:
    case_id = camera.cases.ask(CASE).case_id
    paper = camera.desk.made(PaperAsk(PaperKind.INZAI_1, "ja", case_id=case_id))
    assert (paper.facts["use"], paper.facts["receive"]) == ("provision", "copy")
    assert "山本太郎" in str(paper.facts["name"])
    for kind in (PaperKind.REFUSAL, PaperKind.ANSWER):
        with pytest.raises(BadInput):
            camera.desk.made(PaperAsk(kind, "ja", case_id=case_id))


@pytest.mark.row("G8")
def test_the_letter_is_of_the_case_that_was_refused(camera: Camera) -> None:
    case_id = camera.refuse(replace(REFUSED, state=CASE.state, kind=CaseKind.DISCLOSURE))
    page = camera.desk.printed(PaperAsk(PaperKind.REFUSAL, "ja", case_id=case_id), "tanaka", typesetter().pdf)
    assert "私生活への影響が大きいため" in text_of(page)


@pytest.mark.row("G10")
def test_complaints_are_printed_of_their_time(camera: Camera) -> None:
    case_id = camera.cases.ask(
        replace(COMPLAINT, state=CASE.state, answer="", asked=NOW, want=Want.NOTHING)
    ).case_id
    camera.cases.ask(CASE)
    (row,) = camera.facts(PaperKind.COMPLAINTS)["rows"]
    assert row["state"] == "open"
    assert camera.desk.made(PaperAsk(PaperKind.COMPLAINTS, "ja", case_id=case_id)).facts["rows"] == [row]


@pytest.mark.row("R6")
def test_erasures_of_one_day_are_one_row_of_the_certificate(camera: Camera) -> None:
    for epoch in range(5):
        camera.write(Act.ERASURE, "retention", epoch=str(epoch), reason="due", verified="True")
    camera.write(Act.ERASURE, "hold", hold="h1", reason="released", verified="False")
    rows = camera.facts(PaperKind.ERASURE)["rows"]
    assert [(row["keys"], row["line"], row["verified"]) for row in rows] == [
        ("5", "1–5", True),
        ("1", "6", False),
    ]
    with pytest.raises(BadInput, match="about a time"):
        camera.desk.made(PaperAsk(PaperKind.ERASURE, "ja"))


@pytest.mark.row("R6")
def test_the_certificate_of_disposal_is_the_signed_one(camera: Camera) -> None:
    ask = PaperAsk(PaperKind.DISPOSAL, "ko")
    with pytest.raises(BadInput, match="nothing was disposed"):
        camera.desk.made(ask)
    (camera.folder / "disposal.json").write_bytes(CERTIFICATE.to_json())
    assert camera.desk.made(ask).facts["verified"] is True


@pytest.mark.row("G1")
def test_a_filled_paper_is_registered_before_and_after(camera: Camera) -> None:
    camera.write(Act.VIEW)
    seen: list[int] = []

    def printed(paper: object) -> bytes:
        seen.append(len(camera.lines()))
        return b"%PDF-"

    page = camera.desk.printed(PaperAsk(PaperKind.INZAI_2, "ja", TODAY), "tanaka", printed)
    assert seen == [2]
    begun, ended = camera.lines()[1:]
    assert (begun.act, begun.who, begun.detail) == (
        Act.BOOK,
        "tanaka",
        {"what": "print", "paper": "inzai-2", "language": "ja", "written": str(TODAY)},
    )
    assert ended.completes == begun.sequence
    assert ended.detail == {"outcome": "done", "sha256": hashlib.sha256(page).hexdigest()}
    # That is no handling of footage: the next printing has one sheet as well.
    assert len(camera.facts(PaperKind.INZAI_2)["records"]) == 1
    assert camera.facts(PaperKind.GWANGJU_1)["rows"][0]["number"] == "1"


@pytest.mark.row("G1")
def test_what_could_not_be_printed_is_told_too(camera: Camera) -> None:
    with pytest.raises(BadInput):
        camera.desk.printed(PaperAsk(PaperKind.INZAI_2, "ja", TODAY), "tanaka", typesetter().pdf)
    assert camera.lines()[-1].detail["outcome"] == "failed"


@pytest.mark.row("G1")
def test_without_a_register_nothing_that_names_people_is_printed(camera: Camera) -> None:
    camera.register.path.mkdir()
    with pytest.raises(MediaFailing):
        camera.desk.printed(PaperAsk(PaperKind.GWANGJU_1, "ko", TODAY), "tanaka", typesetter().pdf)
    assert camera.desk.printed(PaperAsk(PaperKind.GWANGJU_1, "ko"), "tanaka", typesetter().pdf).startswith(b"%PDF-")


@pytest.mark.parametrize("kind", list(PaperKind))
def test_blank_papers_are_nobodys_business(camera: Camera, kind: PaperKind) -> None:
    ask = PaperAsk(kind, "en")
    if kind in BLANK_KINDS or (SOURCES[kind] is Source.SETTINGS and kind is not PaperKind.DISPOSAL):
        assert camera.desk.printed(ask, "tanaka", typesetter().pdf).startswith(b"%PDF-")
    else:
        with pytest.raises(BadInput):
            camera.desk.made(ask)
    assert not camera.register.path.exists()


@pytest.mark.row("G7")
def test_the_standard_is_the_one_in_force_else_the_newest_else_a_draft(camera: Camera) -> None:
    def version(number: int = 0) -> object:
        return camera.desk.made(PaperAsk(PaperKind.STANDARD, "en", version=number)).facts["version"]

    assert version() == "draft, not announced"
    store, facts = camera.desk.standards, camera.desk.facts
    store.announce(facts, Announcement("tanaka", "first", None, {"storage": "a"}))
    assert str(version()).startswith("Version 1")
    store.announce(facts, Announcement("tanaka", "second", None, {"storage": "b"}))
    assert str(version()).startswith("Version 2")
    assert str(version(1)).startswith("Version 1")
    assert version(-1) == "draft, not announced"
    with pytest.raises(BadInput, match="no version 3"):
        version(3)


def test_lines_that_cannot_be_read_are_told_on_the_paper(camera: Camera) -> None:
    camera.write(Act.VIEW)
    with open(camera.register.path, "ab") as file:
        file.write(b"{}\n")
    assert paper_lines(camera.register.path, LinesWanted(TODAY)).unreadable == 1
    assert "1 unreadable lines" in camera.desk.made(PaperAsk(PaperKind.INZAI_2, "en", TODAY)).foot


def test_more_pages_than_anybody_reads_are_refused(camera: Camera) -> None:
    for _ in range(MOST_PAGES + 1):
        camera.write(Act.VIEW)
    with pytest.raises(BadInput, match="301 pages"):
        camera.facts(PaperKind.INZAI_2)


def test_what_goes_along_with_a_copy_is_the_form_of_its_case(camera: Camera) -> None:
    case = camera.cases.ask(CASE)
    camera.write(Act.COPY, case=case.case_id, recipient="山本太郎")
    (path,) = camera.desk.for_package(camera.folder, case)
    assert path.name == "register.pdf"
    assert "☑外部提供のため" in text_of(path.read_bytes())
