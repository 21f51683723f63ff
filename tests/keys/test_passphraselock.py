"""What is locked under a passphrase is an age file that others open, at the cost that browsers bear."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest

from edgecam.keys.owner import check_locked, create_owner, unlock_owner
from edgecam.keys.passphraselock import LOG_N, locked_under

pytestmark = pytest.mark.row("K1")
PASSPHRASE = "七羽の青い鷺 seven blue herons"


@pytest.mark.parametrize("secret", [b"", bytes(65_536)])
def test_another_implementation_opens_it(secret: bytes) -> None:
    locked = locked_under(PASSPHRASE, secret)
    assert pyrage.passphrase.decrypt(locked, PASSPHRASE) == secret
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(locked, PASSPHRASE + " ")


def test_what_is_longer_than_a_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="chunk"):
        locked_under(PASSPHRASE, bytes(65_537))


def test_each_byte_of_it_counts() -> None:
    locked = locked_under(PASSPHRASE, b"secret")
    for at in (len(b"age-encryption.org/v1\n-> scrypt ") + 3, locked.index(b"---") + 6, len(locked) - 1):
        broken = locked[:at] + bytes([locked[at] ^ 4]) + locked[at + 1 :]
        with pytest.raises(pyrage.DecryptError):
            pyrage.passphrase.decrypt(broken, PASSPHRASE)


def test_an_owner_s_key_costs_what_a_browser_bears() -> None:
    recipient, locked = create_owner(PASSPHRASE)
    assert locked.split(b"\n")[1].endswith(b" %d" % LOG_N)
    check_locked(locked)
    assert unlock_owner(locked, PASSPHRASE).recipient() == recipient


def test_the_standard_tool_opens_it(tmp_path: Path) -> None:
    age = shutil.which("age")
    if age is None:
        pytest.skip("Debian's package age is not installed")
    (tmp_path / "locked.age").write_bytes(locked_under(PASSPHRASE, b"what the owner keeps\n"))
    # It reads a passphrase from a terminal alone.
    master, terminal = pty.openpty()
    words = [age, "-d", "-o", str(tmp_path / "opened"), str(tmp_path / "locked.age")]
    with subprocess.Popen(words, preexec_fn=lambda: os.login_tty(terminal)) as running:
        os.close(terminal)
        assert b"passphrase" in os.read(master, 4096)
        os.write(master, PASSPHRASE.encode() + b"\n")
        assert running.wait(60) == 0
    os.close(master)
    assert (tmp_path / "opened").read_bytes() == b"what the owner keeps\n"
