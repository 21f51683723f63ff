"""The owner's key seals, opens with the passphrase alone, and is a plain age file for everybody else."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.keys.owner import OwnerIdentity, Recipients, create_owner, unlock_owner

PASSPHRASE = "seven blue herons"


@pytest.fixture(scope="module")
def owner() -> tuple[str, bytes]:
    return create_owner(PASSPHRASE)


@pytest.fixture(scope="module")
def identity(owner: tuple[str, bytes]) -> OwnerIdentity:
    return unlock_owner(owner[1], PASSPHRASE)


@pytest.mark.row("K1")
def test_what_is_sealed_to_the_owner_opens_with_the_passphrase(
    owner: tuple[str, bytes], identity: OwnerIdentity
) -> None:
    sealed = Recipients([owner[0]]).seal(b"secret")
    assert b"secret" not in sealed
    assert identity.unseal(sealed) == b"secret"
    assert identity.recipient() == owner[0]


@pytest.mark.row("K1")
def test_the_secret_is_not_kept_in_the_clear(owner: tuple[str, bytes]) -> None:
    assert b"AGE-SECRET-KEY" not in owner[1]


def test_a_wrong_passphrase_is_not_allowed(owner: tuple[str, bytes]) -> None:
    with pytest.raises(NotAllowed, match="passphrase"):
        unlock_owner(owner[1], "seven blue heron")


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BadInput, match="5 characters"):
        create_owner("short")


def test_another_owner_is_not_allowed(identity: OwnerIdentity) -> None:
    stranger, _ = create_owner("another long passphrase")
    with pytest.raises(NotAllowed, match="another owner"):
        identity.unseal(Recipients([stranger]).seal(b"secret"))


@pytest.mark.parametrize("lines", ["", "# nobody\n", "age1nonsense\n", "ssh-ed25519 AAAA\n"])
def test_what_is_no_recipient_is_refused(lines: str) -> None:
    with pytest.raises(BadInput, match="owner key"):
        Recipients.parse(lines)


@given(st.binary(max_size=600))
def test_any_bytes_are_opened_or_refused(identity: OwnerIdentity, data: bytes) -> None:
    with pytest.raises((NotAllowed, DataLoss)):
        identity.unseal(data)


@settings(max_examples=20)
@given(st.binary(max_size=300))
def test_any_key_file_is_opened_or_refused(data: bytes) -> None:
    with pytest.raises((NotAllowed, DataLoss)):
        unlock_owner(data, PASSPHRASE)


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's package age is not installed")
def test_the_standard_age_tool_opens_it(tmp_path: Path, owner: tuple[str, bytes], identity: OwnerIdentity) -> None:
    (tmp_path / "identity").write_text(f"{identity._identity}\n")
    sealed = Recipients([owner[0]]).seal(b"secret")
    opened = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "identity")], input=sealed, capture_output=True, check=True
    )
    assert opened.stdout == b"secret"


@pytest.mark.row("K5")
def test_a_new_passphrase_opens_the_same_secret_and_the_old_one_nothing(identity: OwnerIdentity) -> None:
    locked = identity.locked("eleven grey geese")
    assert unlock_owner(locked, "eleven grey geese").secret() == identity.secret()
    assert identity.secret().encode() not in locked
    with pytest.raises(NotAllowed, match="passphrase"):
        unlock_owner(locked, PASSPHRASE)
    with pytest.raises(BadInput, match="5 characters"):
        identity.locked("short")


@pytest.mark.row("K1")
def test_each_guess_costs_an_scrypt(owner: tuple[str, bytes]) -> None:
    header = owner[1].split(b"\n---")[0].splitlines()
    stanzas = [line.split() for line in header if line.startswith(b"->")]
    # Alone in the file: there is no second, cheaper way in.
    assert [stanza[1] for stanza in stanzas] == [b"scrypt"]
    assert int(stanzas[0][3]) >= 10
