"""Who footage is sealed to: a file that people may edit, changed line by line."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.keys.owner import OwnerIdentity
from edgecam.keys.recipients import (
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


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="edgecam setup"):
        read_recipients(tmp_path / "owner.recipients")
    with pytest.raises(BadInput, match="cannot be read"):
        read_recipients(tmp_path)
