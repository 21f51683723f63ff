"""Whatever is done to a register, the first wrong line is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import RegisterHead, Trouble, verify_register
from edgecam.custody.register.register_line import Act, decode_line
from edgecam.keys.camera import CameraKey, create_camera_key

_LINES = 6


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> CameraKey:
    return create_camera_key(tmp_path_factory.mktemp("key") / "camera.pem")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory, key: CameraKey) -> list[bytes]:
    path = tmp_path_factory.mktemp("register") / "register.jsonl"
    register = Register(path, key.sign, key.public)
    for number in range(_LINES):
        register.write(Act.VIEW, who="owner", purpose=f"look {number}", footage=(number, number + 1))
    return path.read_bytes().splitlines(keepends=True)


def _put(folder: Path, lines: list[bytes]) -> Path:
    path = folder / "register.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def test_a_true_register_is_genuine(tmp_path: Path, lines: list[bytes], key: CameraKey) -> None:
    verdict = verify_register(_put(tmp_path, lines), key.public)

    assert verdict.genuine
    assert verdict.lines == _LINES
    assert verdict.head == RegisterHead(_LINES, decode_line(lines[-1]).hash)


@pytest.mark.row("G3")
@pytest.mark.parametrize(
    ("order", "sequence", "trouble"),
    [
        ([0, 1, 3, 4, 5], 3, Trouble.MISSING),
        ([1, 2, 3, 4, 5], 1, Trouble.MISSING),
        ([0, 2, 1, 3, 4, 5], 2, Trouble.REORDERED),
        ([0, 1, 1, 2, 3, 4, 5], 3, Trouble.REORDERED),
    ],
)
def test_missing_and_reordered_lines_are_named(
    tmp_path: Path, lines: list[bytes], key: CameraKey, order: list[int], sequence: int, trouble: Trouble
) -> None:
    fault = verify_register(_put(tmp_path, [lines[i] for i in order]), key.public).fault

    assert fault is not None
    assert (fault.sequence, fault.trouble) == (sequence, trouble)
    assert fault.sentence.startswith(f"register line {sequence} ")


@pytest.mark.row("G3")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_flipped_bit_names_its_line(
    tmp_path: Path, lines: list[bytes], key: CameraKey, data: st.DataObject
) -> None:
    content = bytearray(b"".join(lines))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    number = b"".join(lines)[:at].count(b"\n") + 1

    fault = verify_register(_put(tmp_path, [bytes(content)]), key.public).fault

    assert fault is not None
    assert fault.sequence == number


@pytest.mark.row("G3")
def test_a_register_cut_in_a_line_is_truncated_there(tmp_path: Path, lines: list[bytes], key: CameraKey) -> None:
    fault = verify_register(_put(tmp_path, [*lines[:3], lines[3][:50]]), key.public).fault

    assert fault is not None
    assert (fault.sequence, fault.trouble) == (4, Trouble.TRUNCATED)


@pytest.mark.row("G3")
def test_lines_missing_at_the_end_are_found_by_a_published_head(
    tmp_path: Path, lines: list[bytes], key: CameraKey
) -> None:
    known = RegisterHead(5, decode_line(lines[4]).hash)
    short = _put(tmp_path, lines[:3])

    assert verify_register(short, key.public).genuine
    fault = verify_register(short, key.public, [known]).fault

    assert fault is not None
    assert (fault.sequence, fault.trouble) == (4, Trouble.MISSING)
    assert "5 lines had been written" in fault.sentence
    assert verify_register(_put(tmp_path, lines), key.public, [known]).genuine


@pytest.mark.row("G3")
def test_a_rewritten_past_needs_the_cameras_key(tmp_path: Path, lines: list[bytes], key: CameraKey) -> None:
    other = create_camera_key(tmp_path / "other.pem")
    forged, previous = list(lines[:2]), decode_line(lines[1]).hash
    for data in lines[2:]:
        unsigned = replace(decode_line(data), who="somebody else", previous=previous)
        line = replace(unsigned, signature=other.sign(unsigned.body()))
        forged.append(line.encode())
        previous = line.hash

    fault = verify_register(_put(tmp_path, forged), key.public).fault

    assert fault is not None
    assert (fault.sequence, fault.trouble) == (3, Trouble.CHANGED)


@pytest.mark.row("G3")
def test_a_past_rewritten_with_the_key_is_found_by_a_published_head(
    tmp_path: Path, lines: list[bytes], key: CameraKey
) -> None:
    known = RegisterHead(3, decode_line(lines[2]).hash)
    unsigned = replace(decode_line(lines[2]), who="somebody else")
    line = replace(unsigned, signature=key.sign(unsigned.body()))

    fault = verify_register(_put(tmp_path, [*lines[:2], line.encode()]), key.public, [known]).fault

    assert fault is not None
    assert (fault.sequence, fault.trouble) == (3, Trouble.CHANGED)
    assert "published" in fault.sentence


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=3000))
def test_any_bytes_get_a_verdict(tmp_path: Path, key: CameraKey, content: bytes) -> None:
    verdict = verify_register(_put(tmp_path, [content]), key.public)

    assert verdict.genuine == (content == b"")


def test_a_register_that_is_not_there_is_bad_input(tmp_path: Path, key: CameraKey) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        verify_register(tmp_path / "none.jsonl", key.public)
