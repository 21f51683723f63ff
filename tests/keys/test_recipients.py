"""Who footage is sealed to: a file that people may edit, changed line by line and followed while it changes."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.keys.owner import OwnerIdentity
from edgecam.keys.recipients import (
    FollowedRecipients,
    NamedRecipient,
    named_recipients,
    read_recipients,
    with_recipient,
    without_recipient,
)

pytestmark = pytest.mark.row("K1")

ONE, TWO, THREE = (OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(3))
FILE = f"# the cameras of the shop\n\n# 佐藤 花子\n{ONE.recipient()}\n{TWO.recipient()}\n"


def test_a_name_is_the_comment_right_above() -> None:
    assert named_recipients(FILE) == (
        NamedRecipient(ONE.recipient(), "佐藤 花子"),
        NamedRecipient(TWO.recipient()),
    )


def test_adding_and_removing_leaves_everything_else_as_it_is() -> None:
    three = with_recipient(FILE, THREE.recipient(), "경비실")
    assert three == f"{FILE}# 경비실\n{THREE.recipient()}\n"
    assert without_recipient(three, THREE.recipient()) == FILE
    assert without_recipient(FILE, ONE.recipient()) == f"# the cameras of the shop\n\n{TWO.recipient()}\n"
    assert without_recipient(FILE, TWO.recipient()) == FILE.removesuffix(f"{TWO.recipient()}\n")


def test_a_file_whose_last_line_is_unfinished_gets_a_new_one() -> None:
    text = with_recipient(ONE.recipient(), TWO.recipient(), "")
    assert [one.recipient for one in named_recipients(text)] == [ONE.recipient(), TWO.recipient()]


def test_the_last_one_stays() -> None:
    with pytest.raises(NotAllowed, match="last recipient"):
        without_recipient(f"# me\n{ONE.recipient()}\n", ONE.recipient())


@pytest.mark.parametrize(
    "recipient", ["", "age1nonsense", "ssh-ed25519 AAAA", ONE.secret(), f"{TWO.recipient()}\nage1"]
)
def test_what_is_no_recipient_is_not_added(recipient: str) -> None:
    with pytest.raises(BadInput):
        with_recipient(FILE, recipient, "")


def test_nobody_is_added_twice() -> None:
    with pytest.raises(BadInput, match="already"):
        with_recipient(FILE, ONE.recipient(), "again")


def test_a_name_cannot_bring_a_recipient_along() -> None:
    with pytest.raises(BadInput, match="one line"):
        with_recipient(FILE, THREE.recipient(), f"me\n{TWO.recipient()}")


def test_somebody_unknown_is_not_removed() -> None:
    with pytest.raises(BadInput, match="not a recipient here"):
        without_recipient(FILE, THREE.recipient())


@given(st.text())
def test_any_text_has_recipients_or_none(text: str) -> None:
    assert all(one.recipient and "\n" not in one.recipient for one in named_recipients(text))


# --- followed ---------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "owner.recipients"
    path.write_text(f"# 私\n{ONE.recipient()}\n", "utf-8")
    return path


def test_a_change_is_seen_once(path: Path) -> None:
    followed = FollowedRecipients(path, 25)
    assert not followed.look()
    path.write_text(FILE, "utf-8")
    assert followed.look()
    assert not followed.look()
    assert TWO.unseal(followed.seal(b"key")) == b"key"
    path.write_text(f"# only\n{TWO.recipient()}\n")
    assert followed.look()
    with pytest.raises(NotAllowed):
        ONE.unseal(followed.seal(b"key"))


def test_another_name_changes_nobody(path: Path) -> None:
    followed = FollowedRecipients(path, 25)
    path.write_text(f"# somebody\n\n{ONE.recipient()}\n")
    assert not followed.look()
    assert followed.fault is None


@pytest.mark.parametrize(
    "broken", [b"", b"# nobody\n", b"age1nonsense\n", b"\xff\xfe\x00", f"{ONE.recipient()}\nage1x\n".encode()]
)
def test_a_broken_file_keeps_the_last_good_ones_and_says_so(path: Path, broken: bytes) -> None:
    good = path.read_bytes()
    followed = FollowedRecipients(path, 25)
    path.write_bytes(broken)
    for _ in range(2):
        assert not followed.look()
        assert followed.fault is not None
        assert followed.fault.code == "recipients"
        assert "still sealed" in followed.fault.sentence
    assert ONE.unseal(followed.seal(b"key")) == b"key"
    path.write_bytes(good)
    assert not followed.look()
    assert followed.fault is None


def test_a_missing_file_keeps_the_last_good_ones(path: Path) -> None:
    followed = FollowedRecipients(path, 25)
    path.unlink()
    assert not followed.look()
    assert followed.fault is not None
    assert ONE.unseal(followed.seal(b"key")) == b"key"


def test_more_than_a_slot_holds_are_not_followed(path: Path) -> None:
    followed = FollowedRecipients(path, 2)
    path.write_text(FILE + f"{THREE.recipient()}\n", "utf-8")
    assert not followed.look()
    assert followed.fault is not None
    assert "3 recipients" in followed.fault.sentence
    with pytest.raises(BadInput, match="3 recipients"):
        FollowedRecipients(path, 2)


def test_without_anybody_nothing_begins(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="edgecam setup"):
        FollowedRecipients(tmp_path / "owner.recipients", 25)
    with pytest.raises(BadInput, match="cannot be read"):
        read_recipients(tmp_path)
