"""The outbox's file when it is damaged, foreign, busy, or its medium refuses."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import CLOCK, event
from test_outbox import names, opened

from edgecam.core.errors import MediaFailing, Unavailable
from edgecam.telemetry.database import OutboxDatabase


def _filled(folder: Path, number: int = 30) -> Path:
    with opened(folder) as box:
        for n in range(number):
            box.put(event(f"e{n}"))
    return folder / "outbox.sqlite"


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _nonsense(file: Path) -> None:
    file.write_bytes(b"this was never a database" * 400)


def _head(file: Path) -> None:
    with open(file, "r+b") as opened_file:
        opened_file.write(b"\0" * 100)


def _foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.executescript("CREATE TABLE waiting (x); PRAGMA user_version = 7;")


def _no_account(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("DELETE FROM account")


@pytest.mark.row("T2")
@pytest.mark.parametrize("damage", [_cut, _nonsense, _head, _foreign, _no_account])
@pytest.mark.parametrize("first", ["put", "peek", "len"])
def test_a_damaged_file_is_put_aside_and_the_loss_told(
    tmp_path: Path, damage: Callable[[Path], None], first: str
) -> None:
    damage(_filled(tmp_path))
    with opened(tmp_path) as box:
        firsts: dict[str, Callable[[], object]] = {
            "put": lambda: box.put(event("first")),
            "peek": lambda: box.peek(1),
            "len": lambda: len(box),
        }
        firsts[first]()
        box.put(event("after"))
        assert names(box)[-1] == "after"
        assert box.lost >= 1
        assert [fault.code for fault in box.faults()] == ["outbox_damaged"]
    assert (tmp_path / "outbox.sqlite.damaged").exists()
    with opened(tmp_path) as box:
        assert "after" in names(box)
        assert [fault.code for fault in box.faults()] == ["outbox_damaged"]


def test_the_loss_is_counted_where_the_damaged_file_still_says_it(tmp_path: Path) -> None:
    file = _filled(tmp_path, 200)
    os.truncate(file, file.stat().st_size - 4096)
    with opened(tmp_path) as box:
        box.put(event("after"))
        assert (len(box), box.lost) == (1, 200)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_happens_to_its_bytes_the_outbox_goes_on(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        file = _filled(Path(name), 12)
        content = bytearray(file.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(content) - 1))
            noise = data.draw(st.binary(min_size=1, max_size=64))
            content[start : start + len(noise)] = noise
        file.write_bytes(
            content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
        )
        with opened(Path(name)) as box:
            box.put(event("after"))
            assert names(box)[-1] == "after"
            assert len(box) >= 1
            assert box.lost >= 0
            box.acknowledge(waiting.key for waiting in box.peek(100))
            box.settle()
            assert names(box) == []


def test_another_process_follows_to_the_new_file_and_a_late_answer_erases_nothing_there(tmp_path: Path) -> None:
    file = _filled(tmp_path)
    with opened(tmp_path) as hub, opened(tmp_path) as observer:
        under_way = hub.peek(1)[0].key
        _nonsense(file)
        observer.close()
        observer.put(event("after"))
        assert names(hub) == ["after"]
        hub.acknowledge([under_way])
        hub.settle()
        assert names(observer) == ["after"]


def test_a_file_that_is_busy_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    file = _filled(tmp_path)
    database = OutboxDatabase(file, CLOCK, busy_timeout_s=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="busy"):
            database.write(lambda connection: None)
        other.execute("ROLLBACK")
    database.write(lambda connection: None)
    database.close()
    assert not file.with_name("outbox.sqlite.damaged").exists()


@pytest.mark.parametrize("what", ["missing folder", "folder in its place"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "away"
    if what == "folder in its place":
        (folder / "outbox.sqlite").mkdir(parents=True)
    with opened(folder) as box, pytest.raises(MediaFailing, match="the recording goes on"):
        box.put(event("lost"))


_FULL = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from stand import event
from test_outbox import names, opened
from edgecam.core.errors import MediaFailing
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with opened(Path(sys.argv[2])) as box:
    box.put(event("e0"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    put = 1
    try:
        while put < 10_000:
            box.put(event(f"e{put}"))
            put += 1
    except MediaFailing as full:
        print(full.what)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert 1 < put < 10_000, put
    box.put(event(f"e{put}"))
    assert names(box, 20_000) == [f"e{n}" for n in range(put + 1)]
    assert box.lost == 0
"""


@pytest.mark.row("T2")
def test_a_full_disk_is_told_and_nothing_that_was_put_is_lost(tmp_path: Path) -> None:
    stand_folder = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", _FULL, stand_folder, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "does not work" in done.stdout
    assert not (tmp_path / "outbox.sqlite.damaged").exists()
