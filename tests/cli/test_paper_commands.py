"""`edgecam forms` and `edgecam standard`: papers as files, and the standard from draft to force."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from paperstand import text_of
from typer.testing import CliRunner, Result

from edgecam.__main__ import app
from edgecam.core.errors import BadInput
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerpage import read_page
from edgecam.keys.camera import create_camera_key

pytestmark = pytest.mark.row("G5")
NOTICE = {
    "language": "ko",
    "owner": "무등상회",
    "responsible": "김민수",
    "purpose": "절도 예방",
    "place": "정문",
    "area": "정문 앞",
    "contact": "062-000-0000",
}


class Camera:
    """A settings file and a state folder with a camera's key, and commands on them."""

    def __init__(self, folder: Path) -> None:
        self.settings = folder / "edgecam.toml"
        state = folder / "edgecam-state"
        state.mkdir()
        self.key = create_camera_key(state / "camera.key")
        self.register = Register(state / "register.jsonl", self.key.sign, self.key.public)
        self.tell(**NOTICE)

    def tell(self, **notice: str) -> None:
        lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in notice.items()]
        self.settings.write_text("\n".join(["[retention]", 'timezone = "Asia/Seoul"', "[notice]", *lines]))

    def command(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--settings", str(self.settings)])

    def done(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        result = self.command(*arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return result.output

    def refusal(self, *arguments: str) -> str:
        """The sentence of a command that must be refused."""
        refused = self.command(*arguments).exception
        assert isinstance(refused, BadInput), refused
        return str(refused)

    def lines(self) -> list[RegisterLine]:
        return list(reversed(read_page(self.register.path).lines))


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


def test_every_paper_is_listed(camera: Camera) -> None:
    told = json.loads(camera.done("forms", "list", "--json"))
    assert [each["kind"] for each in told] == list(PaperKind)
    assert "개인영상정보 관리대장" in camera.done("forms", "list")
    assert "画像提供記録書" in camera.done("forms", "list", "--language", "ja")


def test_a_blank_form_is_a_new_file(camera: Camera, tmp_path: Path) -> None:
    out = tmp_path / "form.pdf"
    camera.done("forms", "print", "inzai-1", "-o", str(out), "--language", "ja")
    assert "防犯カメラ映像データ" in text_of(out.read_bytes())
    assert "exists already" in camera.refusal("forms", "print", "inzai-1", "-o", str(out))
    assert not camera.register.path.exists()


@pytest.mark.row("G1")
def test_a_filled_form_tells_what_was_registered_and_is_registered(camera: Camera, tmp_path: Path) -> None:
    camera.register.write(Act.DISCLOSURE, who="owner", purpose="수사", detail={"recipient": "광주서부경찰서"})
    out = tmp_path / "form.pdf"
    camera.done("forms", "print", "gwangju-1", "-o", str(out), "--from", "-1h")
    shown = text_of(out.read_bytes())
    assert "광주서부경찰서" in shown
    assert "☑제공" in shown
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    begun, ended = camera.lines()[-2:]
    assert (begun.act, begun.detail["paper"], ended.detail["outcome"]) == (Act.BOOK, "gwangju-1", "done")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gwangju-1", "--to", "now"], "not from when"),
        (["gwangju-1", "--from", "now", "--to", "-1h"], "not after the start"),
        (["refusal"], "about a case"),
        (["refusal", "--case", "20260101-000000"], "no case"),
        (["inzai-2", "--case", "20260101-000000"], "nothing that belongs on this form"),
        (["kumamoto-1", "--hold", "none"], "nothing that belongs on this form"),
        (["erasure"], "about a time"),
        (["disposal"], "nothing was disposed of"),
        (["inzai-1", "--language", "fr"], "no paper in 'fr'"),
        (["standard", "--version", "7"], "no version 7"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    camera: Camera, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    out = tmp_path / "form.pdf"
    assert sentence in camera.refusal("forms", "print", *arguments, "-o", str(out))
    assert not out.exists()


@pytest.mark.row("G7")
def test_the_standard_goes_from_draft_to_force(camera: Camera, tmp_path: Path) -> None:
    assert "무등상회" in camera.done("standard", "show")
    unfilled = camera.command("standard", "check")
    assert unfilled.exit_code == 1
    assert "보관장소" in unfilled.output
    assert "no standard was announced yet" in camera.done("standard", "list")
    fills = [f"--fill={name}=사무실" for name in ("storage", "department", "basis", "viewing_place")]
    announce = ["standard", "announce", "--reason"]
    assert "days before it begins" in camera.refusal(*announce, "x", "--from", "2026-01-01")
    assert "not a day" in camera.refusal(*announce, "x", "--from", "soon")
    assert "fills nothing in" in camera.refusal(*announce, "x", "--fill", "y")
    assert "version 1" in camera.done(*announce, "first", *fills)
    assert camera.done("standard", "check") == ""
    (version,) = json.loads(camera.done("standard", "list", "--json"))
    assert camera.lines()[-2].detail["sha256"] == version["sha256"]
    camera.tell(**NOTICE | {"area": "정문과 주차장"})
    outdated = camera.command("standard", "check")
    assert outdated.exit_code == 1
    assert "정문과 주차장" in outdated.output
    assert "정문과 주차장" not in camera.done("standard", "show")
    told = camera.done(*announce, "wider")
    assert "version 2" in told
    assert "정문과 주차장" in told
    out = tmp_path / "standard.pdf"
    camera.done("standard", "show", "--version", "1", "-o", str(out))
    assert "제1판" in text_of(out.read_bytes())
