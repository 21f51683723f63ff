"""The operation standard: generated from what the camera knows, announced in time, told when it no longer holds."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fakes.stoodclock import StoodClock
from hypothesis import given
from hypothesis import strategies as st
from paperstand import FACTS, KEY, NOTICE, NOW, ZONE

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.paperwords import LANGUAGES
from edgecam.custody.paper.standard import BY_HAND, StandardFacts, standard_of
from edgecam.custody.paper.standardstore import Announcement, StandardStore
from edgecam.custody.paper.standardversion import changes_between, decode_version, in_force_on
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.custody.register.registerpage import read_page
from edgecam.ringbuffer.retention import PRESETS

pytestmark = pytest.mark.row("G7")
DAY_NS = 86_400 * NS_PER_S
FILLED = {"storage": "事務室の保管庫", "department": "管理課", "basis": "第2号", "viewing_place": "事務室"}


class Camera:
    """A state folder with a register and a store of standards."""

    def __init__(self, folder: Path) -> None:
        self.clock = StoodClock(NOW)
        self.path = folder / "register.jsonl"
        self.register = Register(self.path, KEY.sign, KEY.public, self.clock)
        self.folder = folder / "standards"
        self.store = StandardStore(self.folder, self.register, ZONE, self.clock)

    def announce(self, facts: StandardFacts = FACTS, reason: str = "new", in_force: date | None = None) -> None:
        self.store.announce(facts, Announcement("tanaka", reason, in_force, FILLED))

    def later(self, days: int) -> None:
        self.clock.instant = replace(self.clock.instant, wall_ns=self.clock.instant.wall_ns + days * DAY_NS)


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


def text_in(language: str, facts: StandardFacts = FACTS) -> str:
    return standard_of(facts, {**FILLED, "in_force": "2026-12-01"}, language).to_text()


def test_japanese_has_the_eight_sections_of_the_model() -> None:
    titles = [section.title for section in standard_of(FACTS, FILLED, "ja").sections]
    assert [title[2:] for title in titles] == [
        "目的",
        "防犯カメラの設置場所、撮影範囲等",
        "防犯カメラの運用責任者の指定等",
        "画像の管理",
        "画像の利用及び提供制限",
        "設置表示",
        "苦情等の対応",
        "その他",
    ]


ASKED_OF_KOREAN = (
    "설치 근거|설치 목적|설치 대수|설치 위치|촬영 범위|관리책임자|담당 부서|접근 권한|촬영시간|보관기간|"
    "보관장소|처리방법|확인 방법|확인 장소|열람 등 요구|기술적|관리적|물리적|변경"
)


@pytest.mark.parametrize("asked", ASKED_OF_KOREAN.split("|"))
def test_korean_has_what_the_decree_and_the_rules_ask_for(asked: str) -> None:
    assert asked in text_in("ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_camera_knows(language: str) -> None:
    text = text_in(language)
    for known in ("owner", "responsible", "purpose", "place", "area", "contact"):
        assert getattr(NOTICE, known) in text
    assert FILLED["storage"] in text
    assert "07:00" in text
    assert "14" in text
    assert "[" not in text
    assert not {"{", "}"} & set(text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "other",
    [
        replace(FACTS, sealing="owner"),
        replace(FACTS, sealing="shared", emergency_report_h=24),
        replace(FACTS, masked_areas=0),
        replace(FACTS, holds=False),
        replace(FACTS, kept_years=0),
        replace(FACTS, retention=PRESETS["inzai"]),
        replace(FACTS, hours=()),
        replace(FACTS, answer_days=14),
        replace(FACTS, notice=NOTICE.model_copy(update={"delegate": "ABC 보안 02-000-0000"})),
    ],
)
def test_each_setting_changes_what_it_says(other: StandardFacts, language: str) -> None:
    changes = changes_between(standard_of(FACTS, FILLED, language), standard_of(other, FILLED, language))
    assert changes
    assert all(change.before != change.after for change in changes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_told_is_a_blank(language: str) -> None:
    empty = standard_of(replace(FACTS, notice=Notice()), {}, language)
    assert len(empty.blanks) >= 6
    assert all(f"[{blank}]" in empty.to_text() for blank in empty.blanks)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60))
def test_no_value_is_read_for_fields(text: str) -> None:
    if text.strip():
        said = standard_of(
            replace(FACTS, notice=NOTICE.model_copy(update={"owner": "{place}" + text})), FILLED, "en"
        )
        assert said.title[-1].text == ("{place}" + text).strip()


def test_a_version_is_registered_kept_and_holds_after_the_notice(camera: Camera) -> None:
    camera.announce()
    (version,) = camera.store.versions()
    assert (version.number, version.in_force, version.announced_by) == (1, date(2026, 11, 28), "tanaka")
    ended, begun = read_page(camera.path).lines
    assert (begun.act, begun.who, begun.purpose) == (Act.STANDARD, "tanaka", "new")
    assert begun.detail == {"version": "1", "sha256": version.sha256.hex(), "in_force": "2026-11-28"}
    assert (ended.completes, ended.detail) == (begun.sequence, {"outcome": "done"})
    assert in_force_on([version], date(2026, 11, 27)) is None
    assert in_force_on([version], date(2026, 11, 28)) is version
    for language in LANGUAGES:
        assert version.standards[language].blanks == []


def test_it_is_not_in_force_before_the_days_of_notice(camera: Camera) -> None:
    with pytest.raises(BadInput, match="2026-11-28 at the soonest") as refused:
        camera.announce(in_force=date(2026, 11, 27))
    assert refused.value.field == "in_force"
    assert not camera.path.exists()
    camera.announce(in_force=date(2026, 12, 24))
    assert camera.store.versions()[0].in_force == date(2026, 12, 24)


def test_the_calendar_tells_that_it_begins_and_that_it_no_longer_holds(camera: Camera) -> None:
    assert camera.store.due(FACTS, "en", NOW) == []
    camera.announce()
    (begins,) = camera.store.due(FACTS, "en", NOW)
    assert begins.what == "begins"
    assert begins.due_wall_ns == 1_795_791_600 * NS_PER_S  # 2026-11-28T00:00 in Tokyo
    camera.later(8)
    assert camera.store.due(FACTS, "en", camera.clock.now()) == []
    changed = replace(FACTS, retention=PRESETS["daejeon"])
    (outdated,) = camera.store.due(changed, "en", camera.clock.now())
    assert (outdated.what, outdated.due_wall_ns) == ("outdated", None)
    assert [(change.before, change.after) for change in outdated.changes] == [
        ("Images are kept for: 14 days, then erased.", "Images are kept for: 30 days, then erased.")
    ]
    camera.announce(changed, "kept longer")
    assert [one.what for one in camera.store.due(changed, "en", camera.clock.now())] == ["begins"]
    assert [version.number for version in camera.store.versions()] == [1, 2]


def test_nothing_new_is_not_announced(camera: Camera) -> None:
    camera.announce()
    with pytest.raises(BadInput, match="nothing has changed since version 1"):
        camera.announce()
    camera.store.announce(FACTS, Announcement("tanaka", "moved", None, {"storage": "金庫"}))
    assert camera.store.versions()[1].filled == {**FILLED, "storage": "金庫"}


def test_what_was_filled_in_stays(camera: Camera) -> None:
    assert len(camera.store.blanks(FACTS, "ko")) == len(BY_HAND)
    camera.announce()
    assert camera.store.blanks(FACTS, "ko") == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Announcement("tanaka", " "), "reason"),
        (Announcement("tanaka", "x" * 201), "reason"),
        (Announcement("tanaka", "a\nb"), "reason"),
        (Announcement("tanaka", "new", None, {"owner": "me"}), "owner"),
        (Announcement("tanaka", "new", None, {"storage": "x" * 201}), "storage"),
    ],
)
def test_what_cannot_be_announced_is_refused(camera: Camera, asked: Announcement, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        camera.store.announce(FACTS, asked)
    assert refused.value.field == field
    assert not camera.path.exists()


def test_a_standard_without_who_answers_is_not_announced(camera: Camera) -> None:
    with pytest.raises(BadInput, match="responsible") as refused:
        camera.announce(replace(FACTS, notice=NOTICE.model_copy(update={"responsible": " "})))
    assert refused.value.do == "set notice.responsible"


def test_a_clock_that_was_never_set_announces_nothing(camera: Camera) -> None:
    camera.clock.instant = replace(NOW, trust=TimeTrust.UNSET)
    with pytest.raises(Unavailable, match="never set"):
        camera.announce()
    assert not camera.path.exists()


def test_what_cannot_be_registered_is_not_announced(camera: Camera) -> None:
    camera.path.mkdir()
    with pytest.raises(MediaFailing):
        camera.announce()
    assert camera.store.versions() == []


def test_after_a_power_cut_between_line_and_file_it_is_announced_again(camera: Camera) -> None:
    camera.announce()
    (camera.folder / "0001.json").unlink()
    assert camera.store.versions() == []
    camera.announce()
    assert [version.number for version in camera.store.versions()] == [1]


def test_a_version_that_was_changed_is_found(camera: Camera) -> None:
    camera.announce()
    path = camera.folder / "0001.json"
    told = path.read_bytes()
    assert decode_version(told).encode() == told
    for damaged in (told[:-2], told + b"x", told.replace(b'"number":1', b'"number":2'), b"", b"\xff"):
        path.write_bytes(damaged)
        with pytest.raises(DataLoss):
            camera.store.versions()


@given(st.data())
def test_any_bytes_are_a_version_or_refused(data: st.DataObject) -> None:
    standard = {
        "title": [["a", False]],
        "sections": [{"title": "s", "items": [{"mark": "", "level": 0, "runs": []}]}],
    }
    told: dict[str, object] = {
        "format": "edgecam-standard-1",
        "number": 1,
        "announced_wall_ns": 1,
        "trust": 2,
        "announced_by": "x",
        "in_force": "2026-12-01",
        "reason": "y",
        "filled": {},
        "standards": dict.fromkeys(LANGUAGES, standard),
    }
    json_value = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )
    name = data.draw(st.sampled_from(sorted(told)))
    changed = told | {name: data.draw(json_value)}
    for tried in (data.draw(st.binary(max_size=60)), json.dumps(changed, separators=(",", ":")).encode() + b"\n"):
        with suppress(DataLoss):
            assert decode_version(tried).encode() == tried
