"""What stands on the forms is what the register tells, field for field, and nothing that nobody told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.custody.cases.case import Use, Want
from edgecam.custody.evidence.account import Period
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.formlines import FormLines
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerform import (
    NOBODY,
    EndOfTime,
    Entry,
    FormName,
    Person,
    gwangju1_rows,
    gwangju2_rows,
    inzai2_rows,
    kumamoto1_rows,
    kumamoto2_rows,
)
from edgecam.custody.register.registerform_table import form_table
from edgecam.keys.camera import create_camera_key

TOKYO = ZoneInfo("Asia/Tokyo")
BEGAN_NS = 1_772_352_000 * NS_PER_S  # 2026-03-01T08:00:00Z, 17:00 in Tokyo
HOUR_NS = 3600 * NS_PER_S
FOOTAGE = (BEGAN_NS - 2 * HOUR_NS, BEGAN_NS - HOUR_NS)


class _Watch:
    """Goes on by an hour with each look."""

    def __init__(self) -> None:
        self.hours = -1

    def now(self) -> Instant:
        self.hours += 1
        return Instant(BEGAN_NS + self.hours * HOUR_NS, 0, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return 0

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("the register does not wait")


@pytest.fixture
def register(tmp_path: Path) -> Register:
    key = create_camera_key(tmp_path / "camera.pem")
    return Register(tmp_path / "register.jsonl", key.sign, key.public, _Watch())


class Office:
    """What people do in a school's office, as lines."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self.lines: list[RegisterLine] = []

    def write(
        self, act: Act, who: str, purpose: str = "", ended: dict[str, str] | None = None, **detail: str
    ) -> None:
        about = None if act in (Act.ERASURE, Act.DISPOSAL) and "epoch" not in detail else FOOTAGE
        line = self._register.write(act, who=who, purpose=purpose, footage=about, detail=detail)
        self.lines.append(line)
        if ended is not None:
            self.lines.append(self._register.complete(line, ended))

    @property
    def told(self) -> FormLines:
        return FormLines(self.lines)


@pytest.fixture
def office(register: Register) -> Office:
    return Office(register)


def disclosed(office: Office) -> None:
    """The police asks, the head allows, the deputy hands over."""
    told = {"recipient": "巡査部長 田中", "recipient_affiliation": "北警察署", "recipient_contact": "0476-00-0110"}
    office.write(
        Act.REQUEST,
        "鈴木",
        "捜査",
        None,
        case="c1",
        use="provision",
        legal_basis="刑訴法197条2項",
        form="copy",
        **told,
    )
    office.write(Act.DECISION, "佐藤", "必要と認める", case="c1", step="grant", affiliation="教育総務課長")
    office.write(Act.SEARCH, "鈴木", "捜査", {"found": "yes"}, case="c1", affiliation="教頭")
    came_out = {"outcome": "done", "from_wall_ns": str(BEGAN_NS), "to_wall_ns": str(BEGAN_NS + NS_PER_S)}
    office.write(Act.DISCLOSURE, "鈴木", "捜査", came_out, case="c1", affiliation="教頭", file="c1.mp4", **told)


@pytest.mark.row("G1")
def test_inzais_form_2_has_who_ordered_who_did_and_what_was_found(office: Office) -> None:
    disclosed(office)
    searched, handed_over = inzai2_rows(office.told, place="正門", camera="front")
    assert searched.ordered_by == Person("佐藤", "教育総務課長")
    assert searched.operated_by == Person("鈴木", "教頭")
    assert (searched.ordered_wall_ns, searched.searched_wall_ns) == (BEGAN_NS + HOUR_NS, BEGAN_NS + 2 * HOUR_NS)
    assert (searched.use, searched.found, searched.handling) == (Use.PROVISION, True, Want.COPY)
    assert (searched.searched, searched.provided) == (Period(*FOOTAGE), None)
    assert (searched.place, searched.camera) == ("正門", "front")
    assert handed_over.provided == Period(BEGAN_NS, BEGAN_NS + NS_PER_S)
    assert (handed_over.found, handed_over.handling) == (True, Want.COPY)


@pytest.mark.row("G1")
def test_what_nobody_told_is_an_empty_field(office: Office) -> None:
    office.write(Act.SEARCH, "owner", "looking for a moment")
    office.write(Act.VIEW, "operator", "a noise", case="c7")
    alone, emergency = inzai2_rows(office.told)
    assert (alone.ordered_by, alone.operated_by) == (Person("owner"), Person("owner"))
    assert (alone.use, alone.found, alone.handling, alone.provided, alone.viewers) == (None, None, None, None, "")
    # Somebody looked who was not told to: nobody's name stands there.
    assert (emergency.ordered_by, emergency.ordered_wall_ns) == (NOBODY, None)
    assert emergency.viewers == "operator"


@pytest.mark.row("G1")
def test_gwangjus_form_1_says_what_was_done_with_it(office: Office) -> None:
    disclosed(office)
    office.write(
        Act.COPY,
        "owner",
        "insurance",
        {"outcome": "done", "files": "a.mp4 a-2.mp4"},
        erase_by="2026-03-15",
        file="a",
    )
    office.write(Act.DISCLOSURE, "owner", "열람", {"outcome": "done"}, form="view", recipient="김")
    for epoch in (4, 5, 6):
        office.write(Act.ERASURE, "recorder", "retention", epoch=str(epoch), reason="expired", verified="True")
    office.write(Act.HOLD, "owner", "inquiry", hold="h")
    office.write(Act.DISPOSAL, "owner", "the card is old", {"outcome": "done"})
    rows = gwangju1_rows(office.told, TOKYO)
    assert [row.number for row in rows] == list(range(1, 7))
    assert [row.entry for row in rows] == [
        Entry.USE, Entry.PROVISION, Entry.USE, Entry.INSPECTION, Entry.DESTRUCTION, Entry.DESTRUCTION
    ]  # fmt: skip
    provided, copied = rows[1], rows[2]
    assert (provided.file, provided.officer) == ("c1.mp4", Person("鈴木", "教頭"))
    assert provided.third_party == "北警察署 / 巡査部長 田中"
    assert (provided.basis, provided.form) == ("刑訴法197条2項", Want.COPY)
    assert (copied.file, copied.period, copied.third_party) == ("a.mp4 a-2.mp4", "2026-03-15", "")
    # What the retention erased on one day is one row, over all of that footage.
    assert (rows[4].footage, rows[4].line) == (Period(*FOOTAGE), 11)


@pytest.mark.row("G1")
def test_erasures_of_two_days_are_two_rows(office: Office) -> None:
    for epoch in range(8):  # 17:00 to 0:00 in Tokyo
        office.write(Act.ERASURE, "recorder", "retention", epoch=str(epoch), reason="expired")
    assert [row.line for row in gwangju1_rows(office.told, TOKYO)] == [1, 8]
    assert [row.line for row in gwangju1_rows(office.told, ZoneInfo("UTC"))] == [1]


@pytest.mark.row("G2")
def test_gwangjus_form_2_has_each_request_and_its_answer(office: Office) -> None:
    disclosed(office)
    office.write(Act.REQUEST, "鈴木", "보험", case="c2", use="provision", recipient="보험사", legal_basis="동의")
    office.write(Act.DECISION, "佐藤", "사생활", case="c2", step="refuse")
    office.write(Act.REQUEST, "鈴木", "", case="c2", use="provision", recipient="보험사", step="withdraw")
    office.write(Act.REQUEST, "operator", "a look", case="c3", use="within")
    office.write(Act.REQUEST, "鈴木", "재판", case="c4", use="provision", recipient="법원")
    office.write(Act.COPY, "owner", "경찰", {"outcome": "done"}, recipient="경찰")
    rows = gwangju2_rows(office.told)
    assert [(row.number, row.asked_by, row.provided) for row in rows] == [
        (1, "北警察署 / 巡査部長 田中", True),
        (2, "보험사", False),
        (3, "법원", None),
        (4, "경찰", True),
    ]
    assert (rows[0].scope, rows[0].legal_basis) == (Period(*FOOTAGE), "刑訴法197条2項")
    assert (rows[0].operator, rows[0].chief) == (Person("鈴木"), Person("佐藤", "教育総務課長"))
    assert rows[2].chief == NOBODY


@pytest.mark.row("G2")
def test_kumamotos_form_1_is_each_hold_and_each_other_end(office: Office) -> None:
    ends = {"original_end": "2026-03-15 08:00:00.000 UTC", "end": "2026-05-30 08:00:00.000 UTC"}
    office.write(Act.HOLD, "佐藤", "事故", {"outcome": "done"}, hold="h1", asked_by="北警察署", case="12-3", **ends)
    office.write(Act.HOLD, "佐藤", "まだ必要", {"outcome": "done"}, hold="h1", change="review")
    office.write(Act.HOLD, "佐藤", "延長", {"outcome": "done"}, hold="h1", change="end", end="90.0 days after")
    office.write(Act.HOLD, "佐藤", "no room", {"outcome": "failed", "reason": "full"}, hold="h2", **ends)
    first, extended = kumamoto1_rows(office.told)
    assert (first.reason, first.remarks) == ("事故", "北警察署 / 12-3")
    assert first.original_end == extended.original_end == EndOfTime(1_773_561_600 * NS_PER_S, ends["original_end"])
    # A clock that was never set knows no date: what was told stands there.
    assert extended.extended_end == EndOfTime(None, "90.0 days after")


@pytest.mark.row("G2")
def test_kumamotos_form_2_is_what_was_given_away(office: Office) -> None:
    disclosed(office)
    office.write(Act.COPY, "owner", "own")
    office.write(Act.DISCLOSURE, "owner", "x", {"outcome": "failed", "reason": "full"}, recipient="y")
    (row,) = kumamoto2_rows(office.told)
    assert (row.receiver, row.contact) == (Person("巡査部長 田中", "北警察署"), "0476-00-0110")
    assert (row.purpose, row.file, row.content) == ("捜査", "c1.mp4", Period(BEGAN_NS, BEGAN_NS + NS_PER_S))


@pytest.mark.row("G5")
@pytest.mark.parametrize("form", FormName)
def test_each_form_is_a_table_under_the_titles_of_the_original(form: FormName, office: Office) -> None:
    disclosed(office)
    office.write(Act.HOLD, "佐藤", "事故", hold="h1", end="x")
    table = form_table(form, office.told, TOKYO, "正門", "front")
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.titles)}
    assert {int(row[-1]) for row in table.rows} <= {line.sequence for line in office.lines}


def test_times_stand_as_they_are_where_the_camera_hangs(office: Office) -> None:
    disclosed(office)
    (row,) = form_table(FormName.KUMAMOTO2, office.told, TOKYO).rows
    assert (row[0], row[5]) == ("2026-03-01 21:00", "2026-03-01 17:00 ~ 2026-03-01 17:00 c1.mp4")


@pytest.mark.row("G2")
def test_a_case_is_given_away_once_however_many_steps_it_took(office: Office) -> None:
    """As cases and disclosures write their lines: ``affiliation`` is that of who asked, outside."""
    of_case = {"case": "c9", "kind": "disclosure", "recipient": "巡査部長 田中", "affiliation": "北警察署"}
    basis = {"use": "provision", "legal_basis": "刑訴法197条2項"}
    office.write(Act.REQUEST, "鈴木", "捜査", {"outcome": "done"}, step="ask", form="copy", **of_case, **basis)
    office.write(Act.DECISION, "佐藤", "捜査", {"outcome": "done"}, step="grant", **of_case)
    office.write(Act.COPY, "鈴木", "捜査", {"outcome": "done"}, case="c9", recipient="巡査部長 田中", **basis)
    for step in ("package", "covered", "hand_over", "close"):
        office.write(Act.DISCLOSURE, "鈴木", "捜査", {"outcome": "done"}, step=step, file=step, **of_case)
    office.write(Act.ERASURE, "recorder", "over", case="c9", step="erase", case_sha256="ab")
    (given,) = kumamoto2_rows(office.told)
    assert (given.receiver, given.file) == (Person("巡査部長 田中", "北警察署"), "hand_over")
    (asked,) = gwangju2_rows(office.told)
    assert (asked.asked_by, asked.provided) == ("北警察署 / 巡査部長 田中", True)
    # Nobody inside belongs to the police.
    assert (asked.operator, asked.chief) == (Person("鈴木"), Person("佐藤"))
    assert [row.entry for row in gwangju1_rows(office.told, TOKYO)] == [Entry.USE, Entry.PROVISION]
    copied, handed_over = inzai2_rows(office.told)
    assert (copied.use, handed_over.provided) == (Use.PROVISION, Period(*FOOTAGE))


@pytest.mark.row("G2")
def test_files_stand_in_forms_without_their_hashes(office: Office) -> None:
    told = f"copy.mp4 {'ab' * 32} register.pdf {'12' * 32}"
    office.write(Act.DISCLOSURE, "鈴木", "捜査", {"outcome": "done"}, step="hand_over", file=told, recipient="田中")
    office.write(
        Act.COPY, "鈴木", "確認", {"outcome": "done"}, file="a.mp4", erase_by="2026-12-06 04:23:10.367 UTC"
    )
    given, copied = gwangju1_rows(office.told, TOKYO)
    assert (given.file, copied.file) == ("copy.mp4 register.pdf", "a.mp4")
    assert copied.period == "2026-12-06 04:23 UTC"


@pytest.mark.row("G1")
def test_who_asked_to_look_keeps_their_own_post(office: Office) -> None:
    of_case = {"case": "c5", "kind": "look", "affiliation": "教頭"}
    office.write(Act.REQUEST, "鈴木", "確認", None, step="ask", **of_case)
    office.write(Act.DECISION, "佐藤", "確認", None, step="grant", **of_case)
    office.write(Act.VIEW, "鈴木", "確認", case="c5", affiliation="教頭")
    (row,) = inzai2_rows(office.told)
    assert (row.ordered_by, row.operated_by) == (Person("佐藤"), Person("鈴木", "教頭"))


_TEXTS = st.sampled_from(["", "c1", "provision", "grant", "view", "copy", "yes", "done", "failed", "12", "x"])
_KEYS = st.sampled_from(
    [
        "case",
        "step",
        "use",
        "form",
        "found",
        "recipient",
        "outcome",
        "hold",
        "end",
        "change",
        "epoch",
        "from_wall_ns",
    ]
)


@given(
    st.lists(
        st.builds(
            lambda act, completes, wall_ns, detail: (act, completes, wall_ns, detail),
            st.sampled_from(Act),
            st.none() | st.integers(1, 8),
            st.none() | st.integers(0, 1 << 60),
            st.dictionaries(_KEYS, _TEXTS),
        ),
        max_size=8,
    )
)
def test_any_lines_give_tables(drawn: list[tuple[Act, int | None, int | None, dict[str, str]]]) -> None:
    lines = [
        RegisterLine(n, wall_ns or 0, TimeTrust.SYNCED, "w", act, ends, wall_ns, wall_ns, "p", detail, bytes(32))
        for n, (act, ends, wall_ns, detail) in enumerate(drawn, 1)
    ]
    for form in FormName:
        table = form_table(form, FormLines(lines), TOKYO)
        assert all(len(row) == len(table.titles) for row in table.rows)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: FormFields(affiliation="two\nlines"),
        lambda: FormFields(remarks="x" * 501),
        lambda: FormFields(use="sometimes"),
        lambda: FormFields(form="poem"),
    ],
)
def test_what_no_form_can_print_is_refused(wrong: Callable[[], FormFields]) -> None:
    with pytest.raises(BadInput):
        wrong()
