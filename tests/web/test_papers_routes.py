"""Papers and the operation standard by the page's routes: who may have which, and what is registered."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from accountstand import signed_in
from page_camera import NOW_WALL_NS, PageCamera
from servedpage import page_client, serving

from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.register.register_line import Act
from edgecam.custody.register.registerpage import read_page

pytestmark = pytest.mark.row("G5")
NOW_MS = NOW_WALL_NS // 1_000_000
SPAN = {"from_ms": NOW_MS - 3_600_000, "to_ms": NOW_MS + 3_600_000}


@pytest.fixture
def camera() -> PageCamera:
    return PageCamera()


@pytest.fixture
def page(camera: PageCamera) -> Iterator[httpx.Client]:
    with serving(camera) as server, page_client(server) as client:
        yield client


def acts(camera: PageCamera) -> list[Act]:
    return [line.act for line in read_page(camera.cases.folder / "register.jsonl").lines]


def test_every_paper_has_its_titles(page: httpx.Client) -> None:
    signed_in(page, "operator")
    told = page.get("/api/papers").json()
    assert [each["kind"] for each in told] == list(PaperKind)
    assert all(set(each["titles"]) == {"ja", "ko", "en"} and all(each["titles"].values()) for each in told)
    by_kind = {each["kind"]: each for each in told}
    assert by_kind["inzai-2"]["own_language"] == "ja"
    assert by_kind["gwangju-1"]["can_be_blank"]
    assert by_kind["refusal"]["source"] == "case"


@pytest.mark.parametrize("kind", ["gwangju-2", "standard", "sign-a5"])
def test_an_operator_prints_what_names_nobody(page: httpx.Client, camera: PageCamera, kind: str) -> None:
    signed_in(page, "operator")
    before = acts(camera)
    answer = page.get(f"/api/papers/{kind}.pdf", params={"language": "ko"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="{kind}.ko.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert acts(camera) == before


@pytest.mark.row("G1")
def test_a_filled_form_is_the_owners_and_registered(page: httpx.Client, camera: PageCamera) -> None:
    signed_in(page, "operator")
    query: dict[str, str | int] = {"language": "ko", **SPAN}
    refused = page.get("/api/papers/gwangju-1.pdf", params=query)
    assert (refused.status_code, refused.json()["safe"]) == (403, "nothing was printed")
    before = acts(camera)
    signed_in(page, "owner")
    assert page.get("/api/papers/gwangju-1.pdf", params=query).content.startswith(b"%PDF-")
    assert acts(camera)[: len(acts(camera)) - len(before)].count(Act.BOOK) == 2


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/papers/unknown.pdf", {"language": "ko"}),
        ("/api/papers/gwangju-1.pdf", {"language": "fr"}),
        ("/api/papers/gwangju-1.pdf", {}),
        ("/api/papers/gwangju-1.pdf", {"language": "ko", "from_ms": 1}),
        ("/api/papers/gwangju-1.pdf", {"language": "ko", "from_ms": 2, "to_ms": 1}),
        ("/api/papers/refusal.pdf", {"language": "ko"}),
        ("/api/papers/refusal.pdf", {"language": "ko", "case": "20260101-000000"}),
        ("/api/papers/disposal.pdf", {"language": "ko"}),
    ],
)
def test_what_cannot_be_printed_is_refused_in_a_sentence(
    page: httpx.Client, path: str, query: dict[str, str]
) -> None:
    signed_in(page, "owner")
    answer = page.get(path, params=query)
    assert answer.status_code == 400
    assert answer.json()["what"]


@pytest.mark.row("G7")
def test_the_standard_is_announced_by_its_owner(page: httpx.Client, camera: PageCamera) -> None:
    signed_in(page, "operator")
    query = {"language": "ko"}
    told = page.get("/api/standard", params=query).json()
    assert (told["versions"], told["changes"], told["notice_days"]) == ([], [], 7)
    assert set(told["blanks"]) == set(told["fills"].values())
    assert len(told["draft"]) == 8
    body = {"reason": "first", "filled": dict.fromkeys(told["fills"], "관리과 사무실")}
    assert page.post("/api/standard", params=query, json=body).status_code == 403
    signed_in(page, "owner")
    made = page.post("/api/standard", params=query, json=body).json()
    (version,) = made["versions"]
    assert (version["number"], version["announced_by"], version["in_force"]) == (1, "owner", "2026-11-28")
    assert made["blanks"] == []
    assert acts(camera)[:2] == [Act.STANDARD, Act.STANDARD]
    again = page.post("/api/standard", params=query, json=body)
    assert (again.status_code, again.json()["what"]) == (400, "nothing has changed since version 1")


@pytest.mark.row("G7")
@pytest.mark.parametrize(
    "body",
    [
        {"reason": ""},
        {"reason": "x", "in_force": "soon"},
        {"reason": "x", "in_force": "2026-11-22"},
        {"reason": "x", "filled": {"owner": "me"}},
        {"reason": "x", "filled": {"storage": "y" * 201}},
        {"reason": "x", "more": 1},
    ],
)
def test_what_cannot_be_announced_is_refused(
    page: httpx.Client, camera: PageCamera, body: dict[str, object]
) -> None:
    signed_in(page, "owner")
    before = acts(camera)
    answer = page.post("/api/standard", params={"language": "en"}, json=body)
    assert answer.status_code == 400
    assert acts(camera) == before
