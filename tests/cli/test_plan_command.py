"""`edgecam plan`, and the ring that `edgecam setup` makes: the same numbers, one sentence where they do not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edgecam.__main__ import app
from edgecam.core.errors import BadInput
from edgecam.newcamera import ring_gib
from edgecam.settings import Settings, changed_toml, commented_toml, decode_settings, load_settings

pytestmark = pytest.mark.row("R2")


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDGECAM_SETTINGS", raising=False)
    (tmp_path / "edgecam.toml").write_text("# mine\n[ring]\nsize_gib = 300  # of the new disk\n")
    return tmp_path


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["plan", *arguments])
    if code and isinstance(done.exception, BadInput):
        return f"{done.output}\n{done.exception}"
    assert done.exit_code == code, (done.output, done.exception)
    return str(done.output)


def told(*arguments: str) -> Any:
    return json.loads(run("--json", *arguments))


def test_the_table_and_the_pick(camera: Path) -> None:
    said = run()
    assert "lowest" in said
    assert "[13.62 △]" in said
    assert "→ 18.78 ○" in said
    assert "Picked: 15 frames a second, quality low" in said
    assert "model" in said
    assert "erased at the ceiling of 14 days" in said


def test_what_if(camera: Path) -> None:
    assert told("--policy", "daejeon")["floor_days"] == 30
    inzai = told("--policy", "inzai")
    assert (inzai["ceiling_days"], inzai["floor_days"], inzai["civil"]) == (20, 14, True)
    large = told("--size-gib", "4000")
    assert all(cell["days_kept"] <= 14 for cell in large["cells"])
    assert max(cell["days_of_room"] for cell in large["cells"]) > 200
    assert large["picked"]["quality"] == "standard"


@pytest.mark.parametrize("arguments", [("--policy", "forever"), ("--size-gib", "-3"), ("--size-gib", "nan")])
def test_what_cannot_be_is_refused(camera: Path, arguments: tuple[str, str]) -> None:
    assert "not allowed" in run(*arguments, code=1) or "not TOML" in run(*arguments, code=1)


def test_a_policy_that_cannot_be_kept_is_refused_in_one_sentence_that_says_what_would_do(camera: Path) -> None:
    said = run("--size-gib", "8", code=1).splitlines()[-1]
    assert said.startswith("kumagaya's 14 days cannot be kept in")
    for part in ("set ring.size_gib to 4", "6 frames a second", "days at most"):
        assert part in said


def test_writing_keeps_comments_and_everything_else(camera: Path) -> None:
    said = run("--write")
    assert "changed" in said
    text = (camera / "edgecam.toml").read_text()
    assert text.startswith("# mine\n[ring]\nsize_gib = 300  # of the new disk\n")
    settings = load_settings(camera / "edgecam.toml")
    assert (settings.camera.fps, settings.encoder.quality) == (15.0, "low")
    assert told()["picked"]["verdict"] == "kept"
    assert "nothing to write" in run("--write")


def test_what_if_is_not_written(camera: Path) -> None:
    before = (camera / "edgecam.toml").read_text()
    assert "not written" in run("--write", "--size-gib", "80", code=1)
    assert (camera / "edgecam.toml").read_text() == before


def test_a_key_is_changed_where_it_stands() -> None:
    text = commented_toml(Settings())
    changed = changed_toml(text, {"camera": {"fps": 6.0}, "encoder": {"quality": "low"}})
    assert [a for a, b in zip(changed.splitlines(), text.splitlines(), strict=True) if a != b] == [
        "fps = 6.0",
        'quality = "low"',
    ]
    assert decode_settings(changed).camera.fps == 6.0


def test_a_file_that_writes_its_sections_inline_is_left_to_its_owner() -> None:
    with pytest.raises(BadInput):
        changed_toml("camera = { fps = 10 }\n", {"camera": {"fps": 6.0}})


@pytest.mark.parametrize(
    ("source", "free", "whole", "ring"),
    [
        ("scene:street", 47.0, 250.0, 4.7),  # a first try leaves the machine alone
        ("scene:street", 9000.0, 9000.0, 412),  # and takes no more than the policy needs
        ("picamera:0", 58.0, 64.0, 50.1),  # a camera's card: all but the reserve, the album and what holds may take
        ("rtsp://camera/1", 900.0, 1000.0, 412),
        ("picamera:0", 0.5, 8.0, 0.25),
    ],
)
def test_the_ring_of_a_new_camera(source: str, free: float, whole: float, ring: float) -> None:
    first = Settings()
    first = first.model_copy(update={"camera": first.camera.model_copy(update={"source": source})})
    assert ring_gib(first, free, whole) == pytest.approx(ring)
