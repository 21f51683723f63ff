"""One hash for a tree as an image sees it, and where two builds differ."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from account.treehash import differences, tree_hash
from smallroot import written

SCRIPT = Path(__file__).parent.parent.parent / "image" / "account" / "treehash.py"
EPOCH_S = 1_000_000
pytestmark = pytest.mark.row("I4")


def tree(folder: Path) -> Path:
    """A file, a second name for it, a link and a folder, from a time after the epoch."""
    first = written(folder / "a/first", "words")
    (folder / "a/second").hardlink_to(first)
    (folder / "link").symlink_to("a/first")
    return folder


def test_two_builds_at_different_times_are_the_same(tmp_path: Path) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    os.utime(two / "a/first", (EPOCH_S + 50, EPOCH_S + 50))
    assert tree_hash(one, EPOCH_S) == tree_hash(two, EPOCH_S)
    assert differences(one, two, EPOCH_S) == []


def changed_content(root: Path) -> str:
    (root / "a/first").write_text("other")
    return "a/first: content"


def changed_mode(root: Path) -> str:
    (root / "a/first").chmod(0o4755)
    return "a/first: mode 0644 / 4755"


def changed_link(root: Path) -> str:
    (root / "link").unlink()
    (root / "link").symlink_to("a/second")
    return "link: content a/first / a/second"


def older(root: Path) -> str:
    os.utime(root / "a/first", (EPOCH_S - 1, EPOCH_S - 1))
    return f"a/first: mtime_s {EPOCH_S} / {EPOCH_S - 1}"


def parted(root: Path) -> str:
    (root / "a/second").unlink()
    (root / "a/second").write_text("words")
    return "a/second: same_file_as a/first / "


def added(root: Path) -> str:
    (root / "new\nline").write_text("")
    return "new\nline: only in "


def other_kind(root: Path) -> str:
    (root / "link").unlink()
    (root / "link").write_text("a/first")
    return "link: kind l / -"


@pytest.mark.parametrize("change", [changed_content, changed_mode, changed_link, older, parted, added, other_kind])
def test_what_differs_is_told(tmp_path: Path, change: object) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    for path in (one / "a/first", two / "a/first"):
        path.chmod(0o644)
    assert callable(change)
    expected = change(two)
    lines = differences(one, two, EPOCH_S)
    assert any(line.startswith(expected) for line in lines), lines
    assert tree_hash(one, EPOCH_S) != tree_hash(two, EPOCH_S)


def test_as_a_command(tmp_path: Path) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    command = [sys.executable, str(SCRIPT), str(one), str(two)]
    environment = {"SOURCE_DATE_EPOCH": str(EPOCH_S)}
    same = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (same.returncode, len({line.split()[0] for line in same.stdout.splitlines()})) == (0, 1)
    changed_content(two)
    other = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert other.returncode == 1
    assert "a/first: content" in other.stdout
    assert subprocess.run([*command, "x"], capture_output=True, check=False, env=environment).returncode == 2
