"""A page of the register holds what stands there, newest first, wherever it begins and whatever stands between."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.custody.register.registerpage import read_page
from edgecam.keys.camera import create_camera_key

pytestmark = [pytest.mark.row("G1"), pytest.mark.row("W4")]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty lines, every fourth a copy, every seventh long enough to reach over several blocks together."""
    folder = tmp_path_factory.mktemp("register")
    key = create_camera_key(folder / "camera.key")
    written = Register(folder / "register.jsonl", key.sign, key.public)
    for number in range(1, 41):
        act = Act.COPY if number % 4 == 0 else Act.VIEW
        detail = {"note": "ü" * 15_000} if number % 7 == 0 else {}
        written.write(act, who=f"person {number}", purpose="a look", detail=detail)
    return written.path


def sequences(path: Path, before: int | None = None, limit: int = 50, act: Act | None = None) -> list[int]:
    return [line.sequence for line in read_page(path, before, limit, act).lines]


def test_pages_follow_each_other_to_the_beginning(register: Path) -> None:
    found: list[int] = []
    before: int | None = None
    for _ in range(10):
        page = read_page(register, before, limit=9)
        found += [line.sequence for line in page.lines]
        before = page.earlier
        if before is None:
            break
    assert found == list(range(40, 0, -1))


@given(before=st.integers(1, 60), limit=st.integers(1, 50))
def test_any_page_is_what_a_reader_of_the_whole_file_would_find(register: Path, before: int, limit: int) -> None:
    assert sequences(register, before, limit) == list(range(min(before, 41) - 1, 0, -1))[:limit]


def test_one_act_alone(register: Path) -> None:
    assert sequences(register, act=Act.COPY) == list(range(40, 0, -4))
    first = read_page(register, limit=3, act=Act.COPY)
    assert [line.sequence for line in first.lines] == [40, 36, 32]
    assert sequences(register, first.earlier, 3, Act.COPY) == [28, 24, 20]
    assert read_page(register, act=Act.DISPOSAL).lines == ()


def test_damage_is_counted_and_what_is_being_written_is_left_out(register: Path, tmp_path: Path) -> None:
    lines = register.read_bytes().splitlines(keepends=True)
    damaged = tmp_path / "register.jsonl"
    damaged.write_bytes(b"".join([*lines[:3], b'{"sequence": nonsense\n', *lines[4:6], lines[6][:100]]))
    page = read_page(damaged)
    assert [line.sequence for line in page.lines] == [6, 5, 3, 2, 1]
    assert (page.unreadable, page.earlier) == (1, None)


@given(data=st.binary(max_size=300), before=st.none() | st.integers(1, 9))
def test_any_bytes_make_a_page(tmp_path_factory: pytest.TempPathFactory, data: bytes, before: int | None) -> None:
    path = tmp_path_factory.mktemp("any") / "register.jsonl"
    path.write_bytes(data)
    page = read_page(path, before)
    assert page.lines == ()
    assert page.unreadable <= data.count(b"\n")


def test_without_a_register_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert read_page(tmp_path / "none").lines == ()
    with pytest.raises(MediaFailing):
        read_page(tmp_path)
