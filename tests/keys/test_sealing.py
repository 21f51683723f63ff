"""To whom a key is sealed, and who opens it: one person, any of them, or two together."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealingvectors import OPERATORS, OWNERS, SECRET, VECTORS

from edgecam.core.errors import BadInput, DataLoss, EdgecamError, NotAllowed
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.keys.sealing import FollowedSealing, Sealing, SealingKind, Together, most_recipients, sealing
from edgecam.ringbuffer.resealing import MOST_SEALED_KEY_SIZE

pytestmark = pytest.mark.row("K6")

PEOPLE = [OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(6)]
KEY = bytes(range(32))


def public(people: list[OwnerIdentity]) -> list[str]:
    return [one.recipient() for one in people]


def opens(sealed: bytes, *people: OwnerIdentity) -> bool:
    try:
        return Together(*people).unseal(sealed) == KEY
    except NotAllowed:
        return False


@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(SealingKind), owners=st.integers(1, 3), operators=st.integers(1, 3))
def test_exactly_those_who_have_to_be_there_open_it(kind: SealingKind, owners: int, operators: int) -> None:
    those_who_own, those_who_watch = PEOPLE[:owners], PEOPLE[3 : 3 + operators]
    made = sealing(kind, public(those_who_own), public(those_who_watch), MOST_SEALED_KEY_SIZE)
    sealed = made.seal(KEY)
    assert len(sealed) <= made.most_key_size
    for size in (1, 2):
        for people in combinations(PEOPLE, size):
            owner, operator = (
                any(one in those_who_own for one in people),
                any(one in those_who_watch for one in people),
            )
            needed = {
                SealingKind.OWNER: owner,
                SealingKind.SHARED: owner or operator,
                SealingKind.TWO_PERSON: owner and operator,
            }[kind]
            assert opens(sealed, *people) is needed


def test_the_refusal_says_whose_key_is_missing() -> None:
    owner, operator, stranger = PEOPLE[0], PEOPLE[3], PEOPLE[5]
    sealed = sealing(SealingKind.TWO_PERSON, public([owner]), public([operator]), MOST_SEALED_KEY_SIZE).seal(KEY)
    with pytest.raises(NotAllowed, match="together with an operator's key"):
        owner.unseal(sealed)
    with pytest.raises(NotAllowed, match="another owner's key"):
        Together(operator, stranger).unseal(sealed)
    # What an owner leaves to an operator: the inner layer, which is no key.
    inner = owner.without_layer(sealed)
    assert inner.startswith(b"age-encryption.org/v1\n")
    assert operator.unseal(inner) == KEY


@pytest.mark.parametrize("kind", SealingKind)
def test_as_many_people_as_a_slot_has_room_for_and_no_more(kind: SealingKind) -> None:
    most = most_recipients(kind, MOST_SEALED_KEY_SIZE)
    assert most == {SealingKind.OWNER: 25, SealingKind.SHARED: 25, SealingKind.TWO_PERSON: 21}[kind]
    crowd = public([OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(most)])
    one_more = OwnerIdentity(pyrage.x25519.Identity.generate()).recipient()
    owners, operators = (crowd, []) if kind is SealingKind.OWNER else (crowd[:3], crowd[3:])
    assert len(sealing(kind, owners, operators, MOST_SEALED_KEY_SIZE).seal(KEY)) <= MOST_SEALED_KEY_SIZE
    with pytest.raises(BadInput, match=f"{most + 1} recipients are more than the {most}"):
        sealing(kind, [*owners, one_more], operators, MOST_SEALED_KEY_SIZE)


def test_two_people_are_two_people() -> None:
    owner, operator = public(PEOPLE[:1]), public(PEOPLE[3:4])
    with pytest.raises(BadInput, match="one person could open footage alone"):
        sealing(SealingKind.TWO_PERSON, owner, [*operator, *owner], MOST_SEALED_KEY_SIZE)
    with pytest.raises(BadInput, match="no operator has one"):
        sealing(SealingKind.TWO_PERSON, owner, [], MOST_SEALED_KEY_SIZE)
    # Where either may open, the same person twice is one.
    assert sealing(SealingKind.SHARED, owner, [*owner, *operator], MOST_SEALED_KEY_SIZE).count == 2
    assert sealing(SealingKind.SHARED, owner, [], MOST_SEALED_KEY_SIZE).count == 1


@pytest.mark.parametrize("kind", SealingKind)
def test_nobody_and_nonsense_are_refused(kind: SealingKind) -> None:
    for owners, operators in (([], public(PEOPLE[3:4])), (["age1nonsense"], []), ([PEOPLE[0].secret()], [])):
        with pytest.raises(BadInput):
            sealing(kind, owners, operators, MOST_SEALED_KEY_SIZE)
    if kind is not SealingKind.OWNER:
        with pytest.raises(BadInput):
            sealing(kind, public(PEOPLE[:1]), ["age1nonsense"], MOST_SEALED_KEY_SIZE)


def test_more_layers_than_two_are_damage() -> None:
    owner = PEOPLE[0]
    sealed = KEY
    for _ in range(3):
        sealed = Recipients([owner.recipient()]).seal(sealed)
    with pytest.raises(DataLoss, match="more layers"):
        owner.unseal(sealed)


@given(st.binary(max_size=300))
def test_any_bytes_inside_are_opened_or_refused(content: bytes) -> None:
    owner = PEOPLE[0]
    for inner in (content, b"age-encryption.org/v1\n" + content):
        try:
            assert owner.unseal(Recipients([owner.recipient()]).seal(inner)) == inner
        except EdgecamError:
            assert inner is not content or content.startswith(b"age-encryption.org/v1\n")


# --- held to the same bytes as browsers, and to the standard tool -------------------------------------------------


@pytest.fixture(scope="module")
def vectors() -> dict[str, str]:
    told: dict[str, str] = json.loads(VECTORS.read_text())
    return told


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("owner", [OWNERS[0]]),
        ("shared", [OPERATORS[1]]),
        ("shared", [OWNERS[1]]),
        ("two_person", [OWNERS[0], OPERATORS[0]]),
        ("two_person", [OPERATORS[1], OWNERS[1]]),
        ("permit", [OPERATORS[0]]),
    ],
)
def test_the_vectors_open(vectors: dict[str, str], name: str, people: list[str]) -> None:
    together = Together(*map(OwnerIdentity.from_secret, people))
    assert together.unseal(b64decode(vectors[name])) == SECRET
    if name == "two_person":
        for one in people:
            with pytest.raises(NotAllowed):
                OwnerIdentity.from_secret(one).unseal(b64decode(vectors[name]))


def test_the_standard_age_tool_opens_both_layers(tmp_path: Path, vectors: dict[str, str]) -> None:
    def without_layer(sealed: bytes, secret: str) -> subprocess.CompletedProcess[bytes]:
        keyfile = tmp_path / "key.txt"
        keyfile.write_text(f"{secret}\n")
        return subprocess.run(["age", "-d", "-i", str(keyfile)], input=sealed, capture_output=True, check=False)

    sealed = b64decode(vectors["two_person"])
    assert without_layer(sealed, OPERATORS[0]).returncode != 0
    inner = without_layer(sealed, OWNERS[0]).stdout
    assert without_layer(inner, OWNERS[0]).returncode != 0
    assert without_layer(inner, OPERATORS[1]).stdout == SECRET


# --- followed -----------------------------------------------------------------------------------------------------


class Files:
    """What is read, and what was remembered."""

    def __init__(self, *people: OwnerIdentity) -> None:
        self.found: Callable[[], Sealing] = lambda: self.of(*people)
        self.kept: list[Sealing] = []

    @staticmethod
    def of(*people: OwnerIdentity) -> Sealing:
        return sealing(SealingKind.OWNER, public(list(people)), [], MOST_SEALED_KEY_SIZE)

    def broken(self) -> Sealing:
        raise BadInput("the settings cannot be read")

    def followed(self) -> FollowedSealing:
        return FollowedSealing(lambda: self.found(), lambda: self.kept[-1] if self.kept else None, self.kept.append)


def test_a_change_is_seen_once_and_remembered() -> None:
    one, two = PEOPLE[:2]
    files = Files(one)
    followed = files.followed()
    assert not followed.look()
    files.found = lambda: files.of(two)
    assert followed.look()
    assert not followed.look()
    assert opens(followed.seal(KEY), two)
    assert not opens(followed.seal(KEY), one)
    assert files.kept == [files.of(one), files.of(two)]


def test_what_cannot_be_used_keeps_the_last_good_ones_also_over_a_restart() -> None:
    files = Files(PEOPLE[0])
    followed = files.followed()
    good, files.found = files.found, files.broken
    for _ in range(2):
        assert not followed.look()
        assert followed.fault is not None
        assert followed.fault.code == "recipients"
        assert "still sealed to the recipients before" in followed.fault.sentence
    again = files.followed()
    assert again.fault is not None
    assert opens(again.seal(KEY), PEOPLE[0])
    files.found = good
    assert not again.look()
    assert again.fault is None


def test_without_anybody_nothing_begins() -> None:
    files = Files()
    files.found = files.broken
    with pytest.raises(BadInput, match="cannot be read"):
        files.followed()
