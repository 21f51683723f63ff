"""The register keeps every line, in order, from every process, and tells of its own repairs."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import (
    MAX_LINE_SIZE_BYTES,
    NO_LINE_BEFORE,
    Act,
    RegisterLine,
    decode_line,
)
from edgecam.keys.camera import CameraKey, create_camera_key, signed_by

_WRITER = """
import sys
from pathlib import Path
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act
from edgecam.keys.camera import load_camera_key
key = load_camera_key(Path(sys.argv[1]))
register = Register(Path(sys.argv[2]), key.sign, key.public)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    register.write(Act.VIEW, who=sys.argv[3], purpose=f"look {number}")
"""


class _StoppedClock:
    def now(self) -> Instant:
        return Instant(1_790_000_000_000_000_000, 5, bytes(16), TimeTrust.RESTORED)

    def mono_ns(self) -> int:
        return 5

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("the register does not wait")


@pytest.fixture
def key(tmp_path: Path) -> CameraKey:
    return create_camera_key(tmp_path / "camera.pem")


@pytest.fixture
def register(tmp_path: Path, key: CameraKey) -> Register:
    return Register(tmp_path / "register.jsonl", key.sign, key.public, _StoppedClock())


@pytest.mark.row("G1")
def test_a_line_tells_who_when_what_and_why(register: Register, key: CameraKey) -> None:
    asked = register.write(
        Act.VIEW, who="佐藤", purpose="近隣の照会", footage=(10, 20), detail={"b": "2", "a": "1"}
    )
    done = register.write(Act.VIEW, who="佐藤", purpose="近隣の照会", completes=asked.sequence)

    lines = [decode_line(line) for line in register.path.read_bytes().splitlines(keepends=True)]

    assert lines == [asked, done]
    assert (asked.who, asked.act, asked.from_wall_ns, asked.to_wall_ns) == ("佐藤", Act.VIEW, 10, 20)
    assert (asked.at_wall_ns, asked.trust) == (1_790_000_000_000_000_000, TimeTrust.RESTORED)
    assert (asked.sequence, asked.previous) == (1, NO_LINE_BEFORE)
    assert (done.sequence, done.previous, done.completes) == (2, asked.hash, 1)
    assert signed_by(key.public, done.signature, done.body())
    assert register.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.row("G3")
def test_several_processes_write_one_chain(tmp_path: Path, register: Register, key: CameraKey) -> None:
    each = 15
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "camera.pem"), str(register.path)]
    writers = [
        subprocess.Popen([*command, name, str(each)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in ("recorder", "hub", "owner")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.communicate(b"go\n")
        assert writer.returncode == 0

    verdict = verify_register(register.path, key.public)

    assert verdict.genuine
    assert verdict.lines == 3 * each


@pytest.mark.row("R7")
@pytest.mark.parametrize("whole_lines", [0, 1, 3])
def test_a_line_cut_at_any_byte_is_kept_aside_and_registered(
    register: Register, key: CameraKey, whole_lines: int
) -> None:
    for _ in range(whole_lines):
        register.write(Act.SEARCH, who="owner", purpose="look")
    whole = register.path.read_bytes() if whole_lines else b""
    register.write(Act.COPY, who="owner", purpose="never done")
    unfinished = register.path.read_bytes()[len(whole) :]
    for size in (1, len(unfinished) // 2, len(unfinished) - 1):
        register.path.write_bytes(whole + unfinished[:size])

        written = register.write(Act.VIEW, who="owner", purpose="afterwards")

        assert written.sequence == whole_lines + 2
        assert verify_register(register.path, key.public).genuine
        repair = decode_line(register.path.read_bytes().splitlines(keepends=True)[whole_lines])
        assert repair.act is Act.REPAIR
        assert repair.detail["size_bytes"] == str(size)
        kept = register.path.with_name(f"register.jsonl.torn-{repair.sequence}")
        assert kept.read_bytes() == unfinished[:size]
        kept.unlink()


def _interrupted_repairs(register: Register) -> list[tuple[str, bytes, bytes | None]]:
    """Every state in which the power can leave a repair: name, register's bytes, bytes kept aside."""
    register.write(Act.VIEW, who="owner", purpose="look")
    whole = register.path.read_bytes()
    torn = b'{"format":"edgecam-reg'
    register.path.write_bytes(whole + torn)
    register.write(Act.VIEW, who="owner", purpose="after")
    repaired = b"".join(register.path.read_bytes().splitlines(keepends=True)[:2])
    register.path.with_name("register.jsonl.torn-2").unlink()
    return [
        ("nothing done", whole + torn, None),
        ("kept aside", whole + torn, torn),
        ("cut off", whole, torn),
        ("repair line torn", repaired[: len(whole) + 40], torn),
        ("repair registered", repaired, torn),
    ]


@pytest.mark.row("R7")
def test_a_repair_interrupted_anywhere_is_finished_once(register: Register, key: CameraKey) -> None:
    for name, content, aside in _interrupted_repairs(register):
        for old in register.path.parent.glob("register.jsonl*"):
            old.unlink()
        register.path.write_bytes(content)
        if aside is not None:
            register.path.with_name("register.jsonl.torn").write_bytes(aside)

        register.write(Act.VIEW, who="owner", purpose="after the repair")

        acts = [decode_line(line).act for line in register.path.read_bytes().splitlines(keepends=True)]
        assert acts == [Act.VIEW, Act.REPAIR, Act.VIEW], name
        assert verify_register(register.path, key.public).genuine, name
        assert (
            register.path.with_name("register.jsonl.torn-2").read_bytes().startswith(b'{"format":"edgecam-reg')
        ), name
        assert not register.path.with_name("register.jsonl.torn").exists(), name


def test_pages_that_never_reached_the_medium_are_a_torn_line(register: Register, key: CameraKey) -> None:
    register.write(Act.VIEW, who="owner", purpose="look")
    whole = register.path.read_bytes()
    register.path.write_bytes(whole + bytes(300) + b'"}\n')

    register.write(Act.VIEW, who="owner", purpose="look")

    assert verify_register(register.path, key.public).lines == 3
    assert register.path.with_name("register.jsonl.torn-2").read_bytes() == bytes(300) + b'"}\n'


@pytest.mark.parametrize("end", [b'{"format":"edgecam-register-1"}\n', b"\xff\n", b"x" * 5 * MAX_LINE_SIZE_BYTES])
def test_an_end_that_is_not_ours_refuses_the_act(register: Register, end: bytes) -> None:
    register.write(Act.VIEW, who="owner", purpose="look")
    damaged = register.path.read_bytes() + end
    register.path.write_bytes(damaged)

    with pytest.raises(DataLoss, match="not written by this camera"):
        register.write(Act.VIEW, who="owner", purpose="look")

    assert register.path.read_bytes() == damaged


def test_another_cameras_register_is_left_alone(tmp_path: Path, register: Register) -> None:
    register.write(Act.VIEW, who="owner", purpose="look")
    before = register.path.read_bytes()
    other = create_camera_key(tmp_path / "other.pem")

    with pytest.raises(DataLoss, match="not written by this camera"):
        Register(register.path, other.sign, other.public).write(Act.VIEW, who="owner", purpose="look")

    assert register.path.read_bytes() == before


def test_nobody_acts_without_a_name(register: Register) -> None:
    with pytest.raises(BadInput, match="who acts"):
        register.write(Act.VIEW, who=" ", purpose="look")
    with pytest.raises(BadInput, match="too long"):
        register.write(Act.VIEW, who="owner", purpose="x" * MAX_LINE_SIZE_BYTES)
    with pytest.raises(BadInput, match="Unicode"):
        register.write(Act.VIEW, who="owner", purpose="\ud800")
    assert not register.path.exists()


def test_a_full_disk_refuses_the_act_and_the_register_stays_whole(register: Register, key: CameraKey) -> None:
    register.write(Act.VIEW, who="owner", purpose="look")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (register.path.stat().st_size + 100, before[1]))
    try:
        with pytest.raises(MediaFailing, match="could not be appended"):
            register.write(Act.COPY, who="owner", purpose="copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    register.write(Act.VIEW, who="owner", purpose="room again")

    assert verify_register(register.path, key.public).genuine
    acts = [decode_line(line).act for line in register.path.read_bytes().splitlines(keepends=True)]
    assert acts == [Act.VIEW, Act.REPAIR, Act.VIEW]


def test_a_folder_that_is_missing_refuses_the_act(tmp_path: Path, key: CameraKey) -> None:
    register = Register(tmp_path / "nowhere" / "register.jsonl", key.sign, key.public)

    with pytest.raises(MediaFailing, match="could not be written"):
        register.write(Act.VIEW, who="owner", purpose="look")

    assert os.listdir(tmp_path) == ["camera.pem"]


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_line_or_data_loss(data: bytes) -> None:
    try:
        line = decode_line(data)
    except DataLoss:
        return
    assert line.encode() == data


@given(
    at=st.integers(0, 10_000), value=st.integers(0, 255), fields=st.dictionaries(st.text(), st.text(), max_size=3)
)
def test_a_line_changed_in_one_byte_is_data_loss_or_its_own_bytes(
    at: int, value: int, fields: dict[str, str]
) -> None:
    key = CameraKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    try:
        line = RegisterLine(
            1, 2, TimeTrust.SYNCED, "o", Act.VIEW, None, 1, 2, "p", fields, bytes(32), key.sign(b"")
        )
        data = bytearray(line.encode())
    except UnicodeEncodeError:
        return
    data[at % len(data)] = value
    try:
        assert decode_line(bytes(data)).encode() == data
    except DataLoss:
        return
